#!/usr/bin/env bash
# warehouse_test.sh - the history on two clickhouse-servers: shipped once, the same features, nothing from part of them.
cd "$(dirname "$0")/.." || exit 1
command -v clickhouse-server >/dev/null || { echo "skipped: clickhouse-server is not installed"; exit 0; }
holdfast=$PWD/$BUILD/holdfast tests=$PWD/tests
scratch=$PWD/build/scratch/warehouse.$$
mkdir -p "$scratch" || exit 1
. tests/check.sh
. tests/warehouse_servers.sh
server=
trap 'kill $server 2>/dev/null; warehouse_stop; wait; rm -rf "$scratch"' EXIT
cd "$scratch" || exit 1
warehouse_folder=$scratch/servers
export LC_ALL=C
warehouse_start 2 || exit 1

echo secret >ch.password
settings() { cat >holdfast.yaml <<YAML
warehouse:
  shards: [["$server_1"], ["$server_2"]]
  user: holdfast
  password_file: ch.password
  node: ${1:-n1}
YAML
}
settings
"$holdfast" simulate --customers 260 --out sim >/dev/null
"$holdfast" import sim/events.csv --db shop.holdfast >/dev/null
n=$("$holdfast" warehouse status --json | node -p 'JSON.parse(require("fs").readFileSync(0)).spool.events')
unfinished() { echo 'SELECT count() FROM system.mutations WHERE NOT is_done' | warehouse_ask "$1"; }
same() { "$holdfast" warehouse features --out there.csv "$@" >/dev/null && cmp there.csv "$here" && echo same; }

check 'without tables: what to do' 3 'warehouse init' "$holdfast" warehouse ship
check 'what init would do' 0 'ENGINE = MergeTree() PARTITION BY month ORDER BY (partition, identity)' "$holdfast" warehouse init --dry-run
check 'init' 0 'on 2 shards' "$holdfast" warehouse init
check 'init again changes nothing' 0 'on 2 shards' "$holdfast" warehouse init
check 'features before anything was shipped are refused' 4 'ship --until-done' "$holdfast" warehouse features
check 'and where no server answers, that is said' 3 'does not answer' sh -c \
    "sed 's|$server_1|http://127.0.0.1:1|; s|$server_2|http://127.0.0.1:2|' holdfast.yaml > gone.yaml; '$holdfast' warehouse features --settings gone.yaml"
check 'shipped' 0 ' 0 behind' "$holdfast" warehouse ship --until-done
check 'each event once' 0 "^$n $n\$" sh -c "for s in $server_1 $server_2; do curl -sS -u holdfast:secret \$s/ -d \
    'SELECT count(), uniqExact(row) FROM holdfast.events'; done | awk '{ a += \$1; b += \$2 } END { print a, b }'"
check 'shipped again: nothing more' 0 '"behind_rows": 0' "$holdfast" warehouse ship --until-done --json
here=all.csv
"$holdfast" warehouse features --out all.csv >/dev/null
check 'the query, as a person would run it' 0 'GROUP BY as_of_ms, customer_hash' "$holdfast" warehouse sql --as-of 2024-06-01
check 'nothing there hangs on the clock there, or its zone' 0 '^0$' sh -c "{ '$holdfast' warehouse sql; '$holdfast' warehouse init --dry-run; } |
    awk '/now\(|today\(|toDate|timezone/ { n++ } END { print n + 0 }'"
check 'a few features by name' 0 '^customer,order_count,order_recency_days$' sh -c \
    "'$holdfast' warehouse features --names order_count,order_recency_days | head -1"
check 'a name that is none' 3 "no feature 'order_cont'" "$holdfast" warehouse features --names order_cont
check 'a question that nobody trained' 3 "nothing is trained for the question 'chrun'" "$holdfast" warehouse features --question chrun
warehouse_kill 2
check 'part of the shards is no answer, and the missing one is named' 4 "part of the shards.*$server_2" "$holdfast" warehouse features
warehouse_kill 1
check 'no server' 3 "$server_1 does not answer" "$holdfast" warehouse features
warehouse_up 1; warehouse_up 2
check 'back again, the answer is the same' 0 same same
check 'nothing differs' 0 '"differ": \[\]' "$holdfast" warehouse check --json
echo 'INSERT INTO holdfast.events SELECT * FROM holdfast.events WHERE partition = 4 LIMIT 10' | warehouse_ask 1
echo 'ALTER TABLE holdfast.events DELETE WHERE partition = 5 AND row % 10 = 7' | warehouse_ask 2
echo "ALTER TABLE holdfast.events UPDATE amount_cents = amount_cents + 1 WHERE partition = 7 AND row % 10 = 3" | warehouse_ask 2
for i in 1 2; do soon '^0$' unfinished $i >/dev/null; done
check 'what was doubled, lost and changed is found' 0 ' missing, 10 doubled' "$holdfast" warehouse check
check 'and mended' 0 ' 0 missing, 0 doubled' "$holdfast" warehouse check --mend
check 'after which the features are what they were' 0 same same

