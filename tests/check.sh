# check.sh - read in by scripts that try one command after another.  They count passed and failed from here.
passed=0 failed=0

# check SENTENCE STATUS PATTERN COMMAND... - runs it; status and a pattern in what it printed must be so.
check() {
    sentence=$1 status=$2 pattern=$3
    shift 3
    "$@" >out 2>&1
    got=$?
    if [ $got -eq "$status" ] && grep -q -e "$pattern" out; then passed=$((passed + 1)); return; fi
    failed=$((failed + 1))
    echo "FAILED: $sentence: status $got (want $status), no '$pattern' in:"
    head -20 out
}
