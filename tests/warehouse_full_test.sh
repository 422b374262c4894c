#!/usr/bin/env bash
# warehouse_full_test.sh - a disk is full while events are shipped, a server's or the one here: whose and why, nothing lost or
# doubled.
cd "$(dirname "$0")/.." || exit 1
command -v clickhouse-server >/dev/null || { echo "skipped: clickhouse-server is not installed"; exit 0; }
holdfast=$PWD/$BUILD/holdfast
scratch=$PWD/build/scratch/full.$$
mkdir -p "$scratch/servers/2/data" "$scratch/here" || exit 1
. tests/check.sh
. tests/warehouse_servers.sh
disk=$scratch/servers/2/data here=$scratch/here server=
mount -t tmpfs -o size=96m none "$disk" 2>/dev/null || { rm -rf "$scratch"; echo "skipped: a small disk may not be mounted here"; exit 0; }
mount -t tmpfs -o size=32m none "$here" || { umount "$disk"; rm -rf "$scratch"; exit 1; }
trap 'kill $server 2>/dev/null; warehouse_stop; wait; umount "$disk" "$here"; rm -rf "$scratch"' EXIT
cd "$scratch" || exit 1
warehouse_folder=$scratch/servers
export LC_ALL=C
warehouse_start 2 || exit 1

echo secret >ch.password
printf 'warehouse:\n  shards: [["%s"], ["%s"]]\n  user: holdfast\n  password_file: ch.password\n' "$server_1" "$server_2" >holdfast.yaml
awk 'BEGIN { srand(5); print "customer,event,time,amount,item"; for (i = 0; i < 60000; i++) printf "c%d,%s,%s,%d,P%d\n", rand() * 3000,
    rand() < 0.5 ? "order" : "view", strftime("%Y-%m-%dT%H:%M:%SZ", 1700000000 + i * 200, 1), rand() * 9000, rand() * 1e9 }' >events.csv
"$holdfast" import events.csv --db shop.holdfast --quiet >/dev/null
n=$("$holdfast" warehouse status --json | node -p 'JSON.parse(require("fs").readFileSync(0)).spool.events')
"$holdfast" warehouse init >/dev/null

# Leaves so many KB.
fill() { dd if=/dev/zero of="${2:-$disk}/ballast" bs=1K count=$(($(df --output=avail "${2:-$disk}" | tail -n 1) - $1)) 2>/dev/null; }
for left in 0 60 500; do    # the last is room for some of the months that a batch is of
    fill $left
    check "with $left KB left: the server and its own words" 4 "$server_2 says: Code: .*\(No space left\|not enough space\)" \
        "$holdfast" warehouse ship --until-done
    rm "$disk/ballast"
done
check 'the other has all of its own meanwhile' 0 ' 0 behind' sh -c "'$holdfast' warehouse status | grep '$server_1'"
check 'and part of the shards is no answer' 4 'has not got' "$holdfast" warehouse features
fill 0
check 'the state tells it too' 0 "Code: .*\(No space left\|not enough space\)" sh -c \
    "'$holdfast' warehouse ship --until-done; '$holdfast' warehouse status --json"
rm "$disk/ballast"
check 'with room again all is shipped' 0 ' 0 behind' "$holdfast" warehouse ship --until-done
check 'each event once' 0 "^$n events here, $n there: 0 missing, 0 doubled" "$holdfast" warehouse check
"$holdfast" warehouse features --out before.csv >/dev/null
check 'features' 0 '^[1-9]' sh -c 'wc -l <before.csv'

"$holdfast" import events.csv --db "$here/shop.holdfast" --quiet >/dev/null
sed '1a\  database: other' holdfast.yaml >other.yaml
other() { "$holdfast" warehouse "$@" --db "$here/shop.holdfast" --settings other.yaml; }
other init >/dev/null
for left in 0 16; do
    fill $left "$here"
    check "here $left KB are left: that is said" 6 'no space left for .*nothing of it was kept' other ship --until-done
    rm "$here/ballast"
done
check 'with room again all is shipped from here' 0 ' 0 behind' other ship --until-done
check 'each event once from here' 0 "^$n events here, $n there: 0 missing, 0 doubled" other check

"$holdfast" serve --db shop.holdfast --listen 127.0.0.1:0 --json >start.json 2>serve.log &
server=$!
served start.json || exit 1
said() { node -p "JSON.parse(require('fs').readFileSync('start.json')).$1"; }
address=$(said address) token=$(said token) key=$(said write_key)
ask() { curl -sS -H "Authorization: Bearer $token" "$address$1"; }
buy() { curl -sS -u "$key:" -H 'Content-Type: application/json' "$address/v1/batch" -d "{\"batch\":[$(for i in $(seq "$1" "$2"); do
    printf '%s{"type":"track","userId":"new%s","event":"Order Completed","messageId":"m%s","properties":{"order_id":"o%s","revenue":5}}' \
        "$([ "$i" = "$1" ] || echo ,)" "$i" "$i" "$i"; done)]}"; }
fill 0
check 'events are taken while the disk there is full' 0 '"success":true' buy 1 100
check 'the page says whose' 0 "$server_2 says: Code: .*\(No space left\|not enough space\)" soon 'Code: ' ask /v1/warehouse
check 'and that they wait' 0 '"spool":{"events":[1-9]' ask /v1/warehouse
check 'more are taken' 0 '"success":true' buy 101 200
rm "$disk/ballast"
check 'with room again all is whole by itself' 0 '"spool":{"events":0' soon '"spool":{"events":0' ask /v1/warehouse
kill $server; wait $server
server=
check 'each event once after all' 0 "^$((n + 200)) events here, $((n + 200)) there: 0 missing, 0 doubled" "$holdfast" warehouse check
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
