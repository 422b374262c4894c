#!/usr/bin/env bash
# watch_test.sh - holdfast bandit, fairness and drift on files, against figures computed elsewhere.
set -u
cd "$(dirname "$0")/.." || exit 1
. tests/check.sh
holdfast=$PWD/$BUILD/holdfast data=$PWD/../shared/data
folder=$(mktemp -d "$BUILD/watch.XXXXXX") || exit 1
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1

# ---- bandit ----
node -e '
    const rows = ["arm,reward"];
    [["a", 20], ["b", 28], ["c", 25]].forEach(([arm, yes]) => {
        for (let i = 0; i < 1000; i++) rows.push(`${arm},${i < yes ? 1 : 0}`);
    });
    require("fs").writeFileSync("clicks.csv", rows.join("\n") + "\n");'
"$holdfast" bandit clicks.csv --arm arm --reward reward --json >out.json
holds 'three subject lines: the chance to be best' 'json.arms.map((a) => a.chance_best).every((p, i) =>
    near(p, [.06811795, .61887871, .31300334][i], 5e-9)) && json.arms[0].alpha === 21 && json.arms[0].beta === 981'
"$holdfast" bandit clicks.csv --arm arm --reward reward --floor .1 --json >out.json
holds 'no arm falls below the floor' 'near(json.arms[0].propensity, .1) &&
    near(json.arms.reduce((sum, a) => sum + a.propensity, 0), 1)'
printf 'arm,reward\na,1\na,0\n' >alone.csv
check 'one arm alone is no choice, which is said' 0 'only one arm, a, was ever tried' "$holdfast" bandit alone.csv --arm arm --reward reward
printf 'arm,reward\na,1\na,0\nb,1\nb,0\n' >alike.csv
check 'arms that are equal are said to be' 0 'a and b are equally good' "$holdfast" bandit alike.csv --arm arm --reward reward
check 'a floor above all' 2 '--floor 0.5 for each of 3 arms' "$holdfast" bandit clicks.csv --arm arm --reward reward --floor .5
printf 'arm,x0,x1,reward\nA,1,.5,1\nA,1,-.5,0\nB,1,1,0\nB,1,.2,1\nA,1,2,1\nB,1,-1,1\n' >context.csv
"$holdfast" bandit context.csv --arm arm --reward reward --policy linucb --context x0,x1 --alpha 1 --ask x0=1,x1=.25 --json >out.json
holds 'LinUCB: theta and upper' 'near(json.arms[0].theta[0], 1 / 3) && near(json.arms[0].theta[1], 1 / 3) &&
    near(json.arms[0].upper, .9303678336, 1e-9) && near(json.arms[1].theta[0], .514851, 1e-6) &&
    near(json.arms[1].theta[1], -.297030, 1e-6) && near(json.arms[1].upper, .9536255595, 1e-9) && json.best === "B"'
"$holdfast" bandit context.csv --arm arm --reward reward --context x0,x1 --ask x0=1,x1=.25 --floor .5 --json >out.json
holds 'with a context too a floor lifts how often an arm is taken, not its chance to be best' '((most) => most > .5 &&
    json.arms.find((a) => a.chance_best === most).arm === json.best && json.arms.every((a) => near(a.propensity, .5)) &&
    !json.warnings.some((w) => /equally good/.test(w)))(Math.max(...json.arms.map((a) => a.chance_best)))'
check 'who is asked about has every column' 2 'also for x1' "$holdfast" bandit context.csv --arm arm --reward reward \
    --policy linucb --context x0,x1 --ask x0=1
printf 'arm,reward\na,10.5\na,11\nb,3\nb,4.5\nb,\n' >amounts.csv
"$holdfast" bandit amounts.csv --arm arm --reward reward --json >out.json
holds 'amounts are normal, and what has not come yet waits' 'json.arms[0].chance_best > .95 && json.waiting === 1'
printf 'arm,reward\na,1\na,1\na,1\na,0\na,0\na,0\n' | tee turned.csv >/dev/null
"$holdfast" bandit turned.csv --arm arm --reward reward --half-life 1 --json >out.json
holds 'what is long ago counts less' 'json.arms[0].mean < .2 && json.arms[0].chance_best === 1'

