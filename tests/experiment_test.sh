#!/usr/bin/env bash
# experiment_test.sh - holdfast experiment on files: real ones against figures computed elsewhere, made ones for
# what it must refuse.
set -u
cd "$(dirname "$0")/.." || exit 1
. tests/check.sh
holdfast=$PWD/$BUILD/holdfast data=$PWD/../shared/data
folder=$(mktemp -d "$BUILD/experiment.XXXXXX") || exit 1
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1

# near NAME EXPRESSION WANT: a number in out.json, to the digits that were published.
near() {
    node -e '
        const json = JSON.parse(require("fs").readFileSync("out.json", "utf8"));
        const result = (metric, arm) => json.results.find((r) => r.metric === metric && (!arm || r.arm === arm));
        const got = eval(process.argv[1]), want = Number(process.argv[2]);
        if (!(Math.abs(got - want) <= 1e-8 * Math.max(Math.abs(want), Math.abs(got)) + 5e-12)) {
            console.log("got", got, "want", want); process.exit(1);
        }' "$2" "$3" && passed=$((passed + 1)) || { echo "FAILED: $1"; failed=$((failed + 1)); }
}

if [ -e "$data/cookie_cats/cookie_cats.csv" ]; then
    "$holdfast" experiment analyse "$data/cookie_cats/cookie_cats.csv" --arm version --control gate_30 \
        --metrics retention_7,retention_1,sum_game_rounds --json >out.json
    near 'cookie cats: control'    'result("retention_7").control_mean' .190201342
    near 'cookie cats: difference' 'result("retention_7").absolute.value' -.00820129832
    near 'cookie cats: its error'  'result("retention_7").absolute.se' .00259201401
    near 'cookie cats: low'        'result("retention_7").absolute.low' -.0132816207
    near 'cookie cats: high'       'result("retention_7").absolute.high' -.00312097595
    near 'cookie cats: of the arm' 'result("retention_7").mean' .182000044
    near 'cookie cats: relative, value' 'result("retention_7").relative_delta.value' -.0431190349
    near 'cookie cats: relative, high'  'result("retention_7").relative_delta.high' -.0169931417
    near 'cookie cats: day 1, low'  'result("retention_1").absolute.low' -.0123925265
    near 'cookie cats: day 1, high' 'result("retention_1").absolute.high' .00058218697
    near 'cookie cats: p'          'result("retention_7").p' .00155634253
    near 'cookie cats: relative'   'result("retention_7").relative_delta.low' -.0692449281
    near 'cookie cats: always'     'result("retention_7").always_valid.low' -.0168132247
    near 'cookie cats: always, high' 'result("retention_7").always_valid.high' .000410628023
    near 'cookie cats: day 1'        'result("retention_1").absolute.value' -.00590516979
    near 'cookie cats: day 1, p'     'result("retention_1").p' .0744112227
    near 'cookie cats: raw rounds'   'result("sum_game_rounds").absolute.value' -1.15748845
    near 'cookie cats: chi squared'  'json.health.srm.chi2' 6.90240495
    near 'cookie cats: rounds'     'result("sum_game_rounds").p' .375924384
    near 'cookie cats: sizes'      'json.health.srm.p' .00860798788
    "$holdfast" experiment analyse "$data/cookie_cats/cookie_cats.csv" --arm version --control gate_30 \
        --metrics sum_game_rounds --winsor .99 --json >out.json
    near 'cookie cats: the cap'    'json.caps.sum_game_rounds' 493
    near 'cookie cats: winsorised' 'result("sum_game_rounds").absolute.value' -.281918198
    near 'cookie cats: winsorised, p' 'result("sum_game_rounds").p' .615193613
    "$holdfast" experiment analyse "$data/cookie_cats/cookie_cats.csv" --arm version --control gate_30 \
        --metrics sum_game_rounds --winsor .999 --json >out.json
    near 'cookie cats: a higher cap' 'Math.round(100 * json.caps.sum_game_rounds)' 107362
    near 'cookie cats: cut there'    'result("sum_game_rounds").absolute.value' -.0956444492
    check 'cookie cats: watched, it says the interval that it judges by' 0 '(-1.681 to 0.04106)' \
        "$holdfast" experiment analyse "$data/cookie_cats/cookie_cats.csv" --arm version --control gate_30 \
        --metrics retention_7 --sequential-n 5000
    hill=$data/hillstrom/hillstrom.csv
    "$holdfast" experiment analyse "$hill" --arm segment --control 'No E-Mail' --metrics visit,conversion,spend \
        --covariate history --strata newbie --json >out.json
    near 'hillstrom: visits'       'result("visit", "Mens E-Mail").absolute.value' .0765895637
    near 'hillstrom: Fieller'      'result("visit", "Mens E-Mail").relative.high' .807118995
    near 'hillstrom: spend'        'result("spend", "Mens E-Mail").absolute.high' 1.05451458
    near 'hillstrom: spend, Fieller' 'result("spend", "Mens E-Mail").relative.low' .643675384
    near 'hillstrom: always'       'result("spend", "Mens E-Mail").always_valid.low' .302065637
    near 'hillstrom: mens, low'        'result("visit", "Mens E-Mail").absolute.low' .0699533033
    near 'hillstrom: relative'         'result("visit", "Mens E-Mail").relative_delta.value' .721404617
    near 'hillstrom: relative, low'    'result("visit", "Mens E-Mail").relative_delta.low' .638413754
    near 'hillstrom: conversion'       'result("conversion", "Mens E-Mail").absolute.value' .00680500652
    near 'hillstrom: conversion, high' 'result("conversion", "Mens E-Mail").absolute.high' .00860989993
    near 'hillstrom: spend, relative'  'result("spend", "Mens E-Mail").relative.value' 1.17928877
    near 'hillstrom: spend, high'      'result("spend", "Mens E-Mail").relative.high' 1.97748079
    near 'hillstrom: spend, always'    'result("spend", "Mens E-Mail").always_valid.high' 1.23758868
    near 'hillstrom: womens, spend'    'result("spend", "Womens E-Mail").absolute.value' .424412216
    near 'hillstrom: womens, low'      'result("spend", "Womens E-Mail").absolute.low' .16895679
    near 'hillstrom: womens, p'        'result("spend", "Womens E-Mail").p' .0011293971
    near 'hillstrom: womens, Fieller'  'result("spend", "Womens E-Mail").relative.low' .224161724
    near 'hillstrom: womens, conversion' 'result("conversion", "Womens E-Mail").p' .000155972915
    near 'hillstrom: Holm of the largest' 'Math.round(1e10 * result("spend", "Mens E-Mail").p_adjusted)' 3491
    near 'hillstrom: nothing is saved' 'Math.round(1e6 * result("spend", "Mens E-Mail").adjusted[0].variance_ratio)' 999566
    near 'hillstrom: nor of the other' 'Math.round(1e6 * result("spend", "Womens E-Mail").adjusted[0].variance_ratio)' 999622
    near 'hillstrom: Holm'         'result("conversion", "Womens E-Mail").p_adjusted' .000311945829
    near 'hillstrom: CUPED'        'result("spend", "Mens E-Mail").adjusted[0].value' .767449619
    near 'hillstrom: its error'    'result("spend", "Mens E-Mail").adjusted[0].se' .145215041
    near 'hillstrom: strata'       'result("visit", "Mens E-Mail").adjusted[1].value' .0765645138
    near 'hillstrom: their error'  'result("visit", "Mens E-Mail").adjusted[1].se' .00337503084
    near 'hillstrom: visit, high'      'result("visit", "Mens E-Mail").absolute.high' .083225824
    near 'hillstrom: relative, high'   'result("visit", "Mens E-Mail").relative_delta.high' .804395479
    near 'hillstrom: visit, Fieller, low' 'result("visit", "Mens E-Mail").relative.low' .640924783
    near 'hillstrom: conversion, low'  'result("conversion", "Mens E-Mail").absolute.low' .0050001131
    near 'hillstrom: spend, value'     'result("spend", "Mens E-Mail").absolute.value' .769827156
    near 'hillstrom: spend, low'       'result("spend", "Mens E-Mail").absolute.low' .485139733
    near 'hillstrom: womens, high'     'result("spend", "Womens E-Mail").absolute.high' .679867642
    near 'hillstrom: womens, Fieller, high' 'result("spend", "Womens E-Mail").relative.high' 1.27496469
    near 'hillstrom: Holm of the smallest' 'Math.round(1e114 * result("visit", "Mens E-Mail").p_adjusted)' 809
    near 'hillstrom: Holm, womens visits'  'Math.round(1e47 * result("visit", "Womens E-Mail").p_adjusted)' 12107
    near 'hillstrom: Holm, conversion'     'Math.round(1e16 * result("conversion", "Mens E-Mail").p_adjusted)' 5999
    near 'hillstrom: Holm, womens spend'   'result("spend", "Womens E-Mail").p_adjusted' .0011293971
    near 'hillstrom: spend, p'             'Math.round(1e11 * result("spend", "Mens E-Mail").p)' 11638
    near 'hillstrom: sizes'        'Math.round(1e5 * json.health.srm.p)' 90369
    "$holdfast" experiment analyse "$hill" --arm segment --control 'No E-Mail' --treated 'Mens E-Mail' \
        --metrics spend/visit --json >out.json
    near 'hillstrom: a ratio'      'result("spend/visit").absolute.value' 1.6355169
    near 'hillstrom: its low'      'result("spend/visit").absolute.low' -.299242966
    near 'hillstrom: its high'     'result("spend/visit").absolute.high' 3.57027677
    near 'hillstrom: of the control' 'Math.round(1e6 * result("spend/visit").control_mean)' 6148687
    near 'hillstrom: of the arm'   'Math.round(1e7 * result("spend/visit").mean)' 77842039
    starbucks() {     # its own two figures: the gain of a promotion, and what is left of 10 a purchase after .15 each
        "$holdfast" experiment analyse "$data/starbucks_uplift/$1.csv" --arm Promotion --control No --metrics purchase --json >out.json
        near "starbucks, $1: the gain" 'Math.round(1e6 * result("purchase").absolute.value)' "$2"
        near "starbucks, $1: revenue less promotions" '(({ n, mean, n_control, control_mean }) => Math.round(100 *
            (10 * (n * mean - n_control * control_mean) - .15 * n)))(result("purchase"))' "$3"
    }
    starbucks training 9455 -233460
    starbucks Test 9593 -113220