check 'a sample that is too small for the question is refused' 4 'holdfast train' "$holdfast" train --on warehouse --sample 5 --search-seconds 1
cp shop.holdfast here.db
alike() { node -e 'const read = name => JSON.parse(require("fs").readFileSync(name)), { sample, ...there } = read("there.json");
    const text = json => JSON.stringify(json, (key, value) => /seconds/.test(key) ? undefined : value);
    console.log(sample.curve.length > 1 && text(there) === text(read("here.json")) ? "alike" : "not alike")'; }
"$holdfast" train --db here.db --search-seconds 0 --json >here.json
"$holdfast" train --on warehouse --sample 100000 --search-seconds 0 --json >there.json
check 'trained there, with a learning curve: the same choice and figures as here' 0 '^alike$' alike
"$holdfast" score --db here.db >/dev/null
"$holdfast" export scores --db here.db --out here.csv >/dev/null
check 'scored there, by two machines' 0 '"asked"' "$holdfast" score --on warehouse --partitions 0-31 --json
check 'the other half' 0 '"asked"' "$holdfast" score --on warehouse --partitions 32-63 --json
check 'a half that is scored again is replaced' 0 '"asked"' "$holdfast" score --on warehouse --partitions 32-63 --json
"$holdfast" export scores --out there.csv >/dev/null
check 'the scores are those of the features here' 0 same sh -c 'cmp here.csv there.csv && echo same'
asked=$(awk -F, 'NR > 1 && $2 != ""' here.csv | wc -l)
check 'and they are there, each customer once' 0 "^$asked $asked 64\$" sh -c "for s in $server_1 $server_2; do curl -sS \
    -u holdfast:secret \$s/ -d 'SELECT (SELECT count() FROM holdfast.scores), (SELECT uniqExact(customer) FROM holdfast.scores), (SELECT \
    count() FROM holdfast.runs)'; done | awk '{ a += \$1; b += \$2; c += \$3 } END { print a, b, c }'"
check 'partitions that are none' 2 'within 0-63' "$holdfast" score --on warehouse --partitions 5-99
check 'how far one machine goes' 0 '"possible"' "$holdfast" capacity --json

for c in C000001 C000017 C000023; do printf '"$1" features %s --db "$2" --json\n' $c; done >person.sh
check 'a file made anew from there' 0 "^new.db: $n events of 260 identities" "$holdfast" warehouse restore --to new.db
check 'has features that are the same to the last bit' 0 same sh -c "sh person.sh '$holdfast' shop.holdfast >a.json && sh person.sh \
    '$holdfast' new.db >b.json && grep -q order_count a.json && cmp a.json b.json && echo same"
check 'a file that is there is not overwritten' 2 'there is such a file' "$holdfast" warehouse restore --to new.db
check 'and is not shipped over what is there' 4 'never shipped there' "$holdfast" warehouse ship --db new.db
check 'which is told' 0 "^$n of those there this database never shipped" "$holdfast" warehouse check --db new.db
check 'some partitions' 0 'half.db' "$holdfast" warehouse restore --to half.db --partitions 0-31

"$holdfast" serve --db shop.holdfast --listen 127.0.0.1:0 --json >start.json 2>serve.log &
server=$!
served start.json || exit 1
said() { node -p "JSON.parse(require('fs').readFileSync('start.json')).$1"; }
address=$(said address) token=$(said token) key=$(said write_key)
ask() { curl -sS -H "Authorization: Bearer $token" "$address$1"; }
buy() { curl -sS -u "$key:" -H 'Content-Type: application/json' "$address/v1/batch" -d "{\"batch\":[$(for i in $(seq "$2"); do
    printf '%s{"type":"track","userId":"%s%s","event":"Order Completed","messageId":"%s%s","properties":{"order_id":"%s%s","revenue":5}}' \
        "$([ "$i" = 1 ] || echo ,)" "$1" "$i" "$1" "$i" "$1" "$i"; done)]}"; }
