#!/bin/sh
# row_order_test.sh - the order of a file's rows changes nothing that is learned from it, and another seed little.
cd "$(dirname "$0")/.." || exit 1
holdfast=$PWD/$BUILD/holdfast
scratch=$PWD/build/scratch/row_order.$$
mkdir -p "$scratch" && cd "$scratch" || exit 1
trap 'rm -rf "$scratch"' EXIT

"$holdfast" simulate --customers 170 --days 300 --seed 3 --out shop >/dev/null || exit 1
cp shop/orders.csv forward.csv
(head -1 forward.csv; tail -n +2 forward.csv | tac) >backward.csv
run() {     # NAME FILE FLAGS...
    name=$1 file=$2
    shift 2
    "$holdfast" run "$file" "$@" --db "$name.holdfast" --out "$name.html" --json >"$name.json" 2>/dev/null
}
run forward forward.csv && run backward backward.csv && run seed forward.csv --seed 7 || exit 1
node -e '
const { readFileSync } = require("fs");
const [forward, backward, seed] = ["forward", "backward", "seed"].map((name) => JSON.parse(readFileSync(`${name}.json`)));
const figures = ({ models }) => models.map(({ name, settings, auc, chosen }) => ({ name, settings, auc, chosen }));
const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);
const fail = (sentence) => { console.log(`FAILED: ${sentence}`); process.exitCode = 1; };
if (!same(figures(forward), figures(backward))) fail("rows in another order give other models");
if (!same(forward.at_risk, backward.at_risk)) fail("rows in another order put other sums at risk");
forward.models.forEach((model, i) => {
    const moved = Math.abs(model.auc - seed.models[i].auc);
    if (moved > 0.02) fail(`another seed moves ${model.name} by ${moved.toFixed(3)} of AUC`);
});' && echo "row order: 3 passed, 0 failed"
