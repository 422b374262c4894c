#!/usr/bin/env bash
# policy_test.sh - holdfast policy evaluate and policy learn on files, against figures computed elsewhere.
set -u
cd "$(dirname "$0")/.." || exit 1
. tests/check.sh
holdfast=$PWD/$BUILD/holdfast data=$PWD/../shared/data
folder=$(mktemp -d "$BUILD/policy.XXXXXX") || exit 1
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1

# ---- evaluate ----
bandit=$data/open_bandit columns='--action item_id --reward click --propensity propensity_score'
if [ -e "$bandit/bts/men.csv" ]; then
    node -e '
        const fs = require("fs"), lines = fs.readFileSync(process.argv[1], "utf8").trim().split("\n");
        const names = lines[0].split(","), item = names.indexOf("item_id"), position = names.indexOf("position");
        const counts = {}, totals = {};
        for (const line of lines.slice(1)) {
            const f = line.split(","), at = f[position];
            (counts[at] ??= {})[f[item]] = (counts[at][f[item]] || 0) + 1;
            totals[at] = (totals[at] || 0) + 1;
        }
        let out = "action,probability,position\n";
        for (const at in counts) for (const a in counts[at]) out += `${a},${counts[at][a] / totals[at]},${at}\n`;
        fs.writeFileSync("shares.csv", out);' "$bandit/bts/men.csv"
    "$holdfast" policy evaluate "$bandit/random/men.csv" $columns --policy shares.csv --json >out.json
    holds 'open bandit: IPS'        'near(json.estimators.ips.value, .0056562667, 1e-9)'
    holds 'open bandit: its error'  'near(json.estimators.ips.se, .0013975995, 1e-9)'
    holds 'open bandit: SNIPS'      'near(json.estimators.snips.value, .0057398647, 1e-9)'
    holds 'open bandit: its error, by its own linearisation' 'near(json.estimators.snips.se, .0014152380, 1e-9)'
    holds 'open bandit: weights'    'near(json.weights.mean, .98543555) && near(json.weights.max, 7.484277, 1e-6) &&
                                     near(json.weights.ess, 2869.2753, 1e-4) && json.verdict === "ok"'
    holds 'open bandit: all six'    'Object.values(json.estimators).every((e) => e && e.low < e.value && e.value < e.high)'
    "$holdfast" policy evaluate "$bandit/bts/men.csv" $columns --policy uniform --json >out.json
    holds 'uniform by the log of BTS is thin' 'json.verdict === "thin" && json.weights.ess < 1000 && near(json.logged, .0069)'
else
    echo "skipped: the public data sets are not beside the project"
fi
printf 'a,r,p,own\nA,1,.5,.8\nA,0,.5,.8\nB,1,.25,.1\nB,0,.25,.1\nC,0,.25,.1\nA,1,.5,.8\n' >toy.csv
printf 'action,probability\nA,.8\nB,.1\nC,.1\n' >toy_policy.csv
toy='toy.csv --action a --reward r --propensity p'
"$holdfast" policy evaluate $toy --policy toy_policy.csv --json >out.json
holds 'toy: IPS and SNIPS'  'near(json.estimators.ips.value, .6) && near(json.estimators.snips.value, .6)'
holds 'toy: DM and DR'      'near(json.estimators.dm.value, .583333333) && near(json.estimators.dr.value, .583333333)'
holds 'toy: six rows are refused' 'near(json.weights.ess, 4.411765, 1e-6) && json.verdict === "refused"'
"$holdfast" policy evaluate $toy --policy own --json >out.json
holds 'chances of the own action give three estimators' 'near(json.estimators.ips.value, .6) &&
    json.estimators.dm === null && json.estimators.dr === null && json.estimators.switch_dr === null'
"$holdfast" policy evaluate $toy --policy toy_policy.csv --clip .5 --json >out.json
holds 'weights are clipped' 'near(json.estimators.clipped_ips.value, (.5 + .4 + .5) / 6)'
"$holdfast" policy evaluate $toy --policy toy_policy.csv --switch 1 --json >out.json
holds 'above the switch the model is believed' \
    'near(json.estimators.switch_dr.value, .583333333 + (.4 * .5 - .4 * .5) / 6)'

for p in 0 1 '' 1.2 -.1; do
    printf 'a,r,p\nA,1,.5\nB,0,%s\n' "$p" >bad.csv
    check "a propensity of '$p' is refused with its line" 2 'line 3, column p: the propensity' \
        "$holdfast" policy evaluate bad.csv --action a --reward r --propensity p --policy uniform
