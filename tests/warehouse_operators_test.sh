#!/usr/bin/env bash
# warehouse_operators_test.sh - starts two clickhouse-servers and lets tests/warehouse/ compare each operator's SQL there
# with the fold; the same on chdb where tools/warehouse_chdb.sh has installed it.
cd "$(dirname "$0")/.." || exit 1
command -v clickhouse-server >/dev/null || { echo "skipped: clickhouse-server is not installed"; exit 0; }
[ -x "$BUILD/run_tests" ] || { echo "skipped: there is no $BUILD/run_tests"; exit 0; }
scratch=$PWD/build/scratch/operators.$$
mkdir -p "$scratch" || exit 1
. tests/warehouse_servers.sh
warehouse_folder=$scratch/servers
trap 'warehouse_stop; wait; rm -rf "$scratch"' EXIT
warehouse_start 2 || exit 1
HOLDFAST_SHARDS="$server_1 $server_2" "$BUILD/run_tests" --jobs 1 --filter 'warehouse_operators/*' || exit 1
[ -e build/chdb/installed ] || { echo "skipped: chdb is not in build/chdb (tools/warehouse_chdb.sh installs it)"; exit 0; }
tools/warehouse_chdb.sh
