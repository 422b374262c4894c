#!/bin/sh
# test.sh [TEXT] - runs the tests of $BUILD; with TEXT only those whose "suite/name" contains it.
# Fails when a test fails and also when LeakSanitizer, which does not fail a test by itself, speaks.
cd "$(dirname "$0")/.." || exit 1
log=$BUILD/test.log
export ASAN_OPTIONS=detect_leaks=1 UBSAN_OPTIONS=print_stacktrace=1 TSAN_OPTIONS=halt_on_error=1
tools/layers.sh || exit 1
for script in tests/*_test.sh; do
    [ -e "$script" ] || continue
    case "$script" in *"$1"*) "$script" || { echo "FAILED $script"; exit 1; } ;; esac
done
if [ -z "$1" ]; then
    for replay in "$BUILD"/replay_*; do
        [ -x "$replay" ] || continue
        case "$replay" in *.d) continue ;; esac
        name=${replay##*/replay_}
        "$replay" tests/corpus/"$name"/* || exit 1
    done
fi
"$BUILD/run_tests" --jobs 2 ${1:+--filter "*$1*"} >"$log" 2>&1
status=$?
cat "$log"
if grep -q 'ERROR: LeakSanitizer' "$log"; then echo "memory leaked: see above"; exit 1; fi
exit $status