else
    echo "skipped: ../shared/data is not here"
fi

printf 'who,arm,spend,kept\n' >made.csv
for i in $(seq 1 400); do
    printf '%d,%s,%d.5,%s\n' "$i" "$([ $((i % 2)) = 0 ] && echo mail || echo control)" $((i * 7 % 31)) \
        "$([ $((i * 7 % 5)) -lt 2 ] && echo true || echo false)" >>made.csv
done
analyse() { "$holdfast" experiment analyse "$@"; }
check 'a file is compared'            0 'No difference in kept'     analyse made.csv --arm arm --control control --metrics kept
check 'expressions are metrics'       0 'spend \* 2'                analyse made.csv --arm arm --control control --metrics 'spend * 2, p90(spend)'
check 'rows can be chosen'            0 'No difference'             analyse made.csv --arm arm --control control --metrics kept --where 'spend > 3'
check 'an arm is misspelt'            2 "did you mean 'control'"    analyse made.csv --arm arm --control contrl --metrics kept
check 'a column is misspelt'          2 "did you mean 'spend'"      analyse made.csv --arm arm --control control --metrics spnd
check 'a column misspelt in an expression' 2 "the expression '2 \* spnd': there is no column 'spnd'; did you mean 'spend'" \
    analyse made.csv --arm arm --control control --metrics '2 * spnd'
