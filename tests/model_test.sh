#!/usr/bin/env bash
# model_test.sh - versions of models, their cards; drift and fairness of what a database holds.
set -u
cd "$(dirname "$0")/.." || exit 1
. tests/check.sh
holdfast=$PWD/$BUILD/holdfast
folder=$(mktemp -d "$BUILD/model.XXXXXX") || exit 1
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1
asks() { "$holdfast" "$@" --db s.holdfast --json >out.json; }

# Those of gender f leave, those of gender m stay.
node -e '
let x = 5; const lot = () => (x = (1103515245 * x + 12345) % 2 ** 31, (x >> 8) % 8388608 / 8388608);
console.log("customer,time,event,amount,gender");
for (let i = 0; i < 240; i++) {
    const end = i % 2 && lot() < .7 ? lot() * 400 : 400;
    for (let d = 0; d < end; d++)
        if (d === 0 || lot() < .04) console.log([`C${i}`, new Date(Date.UTC(2024, 0, 1) + (d + lot()) * 864e5).toISOString().slice(0, 19),
            "order", 20, i % 2 ? "f" : "m"].join());
}' >shop.csv
"$holdfast" import shop.csv --static gender --db s.holdfast --quiet >/dev/null || exit 1
train() { "$holdfast" train --db s.holdfast --search-seconds 1 --quiet "$@" >/dev/null; }
train --horizon 60d || exit 1
printf 'protected: [gender]\nmodels: {owner: Ann, review: 30d}\n' >holdfast.yaml
train --horizon 60d || exit 1

asks model list
holds 'each training is a version, and the last is in force' \
    'json.models.map((m) => [m.version, m.in_force].join()).join(" ") === "2,true 1,false"'
asks model card churn
holds 'a card says who owns the model, what it asks and what not, and how good it is by group' 'json.version === 2 &&
    json.owner === "Ann" && !json.overdue && json.limits.length >= 4 && json.metrics.auc.value > .5 && json.data.events > 1000 &&
    json.by_group[0].trait === "gender" && json.by_group[0].groups.every((g) => g.n > 50 && g.observed >= 0)'
cp out.json second.json
asks model card churn 1
holds 'a protected trait teaches nothing' \
    'json.data.features > JSON.parse(require("fs").readFileSync("second.json", "utf8")).data.features'
python3 -c 'import sqlite3; d = sqlite3.connect("s.holdfast"); d.execute("UPDATE model SET made_ms = made_ms - 31 * 86400000"); d.commit()'
asks model list
holds 'a review that is overdue is shown' 'json.models[0].overdue && !json.models[1].overdue'
asks model rollback churn
holds 'rolled back, the version before is in force' 'json.version === 1 && json.instead_of === 2'
check 'nothing was before the first' 4 'nothing was in force for churn before version 1' "$holdfast" model rollback churn --db s.holdfast
asks model promote churn 2
asks model list
holds 'promoted, another is' 'json.models[0].in_force && !json.models[1].in_force'
check 'a version that is not there' 3 'churn has no version 7' "$holdfast" model promote churn 7 --db s.holdfast
check 'a name that is near' 3 "did you mean 'churn'" "$holdfast" model card chrn --db s.holdfast

asks fairness --of churn --group gender
holds 'scores chosen more often for those who leave more often' '((f, m) => f.selection_rate.value > m.selection_rate.value + .1 &&
    f.n === m.n && !json.four_fifths.holds && json.note.includes("from"))(json.groups.find((g) => g.group === "f"), json.groups.find((g) => g.group === "m"))'
holds 'features that stand for the trait are named' 'json.proxies.length > 0 && json.proxies.every((p) => p.auc >= .7 && p.group && p.feature) &&
    json.warnings.some((w) => w.includes(json.proxies[0].feature))'
check 'a group that there is not' 2 "group gendr" "$holdfast" fairness --of churn --group gendr --db s.holdfast
check 'a plan that was never made' 3 'no plan was committed yet' "$holdfast" fairness --of plan --group gender --db s.holdfast

asks drift
holds 'drift without files compares features, scores and outcomes, and how well it ranks' 'json.question === "churn" &&
    json.columns.some((c) => c.kind === "score") && json.columns.some((c) => c.kind === "outcome") &&
    json.columns.some((c) => c.column === "order_tenure_days" && c.drifted) && json.accuracy.now.auc.value > .5 &&
    json.drifted === json.columns.filter((c) => c.drifted).length'
check 'what a kind of column has no measure of is a dash' 0 '^churn  *score .* -  *- *$' "$holdfast" drift --db s.holdfast
check 'one file is not two' 2 'drift compares two files' "$holdfast" drift shop.csv

# A table's rows are of no instant, and none of its customers did anything.
awk 'BEGIN { print "id,months,plan,churn"; for (i = 0; i < 300; i++) print "T" i "," i % 37 "," (i % 3 ? "a" : "b") "," (i * 7 % 37 < 12 ? "yes" : "no") }' >table.csv
"$holdfast" import table.csv --db t.holdfast --quiet >/dev/null && "$holdfast" train --db t.holdfast --search-seconds 1 --quiet >/dev/null || exit 1
"$holdfast" model card churn --db t.holdfast --json >out.json
holds 'the card of a table tells of no event and no day' 'json.who_is_asked === "all customers" && json.data.until === null &&
    !json.limits.some((l) => /null|1970/.test(l))'
