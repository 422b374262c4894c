#!/usr/bin/env bash
# warehouse_chdb.sh - every operator both ways on today's ClickHouse: its library chdb, of npm, is installed into build/chdb (half
# a gigabyte) and stands behind two addresses while tests/warehouse/ compare.  Needs $BUILD/run_tests (build/debug).
cd "$(dirname "$0")/.." || exit 1
peer=chdb@3.4.0 modules=$PWD/build/chdb run_tests=$PWD/${BUILD:-build/debug}/run_tests
[ -x "$run_tests" ] || { echo "skipped: there is no $run_tests"; exit 0; }
mkdir -p "$modules"
if [ "$(cat "$modules/installed" 2>/dev/null)" != "$peer" ]; then
    echo '{ "private": true }' >"$modules/package.json"
    npm install --prefix "$modules" --no-save --no-audit --no-fund --loglevel=error "$peer" >/dev/null ||
        { echo "skipped: $peer cannot be installed"; exit 0; }
    echo "$peer" >"$modules/installed"
fi
scratch=$(mktemp -d "$PWD/build/chdb.XXXXXX") pids=
trap 'kill $pids 2>/dev/null; wait; rm -rf "$scratch"' EXIT
for i in 1 2; do
    node tests/warehouse_chdb.mjs "$modules" "$scratch/$i" >"$scratch/port.$i" 2>"$scratch/said.$i" &
    pids="$pids $!"
done
for _ in $(seq 300); do [ -s "$scratch/port.1" ] && [ -s "$scratch/port.2" ] && break; sleep 0.1; done
[ -s "$scratch/port.1" ] && [ -s "$scratch/port.2" ] || { echo 'chdb did not start:'; cat "$scratch"/said.*; exit 1; }
HOLDFAST_SHARDS="http://127.0.0.1:$(cat "$scratch/port.1") http://127.0.0.1:$(cat "$scratch/port.2")" \
    "$run_tests" --jobs 1 --filter 'warehouse_operators/*'