# ---- fairness ----
node -e '
    const y = "011110101000111111".split(""), p = "001011100111100110".split(""), g = "bbabbcccaacabccbcc".split("");
    require("fs").writeFileSync("eighteen.csv", "y,p,g\n" + y.map((v, i) => `${v},${p[i]},${g[i]}`).join("\n") + "\n");
    const feature = [0, 0, 1, 1, 1, 1, 2, 2, 2, 2], label = [1, 0, 0, 1, 0, 0, 1, 0, 1, 1], said = [1, 0, 0, 0, 1, 1, 1, 0, 1, 0];
    require("fs").writeFileSync("ten.csv", "x,y,p,q\n" + label.map((v, i) =>
        [feature[i], v, said[i], [0, 1, 1, 0, 0, 0, 0, 1, 1, 1][i]].join()).join("\n") + "\n");'
"$holdfast" fairness eighteen.csv --label y --prediction p --group g --json >out.json
holds "fairlearn's eighteen rows" 'near(json.demographic_parity.difference, .25) && near(json.demographic_parity.ratio, 2 / 3) &&
    json.equalized_odds.difference === 1 && json.equalized_odds.ratio === 0 && json.warnings.length === 3'
"$holdfast" fairness ten.csv --label y --prediction p --group x --json >out.json
holds "AIF360's ten rows: generalised entropy and Theil" 'near(json.entropy.index, .2) && near(json.entropy.theil, 4 * Math.LN2 / 10)'
holds 'and between groups' 'near(json.entropy.between, [[1, 2], [1.25, 4], [.75, 4]].reduce((s, [b, n]) => s + (b * b - 1) / 2 * n / 10, 0))'
"$holdfast" fairness ten.csv --label y --prediction q --group x --json >out.json
holds 'other predictions' 'near(json.entropy.index, .3)'
bank=$data/bank_marketing/bank-full.csv
said="poutcome = 'success' or (contact = 'cellular' and balance > 1500)"
if [ -e "$bank" ]; then
    "$holdfast" fairness "$bank" --label y --prediction "$said" --group marital --json >out.json
    holds 'bank by marital: who is selected' '["divorced", "married", "single"].every((name, i) => near(
        json.groups.find((g) => g.group === name).selection_rate.value, [.158440561, .183214522, .189679437][i], 1e-9))'
    holds 'bank by marital: gaps' 'near(json.demographic_parity.difference, .031238876, 1e-9) &&
        near(json.demographic_parity.ratio, .835306996, 1e-9) && near(json.equal_opportunity.difference, .069376929, 1e-9) &&
        near(json.equalized_odds.difference, .069376929, 1e-9) && near(json.equalized_odds.ratio, .836638085, 1e-9) &&
        json.four_fifths.holds === true'
    "$holdfast" fairness "$bank" --label y --prediction "$said" --group 'age >= 60' --json >out.json
    holds 'bank by age: four fifths fail' 'near(json.demographic_parity.ratio, .504693007, 1e-9) && json.four_fifths.holds === false &&
        near(json.demographic_parity.difference, .172135838, 1e-9) && near(json.demographic_parity.low, .149751474, 1e-8) &&
        near(json.demographic_parity.high, .194520203, 1e-8) && near(json.equalized_odds.difference, .127767902, 1e-9) &&
        near(json.equalized_odds.ratio, .538789038, 1e-9)'
    "$holdfast" fairness "$bank" --label y --prediction "$said" --group 'marital,housing' --json >out.json
    holds 'two traits are crossed' 'json.groups.length === 6 && json.groups.reduce((n, g) => n + g.n, 0) === 45211'