"$holdfast" model list --db t.holdfast --json >out.json
holds 'nor does the list of models' 'json.models[0].trained_until === null'

# A challenger stands in the shadow until what came after both is known.
awk -F, 'NR == 1 || $2 < "2024-10-27"' shop.csv >early.csv
"$holdfast" import early.csv --static gender --db c.holdfast --quiet >/dev/null || exit 1
challenge() { "$holdfast" "$@" --db c.holdfast --search-seconds 1 --horizon 60d --quiet >/dev/null || exit 1; }
challenge train
rm holdfast.yaml
challenge train --challenger
"$holdfast" model compare churn 2 --db c.holdfast --json >out.json
holds 'a challenger is beside the one in force, and of people whom it learned from nothing is said' 'json.verdict === "wait" &&
    json.champion.version === 1 && !json.challenger.unseen && /learned from these people/.test(json.sentence)'
"$holdfast" import shop.csv --static gender --db c.holdfast --quiet >/dev/null || exit 1
"$holdfast" model compare churn 2 --db c.holdfast --json >out.json
holds 'once that is known, which of them is better of the same people' 'json.n > 50 && json.challenger.unseen && json.champion.unseen &&
    near(json.difference.value, json.challenger.auc.value - json.champion.auc.value, 1e-9) &&
    json.verdict === (json.difference.low > 0 ? "promote" : json.difference.value > 0 ? "wait" : "keep")'
check 'the one in force is compared with another' 4 'is the one in force' "$holdfast" model compare churn 1 --db c.holdfast
check 'compared with which?' 2 'usage: holdfast model compare NAME VERSION' "$holdfast" model compare churn --db c.holdfast

# Both act: each customer is scored by the version of their arm, and is exposed by that.
scores() {
    "$holdfast" score --db c.holdfast --quiet >/dev/null || exit 1
    python3 -c 'import json, sqlite3, sys
print(json.dumps({str(i): p for i, p in sqlite3.connect("c.holdfast").execute("SELECT identity, prediction FROM score WHERE question = \"churn\"") if p is not None}))' >"$1.json"
}
challenge train --challenger        # version 3 learned from what came since
scores first
"$holdfast" model promote churn 3 --db c.holdfast --quiet >/dev/null && scores second
"$holdfast" model promote churn 1 --db c.holdfast --quiet >/dev/null
versions() { printf 'experiments:\n  - {name: versions, model: churn, arms: {%s}, control: 1%s, metrics: [{name: orders, event: order, kind: count, window: 28d}]}\n' "$1" "$2" >versions.yaml; }
versions '1: .5, 9: .5' ''
check 'an arm that is no version' 3 "model 'churn' has no version 9" "$holdfast" experiment start versions.yaml --db c.holdfast
versions '1: .5, new: .5' ''
check 'arms of a model are versions' 2 "arm 'new': .*its versions" "$holdfast" experiment start versions.yaml --db c.holdfast
versions '1: .5, 3: .5' ', who: "x > 1"'
check 'everybody whom the model asks takes part' 2 'leave who out' "$holdfast" experiment start versions.yaml --db c.holdfast
versions '1: .5, 3: .5' ''
check 'versions of a model act beside each other' 0 'versions is in force' "$holdfast" experiment start versions.yaml --db c.holdfast
sed s/versions/others/ versions.yaml >others.yaml
check 'a customer is scored by one version' 4 "'versions' on model 'churn' runs already" "$holdfast" experiment start others.yaml --db c.holdfast
scores both
python3 -c 'import json, sqlite3
print(json.dumps(dict(sqlite3.connect("c.holdfast").execute("SELECT identity, arm FROM exposure WHERE experiment = \"versions\" AND how = \"score\""))))' >out.json
holds 'each customer is scored by the version of their arm, and is exposed by that' '((first, second, both) =>
    Object.keys(json).length > 50 && ["1", "3"].every((arm) => Object.values(json).filter((a) => a === arm).length > 15) &&
    Object.keys(json).every((c) => both[c] === (json[c] === "3" ? second : first)[c]) && Object.keys(json).some((c) => first[c] !== second[c]))(
    ...["first", "second", "both"].map((f) => JSON.parse(readFileSync(f + ".json", "utf8"))))'
check 'what is not shown to be better is not promoted' 4 'does not show that version 3 is better' "$holdfast" model promote churn 3 --db c.holdfast
"$holdfast" experiment stop versions --db c.holdfast --quiet >/dev/null
scores stopped
check 'once it is stopped all are scored by the one in force' 0 same sh -c 'cmp first.json stopped.json && echo same'
check 'and a person may decide' 0 'version 3 is in force instead of 1' "$holdfast" model promote churn 3 --db c.holdfast

echo "models: $passed passed, $failed failed"
[ $failed -eq 0 ]
