#!/usr/bin/env bash
# warehouse_replicas_test.sh - a shard of two replicas with ZooKeeper: a replica that missed something gives no answer.
cd "$(dirname "$0")/.." || exit 1
command -v clickhouse-server >/dev/null || { echo "skipped: clickhouse-server is not installed"; exit 0; }
holdfast=$PWD/$BUILD/holdfast
scratch=$PWD/build/scratch/replicas.$$
mkdir -p "$scratch" || exit 1
. tests/check.sh
. tests/warehouse_servers.sh
keeper_is_there || { echo "skipped: zookeeper is not installed"; exit 0; }
trap 'warehouse_stop; wait; rm -rf "$scratch"' EXIT
cd "$scratch" || exit 1
warehouse_folder=$scratch/servers
export LC_ALL=C server_1 server_2
keeper_start && warehouse_start 2 "$keeper_xml" || exit 1
echo secret >ch.password
cat >holdfast.yaml <<YAML
warehouse:
  shards: [["$server_1", "$server_2"]]
  user: holdfast
  password_file: ch.password
  tables: replicated
  zookeeper_path: /holdfast
  patience: 30
YAML
orders() { awk -v from="$1" -v apart="${2:-43200}" 'BEGIN { srand(from); print "customer,event,time,amount"; for (i = 0; i < 400; i++)
    printf "C%d,order,%s,%d\n", rand() * 150, strftime("%Y-%m-%dT%H:%M:%SZ", 1700000000 + (from * 400 + i) * apart, 1), 1 + rand() * 90 }'; }
kept() { orders "$@" >more.csv && "$holdfast" import more.csv --db shop.holdfast --quiet >/dev/null; }
again() { for _ in $(seq 300); do "$@" >again.out 2>&1 && break; sleep 0.2; done; cat again.out; }
features() { "$holdfast" warehouse features --out "$1"; }
kept 0 60   # of one month: one entry in ZooKeeper's log of the table
check 'init on both replicas' 0 'on 1 shard' again "$holdfast" warehouse init
warehouse_kill 2
check 'the first is shipped' 0 ' 0 behind' "$holdfast" warehouse ship --until-done
warehouse_kill 1
warehouse_up 2
check 'one that has not looked yet is not asked' 5 "$server_2 has not got yet all" "$holdfast" warehouse check
warehouse_up 1
check 'and has all once it has looked' 0 '400 events here, 400 there: 0 missing' again "$holdfast" warehouse check
kept 1
check 'shipped' 0 ' 0 behind' again "$holdfast" warehouse ship --until-done
check 'features' 0 ' rows' again features first.csv
warehouse_kill 2
kept 2
check 'one replica is enough to ship to' 0 ' 0 behind' "$holdfast" warehouse ship --until-done
check 'and to ask' 0 ' rows' features whole.csv
warehouse_kill 1
warehouse_up 2
check 'one that missed something is not asked' 5 "$server_2 has not got yet all" features part.csv
check 'nor restored from' 5 "has not got yet all" "$holdfast" warehouse restore --to part.db
check 'nothing of its part is left' 0 '^none$' sh -c 'ls part.csv part.db 2>/dev/null || echo none'
warehouse_up 1
check 'once both are there it catches up' 0 ' rows' again features again.csv
check 'and the features are whole' 0 same sh -c 'cmp whole.csv again.csv && echo same'
"$holdfast" train --horizon 40d --search-seconds 1 >train.log 2>&1 || cat train.log
scores() { echo 'SELECT count() FROM holdfast.scores' | warehouse_ask 1; }
check 'scored' 0 '"asked"' "$holdfast" score --on warehouse --json
n=$(scores)
check 'scored again: the same rows replace themselves' 0 '"asked"' "$holdfast" score --on warehouse --json
check 'and are not dropped as a repetition' 0 "^[1-9][0-9]* $n\$" sh -c "echo '$(scores)' $n"
warehouse_kill 2
echo 'ALTER TABLE holdfast.events DELETE WHERE partition < 8' | warehouse_ask 1
for _ in $(seq 1200); do [ "$(echo 'SELECT count() FROM holdfast.events WHERE partition < 8' | warehouse_ask 1)" = 0 ] && break; sleep 0.1; done
check 'what one has not, one that is down may have' 3 "$server_1 has not [0-9]* of the events, and whether $server_2 has them cannot be told" \
    "$holdfast" warehouse check
check 'and nothing is mended meanwhile' 3 'check again once it answers' "$holdfast" warehouse check --mend
warehouse_up 2
check 'once it is there, what neither has is missing, and mended' 0 '^1200 events here, 1200 there: 0 missing, 0 doubled' \
    again "$holdfast" warehouse check --mend
echo 'ALTER TABLE holdfast.events DELETE WHERE 1' | warehouse_ask 1
for i in 1 2; do soon '^0$' sh -c "echo 'SELECT count() FROM holdfast.events' | curl -sS -u holdfast:secret \$server_$i --data-binary @-" >/dev/null; done
check 'all rows were deleted: they are shipped again' 0 ' 0 behind' again "$holdfast" warehouse ship --until-done
check 'and not dropped as repetitions of those' 0 '^1200 events here, 1200 there: 0 missing, 0 doubled' again "$holdfast" warehouse check
kept 3
keeper_kill
check 'without ZooKeeper tables are read-only: in the own words of the server' 4 "$server_1 says: Code: .*" "$holdfast" warehouse ship
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
