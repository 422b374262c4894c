#!/usr/bin/env bash
# warehouse_older_test.sh - a server whose data folder is an older copy: nothing is answered from it, what it lost and what it
# still has of people who were erased is named, and mended.
cd "$(dirname "$0")/.." || exit 1
command -v clickhouse-server >/dev/null || { echo "skipped: clickhouse-server is not installed"; exit 0; }
holdfast=$PWD/$BUILD/holdfast
scratch=$PWD/build/scratch/older.$$
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
cat >holdfast.yaml <<YAML
warehouse:
  shards: [["$server_1"], ["$server_2"]]
  user: holdfast
  password_file: ch.password
YAML
"$holdfast" simulate --customers 260 --out sim >/dev/null
head -n 6000 sim/events.csv >first.csv
{ head -n 1 sim/events.csv; tail -n +6001 sim/events.csv; } >second.csv
"$holdfast" import first.csv --db shop.holdfast --quiet >/dev/null
awk 'BEGIN { print "customer,event,time,amount"; for (i = 0; i < 20; i++) for (c = 0; c < 2; c++)
    printf "mabel-%s,order,%s,%d\n", c ? "other" : "quatermass", strftime("%Y-%m-%dT%H:%M:%SZ", 1735500000 - i * 864000, 1), 5 + i; }' >mabel.csv
"$holdfast" import mabel.csv --db shop.holdfast --quiet >/dev/null
ship() { "$holdfast" warehouse ship --until-done; }
features() { "$holdfast" warehouse features --out "$1"; }
copied() { warehouse_down "$1"; rm -rf "copy.$1"; cp -r "servers/$1/data" "copy.$1"; warehouse_up "$1"; }
put_back() { warehouse_down "$1"; rm -rf "servers/$1/data"; cp -r "copy.$1" "servers/$1/data"; warehouse_up "$1"; }
found() { grep -rasF "$1" servers/1/data servers/2/data | wc -l; }
"$holdfast" warehouse init >/dev/null
check 'the first is shipped' 0 ' 0 behind' ship
copied 2
"$holdfast" import second.csv --db shop.holdfast --quiet >/dev/null
check 'then more' 0 ' 0 behind' ship
"$holdfast" train --search-seconds 0 >/dev/null || exit 1
check 'features' 0 ' rows' features whole.csv
"$holdfast" score --on warehouse >/dev/null
put_back 2
lost="$server_2 has [0-9]* of the [0-9]* events that were shipped: .*holdfast warehouse check --mend"
check 'a server as it was before gives no features' 4 "$lost" features part.csv
check 'no scores' 4 "$lost" "$holdfast" score --on warehouse
check 'and no sample' 4 "$lost" "$holdfast" train --on warehouse --sample 100 --search-seconds 0
check 'it is told what it lost' 0 '^[0-9]* events here, [0-9]* there: [1-9][0-9]* missing, 0 doubled' "$holdfast" warehouse check
check 'which is shipped again, once' 0 ': 0 missing, 0 doubled' "$holdfast" warehouse check --mend
check 'after which the features are what they were' 0 same sh -c "'$holdfast' warehouse features --out again.csv >/dev/null && cmp whole.csv again.csv && echo same"
check 'and what comes later is shipped as ever' 0 ' 0 behind' ship

# Links alone are lost.
copied 1
"$holdfast" identity merge C000003 C000013 >/dev/null
check 'two are one' 0 ' 0 behind' ship
check 'features of them' 0 ' rows' features whole.csv
put_back 1
check 'lost links are told too' 4 'has lost links between ids.*check --mend' features part.csv
check 'and shipped again' 0 ': 0 missing, 0 doubled' "$holdfast" warehouse check --mend
check 'the features are whole' 0 same sh -c "'$holdfast' warehouse features --out again.csv >/dev/null && cmp whole.csv again.csv && echo same"

# Somebody was erased since.
"$holdfast" score --on warehouse >/dev/null
copied 1; copied 2
"$holdfast" serve --db shop.holdfast --listen 127.0.0.1:0 --json >start.json 2>serve.log &
server=$!
served start.json || exit 1
said() { node -p "JSON.parse(require('fs').readFileSync('start.json')).$1"; }
address=$(said address) token=$(said token)
erased() { curl -sS -H "Authorization: Bearer $token" -X DELETE "$address/v1/customers/mabel-quatermass"; }
status() { curl -sS -H "Authorization: Bearer $token" "$address/v1/warehouse"; }
check 'somebody is erased' 0 success erased
sleep 1
soon '"erasures_owed":0.*"erasures_owed":0' status >/dev/null
kill $server; wait $server; server=
optimize() { for i in 1 2; do for t in events members links scores; do echo "OPTIMIZE TABLE holdfast.$t FINAL" | warehouse_ask $i; done; done; }
gone() { optimize; for _ in $(seq 30); do [ "$(found mabel-quatermass)" = 0 ] && echo gone && return; sleep 1; done; grep -rasFl mabel-quatermass servers/*/data; }
check 'there too' 0 gone gone
features whole.csv >/dev/null
put_back 1; put_back 2
check 'the copies have them again' 0 '^[1-9]' found mabel-quatermass
check 'which gives no features' 4 'warehouse check' features part.csv
check 'and is told' 0 'check --mend' "$holdfast" warehouse check
check 'and mended' 0 ': 0 missing, 0 doubled' "$holdfast" warehouse check --mend
check 'they are in no file again' 0 gone gone
check 'the features are whole' 0 same sh -c "'$holdfast' warehouse features --out again.csv >/dev/null && cmp whole.csv again.csv && echo same"
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
