# check.sh - read in by scripts that try one command after another.  They count passed and failed from here.
passed=0 failed=0

# check SENTENCE STATUS PATTERN COMMAND... - runs it; status and a pattern in what it printed must be so.
check() {
    local sentence=$1 status=$2 pattern=$3 got
    shift 3
    "$@" >out 2>&1
    got=$?
    if [ $got -eq "$status" ] && grep -q -e "$pattern" out; then passed=$((passed + 1)); return; fi
    failed=$((failed + 1))
    echo "FAILED: $sentence: status $got (want $status), no '$pattern' in:"
    head -20 out
}

# holds SENTENCE CONDITION - of json, which is out.json, in JavaScript; near compares numbers, lines reads a file of JSON lines.
holds() {
    node -e 'const { readFileSync } = require("fs"), json = JSON.parse(readFileSync("out.json", "utf8"));
        const near = (a, b, by = 1e-8) => Math.abs(a - b) <= by;
        const lines = (path) => readFileSync(path, "utf8").trim().split("\n").filter(Boolean).map((line) => JSON.parse(line));
        if (!eval(process.argv[1])) { console.log(JSON.stringify(json).slice(0, 2000)); process.exit(1); }' "$2" &&
        passed=$((passed + 1)) || { echo "FAILED: $1"; failed=$((failed + 1)); }
}

# soon PATTERN COMMAND... - what it prints once it has the pattern, or after two minutes and more: a machine may be slow.
soon() {
    local wanted=$1 tries=0
    shift
    while "$@" >soon.txt 2>/dev/null; ! grep -q -e "$wanted" soon.txt && [ $tries -lt 1200 ]; do tries=$((tries + 1)); sleep 0.1; done
    cat soon.txt
}

# served FILE - waits until the server whose process is $server has said there where it is; fails if it ended instead.
served() {
    local tries=0
    until grep -qs 'served at \|"address"' "$1"; do
        if [ $tries -ge 1200 ] || ! kill -0 "$server" 2>/dev/null; then echo "no server in $1:"; cat "$1"; return 1; fi
        tries=$((tries + 1))
        sleep 0.1
    done
}
