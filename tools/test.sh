#!/bin/sh
# test.sh [TEXT] - runs the tests of $BUILD; with TEXT only those whose "suite/name" contains it.
# All of them run; what failed is named once more at the end.
# Fails when a test fails and also when LeakSanitizer, which does not fail a test by itself, speaks.
cd "$(dirname "$0")/.." || exit 1
log=$BUILD/test.log failed=
export ASAN_OPTIONS=detect_leaks=1 UBSAN_OPTIONS=print_stacktrace=1 TSAN_OPTIONS=halt_on_error=1
tools/layers.sh || exit 1
for script in tests/*_test.sh; do
    [ -e "$script" ] || continue
    case "$script" in *"$1"*) "$script" || failed="$failed $script" ;; esac
done
if [ -z "$1" ]; then
    for replay in "$BUILD"/replay_*; do
        [ -x "$replay" ] || continue
        case "$replay" in *.d) continue ;; esac
        name=${replay##*/replay_}
        "$replay" tests/corpus/"$name"/* || failed="$failed $replay"
    done
fi
"$BUILD/run_tests" --jobs 2 ${1:+--filter "*$1*"} >"$log" 2>&1 || failed="$failed $BUILD/run_tests"
if grep -q 'LeakSanitizer' "$log"; then failed="$failed leaks"; fi
cat "$log"
[ -z "$failed" ] || { echo "FAILED:$failed"; exit 1; }
