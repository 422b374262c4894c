#!/usr/bin/env bash
# warehouse_cut.sh [TRIES [plain|replicated]] - before two clickhouse-servers stand proxies that break answers off at random
# bytes, while events are shipped, checked, mended and erased, and features, models, scores and files are made from what comes:
# each is whole and right or is not there at all, and no row is there twice.  SEED=7: at other bytes.  Needs a built program.
cd "$(dirname "$0")/.." || exit 1
tries=${1:-100} tables=${2:-replicated}
command -v clickhouse-server >/dev/null || { echo "skipped: clickhouse-server is not installed"; exit 0; }
holdfast=$(cd "${BUILD:-build/release}" && pwd)/holdfast tests=$PWD/tests
scratch=$PWD/build/scratch/cut.$$
mkdir -p "$scratch" || exit 1
. tests/check.sh
. tests/warehouse_servers.sh
warehouse_folder=$scratch/servers
server= proxies=
[ "$tables" = plain ] || keeper_is_there || { echo "skipped: zookeeper is not installed"; exit 0; }
trap 'kill $server $proxies 2>/dev/null; warehouse_stop; wait; rm -rf "$scratch"' EXIT
cd "$scratch" || exit 1
export LC_ALL=C SEED="${SEED:-1}"
keeper_xml= path=
if [ "$tables" = replicated ]; then
    keeper_start || exit 1
    path="zookeeper_path: /holdfast"
fi
warehouse_start 2 "$keeper_xml" || exit 1
for i in 1 2; do
    eval "there=\$server_$i"
    SEED=$((SEED + i)) node "$tests/warehouse_proxy.mjs" "$there" >port.$i 2>proxy.$i &
    proxies="$proxies $!"
    soon '[0-9]' cat port.$i >/dev/null
    eval "odd_$i=http://127.0.0.1:\$(cat port.$i)"
done
echo secret >ch.password
cat >holdfast.yaml <<YAML
warehouse:
  shards: [["$odd_1"], ["$odd_2"]]
  user: holdfast
  password_file: ch.password
  tables: $tables
  patience: 60
  $path
YAML
n_torn=0
tell() { for odd in "$odd_1" "$odd_2"; do n_torn=$((n_torn + $(curl -sS "$odd/$1"))); done; }

"$holdfast" simulate --customers 200 --out sim >/dev/null
"$holdfast" import sim/events.csv --db shop.holdfast --quiet >/dev/null
for i in 3 5 7; do "$holdfast" identity merge C00000$i C00001$i >/dev/null; done
soon 'on 2 shards' "$holdfast" warehouse init >/dev/null
"$holdfast" train --search-seconds 0 --json >/dev/null
"$holdfast" export features --out whole.csv >/dev/null 2>&1

# Says what is wrong: an error is one that a broken answer may be, and leaves nothing.
may_fail() { grep -q 'broke off its answer\|began and did not end\|Cannot read all data\|another shard\|does not answer\|is still at\|try again' "$1" || { echo "odd error:"; cat "$1"; return 1; }; }

# ship: each time from the first row on into tables that are new, until all is there.
n=$("$holdfast" warehouse status --json | node -p 'JSON.parse(require("fs").readFileSync(0)).spool.events')
shipped() {
    for try in $(seq "$tries"); do
        sed "1a\\  database: ship$try" holdfast.yaml >ship.yaml
        cp shop.holdfast ship.db
        "$holdfast" warehouse init --settings ship.yaml >/dev/null || return
        tell 'torn?part=0.08'
        until "$holdfast" warehouse ship --until-done --db ship.db --settings ship.yaml >ship.log 2>&1; do may_fail ship.log || return; done
        tell well
        "$holdfast" warehouse check --db ship.db --settings ship.yaml >check.log 2>&1
        grep -q "^$n events here, $n there: 0 missing, 0 doubled" check.log || { cat check.log; return; }
        rm -f ship.db*
    done
    echo "each once"
}
check 'shipped with answers that break off: each event once' 0 'each once' shipped
"$holdfast" warehouse ship --until-done >/dev/null
"$holdfast" warehouse features --out whole.csv >/dev/null
"$holdfast" export features --out here.csv >/dev/null

