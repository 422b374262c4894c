#!/bin/sh
# serve_kill_test.sh - clients send, the server is killed at random instants and started again, its disk fills up,
# more is asked than it can take: every acknowledged event is in the log once.  SLOW=1: a million events; SEED=7:
# other instants.
cd "$(dirname "$0")/.." || exit 1
scratch=build/scratch/serve_kill.$$
seed=${SEED:-1} passed=0 failed=0
mkdir -p "$scratch" || exit 1
trap 'rm -rf "$scratch"' EXIT

# try SCENARIO EVENTS - one scenario in a folder of its own; says what the server logged if it fails.
try() {
    "$BUILD/serve_driver" "$1" "$BUILD/holdfast" "$scratch/$1" "$2" "$seed" >"$scratch/out" 2>&1
    status=$?
    passed=$((passed + $(sed -n "s/^$1: \([0-9]*\) passed.*/\1/p" "$scratch/out" | grep . || echo 0)))
    failed=$((failed + $(sed -n "s/^$1: .* passed, \([0-9]*\) failed/\1/p" "$scratch/out" | grep . || echo 1)))
    sed "s/^/$1: /" "$scratch/out" | grep -v passed
    if [ $status -ne 0 ]; then echo "$1, seed $seed: the server's last lines:"; tail -n 20 "$scratch/$1.log"; fi
}

if [ -n "$SLOW" ]; then
    try kill 1000000
    try pressure 400000
else
    try kill 50000
fi
try limit 8000
try full 8000
echo "serve_kill: $passed passed, $failed failed"
[ $failed -eq 0 ]