wait_for() { for _ in $(seq 1200); do "$@" && return; sleep 0.1; done; return 1; }
in_time() { wait_for "$@" && echo 'in time'; }
nothing_waits() { ask /v1/warehouse | grep -q '"spool":{"events":0'; }
check 'how far the warehouse is, over HTTP' 0 '"behind_rows":0' ask /v1/warehouse
buy new 40 >/dev/null
wait_for nothing_waits
check 'what comes in is shipped by itself' 0 '^40$' sh -c "for s in $server_1 $server_2; do curl -sS -u holdfast:secret \$s/ -d \
    \"SELECT count() FROM holdfast.events WHERE identity LIKE 'new%' AND kind = 'order'\"; done | awk '{ a += \$1 } END { print a }'"
warehouse_kill 2
check 'with a shard down events are taken' 0 '"success":true' buy later 40
check 'and the page says which one is down' 0 "$server_2 does not answer" ask /v1/warehouse
check 'features name it' 4 "part of the shards.*$server_2" "$holdfast" warehouse features --as-of 2024-01-01
warehouse_up 2
check 'back again, all is whole by itself' 0 'in time' in_time nothing_waits
check 'figures' 0 'holdfast_warehouse_behind_rows{shard="2"} 0' ask /metrics
check 'a command waits for the server that ships' 0 ' 0 behind' "$holdfast" warehouse ship --until-done
check 'each event once after all' 0 ' 0 missing, 0 doubled' "$holdfast" warehouse check
erase() { curl -sS -H "Authorization: Bearer $token" -X DELETE "$address/v1/customers/$1"; }
buy anna@example.org 1 >/dev/null
buy mabel-quatermass 1 >/dev/null
wait_for nothing_waits
found() { grep -rasF "$1" servers/1/data servers/2/data | wc -l; }
nobody_owes() { ask /v1/warehouse >owed.json; ! grep -q '"erasures_owed":[1-9]' owed.json; }
check 'an address goes as a keyed hash' 0 '^0$' found anna@example.org
check 'somebody is there by their id' 0 '^[1-9]' found mabel-quatermass1
check 'what is there of them is in what they are given' 0 '"warehouse":.*"identity":"mabel-quatermass1","kind":"order","received_ms":[0-9]' \
    ask /v1/customers/mabel-quatermass1/export
check "and is erased" 0 success erase mabel-quatermass1
sleep 1
wait_for nobody_owes
optimize() { for i in 1 2; do for t in events members links scores; do echo "OPTIMIZE TABLE holdfast.$t FINAL" | warehouse_ask $i; done; done; }
gone() { optimize; [ "$(found mabel-quatermass1)" = 0 ]; }
check 'in no file of either server the id is left' 0 'in time' in_time gone
check 'what they did stays, as nobody in particular' 0 ' 0 missing, 0 doubled' "$holdfast" warehouse check
kill $server; wait $server
warehouse_kill 2
rm start.json
"$holdfast" serve --db shop.holdfast --listen 127.0.0.1:0 --json >start.json 2>serve.log &
server=$!
served start.json || exit 1
address=$(said address)
is_down() { ask /v1/warehouse | grep -q "$server_2 does not answer"; }
all_well() { ask /v1/warehouse | grep -q '"error":null.*"error":null'; }
check 'started without a server: what is wrong is told' 0 'in time' in_time is_down
warehouse_up 2
check 'and no longer once it is there, though nothing waits' 0 'in time' in_time all_well
kill $server; wait $server
server=

# Before the first server stands one that breaks answers off, puts a row of its own among counts, or sends rows for ever.
node "$tests/warehouse_proxy.mjs" "$server_1" >odd.port 2>/dev/null &
server=$!
wait_for test -s odd.port
odd=http://127.0.0.1:$(cat odd.port)
sed "s|$server_1|$odd|" holdfast.yaml >odd.yaml
"$holdfast" warehouse features --out whole.csv >/dev/null
# Answers to N are broken off at some byte, one at each try: each is an error or, asked for again, the whole answer.
broken_off() {
    from=$1 to=$2
    shift 2
    for nth in $(seq "$from" "$to"); do
        curl -sS "$odd/cut?nth=$nth" >/dev/null
        rm -f cut.csv cut.db
        "$@" --settings odd.yaml >cut.log 2>&1 && { [ ! -e cut.csv ] || cmp cut.csv whole.csv || return; } && continue
        grep -q 'broke off its answer\|Cannot read all data' cut.log || { cat cut.log; return; }
        [ ! -e cut.csv ] && [ ! -e cut.db ] || { echo "after $nth answers a part is kept"; return; }
    done
    echo 'nothing from a part'
}
check 'an answer that is broken off is no feature' 0 'nothing from a part' broken_off 7 10 "$holdfast" warehouse features --out cut.csv
check 'nothing is mended by one' 0 'nothing from a part' broken_off 8 9 "$holdfast" warehouse check --mend
check 'nothing is restored from one' 0 'nothing from a part' broken_off 9 12 "$holdfast" warehouse restore --to cut.db
curl -sS "$odd/odd" >/dev/null
check 'a row that no count is in is said, and nothing is mended by it' 4 "answers 'odd one' where a partition" \
    "$holdfast" warehouse check --mend --settings odd.yaml