# tried PART COMMAND... - so often, and until it came through once; `judge` says whether what it left then is right.
tried() {
    local part=$1 n_good=0 try
    shift
    tell "torn?part=$part"
    for try in $(seq $((3 * tries + 60))); do
        [ "$try" -le $((3 * tries)) ] || [ $n_good = 0 ] || break
        rm -f made.csv made.db* made.json
        if "$@" >made.log 2>&1; then
            n_good=$((n_good + 1))
            judge || { echo "try $try: wrong"; tell well; return; }
        else
            may_fail made.log || { tell well; return; }
            if [ -e made.csv ] || [ -e made.db ]; then echo "try $try: a part is left"; tell well; return; fi
        fi
    done
    tell well
    echo "right or nothing: $n_good"
}
judge() { cmp made.csv whole.csv; }
check 'features' 0 'right or nothing: [1-9]' tried 0.015 "$holdfast" warehouse features --out made.csv

cp shop.holdfast there.db
cp shop.holdfast.key there.db.key 2>/dev/null
train() { "$holdfast" train --on warehouse --sample 100000 --search-seconds 0 --json --db there.db >made.json; }
alike() { node -e 'const read = name => JSON.stringify(JSON.parse(require("fs").readFileSync(name)), (key, value) => /seconds/.test(key) ? undefined : value);
    process.exit(read("made.json") === read("whole.json") ? 0 : 1)'; }
train && mv made.json whole.json
judge() { alike; }
check 'a model' 0 'right or nothing: [1-9]' tried 0.01 train

"$holdfast" score --db there.db >/dev/null
"$holdfast" export scores --db there.db --out scores.csv >/dev/null
cp there.db before.db
score() { "$holdfast" score --on warehouse --db there.db; }
judge() { "$holdfast" export scores --db there.db --out scored.csv >/dev/null && cmp scored.csv scores.csv; }
check 'scores' 0 'right or nothing: [1-9]' tried 0.01 score
until score >score.log 2>&1; do may_fail score.log || break; done
asked=$(awk -F, 'NR > 1 && $2 != ""' scores.csv | wc -l)
check 'and each customer has one there' 0 "^$asked $asked 64\$" sh -c "for s in $server_1 $server_2; do curl -sS -u holdfast:secret \$s/ -d \
    'SELECT (SELECT count() FROM holdfast.scores), (SELECT uniqExact(customer) FROM holdfast.scores), (SELECT count() FROM holdfast.runs)'
    done | awk '{ a += \$1; b += \$2; c += \$3 } END { print a, b, c }'"

judge() { grep -q "^$n events here, $n there: 0 missing, 0 doubled" made.log; }
check 'what a check says' 0 'right or nothing: [1-9]' tried 0.03 "$holdfast" warehouse check
mended() {
    for try in $(seq "$tries"); do
        echo "ALTER TABLE holdfast.events DELETE WHERE partition % 8 = $((try % 8)) AND row % 3 = 1" | warehouse_ask 1
        echo "INSERT INTO holdfast.events SELECT node, concat(batch, '.$try') AS batch, $(echo 'SELECT name FROM system.columns WHERE database = '"'holdfast'"' AND
            table = '"'events'"' FORMAT TSV' | warehouse_ask 2 | tail -n +3 | paste -sd,) FROM holdfast.events WHERE partition = 9 LIMIT 10" | warehouse_ask 2
        for i in 1 2; do soon '^0$' sh -c "eval \"curl -sS -u holdfast:secret \\\"\$server_$i/\\\" -d 'SELECT count() FROM system.mutations WHERE NOT is_done'\"" >/dev/null; done
        tell 'torn?part=0.03'
        until "$holdfast" warehouse check --mend >mend.log 2>&1; do may_fail mend.log || return; done
        tell well
        "$holdfast" warehouse check >check.log 2>&1
        grep -q "^$n events here, $n there: 0 missing, 0 doubled" check.log || { cat mend.log check.log; return; }
    done
    echo "mended"
}
export server_1 server_2
sed 's/patience: 60/patience: 1/' holdfast.yaml >hasty.yaml
# held MOST COMMAND... - one of its first answers, any, never comes: it is told in time by whom, or was asked for again.
held() {
    local most=$1 nth status began
    shift
    for try in $(seq $((2 * tries))); do
        rm -f made.csv made.db*
        nth=$((1 + RANDOM % most))
        n_torn=$((n_torn + $(curl -sS "$odd_1/held?nth=$nth")))
        began=$SECONDS
        "$@" --settings hasty.yaml >held.log 2>&1
        status=$?
        [ $((SECONDS - began)) -le 60 ] || { echo "answer $nth: took $((SECONDS - began)) s"; return; }
        { [ $status -eq 0 ] || { [[ $status == [345] ]] && grep -q "$odd_1 began and did not end" held.log; }; } ||
            { echo "answer $nth: status $status"; cat held.log; return; }
        [ ! -e made.csv ] || cmp made.csv whole.csv || return
        [ $status -eq 0 ] || { [ ! -e made.csv ] && [ ! -e made.db ]; } || { echo "answer $nth: a part is left"; return; }
    done
    tell well
    echo told
}
RANDOM=$SEED
check 'a server that hangs while features come is told' 0 '^told' held 14 "$holdfast" warehouse features --out made.csv
check 'while a model is made' 0 '^told' held 20 "$holdfast" train --on warehouse --sample 100000 --search-seconds 0 --db there.db
check 'while scores go back' 0 '^told' held 24 "$holdfast" score --on warehouse --db there.db
check 'while all is checked' 0 '^told' held 14 "$holdfast" warehouse check --mend
check 'while a file is made' 0 '^told' held 30 "$holdfast" warehouse restore --to made.db
"$holdfast" score --on warehouse --db there.db >score.log 2>&1 || cat score.log
check 'and each customer has one score there after that' 0 "^$asked $asked 64\$" sh -c "for s in $server_1 $server_2; do curl -sS -u holdfast:secret \$s/ -d \
    'SELECT (SELECT count() FROM holdfast.scores), (SELECT uniqExact(customer) FROM holdfast.scores), (SELECT count() FROM holdfast.runs)'
    done | awk '{ a += \$1; b += \$2; c += \$3 } END { print a, b, c }'"
check 'what differs is mended, once' 0 '^mended' mended

for c in C000001 C000017 C000023; do printf '"$1" features %s --db "$2" --json\n' $c; done >person.sh
sh person.sh "$holdfast" shop.holdfast >here.json
judge() { sh person.sh "$holdfast" made.db >made.json && cmp made.json here.json; }
check 'a file that is restored' 0 'right or nothing: [1-9]' tried 0.005 "$holdfast" warehouse restore --to made.db

"$holdfast" serve --db shop.holdfast --listen 127.0.0.1:0 --json >start.json 2>serve.log &
server=$!
served start.json || exit 1
said() { node -p "JSON.parse(require('fs').readFileSync('start.json')).$1"; }
address=$(said address) token=$(said token)
ask() { curl -sS -H "Authorization: Bearer $token" "$@"; }
erased() {
    tell 'torn?part=0.05'
    for try in $(seq "$tries"); do ask -X DELETE "$address/v1/customers/$(printf 'C%06d' $((40 + try)))" >/dev/null; done
    sleep 1
    soon '"erasures_owed":0.*"erasures_owed":0' ask "$address/v1/warehouse" >owed.json
    tell well
    soon '"spool":{"events":0' ask "$address/v1/warehouse" >/dev/null
    grep -q '"erasures_owed":0.*"erasures_owed":0' owed.json || { cat owed.json; return; }
    "$holdfast" warehouse check
    for i in 1 2; do echo "SELECT identity FROM holdfast.events WHERE identity >= 'C000041' AND identity <= '$(printf 'C%06d' $((40 + tries)))'" |
        warehouse_ask $i; done >named.txt
}
check 'people are erased, and what they did stays once' 0 ' 0 missing, 0 doubled' erased
check 'and nobody of them is there' 0 '^0 named.txt' wc -l named.txt
kill $server; wait $server
server=
echo "$n_torn answers were broken off"
[ "$n_torn" -gt 0 ] || failed=$((failed + 1))
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
