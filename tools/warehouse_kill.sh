#!/usr/bin/env bash
# warehouse_kill.sh [ROUNDS [EVENTS [plain|replicated]]] - EVENTS are sent to holdfast serve, which ships them to two
# clickhouse-servers, while it, a server or ZooKeeper is killed (SIGKILL) or a server is held up at random, ROUNDS times; at
# the end each acknowledged event has to be there once.  SEED=7: at other instants.  Needs a built program.
cd "$(dirname "$0")/.." || exit 1
rounds=${1:-30} n_events=${2:-1000000} tables=${3:-plain}
command -v clickhouse-server >/dev/null || { echo "skipped: clickhouse-server is not installed"; exit 0; }
holdfast=$(cd "${BUILD:-build/release}" && pwd)/holdfast tests=$PWD/tests
scratch=$PWD/build/scratch/kill.$$
mkdir -p "$scratch" || exit 1
. tests/check.sh
. tests/warehouse_servers.sh
warehouse_folder=$scratch/servers
server=
[ "$tables" = plain ] || keeper_is_there || { echo "skipped: zookeeper is not installed"; exit 0; }
trap 'kill -9 $server $SENDER_PID 2>/dev/null; warehouse_stop; wait; rm -rf "$scratch"' EXIT
cd "$scratch" || exit 1
export LC_ALL=C
RANDOM=${SEED:-1}

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
  patience: 2
  $path
YAML
sed 's/patience: 2/patience: 60/' holdfast.yaml >patient.yaml
printf 'customer,event,time,amount\nc0,order,2023-11-14T22:13:20Z,5\n' >events.csv
"$holdfast" import events.csv --db shop.holdfast --quiet >/dev/null || exit 1
for _ in $(seq 50); do "$holdfast" warehouse init --settings patient.yaml >init.log 2>&1 && break; sleep 0.2; done
port=$(free_ports 1)
serve() {
    rm -f start.json
    "$holdfast" serve --db shop.holdfast --listen "127.0.0.1:$port" --json >start.json 2>>serve.log &
    server=$!
    served start.json || exit 1
}
serve
said() { node -p "JSON.parse(require('fs').readFileSync('start.json')).$1"; }
address=$(said address) token=$(said token) key=$(said write_key)
export address key
# Sends as many events as it is told on each line, four requests at a time, each until it is acknowledged; says how many were.
coproc SENDER { exec node "$tests/warehouse_sender.mjs" 2>sender.log; }
n_held=0 n_waiting=0 n_sent=0
kinds=5
[ "$tables" = plain ] || kinds=6
behind() { curl -sS -m 10 -H "Authorization: Bearer $token" "$address/v1/warehouse" 2>/dev/null; }
for round in $(seq "$rounds"); do
    n=$((n_events * round / rounds - n_events * (round - 1) / rounds))
    echo $n >&"${SENDER[1]}"
    sleep "$((RANDOM % 2)).$((RANDOM % 10))$((RANDOM % 10))"
    behind | grep -q '"spool":{"events":[1-9]' && n_waiting=$((n_waiting + 1))
    i=$((1 + RANDOM % 2))
    case $((RANDOM % kinds)) in
    0 | 1) kill -9 "$server"; wait "$server" 2>/dev/null; serve ;;
    2 | 3) warehouse_kill $i; warehouse_up $i || exit 1 ;;
    4) eval "pid=\$server_pid_$i"; kill -STOP "$pid"; sleep "3.$((RANDOM % 10))"; kill -CONT "$pid"; n_held=$((n_held + 1)) ;;
    5) keeper_kill; keeper_up || exit 1 ;;
    esac
    read -r n_told <&"${SENDER[0]}" || { echo "the sender ended:"; cat sender.log; exit 1; }
    n_sent=$((n_sent + n_told))
done
eval "exec ${SENDER[1]}>&-"
began=$SECONDS
soon '"spool":{"events":0' behind | grep -q '"spool":{"events":0' || { echo "not all was shipped:"; behind; exit 1; }
echo "$n_sent events were acknowledged; $rounds times something was killed or held up ($n_held), in $n_waiting of them rows waited; all was there after $((SECONDS - began)) s"
kill "$server"
wait "$server"
server=
"$holdfast" warehouse check --db shop.holdfast --settings patient.yaml | tee check.log
grep -q "^$((n_sent + 1)) events here, $((n_sent + 1)) there: 0 missing, 0 doubled" check.log && [ "$n_sent" = "$n_events" ] &&
    ! grep -q 'holdfast warehouse check --mend' check.log