check 'an answer without an end is cut off' 4 'more than a row for each customer' "$holdfast" warehouse features --settings odd.yaml
curl -sS "$odd/well" >/dev/null
sed 's/node: n1/database: silent/' odd.yaml >silent.yaml
cp shop.holdfast silent.db
cp shop.holdfast.key silent.db.key
silent() { "$holdfast" warehouse "$@" --db silent.db --settings silent.yaml; }
silent init >/dev/null
curl -sS "$odd/silent?nth=1" >/dev/null
check 'a server that takes rows and closes is not sent them again at once' 3 "$odd began and did not end" silent ship --until-done
check 'but asked first' 0 ' 0 behind' silent ship --until-done
check 'each event once after that' 0 ' 0 missing, 0 doubled' silent check
sed 's/node: n1/database: late/' odd.yaml >late.yaml
cp shop.holdfast late.db
cp shop.holdfast.key late.db.key
late() { "$holdfast" warehouse "$@" --db late.db --settings late.yaml; }
delivered() { curl -sS "$odd/deliver"; }
late init >/dev/null
curl -sS "$odd/late?nth=1" >/dev/null
check 'rows that somebody on the way holds back' 3 "$odd began and did not end" late ship --until-done
check 'are not there, and go again' 0 ' 0 behind' late ship --until-done
check 'so that features are right' 0 ' rows' late features --out late.csv
check 'after which what was held back arrives' 0 '^200$' delivered
check 'and is no feature twice' 4 "$odd has [0-9]* events twice: holdfast warehouse check --mend" late features --out twice.csv
check 'nor restored twice' 0 "^late.again.db: $(late check | sed 's/ .*//') events" late restore --to late.again.db
check 'whoever ships next takes it out' 0 ' 0 behind' late ship --until-done
check 'each event once then too' 0 '"differ": \[\]' late check --json
check 'and the features are the same again' 0 same sh -c \
    "'$holdfast' warehouse features --db late.db --settings late.yaml --out twice.csv >/dev/null && cmp late.csv twice.csv && echo same"
echo 'INSERT INTO late.events SELECT * FROM late.events WHERE partition = 4' | warehouse_ask 1
check 'rows that somebody copied are in no sample or score twice' 4 "$odd has [0-9]* events twice" \
    "$holdfast" score --on warehouse --db late.db --settings late.yaml
check 'and it is mended' 0 ' 0 missing, 0 doubled' late check --mend
kill $server; wait $server
server=
check 'and all is there as it was' 0 '"differ": \[\]' "$holdfast" warehouse check --json

for i in 3 5 7; do "$holdfast" identity merge C00000$i C00001$i >/dev/null; done
"$holdfast" warehouse ship --until-done >/dev/null
alone() {
    "$holdfast" warehouse sql --as-of 2030-01-01 --names order_count >alone.sql
    for i in 1 2; do
        eval "tcp=\$server_tcp_$i"
        awk -v i="$i," '/^-- shard/ { on = $3 == i } on' alone.sql | sed 's/PASSWORD/secret/' |
            clickhouse-client --host 127.0.0.1 --port "$tcp" --user holdfast --password secret --multiquery
    done | awk -F'\t' '$1 > 0 && $3 == 1 { n += $4; rows++ } END { print rows, n }'
}
"$holdfast" warehouse features --as-of 2030-01-01 --names order_count --out there.csv >/dev/null
check 'the query asked by hand says the same of customers whom links join' 0 \
    "^$(awk -F, 'NR > 1 { n += $2; rows++ } END { print rows, n }' there.csv)\$" alone
