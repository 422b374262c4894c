#!/usr/bin/env bash
# uplift_test.sh - holdfast uplift on files: real ones against figures computed elsewhere, made ones for what it must
# refuse.
set -u
cd "$(dirname "$0")/.." || exit 1
. tests/check.sh
holdfast=$PWD/$BUILD/holdfast data=$PWD/../shared/data
folder=$(mktemp -d "$BUILD/uplift.XXXXXX") || exit 1
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1

hill=$data/hillstrom/hillstrom.csv
if [ -e "$hill" ]; then
    "$holdfast" uplift "$hill" --treatment segment --control 'No E-Mail' --outcome visit --treated 'Womens E-Mail' \
        --learners t --people people.csv --json >out.json
    holds 'hillstrom womens: each has an effect, a group and reasons' 'json.reasons.explained > .5 && json.reasons.persuadable.length === 3 &&
        ((rows) => rows.length === json.n && ["persuadable", "sure", "lost", "sleeping_dog"].every((g) =>
        rows.filter((r) => r.includes(`,${g},`)).length === json.groups[g]) && rows.every((r) => /(is|=).*\([+-]/.test(r)))(
        readFileSync("people.csv", "utf8").trim().split("\n").slice(1))'
    holds 'hillstrom womens: people'      'json.n === 42693 && json.n_treated === 21387'
    holds 'hillstrom womens: the average' 'near(json.ate.value, .15140038 - .10616728, 1e-7)'
    holds 'hillstrom womens: what came after is dropped and named' \
        'json.dropped.map((d) => d.column).sort().join() === "conversion,spend"'
    holds 'hillstrom womens: a model'     'json.verdict.word === "model" && json.metrics.qini_auc_score.low > 0'
    holds 'hillstrom womens: about .06'   'near(json.metrics.qini_auc_score.value, .06, .012)'
    holds 'hillstrom womens: everybody is in one group' \
        'Object.values(json.groups).reduce((a, b) => a + b) === json.n'
    holds 'hillstrom womens: fifths hold' 'json.calibration.length === 5 &&
        json.calibration[0].observed.value > json.calibration[4].observed.value + .03'
    "$holdfast" uplift "$hill" --treatment segment --control 'No E-Mail' --outcome visit --treated 'Mens E-Mail' \
        --learners t --json >out.json
    holds 'hillstrom mens: everyone'      'json.verdict.word === "everyone" && json.chosen === null'
    holds 'hillstrom mens: no learner is better' 'json.learners.every((l) => l.chosen === null)'
    "$holdfast" uplift "$hill" --treatment segment --control 'No E-Mail' --outcome visit --treated 'Mens E-Mail' \
        --score history --json >out.json
    holds 'a score: Qini'                 'near(json.metrics.qini_auc_score.value, .0184334013)'
    holds 'a score: uplift'               'near(json.metrics.uplift_auc_score.value, .0095784238)'
    holds 'a score: its best'             'near(json.metrics.uplift_at["0.3"].value, .0894789833)'
    # The halves of scikit-learn's train_test_split(test_size=.5, random_state=42): numpy's RandomState(42), a
    # Mersenne twister, permutes the rows, and the first half of them is the one to judge by.
    cat >halves.js <<'E2'
const fs = require("fs"), [head, ...all] = fs.readFileSync(process.argv[2], "utf8").trim().split("\n");
const rows = all.filter((row) => !row.includes("Mens E-Mail") || row.includes("Womens E-Mail"));
const state = [42];
for (let i = 1; i < 624; i++) {
    const last = state[i - 1] ^ (state[i - 1] >>> 30);
    state[i] = (Math.imul(1812433253, last) + i) >>> 0;
}
let at = 624;
const next = () => {
    if (at === 624) {
        for (let i = 0; i < 624; i++) {
            const y = (state[i] & 0x80000000) | (state[(i + 1) % 624] & 0x7fffffff);
            state[i] = (state[(i + 397) % 624] ^ (y >>> 1) ^ (y & 1 ? 0x9908b0df : 0)) >>> 0;
        }
        at = 0;
    }
    let y = state[at++];
    y ^= y >>> 11, y ^= (y << 7) & 0x9d2c5680, y ^= (y << 15) & 0xefc60000;
    return (y ^ (y >>> 18)) >>> 0;
};
for (let i = rows.length - 1; i > 0; i--) {
    const mask = 2 ** (32 - Math.clz32(i)) - 1;
    let j = next() & mask;
    while (j > i) j = next() & mask;
    [rows[i], rows[j]] = [rows[j], rows[i]];
}
const half = Math.ceil(rows.length / 2);
fs.writeFileSync("unseen.csv", [head, ...rows.slice(0, half)].join("\n") + "\n");
fs.writeFileSync("seen.csv", [head, ...rows.slice(half)].join("\n") + "\n");
E2
    node halves.js "$hill"
    "$holdfast" uplift seen.csv --treatment segment --control 'No E-Mail' --outcome visit --test unseen.csv --json >out.json
    holds 'hillstrom, the half unseen: the best 30 % of the chosen learner gain .0661 or more' \
        'json.n === 21347 && json.chosen !== null && json.metrics.uplift_at["0.3"].value >= .0661'
else
    echo "skipped: the public data sets are not beside the project"
fi
ihdp=$data/small/ihdp_npci_3.csv
if [ -e "$ihdp" ]; then
    { echo "t,y,ycf,mu0,mu1,$(seq -s, -f 'x%g' 1 25)"; cat "$ihdp"; } >ihdp.csv
    "$holdfast" uplift ihdp.csv --treatment t --outcome y --ignore ycf,mu0,mu1 --learners t --propensity estimate \
        --json >out.json
    holds "IHDP: the T-learner's average" 'near(json.learners[0].ate, 4.10, .1) && json.design === "observational"'
fi

# made ones: group,x,y and what a lot would not do
node -e '
    const fs = require("fs");
    let x = 7;
    const lot = () => (x = (1103515245 * x + 12345) % 2 ** 31, (x >> 8) % 1000 / 1000);
    const rows = (n, row) => Array.from({ length: n }, row).join("\n") + "\n";
    fs.writeFileSync("alone.csv", "w,y,a\n" + rows(200, () => `0,${lot() < .5 ? 1 : 0},${lot()}`));
    fs.writeFileSync("few.csv", "w,y,a\n" + rows(60, (_, i) => `${i < 30 ? 1 : 0},${lot() < .5 ? 1 : 0},${lot()}`));
    fs.writeFileSync("chosen.csv", "w,y,a,b,c\n" + rows(2000, () => {
        const a = lot(), b = lot(), w = lot() < a * b + .1 ? 1 : 0;
        return `${w},${lot() < a ? 1 : 0},${a},${b},${lot()}`;
    }));
    fs.writeFileSync("harm.csv", "w,y,a\n" + rows(4000, () => {
        const w = lot() < .5 ? 1 : 0;
        return `${w},${lot() < (w ? .3 : .5) ? 1 : 0},${lot()}`;
    }));
    fs.writeFileSync("cross.csv", "w,y,a,p\n" + rows(6000, (_, i) => {
        const w = lot() < .5 ? 1 : 0, a = lot();
        return `${w},${lot() < (w ? (a > .5 ? .8 : .2) : .5) ? 1 : 0},${a},${i === 40 ? 1 : .5}`;
    }));'
check 'without anybody treated nothing is said' 4 'everybody was left alone' \
    "$holdfast" uplift alone.csv --treatment w --outcome y
"$holdfast" uplift few.csv --treatment w --outcome y --json >out.json
holds 'too few are refused with how many are needed, and no figure is made up' 'json.ate.value === null && json.metrics.qini_auc_score.value === null && json.verdict.word === "refused" && /at least 50/.test(json.verdict.sentence)'
"$holdfast" uplift chosen.csv --treatment w --outcome y --json --learners t >out.json
holds 'what was never randomised is refused and says what else' \
    'json.verdict.word === "refused" && /--propensity estimate/.test(json.verdict.sentence)'
awk 'BEGIN { OFS = ","; srand(4); print "w,y,a,b,c,d,e"
    for (i = 0; i < 3000; i++) { a = rand(); print (rand() < .2 + .6 * a), (rand() < a), a, rand(), rand(), rand(), rand() } }' >picked.csv
