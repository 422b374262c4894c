#!/bin/bash
# test.sh [TEXT] - runs the tests of $BUILD; with TEXT only those whose "suite/name" contains it.
# All of them run; what failed is named once more at the end.  Scripts run two side by side, the longest first, each in
# folders and on ports of its own, and Criterion's tests beside them, two at a time; once those are done four scripts do.
# What each said is printed whole, with how long it took and what it cost the processor (user + system).
# Fails when a test fails and also when LeakSanitizer, which does not fail a test by itself, speaks.
cd "$(dirname "$0")/.." || exit 1
said=$BUILD/test log=$BUILD/test.log failed=
# What was freed is kept for a while, so that its use is seen; 256 MB of it cost small programs half their time.
export ASAN_OPTIONS=detect_leaks=1:quarantine_size_mb=16 UBSAN_OPTIONS=print_stacktrace=1 TSAN_OPTIONS=halt_on_error=1
tools/layers.sh && tools/unused.sh "$BUILD" || exit 1
rm -rf "$said" && mkdir -p "$said" || exit 1

# run NAME COMMAND... - NAME.out is what it said, NAME.status how it ended, there once it has.
run() {
    local name=$1 began=$SECONDS status
    shift
    TIMEFORMAT='%U + %S'
    { time "$@" >"$said/$name.out" 2>&1 </dev/null; } 2>"$said/$name.time"
    status=$?
    echo "$name: $((SECONDS - began)) s, of the processor $(<"$said/$name.time") s" >>"$said/$name.out"
    echo $status >"$said/$name.ending" && mv "$said/$name.ending" "$said/$name.status"
}

# Waits for it, prints what it said.
told() {
    until [ -e "$said/$1.status" ]; do sleep .1; done
    cat "$said/$1.out"
    [ "$(cat "$said/$1.status")" = 0 ] || failed="$failed $1"
}

replay_all() {
    local replay status=0
    for replay in "$BUILD"/replay_*; do
        case "$replay" in *.d | *.o) continue ;; esac
        if [ -x "$replay" ]; then "$replay" tests/corpus/"${replay##*/replay_}"/* || { echo "FAILED: $replay"; status=1; }; fi
    done
    return $status
}

names=() longest='plan_database board_page questions email api journey report_page warehouse clients'
for script in $(printf 'tests/%s_test.sh\n' $longest; ls tests/*_test.sh | grep -v -x -E "tests/(${longest// /|})_test.sh"); do
    case "$script" in *"$1"*) names+=("$(basename "$script" .sh)") ;; esac
done
[ -n "$1" ] || names+=(replays)
by_name() { if [ "$1" = replays ]; then run replays replay_all; else run "$1" "tests/$1.sh"; fi; }
export -f run replay_all by_name
export said BUILD
xargs -r -P 2 -I{} bash -c 'by_name "$1"' - {} < <(printf '%s\n' "${names[@]}" | grep .) &
lanes=$!
# xargs takes each signal for one more at a time.  What a filter leaves may be done before xargs listens.
criterion() {
    "$BUILD/run_tests" --jobs 2 ${1:+--filter "*$1*"} >"$log" 2>&1
    echo $? >"$said/criterion.ending"
    [ -n "$1" ] || kill -USR1 "$lanes" "$lanes" 2>/dev/null
    mv "$said/criterion.ending" "$said/criterion.status"
}
criterion "$1" &
for name in "${names[@]}"; do told "$name"; done
# Not by wait: the shell forgets a child that ended long ago, once its number is that of another.
until [ -e "$said/criterion.status" ]; do sleep .1; done
[ "$(cat "$said/criterion.status")" = 0 ] || failed="$failed $BUILD/run_tests"
if grep -q 'LeakSanitizer' "$log"; then failed="$failed leaks"; fi
cat "$log"
[ -z "$failed" ] || { echo "FAILED:$failed"; exit 1; }