sed 's/node: n1/database: later/' holdfast.yaml >later.yaml
echo 'CREATE DATABASE theirs' | warehouse_ask 1
echo 'CREATE TABLE theirs.events (day Date, x UInt8) ENGINE = MergeTree(day, x, 8192)' | warehouse_ask 1
sed 's/node: n1/database: theirs/' holdfast.yaml >theirs.yaml
check "another's tables are left alone" 4 "theirs.events are not those.*name another database" "$holdfast" warehouse init --settings theirs.yaml
check 'and nothing is put beside them' 0 '^events$' sh -c "echo 'SHOW TABLES FROM theirs' | curl -sS -u holdfast:secret $server_1 --data-binary @-"
check 'tables of another name' 0 'on 2 shards' "$holdfast" warehouse init --settings later.yaml
for i in 1 2; do
    echo 'TRUNCATE TABLE later.about' | warehouse_ask $i
    echo "INSERT INTO later.about SELECT 2, 'n1', 2, $i - 1, toInt64(0)" | warehouse_ask $i
done
check 'that a later version made are refused' 4 "tables are of version 2, this program's of 1: use the program that made them" \
    "$holdfast" warehouse ship --settings later.yaml
cp shop.holdfast moved.db
cp shop.holdfast.key moved.db.key
sed 's/node: n1/database: fresh/' holdfast.yaml >fresh.yaml
fresh() { "$holdfast" warehouse "$@" --db moved.db --settings fresh.yaml; }
check 'tables that are new' 0 'on 2 shards' fresh init
check 'have none of what was shipped to others, and give no features' 4 'has 0 of the [0-9]* events that were shipped' fresh features
check 'of much that differs some is shown' 0 'and [0-9]* more, which --json lists' fresh check
check 'all is shipped there again' 0 ' 0 behind' fresh ship --until-done
check 'each event once' 0 ' 0 missing, 0 doubled' fresh check
"$holdfast" warehouse features --out all.csv >/dev/null
check 'and the features are the same' 0 same sh -c \
    "'$holdfast' warehouse features --db moved.db --settings fresh.yaml --out fresh.csv >fresh.out && cmp all.csv fresh.csv && echo same"
sed 's/node: n1/database: fresh/; 1a\  tables: replicated\n  zookeeper_path: /holdfast' holdfast.yaml >other.yaml
check 'tables that are plain are not taken for replicated ones' 4 "of fresh the table about is MergeTree, where the settings make it Replicated" \
    "$holdfast" warehouse features --db moved.db --settings other.yaml
check 'nor made such by another init' 4 'the settings make it Replicated' "$holdfast" warehouse init --settings other.yaml
for i in 1 2; do
    echo 'RENAME TABLE fresh.events TO fresh.before' | warehouse_ask $i
    echo 'CREATE TABLE fresh.events AS fresh.before ENGINE = ReplacingMergeTree() PARTITION BY month ORDER BY (partition, identity)' | warehouse_ask $i
done
check 'a table of another engine is nobody to ship to' 4 "events is ReplacingMergeTree by month, .*the settings make it MergeTree by month" fresh ship
settings n2
check 'another node is refused' 4 "of node 'n1', the settings say 'n2'" "$holdfast" warehouse features
settings
printf 'warehouse:\n  shards: [["%s"]]\n  user: holdfast\n  password_file: ch.password\n' "$server_1" >one.yaml
check 'one shard fewer is refused' 4 'shard 1 of 2' "$holdfast" warehouse features --settings one.yaml
echo wrong >wrong.password
sed 's/ch.password/wrong.password/' holdfast.yaml >wrong.yaml
check 'a wrong password: the server and its own words' 4 "$server_1 says: Code: 193" "$holdfast" warehouse features --settings wrong.yaml
printf 'warehouse:\n  shards: []\n' >none.yaml
check 'no shards: file, line and remedy' 2 'none.yaml:2' "$holdfast" warehouse status --settings none.yaml
sed 's/node: n1/patience: 1/' holdfast.yaml >hasty.yaml
hasty() { "$holdfast" warehouse "$@" --settings hasty.yaml; }
kill -STOP "$server_pid_2"
check 'a server that hangs is missing' 3 "$server_2 began and did not end" hasty check
check 'and the other alone gives no features' 4 "part of the shards.*$server_2 began and did not end" hasty features
kill -STOP "$server_pid_1"
check 'nor is there anything to wait for when all hang' 3 "$server_1 began and did not end" hasty features
kill -CONT "$server_pid_1" "$server_pid_2"
mv holdfast.yaml aside.yaml
check 'without settings there is no warehouse' 3 'the settings name no warehouse' "$holdfast" warehouse status
mv aside.yaml holdfast.yaml
echo 'ALTER TABLE holdfast.events ADD COLUMN more UInt8' | warehouse_ask 1
check 'a table that somebody changed' 4 'somebody changed the table' "$holdfast" warehouse features
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
