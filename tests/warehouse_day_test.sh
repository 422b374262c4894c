#!/usr/bin/env bash
# warehouse_day_test.sh - a data engineer's day with two clickhouse-servers: what is printed runs as it stands, what a
# server lost or somebody changed is found whatever it is, and links count like events.
cd "$(dirname "$0")/.." || exit 1
command -v clickhouse-server >/dev/null || { echo "skipped: clickhouse-server is not installed"; exit 0; }
holdfast=$PWD/$BUILD/holdfast readme=$PWD/README.md
scratch=$PWD/build/scratch/warehouse_day.$$
mkdir -p "$scratch" || exit 1
. tests/check.sh
. tests/warehouse_servers.sh
trap 'warehouse_stop; wait; rm -rf "$scratch"' EXIT
cd "$scratch" || exit 1
warehouse_folder=$scratch/servers
export LC_ALL=C
warehouse_start 2 || exit 1
echo secret >ch.password
# The settings, the commands and the query are README's.
part_of() { awk -v kind="$1" '/^## / { here = /More than one machine/ } here && $0 == "```" kind { on = 1; next } /^```/ { on = 0 } here && on' \
    "$readme"; }
part_of yaml | sed "s|http://10.0.0.1:8123|$server_1|; s|http://10.0.0.2:8123|$server_2|" >holdfast.yaml
"$holdfast" simulate --customers 280 --days 800 --out sim >/dev/null
"$holdfast" import sim/events.csv --db shop.holdfast >/dev/null
"$holdfast" capacity --json >capacity.json
told() { node -p "const j = JSON.parse(require('fs').readFileSync('capacity.json')); $1"; }
check 'of a small log every customer is counted' 0 '^280 true$' told 'j.customers + " " + (j.events >= '"$(($(wc -l <sim/events.csv) - 1))"')'
check 'growth is of the days that there were' 0 '^true$' told 'j.events_per_second.now > 0 && j.events_per_second.now < j.events_per_second.possible'
check 'what shards would hold, in two digits' 0 '^2 string true$' told \
    'const [s] = j.shards; s.n + " " + typeof s.events + " " + /^[0-9](\.[0-9])?e[0-9]+$/.test(s.events)'
head -40 sim/events.csv >young.csv
"$holdfast" import young.csv --db young.db --json >/dev/null
"$holdfast" capacity --db young.db --json >capacity.json
check 'a young log grows by what came since it began' 0 '^true$' told 'j.events_per_second.now > j.events / (30 * 86400) * 1.5'

by_hand() {   # I: what stands on the input, run by clickhouse-client on server I
    eval "tcp=\$server_tcp_$1"
    clickhouse-client --host 127.0.0.1 --port "$tcp" --user holdfast --password secret --multiquery
}
of_server() { eval "address=\$server_$1"; awk -v address="-- $address" '/^-- / { on = $0 == address } on'; }
for i in 1 2; do "$holdfast" warehouse init --dry-run | of_server $i >init.sql; by_hand $i <init.sql; by_hand $i <init.sql; done
check 'tables that were made by hand, twice, from what init prints are taken' 0 ' 0 behind' "$holdfast" warehouse ship --until-done

"$holdfast" identity merge C000003 C000004 >/dev/null
check 'a link that was not shipped is told' 0 '1 links between ids behind' "$holdfast" warehouse status
check 'without it there are no features' 4 'has not got 1 links between ids yet' "$holdfast" warehouse features --as-of 2050-01-01
check 'before it was made there are' 0 'customer,order_count' "$holdfast" warehouse features --as-of 2024-06-01 --names order_count
"$holdfast" identity merge C000005 C000006 >/dev/null
"$holdfast" warehouse ship --until-done >/dev/null
check 'links are checked' 0 '"differ": \[\]' "$holdfast" warehouse check --json
there() { for as_of in 2024-06-01 2050-01-01; do "$holdfast" warehouse features --as-of $as_of; done; }
there >before.csv
same() { there >after.csv; cmp before.csv after.csv && echo same; }
unfinished() { echo 'SELECT count() FROM system.mutations WHERE NOT is_done' | warehouse_ask "$1"; }
changed() {   # I STATEMENT WORDS: it is done on server I, found as that, and mended
    echo "$2" | warehouse_ask "$1"
    soon '^0$' unfinished "$1" >/dev/null
    check "found: $2" 0 "$3" "$holdfast" warehouse check
    check 'mended' 0 '"differ": \[\]' "$holdfast" warehouse check --mend --json
    check 'and the features are what they were' 0 '^same$' same
}
changed 1 "ALTER TABLE holdfast.events UPDATE kind = 'odd' WHERE row % 90 = 3" 'which say something else'
changed 2 "ALTER TABLE holdfast.events UPDATE property_values = arrayMap(value -> 'x', property_values) WHERE length(property_values) > 0" \
    'which say something else'
changed 1 "ALTER TABLE holdfast.links DELETE WHERE 1" '2 links between ids here, 0 there'
changed 2 "ALTER TABLE holdfast.members UPDATE since_ms = since_ms + 1 WHERE since_ms > 0" 'links between ids .* which say something else'
changed 1 "INSERT INTO holdfast.links SELECT node, batch, 99, id, a, b, how, received_ms, 1, a_number, b_number FROM holdfast.links LIMIT 1" \
    'links between ids .* which say something else'
echo 'ALTER TABLE holdfast.members DELETE WHERE 1' | warehouse_ask 2
soon '^0$' unfinished 2 >/dev/null
check 'lost links give no features' 4 "$server_2 has lost links between ids" "$holdfast" warehouse features
"$holdfast" warehouse check --mend >/dev/null
check 'mended they do' 0 '^same$' same

"$holdfast" train --search-seconds 1 >/dev/null
for as_of in 2024-06-01 2025-02-01 2050-01-01; do
    "$holdfast" export features --as-of $as_of --out here.csv >/dev/null
    "$holdfast" warehouse features --as-of $as_of --out there.csv >/dev/null
    check "the features as of $as_of are those of export" 0 same sh -c 'cmp here.csv there.csv && echo same'
done
part_of sh | sed "s|^holdfast|$holdfast|; s|--sample.*|& --search-seconds 1|" >commands.sh
check 'the commands of README' 0 '^5$' sh -c 'wc -l <commands.sh'
check 'do what it says' 0 'next: holdfast report' sh -e commands.sh
"$holdfast" score --on warehouse --partitions 0-5 >/dev/null     # the same run again, of some
"$holdfast" export scores --out scores.csv >/dev/null
asked=$(awk -F, 'NR > 1 && $2 != ""' scores.csv | wc -l)
newest() { for i in 1 2; do part_of sql | warehouse_ask $i; done | cut -f1 | sort | uniq -c | awk '{ n++; most = $1 > most ? $1 : most } END { print n, most }'; }
check 'and its query gives everybody who was asked once' 0 "^$asked 1\$" newest
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
