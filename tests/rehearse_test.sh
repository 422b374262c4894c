#!/usr/bin/env bash
# rehearse_test.sh - holdfast rehearse: a small year, whose files agree with each other and with the database.
set -u
cd "$(dirname "$0")/.." || exit 1
. tests/check.sh
holdfast=$PWD/$BUILD/holdfast
folder=$(mktemp -d "$BUILD/rehearse.XXXXXX") || exit 1
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1

"$holdfast" rehearse --customers 1500 --periods 2 --world standard --seed 3 --out year --quiet --json >out.json || exit 1
cat >check.js <<'E2'
const fs = require("fs"), table = (name) => {
    const [head, ...rows] = fs.readFileSync(`year/${name}.csv`, "utf8").trim().split("\n").map((l) => l.split(","));
    return rows.map((row) => Object.fromEntries(row.map((cell, i) => [head[i], cell])));
};
const json = JSON.parse(fs.readFileSync("out.json")), given = table("assignments"), truth = table("truth");
const sink = fs.readFileSync("year/sink.ndjson", "utf8").trim().split("\n").map((l) => JSON.parse(l));
const key = (row) => `${row.period} ${row.customer}`, sent = new Map(sink.map((s) => [key(s), s.action]));
const held = new Set(given.filter((g) => g.group === "holdout").map((g) => g.customer));
if (!eval(process.argv[2])) { console.log(JSON.stringify(json).slice(0, 1500)); process.exit(1); }
E2
holds() { node check.js "$2" && passed=$((passed + 1)) || { echo "FAILED: $1"; failed=$((failed + 1)); }; }
holds 'two periods, told as asked' 'json.periods.length === 2 && json.world === "standard" && json.seed === 3'
holds 'everybody is in one group each period' 'given.length === 3000 && new Set(given.map(key)).size === 3000'
holds 'the sink holds what was assigned, once each' 'sent.size === sink.length && given.every((g) => (sent.get(key(g)) || "nothing") === g.action)'
holds 'nobody held out is sent anything, and they stay the same' 'held.size > 40 && held.size < 110 && sink.every((s) => !held.has(s.customer)) &&
    given.every((g) => (g.group === "holdout") === held.has(g.customer))'
holds 'period 1 is a pilot of four actions alike' '((p) => p.length > 750 && p.length < 950 && ["nothing", "email", "coupon", "call"].every((a) =>
    Math.abs(p.filter((g) => g.action === a).length / p.length - .25) < .07) && p.every((g) => +g.propensity === .25))(
    given.filter((g) => g.group === "pilot" && g.period === "1"))'
holds 'a tenth explores after it' '((e) => e > 90 && e < 200)(given.filter((g) => g.group === "explore").length)'
holds 'the truth of a plan is the sum of its tau' 'json.periods.every((p) => Math.abs(p.true_cents - given.filter((g) => +g.period === p.period &&
    g.group === "plan" && g.action !== "nothing").reduce((sum, g) => sum + +truth.find((t) => key(t) === key(g) && t.action === g.action).tau_cents, 0)) < 1)'
holds 'nobody earns more than who knows all' 'json.periods.every((p) => p.oracle_cents >= p.attainable_cents && p.oracle_cents >= p.true_cents &&
    p.oracle_cents > 0 && p.attainable_cents > p.risk_cents)'
holds 'nothing is what never sending earns in period 1' '((never, out) => out.every((o, i) => o.period !== "1" ||
    Math.abs(o.nothing_cents - never.get(o.customer)) < 1e-3))(new Map(table("never").filter((n) => n.period === "1").map((n) =>
    [n.customer, n.profit_cents])), table("outcomes"))'
check 'the ledger of the year is whole' 0 'each as it was written down' "$holdfast" audit verify --db year/shop.holdfast
"$holdfast" rehearse --customers 600 --periods 1 --world none --seed 3 --out again --quiet --json >none.json
"$holdfast" rehearse --customers 600 --periods 1 --world none --seed 3 --out again --quiet --json >same.json
check 'the same seed lives the same year' 0 same sh -c 'cmp none.json same.json && echo same'
check 'no such world' 2 '--world is standard, faint or none' "$holdfast" rehearse --world brave --out x
echo "rehearse: $passed passed, $failed failed"
[ $failed -eq 0 ]
