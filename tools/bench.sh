#!/bin/sh
# bench.sh [TEXT] - runs the benchmarks whose name contains TEXT, prints ours beside the peers' as
# one table, writes build/bench.json and names the budgets missed at its end.  BENCH_EVENTS=100000 makes a quick trial of small data.
cd "$(dirname "$0")/.." || exit 1
folder=build/bench
peers="@duckdb/node-api@1.5.6-r.1 liquidjs@10.30.1"
mkdir -p $folder
if [ "$(cat $folder/installed 2>/dev/null)" != "$peers" ]; then
    echo '{ "private": true }' > $folder/package.json
    if npm install --prefix $folder --ignore-scripts --no-save --no-audit --no-fund --loglevel=error $peers >/dev/null
    then echo "$peers" > $folder/installed
    else echo "bench.sh: $peers could not be installed; their figures will be missing" >&2
    fi
fi
rm -f $folder/records.ndjson
printf '%-44s %10s %10s %-3s %7s %7s  %-7s %s\n' benchmark ours theirs '' ratio budget '' peer
failed=0 began=$(date +%s) times=
took() { times="$times $1 $(($(date +%s) - $2)) s,"; }
for bench in build/release/bench_*; do
    [ -x "$bench" ] || continue
    name=${bench##*/bench_} from=$(date +%s)
    case "$name" in *"$1"*) "$bench" || { echo "FAILED $bench"; failed=1; }; took "$name" "$from" ;; esac
done
case pages in *"$1"*) from=$(date +%s); node bench/pages.mjs build/holdfast $folder || failed=1; took pages "$from" ;; esac
[ -s $folder/records.ndjson ] || { echo "no benchmark is named like '$1'"; exit 1; }
{ echo '['; sed '$!s/$/,/' $folder/records.ndjson; echo ']'; } > build/bench.json
echo "written to build/bench.json"
echo "took $(($(date +%s) - began)) s:${times%,}"
node -e 'const rows = require("./build/bench.json"), of = (met) => rows.filter((row) => row.budget !== null && row.met === met);
    const [missed, unknown] = [of(false), of(null)].map((rows) => rows.map((row) => `  ${row.name}: ${row.ratio === null ? "no peer" :
        row.ratio.toFixed(2)} of ${row.budget.toFixed(2)}${row.note ? `: ${row.note}` : ""}`));
    console.log([`budgets missed: ${missed.length} of ${of(true).length + missed.length}`, ...missed,
        ...(unknown.length ? [`budgets without a figure of the peer: ${unknown.length}`, ...unknown] : [])].join("\n"))'
exit $failed