"$holdfast" uplift picked.csv --treatment w --outcome y --json --learners t >out.json
holds 'what is left out as moved by the treatment may have chosen who was treated, which is said' \
    'json.dropped.some((d) => d.column === "a") && /If it was known before.*--propensity estimate/.test(json.verdict.sentence)'
"$holdfast" uplift harm.csv --treatment w --outcome y --json --learners t,r >out.json
holds 'what harms is done to no one' '!/--propensity/.test(json.verdict.sentence) && json.verdict.word === "no_one" && /loses/.test(json.verdict.sentence)'
"$holdfast" uplift cross.csv --treatment w --outcome y --json --ignore p >out.json
holds 'an effect that turns is found by every learner' \
    'json.verdict.word === "model" && json.learners.every((l) => l.qini_auc_score.low > .1)'
holds 'and half are sleeping dogs' 'near(json.groups.sleeping_dog / json.n, .5, .1)'
"$holdfast" uplift cross.csv --treatment w --outcome y --score a --people people.csv --json >out.json
holds 'by a score of its own each has an effect and a group, and no reasons' 'json.reasons === null && ((rows) => rows.length === json.n &&
    rows.every((r) => /^\d+,1,[-.\de]+,(persuadable|sure|lost|sleeping_dog),,,$/.test(r)))(
    readFileSync("people.csv", "utf8").trim().split("\n").slice(1))'
sed '1s/w/mail/; 2,$s/^0,/None,/; 2,$s/^1,/Letter,/; 9s/^[^,]*//' cross.csv >named.csv
"$holdfast" uplift named.csv --treatment mail --outcome y --score a --json >out.json
holds 'whoever got None was left alone, and whose cell is empty is left out' 'json.n === 5999 && json.n_treated > 2800 && json.n_treated < 3200'
check 'a propensity of 1 is named by its line' 2 'line 42, column p: the propensity is 1' \
    "$holdfast" uplift cross.csv --treatment w --outcome y --propensity p
check 'a propensity of 0 is refused' 2 'between 0 and 1' "$holdfast" uplift cross.csv --treatment w --outcome y --propensity 0
check 'a negative cost is refused' 2 '--cost' "$holdfast" uplift cross.csv --treatment w --outcome y --cost -1
check 'a learner that is none' 2 "no learner 'q'" "$holdfast" uplift cross.csv --treatment w --outcome y --learners q
check 'no learner at all' 2 "no learner ''" "$holdfast" uplift cross.csv --treatment w --outcome y --learners ''
check 'a column that is none, with one alike' 2 "did you mean 'y'" "$holdfast" uplift cross.csv --treatment w --outcome yy
awk 'BEGIN { srand(3); print "treated,x,stays"; for (i = 0; i < 4000; i++) { t = i % 2; x = rand();
    print t "," x "," (rand() < .8 - (t ? .3 * x : 0)) } }' >harms.csv
check 'a model that knows whom it harms least is no reason to treat anybody' 0 'ranks better than lot.*Treat no one: on average' \
    "$holdfast" uplift harms.csv --treatment treated --control 0 --outcome stays --learners s,t
echo "uplift: $passed passed, $failed failed"
[ $failed -eq 0 ]
