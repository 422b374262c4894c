#!/usr/bin/env bash
# warehouse_kill.sh [ROUNDS [EVENTS [plain|replicated]]] - ships EVENTS to two clickhouse-servers while Holdfast, a server or
# ZooKeeper is killed (SIGKILL) at random, ROUNDS times; at the end each event has to be there once.  Needs a built program.
cd "$(dirname "$0")/.." || exit 1
rounds=${1:-30} n_events=${2:-1000000} tables=${3:-plain}
command -v clickhouse-server >/dev/null || { echo "skipped: clickhouse-server is not installed"; exit 0; }
holdfast=$PWD/${BUILD:-build/release}/holdfast
scratch=$PWD/build/scratch/kill.$$
mkdir -p "$scratch" || exit 1
. tests/warehouse_servers.sh
warehouse_folder=$scratch/servers
shipping=
[ "$tables" = plain ] || keeper_is_there || { echo "skipped: zookeeper is not installed"; exit 0; }
trap '[ -z "$shipping" ] || kill -9 $shipping 2>/dev/null; warehouse_stop; wait; rm -rf "$scratch"' EXIT
cd "$scratch" || exit 1
export LC_ALL=C

keeper_xml= path=
if [ "$tables" = replicated ]; then
    keeper_start || exit 1
    path="zookeeper_path: /holdfast"
fi
warehouse_start 2 "$keeper_xml" || exit 1
echo secret >ch.password
cat >holdfast.yaml <<YAML
warehouse:
  shards: [["$server_1"], ["$server_2"]]
  user: holdfast
  password_file: ch.password
  tables: $tables
  patience: 20
  $path
YAML
awk -v n="$n_events" 'BEGIN { srand(5); print "customer,event,time,amount"; for (i = 0; i < n; i++)
    printf "c%d,%s,%s,%d\n", rand() * n / 50, rand() < 0.5 ? "order" : "view", strftime("%Y-%m-%dT%H:%M:%SZ", 1700000000 + i * 20, 1), rand() * 90 }' >events.csv
"$holdfast" import events.csv --db shop.holdfast --quiet >/dev/null || exit 1
for _ in $(seq 50); do "$holdfast" warehouse init >init.log 2>&1 && break; sleep 0.2; done
kinds=3
[ "$tables" = plain ] || kinds=4
ship() { [ -n "$shipping" ] && kill -0 "$shipping" 2>/dev/null || { "$holdfast" warehouse ship --until-done --db shop.holdfast >ship.log 2>&1 & shipping=$!; }; }
for round in $(seq "$rounds"); do
    ship
    sleep "0.$((RANDOM % 10))$((RANDOM % 10))"
    case $((RANDOM % kinds)) in
    0) kill -9 "$shipping" 2>/dev/null; wait "$shipping" 2>/dev/null; shipping= ;;
    1) warehouse_kill 1; warehouse_up 1 || exit 1 ;;
    2) warehouse_kill 2; warehouse_up 2 || exit 1 ;;
    3) keeper_kill; keeper_up || exit 1 ;;
    esac
done
kill -9 "$shipping" 2>/dev/null
wait "$shipping" 2>/dev/null
for _ in $(seq 60); do "$holdfast" warehouse ship --until-done --db shop.holdfast >ship.log 2>&1 && break; sleep 1; done
"$holdfast" warehouse check --db shop.holdfast | tee check.log
grep -q "^$n_events events here, $n_events there: 0 missing, 0 doubled" check.log || { tail -3 ship.log; exit 1; }
! grep -q 'holdfast warehouse check --mend' check.log