check 'a column misspelt in a condition' 2 "there is no column 'spnd'; did you mean 'spend'" \
    analyse made.csv --arm arm --control control --metrics spend --where 'spnd > 1'
check 'a metric that is a text'       2 'line 2, column arm'        analyse made.csv --arm arm --control control --metrics arm
check 'nothing to compare'            2 '--metrics says what'       analyse made.csv --arm arm --control control
check 'shares that do not add up'     2 'sum to 0.9'                analyse made.csv --arm arm --control control --metrics kept --split control=.5,mail=.4
check 'sizes that were not planned'   0 'nothing is said of it'     analyse made.csv --arm arm --control control --metrics kept --split control=.8,mail=.2
check 'looks that do not rise'        2 'rise to at most 1'         analyse made.csv --arm arm --control control --metrics kept --looks .5,.25
check 'watched, and nothing shown'    0 'So far nothing can be'     analyse made.csv --arm arm --control control --metrics kept --sequential-n 500
check 'no row is left'                4 'no row is left'            analyse made.csv --arm arm --control control --metrics kept --where 'spend > 1000'
sed 's/mail/control/' made.csv >one.csv
check 'one arm'                       2 'one arm only'              analyse one.csv --arm arm --control control --metrics kept
{ cat made.csv; printf '401,other,1,true\n'; } >thin.csv
check 'an arm of one'                 4 'too few to say'            analyse thin.csv --arm arm --control control --metrics kept
{ cat made.csv; printf '1,mail,1,true\n2,mail,2,false\n'; } >mixed.csv
check 'somebody was in two arms'      0 '1 units were in more than one arm' analyse mixed.csv --arm arm --control control --metrics kept --unit who
sed 's/^4,mail/4,Mail /' made.csv >cased.csv
check 'an arm in another case'        2 "did you mean 'mail'"       analyse cased.csv --arm arm --control control --metrics kept
{ cat made.csv; printf '401,contrl,1,true\n402,contrl,2,true\n'; } >slip.csv
check 'an arm a letter off'           2 "'contrl' has 2 rows and 'control' 200: did you mean" analyse slip.csv --arm arm --control control --metrics kept
check 'nobody spent anything'         4 'is 0 for everybody'        analyse made.csv --arm arm --control control --metrics 'spend * 0'
check 'everybody spent alike'         4 'is 1 for everybody'        analyse made.csv --arm arm --control control --metrics 'spend * 0 + 1'
check 'more than can be reckoned'     4 'too large to reckon'       analyse made.csv --arm arm --control control --metrics 'spend * 1e200'
check 'returns'                       0 'values of spend - 20 are below 0' analyse made.csv --arm arm --control control --metrics 'spend - 20'
{ cat made.csv; printf '401,mail,99999,true\n'; } >whale.csv
check 'one whale'                     0 'one unit has 9. % of all spend' analyse whale.csv --arm arm --control control --metrics spend
check 'a whale that is cut'           0 'No difference in spend'    analyse whale.csv --arm arm --control control --metrics spend --winsor .99
check 'the metric as a covariate'     2 'it was measured after'     analyse made.csv --arm arm --control control --metrics spend --covariate spend
check 'a covariate measured after'    4 'nothing is that was known' analyse made.csv --arm arm --control control --metrics spend --covariate "kept + 3 * (arm = 'mail')"
node -e 'for (let i = -1; i < 400; i++) console.log(i < 0 ? "arm,x,y" : `${i % 2 ? "mail" : "control"},${+(i < (i % 2 ? 116 : 80))},${+(i % 4 < 2)}`)' >many.csv
check 'apart alone, but not among several' 0 'No difference in x is shown: mail changes it by +9 points (0\.[0-9.]* to [0-9.]*), from .* that is not enough' \
    analyse many.csv --arm arm --control control --metrics x,y
