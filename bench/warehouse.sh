#!/usr/bin/env bash
# warehouse.sh CSV EVENTS - for warehouse_bench.c: starts two clickhouse-servers, measures what is not asked over HTTP of our own
# server, prints "name seconds" lines, and keeps the servers until the file `serving` is gone.
cd "$(dirname "$0")/.." || exit 1
holdfast=$PWD/build/release/holdfast csv=$PWD/$1 n=$2
scratch=$PWD/build/bench/warehouse
rm -rf "$scratch"
mkdir -p "$scratch" || exit 1
. tests/warehouse_servers.sh
warehouse_folder=$scratch/servers
cd "$scratch" || exit 1
trap 'warehouse_stop; wait; rm -rf "$scratch"' EXIT
warehouse_start 2 >&2 || exit 1
echo secret >ch.password
printf 'warehouse:\n  shards: [["%s"], ["%s"]]\n  user: holdfast\n  password_file: ch.password\n  database: %s\n' \
    "$server_1" "$server_2" bench >bench.yaml
sed 's/database: bench/database: serving/' bench.yaml >holdfast.yaml
echo 'costs: {margin: 0.4}' >none.yaml
head -n $((n + 1)) "$csv" >events.csv
"$holdfast" import events.csv --db bench.db --settings bench.yaml --quiet >&2 || exit 1
"$holdfast" warehouse init --db bench.db --settings bench.yaml >&2 || exit 1

# Seconds that a command took; what it says goes to the log.
took() { local began=$EPOCHREALTIME; "$@" >&2 || exit 1; awk -v a="$began" -v b="$EPOCHREALTIME" 'BEGIN { printf "%.3f\n", b - a }'; }
least() { for _ in 1 2 3; do took "$@"; done | sort -n | sed -n 2p; }
client() { eval "tcp=\$server_tcp_$1"; clickhouse-client --host 127.0.0.1 --port "$tcp" --user holdfast --password secret --max_threads 2 "${@:2}"; }
both() { "$1" 1 & local one=$!; "$1" 2 && wait $one; }

echo ship "$(took "$holdfast" warehouse ship --until-done --db bench.db --settings bench.yaml)"
dump() { client "$1" --query 'SELECT * FROM bench.events FORMAT Native' >rows.$1; client "$1" --query 'CREATE TABLE bench.copy AS bench.events'; }
both dump
insert() { client "$1" --query 'INSERT INTO bench.copy FORMAT Native' <rows.$1; }
echo insert "$(took both insert)"
features() { "$holdfast" warehouse features --db bench.db --settings bench.yaml --out features.csv; }
echo features "$(least features)"
[ "$(wc -l <features.csv)" -gt 1000 ] || { echo "warehouse.sh: hardly any customer has features" >&2; exit 1; }
"$holdfast" warehouse sql --db bench.db --settings bench.yaml >all.sql || exit 1
for i in 1 2; do { awk -v i="$i," '/^-- shard/ { on = $3 == i; next } on' all.sql | sed '$s/;$//'; echo 'FORMAT RowBinary'; } >query.$i.sql; done
query() { client "$1" <query.$1.sql >answer.$1; }
echo query "$(least both query)"
"$holdfast" train --db bench.db --settings bench.yaml --search-seconds 5 >&2 || exit 1
"$holdfast" warehouse sql --db bench.db --settings bench.yaml >all.sql || exit 1
for i in 1 2; do { awk -v i="$i," '/^-- shard/ { on = $3 == i; next } on' all.sql | sed '$s/;$//'; echo 'FORMAT RowBinary'; } >query.$i.sql; done
score() { "$holdfast" score --on warehouse --db bench.db --settings bench.yaml; }
echo score "$(least score)"
echo asked "$(least both query)"
"$holdfast" warehouse init --db bench.db --settings holdfast.yaml >&2 || exit 1
touch serving
echo serve 0
for _ in $(seq 1000); do [ -e serving ] || break; sleep 0.2; done