fi
printf 'y,p,g\n1,.9,a\n0,.2,a\n1,.4,a\n' >alone.csv
check 'one group has nothing to be compared with' 4 'only one group, a' "$holdfast" fairness alone.csv --label y --prediction p --group g
node -e 'const rows = ["y,p,g"];
    for (let i = 0; i < 900; i++) rows.push(`${i % 3 ? 0 : 1},${i < 897 && i % 2 ? .3 : i < 897 ? .34 : .9},${i < 897 ? "ab"[i % 2] : "c"}`);
    require("fs").writeFileSync("three.csv", rows.join("\n") + "\n");'
check 'a group of three people is warned of' 0 'group c has 3 people' "$holdfast" fairness three.csv --label y --prediction p --group g
check 'a label that is neither yes nor no' 2 'which of its values means yes' "$holdfast" fairness "${bank:-x}" --label marital \
    --prediction p --group g --where "marital <> 'divorced'"

# ---- drift ----
awk 'BEGIN { print "a,b"; for (i = 0; i < 1000; i++) print (i % 20 ? i % 7 : "") "," i % 9 }' >full.csv
awk 'BEGIN { print "a,b"; for (i = 0; i < 1000; i++) print (i % 20 > 5 ? i % 7 : "") "," i % 9 }' >gaps.csv
check 'that cells are empty more often than they were is said' 0 '^a .*drifted: 30.0 % are missing, where 5.0 % were$' \
    "$holdfast" drift full.csv gaps.csv
if [ -e "$bank" ]; then
    head -22606 "$bank" >first.csv
    { head -1 "$bank"; tail -22606 "$bank"; } >last.csv
    "$holdfast" drift first.csv last.csv --json >out.json
    holds 'bank: numbers' '[["age", .040504344, .073280776], ["balance", .070306857, .108179445], ["duration", .006736813, .023825470]]
        .every(([name, psi, ks]) => { const c = json.columns.find((c) => c.column === name);
            return near(c.psi, psi, 1e-9) && near(c.ks, ks, 1e-9); })'
    holds 'bank: texts' '[["job", .100431558], ["contact", 2.431633], ["month", 4.925026]].every(([name, psi]) =>
        near(json.columns.find((c) => c.column === name).psi, psi, 1e-6))'
    holds 'bank: job' '((c) => near(c.hellinger, .110600669, 1e-9) && near(c.chi2, 1036.4158, 1e-4))(json.columns.find((c) =>
        c.column === "job"))'
    holds 'a p of a millionth is no drift' '((c) => c.p < 1e-5 && !c.drifted)(json.columns.find((c) => c.column === "duration")) &&
        json.columns.find((c) => c.column === "month").drifted'
fi
node -e '
    const write = (name, counts) => require("fs").writeFileSync(name, "k\n" + counts.map((n, i) => ("v" + i + "\n").repeat(n)).join(""));
    write("k1.csv", [16, 18, 16, 14, 12, 12]); write("k2.csv", [16, 16, 16, 16, 16, 8]);
    require("fs").writeFileSync("x1.csv", "x\n38.7\n41.5\n43.8\n44.5\n45.5\n46.0\n47.7\n58.0\n");
    require("fs").writeFileSync("x2.csv", "x\n39.2\n39.3\n39.7\n41.4\n41.8\n42.9\n43.3\n45.8\n");'
"$holdfast" drift k1.csv k2.csv --json >out.json
holds "evidently's counts" '((c) => near(c.chi2_fit, 3.1746, 1e-4) && near(c.p_fit, .67309, 1e-5) && near(c.hellinger, .06812, 1e-5) &&
    near(c.psi, .0372184, 1e-7) && !c.drifted)(json.columns[0]) && json.drifted === 0'
"$holdfast" drift x1.csv x2.csv --json >out.json
holds 'Kolmogorov and Smirnov, exact' 'json.columns[0].ks === .625 && near(json.columns[0].p, .0870241, 1e-7)'
check 'nothing in common' 4 'no column in common' "$holdfast" drift k1.csv x2.csv
echo "watch: $passed passed, $failed failed"
[ $failed -eq 0 ]