check 'a day on a file'               0 'Warning: --as-of has no effect on a file' analyse made.csv --arm arm --control control --metrics kept --as-of 2024-01-01
check 'a name with a dot is a file'       2 "--treatment COL says who" "$holdfast" uplift nowhere.csv
check 'a ratio takes what was before out, too' 0 '"kind": "cuped"'  analyse made.csv --arm arm --control control --metrics spend/kept --covariate who --json
check 'a ratio known before'          0 '"column": "who/kept"'      analyse made.csv --arm arm --control control --metrics spend/kept --covariate who/kept --json
check 'a quantile known before'       2 'no quantile'               analyse made.csv --arm arm --control control --metrics spend --covariate 'p50(who)'
check 'several strata'                0 '"column": "spend"'         analyse made.csv --arm arm --control control --metrics kept --strata kept,spend --json
{ cat made.csv; printf '401,,1,true\n'; } >none.csv
check 'a row without an arm'          0 '1 rows say no arm'         analyse none.csv --arm arm --control control --metrics kept
printf 'arm,x\na,1\nb,2,3\n' >wide.csv
check 'a line with too many fields'   2 'line 3 has 3 fields'       analyse wide.csv --arm arm --control a --metrics x
bucket() { "$holdfast" experiment bucket "$1" "$2"; }
check 'another bucket'                0 '^0.2696$'                  bucket seed b
check 'one of a campaign'             0 '^0.8561$'                  bucket winback_discount C000376
check 'another of it'                 0 '^0.4956$'                  bucket winback_discount user-42
check 'buckets'                       0 '^0.0505$'                  "$holdfast" experiment bucket seed a
check 'power'                         0 'find a difference of 0.01' "$holdfast" experiment power --baseline .19 --effect .01 --daily 1200
check 'what so many would find'       0 'find a difference of 0.01 with a chance of 8.\.. %.$' "$holdfast" experiment power --baseline .19 \
    --effect .01 --people 26000
check 'and what they find mostly'     0 'With a chance of 80 % they find a difference of 0.009[0-9]*.$' "$holdfast" experiment power \
    --baseline .19 --effect .01 --people 26000
check 'looks cost a little of it'     0 '"power": 0.8' "$holdfast" experiment power --baseline .19 --effect .01 --people 26000 --looks .5,1 --json
check 'how many see a hazard'         0 'find events that come 0.7 times as often, to 0.221 instead of 0.3' "$holdfast" experiment power \
    --baseline .3 --hazard-ratio .7
check 'a hazard needs a share'        2 'between 0 and 1; not 3'    "$holdfast" experiment power --baseline 3 --hazard-ratio .7
check 'power of a share beyond 1'     2 'not both between 0 and 1'  "$holdfast" experiment power --baseline .99 --effect .02
check 'an action is misspelt'         2 "did you mean 'analyse'"    "$holdfast" experiment analyze made.csv
echo "experiment: $passed passed, $failed failed"
[ $failed -eq 0 ]
