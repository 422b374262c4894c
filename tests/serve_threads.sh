#!/bin/sh
# serve_threads.sh [SECONDS] - the server built with the thread sanitizer, every kind of request side by side: events,
# merges, accounts, decisions, segments, views, the live stream.  One race fails it.
# serve_threads.sh leaks [SECONDS] - the release under valgrind, the same requests, with a clock that runs twelve times
# as fast, so that 320 seconds cover an hour of segments left, sessions ended and scores aged: a leak or a wrong access
# fails it, and so does less time than that.
cd "$(dirname "$0")/.." || exit 1
what=threads
[ "$1" = leaks ] && { what=leaks; shift; }
seconds=${1:-30}
scratch=build/scratch/serve_$what.$$
mkdir -p "$scratch" || exit 1
trap 'rm -rf "$scratch"' EXIT
if [ $what = threads ]; then
    make -j2 VARIANT=thread build/thread/holdfast || exit 1
    make -j2 build/release/serve_driver || exit 1
    export TSAN_OPTIONS="exitcode=66 second_deadlock_stack=1 history_size=4"
    program=build/thread/holdfast
else
    command -v valgrind >/dev/null || tools/deps.sh valgrind || exit 1
    make -j2 build/release/holdfast build/release/serve_driver || exit 1
    export SERVE_WRAPPER="valgrind --leak-check=full --show-leak-kinds=definite,indirect --errors-for-leak-kinds=definite,indirect --error-exitcode=66"
    export HOLDFAST_CLOCK_RATE=12 SERVE_SLOWER=16 SERVE_COVERS=$((seconds * 12 * 29 / 30))
    program=build/release/holdfast
fi
build/release/serve_driver mixed $program "$scratch/db" "$seconds" "${SEED:-1}"
status=$?
grep -E 'ERROR SUMMARY|definitely lost|indirectly lost|still reachable' "$scratch/db.log"
if [ $status -ne 0 ]; then grep -v '^[0-9-]*T.*status=200' "$scratch/db.log" | head -n 150; fi
exit $status
