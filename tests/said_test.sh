#!/usr/bin/env bash
# said_test.sh - what the terminal, --json, the page, the exports and the server's routes say of four shops agrees, number
# by number.
cd "$(dirname "$0")/.." || exit 1
holdfast=$PWD/$BUILD/holdfast
scratch=$PWD/build/scratch/said.$$
mkdir -p "$scratch" || exit 1
trap 'rm -rf "$scratch"' EXIT
. tests/check.sh
said=$PWD/tests/page/said.mjs
cd "$scratch" || exit 1

# shop NAME FILE IMPORT-FLAGS FLAG... - runs it and asks for everything again by the other ways there are.
shop() {
    name=$1 file=$2 import_flags=$3
    shift 3
    # shellcheck disable=SC2086
    "$holdfast" run "$file" --db "$name.holdfast" --out "$name.html" --search-seconds 2 $import_flags "$@" >"$name.txt" 2>&1 || {
        cat "$name.txt"; return 1; }
    "$holdfast" score --db "$name.holdfast" "$@" --json >"$name.score.json" &&
        "$holdfast" report --db "$name.holdfast" --out "$name.again.html" "$@" --json >"$name.report.json" &&
        "$holdfast" export scores --db "$name.holdfast" --out "$name.scores.csv" >/dev/null && node "$said" "$name" "$holdfast"
}

"$holdfast" simulate --customers 500 --days 400 --out sim >/dev/null
{ head -1 sim/events.csv; grep -E ',(session|page_view),' sim/events.csv; } >visits.csv
node -e '
let seed = 7;
const draw = () => (seed = (seed * 1103515245 + 12345) % 2147483648) / 2147483648;
console.log("id,plan,seats,paid,left");
for (let i = 0; i < 900; i++) {
    const seats = 1 + Math.floor(draw() * 20), yearly = draw() < 0.4;
    console.log(`c${i},${yearly ? "yearly" : "monthly"},${seats},${seats * 9},${draw() < (yearly ? 0.1 : 0.45) ? "yes" : "no"}`);
}' >table.csv

check 'orders with money: all ways say the same' 0 'nothing contradicts' shop orders sim/orders.csv '--currency EUR'
check 'visits without money: all ways say the same' 0 'nothing contradicts' shop visits visits.csv '--goal session'
check 'a table whose label is leaving: all ways say the same' 0 'nothing contradicts' shop table table.csv ''
check 'a table with money somebody named: all ways say the same' 0 'nothing contradicts' shop money table.csv '' --value-column paid
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
