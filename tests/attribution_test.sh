#!/bin/sh
# attribution_test.sh - holdfast attribution on 10,000 published paths and on what it must refuse.
cd "$(dirname "$0")/.." || exit 1
holdfast=$PWD/$BUILD/holdfast
data=$(cd "${HOLDFAST_DATA:-../shared/data}" 2>/dev/null && pwd)
scratch=$PWD/build/scratch/attribution.$$
. tests/check.sh
mkdir -p "$scratch" && cd "$scratch" || exit 1
trap 'rm -rf "$scratch"' EXIT

if [ -e "$data/attribution/Data.csv" ]; then
    published() {
        "$holdfast" attribution "$data/attribution/Data.csv" --path path --conversions total_conversions \
            --value total_conversion_value --null total_null "$@"
    }
    check 'first touches are as published'  0 '^alpha  *6308.00  *8447.00' published
    check 'iota'                            0 '^iota  *4606.00  *3355.00'  published
    published --json >out.json
    holds 'every first touch is as published' 'Object.entries({ alpha: 6308, iota: 4606, eta: 3164, beta: 2831, theta: 1606, lambda: 902,
        gamma: 165, epsilon: 99, kappa: 74, zeta: 27, mi: 2, delta: 1 }).every(([c, n]) => near(json.models.first[c], n))'
    holds 'every last touch is as published' 'Object.entries({ alpha: 8447, eta: 4167, iota: 3355, lambda: 1207, beta: 989, theta: 653,
        epsilon: 531, kappa: 230, zeta: 107, gamma: 92, delta: 5, mi: 2 }).every(([c, n]) => near(json.models.last[c], n))'
    holds 'paths, conversions and nulls'      'json.paths === 10000 && json.conversions === 19785 && json.nulls === 68602'
    holds 'every model gives all away, by conversions and by value' '["first", "last", "linear", "position", "time_decay", "shapley"]
        .every((m) => near(Object.values(json.models[m]).reduce((a, b) => a + b), 19785, 1e-5)) &&
        near(Object.values(json.models.markov.conversions).reduce((a, b) => a + b), 19785, 1e-5) &&
        near(Object.values(json.models.markov.value).reduce((a, b) => a + b), 74802.97, .01)'
    check 'a chain of order 3'              0 '^lambda  *902.00  *1207.00' published --order 3
    check 'what it is not'                  0 'only an experiment'         published
    check 'totals'                          0 '"conversions": 19785'       published --json
else
    echo "skipped: attribution/Data.csv is not here"
fi
printf 'path,won,lost\na > b,3,1\nb>a,1,3\n a> a >c,2,2\nc,1,4\nb > c > a,2,6\n' >paths.csv
toy() { "$holdfast" attribution "$1.csv" --path path --conversions won --null lost --json >out.json; }
toy paths
holds 'credit of order 1 with nulls' 'near(json.models.markov.conversions.a, 2.812584880) && near(json.models.markov.conversions.b, 3.509280217) &&
    near(json.models.markov.conversions.c, 2.678134903)'
"$holdfast" attribution paths.csv --path path --conversions won --null lost --order 2 --json >out.json
holds 'credit of order 2' 'near(json.models.markov.conversions.a, 3.789473684) && near(json.models.markov.conversions.b, 2.842105263) &&
    near(json.models.markov.conversions.c, 2.368421053)'
"$holdfast" attribution paths.csv --path path --conversions won --json >out.json
holds 'without nulls' 'near(json.models.markov.removal.a, .7) && near(json.models.markov.removal.b, .583333333) &&
    near(json.models.markov.conversions.a, 3.6) && near(json.models.markov.conversions.b, 3) && near(json.models.markov.conversions.c, 2.4)'
printf 'path,won,lost\nA>B>A>B>B>A,1,0\nA>B>B>A>A,1,0\nA>A,1,0\n' >three.csv
toy three
holds 'a package simulates what is exact here' 'near(json.models.markov.conversions.A, 2) && near(json.models.markov.conversions.B, 1)'
printf 'path,won,lost\nC1>C2>C3,1,0\nC1,0,1\nC2>C3,0,1\n' >part.csv
toy part
holds 'one of three converts' 'near(json.models.markov.conversions.C1, .2) && near(json.models.markov.conversions.C2, .4)'
printf 'path,won,lost\na>b>c>d,10,0\n' >four.csv
toy four
holds 'four share alike' 'Object.values(json.models.shapley).every((x) => near(x, 2.5))'
check 'spaces do not matter'          0 '^a  *5.00  *3.00'          "$holdfast" attribution paths.csv --path path --conversions won --null lost
check 'nothing was converted'         4 'no channel can have'       "$holdfast" attribution paths.csv --path path --conversions 'won * 0' --null lost
check 'a column is misspelt'          2 "did you mean 'path'"       "$holdfast" attribution paths.csv --path pth --conversions won
check 'a count below 0'               2 'line 2, --null: -1 is below' "$holdfast" attribution paths.csv --path path --conversions won --null '0 - lost'
printf 'path,won\n,1\na > b,2\n' >nowhere.csv
check 'a path without a channel'      0 'names no channel (1)' "$holdfast" attribution nowhere.csv --path path --conversions won
"$holdfast" attribution nowhere.csv --path path --conversions won --json >out.json
holds 'nobody is credited with it' 'json.conversions === 2 && near(json.models.markov.conversions.a + json.models.markov.conversions.b, 2)'
check 'no column of paths'            2 'which column has paths'    "$holdfast" attribution paths.csv
echo "attribution: $passed passed, $failed failed"
[ $failed -eq 0 ]