done
printf 'a,r,p\nA,1,.5\nA,0,.5\n' >one.csv
check 'one arm alone tells nothing' 4 "only 'A' was ever done" \
    "$holdfast" policy evaluate one.csv --action a --reward r --propensity p --policy uniform
printf 'action,probability\nA,.8\nB,.1\n' >short.csv
check 'a policy that does not add up' 2 'add up to 0.9' "$holdfast" policy evaluate $toy --policy short.csv
printf 'action,probability,r\nA,.8,1\nB,.2,1\n' >part.csv
check 'a policy that is silent on a context' 2 'says nothing for toy.csv: line 3' "$holdfast" policy evaluate $toy --policy part.csv
check 'a policy that is nothing' 2 'uniform, a column, or a file' "$holdfast" policy evaluate $toy --policy nobody.csv

# ---- learn ----
node -e '
    const map = "SFFFFHFHFFFHHFFG", rows = ["s,a,r,n,d"];
    for (let s = 0; s < 16; s++) {
        if ("HG".includes(map[s])) continue;
        for (let a = 0; a < 4; a++) for (const slip of [3, 0, 1]) {
            const way = (a + slip) % 4, x = s % 4, y = s >> 2;
            const to = Math.min(3, Math.max(0, y + [0, 1, 0, -1][way])) * 4 + Math.min(3, Math.max(0, x + [-1, 0, 1, 0][way]));
            rows.push(["s" + s, a, map[to] === "G" ? 1 : 0, "s" + to, "HG".includes(map[to]) ? 1 : 0]);
        }
    }
    require("fs").writeFileSync("lake.csv", rows.join("\n") + "\n");
    const grid = ["s,a,r,n,d"];
    for (let s = 0; s < 25; s++) for (let a = 0; a < 4; a++) {
        const x = s % 5 + [0, 0, 1, -1][a], y = Math.floor(s / 5) + [-1, 1, 0, 0][a], is_off = x < 0 || x > 4 || y < 0 || y > 4;
        grid.push(s === 1 ? [s, a, 10, 21, 0] : s === 3 ? [s, a, 5, 13, 0] : is_off ? [s, a, -1, s, 0] : [s, a, 0, y * 5 + x, 0]);
    }
    require("fs").writeFileSync("grid.csv", grid.join("\n") + "\n");
    let seed = 3;
    const lot = () => (seed = (1103515245 * seed + 12345) % 2 ** 31, (seed >> 8) % 1000 / 1000), walk = ["e,s,a,r,n,d,p"];
    for (let e = 0; e < 2000; e++) for (let t = 0; t < 3; t++) {
        const a = lot() < .5 ? "ask" : "wait", good = a === (t === 1 ? "ask" : "wait");
        walk.push([e, "day" + t, a, good && lot() < .8 ? 1 : 0, t < 2 ? "day" + (t + 1) : "", t < 2 ? 0 : 1, .5]);
    }
    require("fs").writeFileSync("walk.csv", walk.join("\n") + "\n");'
learn='--state s --action a --reward r --next n --done d'
for pair in .99:.5420259320 1:.8235294118 .9:.0688909049; do
    "$holdfast" policy learn lake.csv $learn --gamma ${pair%:*} --model table --json >out.json
    holds "frozen lake, gamma ${pair%:*}" "near(json.value.s0, ${pair#*:}, 1e-6)"
done
"$holdfast" policy learn grid.csv $learn --gamma .9 --json >out.json
holds 'Sutton and Barto: the best values' '[22.0, 24.4, 22.0, 19.4, 17.5].every((v, i) => near(json.value[i], v, .051)) &&
    [14.4, 16.0, 14.4, 13.0, 11.7].every((v, i) => near(json.value[20 + i], v, .051))'
"$holdfast" policy learn walk.csv $learn --gamma 1 --episode e --propensity p --json >out.json
holds 'the right step of each day is found' 'json.policy.map((p) => p.action).join() === "wait,ask,wait"'
holds 'and judged on episodes it did not learn from' 'json.evaluated.low < 2.4 && json.evaluated.high > 2.4 &&
    near(json.evaluated.logged, 1.2, .1) && json.evaluated.episodes === 2000'
printf 's,a,r,n,d\nx,go,1,x,0\n' >endless.csv
check 'what never ends does not settle at gamma 1' 4 'do not settle' "$holdfast" policy learn endless.csv $learn --gamma 1
printf 's,a,r,n,d\nx,go,1,,0\n' >cut.csv
check 'no next state where nothing ended' 2 'line 2: --next is missing' "$holdfast" policy learn cut.csv $learn
echo "policy: $passed passed, $failed failed"
[ $failed -eq 0 ]
