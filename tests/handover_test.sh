#!/bin/sh
# handover_test.sh - commands while a server holds the database: what writes is done by the server and answered alike, what
# reads reads, and no second program writes.
cd "$(dirname "$0")/.." || exit 1
holdfast=$PWD/$BUILD/holdfast
scratch=$PWD/build/scratch/handover.$$
. tests/check.sh
mkdir -p "$scratch" && cd "$scratch" || exit 1
trap 'kill -9 $server 2>/dev/null; rm -rf "$scratch"' EXIT

serve() {
    rm -f served        # what the last server said, should the next be slow to begin
    "$holdfast" serve --db shop.holdfast --listen 127.0.0.1:0 --quiet >served 2>&1 &
    server=$!
    served served
    soon . ls shop.holdfast.sock >/dev/null
}
said() { sed -E 's/[0-9]+\.[0-9] s|"seconds": *[0-9.e-]+|"(features|train)": *[0-9.e-]+/-/g' "$1"; }

"$holdfast" simulate --customers 120 --days 300 --out sim >/dev/null
head -n 2500 sim/events.csv >first.csv
"$holdfast" import first.csv --db shop.holdfast --quiet >/dev/null || exit 1
for file in shop.holdfast*; do cp "$file" "alone${file#shop}"; done
customer=$(sed -n 2p first.csv | cut -d, -f1)
serve

for command in "import sim/events.csv" 'train --search-seconds 100' "score --json" "identity merge $customer nobody-yet"; do
    "$holdfast" $command --db shop.holdfast >served.out 2>served.err; a=$?
    "$holdfast" $command --db alone.holdfast >alone.out 2>alone.err; b=$?
    said served.out | sed 's/shop\.holdfast/alone.holdfast/g' >a; said alone.out >b
    check "'${command%% *}' is answered as without a server" 0 same \
        sh -c "[ $a = $b ] && cmp a b && cmp served.err alone.err && echo same || diff a b"
done
for command in import run value segment; do
    tail -n +2501 sim/events.csv | sed "s/^/$command/;1i $(head -n 1 sim/events.csv)" >more.csv
    flags=$([ $command = run ] && echo "--search-seconds 100 --out $scratch/r.html")
    "$holdfast" $command - --db shop.holdfast $flags <more.csv >served.out 2>served.err; a=$?
    "$holdfast" $command - --db alone.holdfast $flags <more.csv >alone.out 2>alone.err; b=$?
    said served.out | sed 's/shop\.holdfast/alone.holdfast/g' >a; said alone.out >b
    check "standard input is read by a server, too ($command)" 0 same \
        sh -c "[ $a = $b ] && [ -s b ] && cmp a b && cmp served.err alone.err && echo same || { diff a b; cat served.err; }"
done
printf 'item,title,price\np1,Pot,12.5\n' >items.csv
check 'a catalogue is read from standard input, too' 0 '1 new' sh -c \
    "'$holdfast' import - --shape items --db shop.holdfast <items.csv"
check 'a key made meanwhile counts at once'     0 'wk_' "$holdfast" access key late --db shop.holdfast
key=$("$holdfast" access key now --db shop.holdfast | grep -o 'wk_[A-Za-z0-9_-]*')
address=$(sed -n 's/.* is served at //p' served)
check 'its owner may send with it'              0 '"success":true' curl -s -u "$key:" "$address/v1/track" \
    -H 'Content-Type: application/json' -d '{"userId":"u1","event":"Visit"}'
check 'what was done is in the ledger'              0 'cli:.*train' "$holdfast" ledger --db shop.holdfast
token=$("$holdfast" access token anna --role admin --db shop.holdfast | grep -o 'hf_[A-Za-z0-9_-]*')
ask() { curl -s -X "$1" "$address$2" -H "Authorization: Bearer $token" -d "$3" >/dev/null; }
printf 'customer_id,event,date,consent\nrefuser,order,2026-01-05,-analytics\nagreer,order,2026-01-06,analytics\n' >refusals.csv
"$holdfast" import refusals.csv --db shop.holdfast --quiet >/dev/null
check 'who refused in a file has refused at once' 0 '"rule":"consent"' curl -s "$address/v1/decide" \
    -H "Authorization: Bearer $token" -d '{"customer":"refuser","placement":"home","candidates":["a","b"]}'
ask POST /v1/segments '{"name":"buyers","expression":"order_count >= 1"}'
ask DELETE /v1/segments/1
ask POST /v1/customers/$customer/suppress
ask POST /v1/identities/merge "{\"a\":\"$customer\",\"b\":\"u1\"}"
ask POST /v1/people '{"name":"bob","role":"viewer","password":"ten letters or more"}'
for what in 'segment add' 'segment remove' suppress 'identity merge' 'access person'; do
    check "so is what is done over HTTP ($what)"     0 "http:anna.*$what" "$holdfast" ledger --db shop.holdfast
done
check 'and the ledger is whole'                      0 'each as it was written down' "$holdfast" audit verify --db shop.holdfast
check 'a wrong flag is told as ever'            2 'no flag' "$holdfast" train --fly --db shop.holdfast
check 'a file is found from where one stands'   0 'kept in\|as it was' sh -c \
    "mkdir -p deep && cd deep && '$holdfast' import ../first.csv --db ../shop.holdfast"
printf 'Content-Type: multipart/report; boundary=x\n\n--x\nContent-Type: message/delivery-status\n\nAction: failed\nFinal-Recipient: rfc822; a@b.example\nStatus: 5.1.1\n\n--x--\n' >report.eml
for file in '' -; do
    check "a bounce is read from standard input ($file)" 3 'about no message' sh -c \
        "'$holdfast' bounce $file --db shop.holdfast <report.eml"
done
check 'one that is too large is told'           2 'more than 1048576 bytes' sh -c \
    "head -c 1100000 /dev/zero | '$holdfast' bounce --db shop.holdfast"
for command in "explain $customer" "features $customer" "export scores" "report --out r.html" segment value \
    "access list" "rejects" "identity links"; do
    check "'${command%% *}' reads meanwhile"     0 '' "$holdfast" $command --db shop.holdfast
done
check 'the socket is for its owner only'        0 'srw-------' ls -l shop.holdfast.sock
ln shop.holdfast link.holdfast
check 'a hard link is no second database'       5 'is held by' "$holdfast" serve --db link.holdfast --listen 127.0.0.1:0
check 'nor for a command'                       5 'is held by' "$holdfast" train --db link.holdfast
mv shop.holdfast.lock away
check 'the words may be moved away'             5 'is held by' "$holdfast" serve --db shop.holdfast --listen 127.0.0.1:0

kill -9 $server
wait $server 2>/dev/null
check 'after a kill a command runs by itself'   0 'write key' "$holdfast" access key again --db shop.holdfast
serve
check 'and the next server takes over again'    0 'write key' "$holdfast" access key more --db shop.holdfast
kill $server
wait $server
check 'a server that stops takes its socket'    0 gone sh -c '[ ! -e shop.holdfast.sock ] && echo gone'
echo "handover: $passed passed, $failed failed"
[ $failed -eq 0 ]
