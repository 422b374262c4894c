#!/bin/sh
# clients_test.sh - the clients that people already use, unmodified, against `holdfast serve`: installed from the
# registry of npm into build/clients, never into the tree.
cd "$(dirname "$0")/.." || exit 1
install=build/clients
mkdir -p build/scratch
. tests/packages.sh
packages_of clients || exit 1
rm -f "$install"/*.mjs
cp tests/clients/*.mjs examples/*.mjs "$install" || exit 1
HOLDFAST=$PWD/$BUILD/holdfast SCRATCH=$(mktemp -d "$PWD/build/scratch/clients.XXXXXX")
export HOLDFAST SCRATCH
cleanup() {
    for pid in "$SCRATCH"/*.pid; do
        pid=$(basename "$pid" .pid)
        case $(ps -o args= -p "$pid" 2>/dev/null) in "$HOLDFAST serve"*) kill -9 "$pid" ;; esac
    done
    rm -rf "$SCRATCH"
}
trap cleanup EXIT
log=$BUILD/clients_test.log
( cd "$install" && timeout 1800 node --test --test-reporter=tap --test-concurrency=4 ./*_test.mjs ) >"$log" 2>&1
status=$?
passed=$(sed -n 's/^# pass //p' "$log" | tail -1)
failed=$(sed -n 's/^# fail //p' "$log" | tail -1)
if [ "$status" != 0 ]; then
    [ "${failed:-0}" -gt 0 ] || failed=1
    grep -A 40 '^ *not ok' "$log" || tail -40 "$log"
fi
echo "${passed:-0} passed, ${failed:-0} failed"
[ "${failed:-1}" = 0 ]
