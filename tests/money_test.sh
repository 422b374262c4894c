#!/bin/sh
# money_test.sh - holdfast roi and holdfast scenario: published figures, and what they must refuse.
cd "$(dirname "$0")/.." || exit 1
holdfast=$PWD/$BUILD/holdfast examples=$PWD/examples
data=$(cd "${HOLDFAST_DATA:-../shared/data}" 2>/dev/null && pwd)
scratch=$PWD/build/scratch/money.$$
. tests/check.sh
mkdir -p "$scratch" && cd "$scratch" || exit 1
trap 'rm -rf "$scratch"' EXIT

if [ -e "$data/hillstrom/hillstrom.csv" ]; then
    mails() {
        "$holdfast" roi "$data/hillstrom/hillstrom.csv" --arm segment --control 'No E-Mail' --revenue spend --margin .4 \
            --contact-cost .05 --json
    }
    check 'mens: profit'                  0 '"value": 5495.73'          mails
    check 'mens: its low'                 0 '"low": 3069.39'            mails
    check 'mens: its high'                0 '"high": 7922.06'           mails
    check 'mens: cost'                    0 '"cost": 1065.35'           mails
    check 'mens: return'                  0 '"value": 5.158617'         mails
    check 'womens: profit'                0 '"value": 2561.41'          mails
    check 'womens: return'                0 '"value": 2.395297'         mails
else
    echo "skipped: hillstrom.csv is not here"
fi
printf 'who,arm,spend\n' >made.csv
for i in $(seq 1 40); do
    printf '%d,%s,%d\n' "$i" "$([ $((i % 2)) = 0 ] && echo mail || echo control)" $((i * 7 % 31)) >>made.csv
done
roi() { "$holdfast" roi "$@"; }
check 'it is not shown to pay'        0 'not shown to pay'          roi made.csv --arm arm --control control --revenue spend
check 'nobody spent'                  4 'is 0 for everybody'        roi made.csv --arm arm --control control --revenue '0 * spend'
check 'returns are below 0'           0 'after costs of 20'         roi made.csv --arm arm --control control --revenue 'spend - 20' --contact-cost 1
check 'the control is misspelt'       2 "did you mean 'control'"    roi made.csv --arm arm --control contol --revenue spend
check 'one arm'                       2 'one arm only'              roi made.csv --arm arm --control control --revenue spend --where "arm = 'control'"
check 'no control'                    2 'who was left alone'        roi made.csv --arm arm --revenue spend

plan() { "$holdfast" scenario "$@"; }
check 'the example'                   0 'response .* 4909.47 .* 8101.68' plan "$examples/scenario.yaml" --draws 10000
plan "$examples/scenario.yaml" --draws 10000 --threads 1 --json >one.json
plan "$examples/scenario.yaml" --draws 10000 --threads 2 --json >two.json
check 'any number of threads, the same bits' 0 same sh -c 'cmp one.json two.json && echo same'
check 'its value'                     0 '"value": 60.684064'        cat one.json
printf 'scenario:\n  outputs: {a: b, b: a}\n' >circle.yaml
check 'a circle'                      2 'circle.yaml:2:.*a needs b needs a: a circle' plan circle.yaml
printf 'scenario:\n  inputs: {x: {uniform: [0, 1]}}\n  outputs: {a: 1 / (x - x)}\n' >nothing.yaml
check 'a division by 0'               2 'a is no number in some draws' plan nothing.yaml
printf 'day,price\n2026-01-01,5\n2026-01-03,7\n2026-01-09,9\n' >prices.csv
printf 'scenario:\n  inputs: {p: {series: prices.csv, column: price, date: day, as_of: 2026-01-05}}\n  outputs: {a: 2 * p}\n' >series.yaml
check 'a series as of the day'        0 '^a  *14 '                  plan series.yaml
sed 's/2026-01-05/2025-01-05/' series.yaml >early.yaml
check 'a series that begins later'    2 'on or before 2025-01-05'   plan early.yaml
sed 's/2 \* p/2 * pp/' series.yaml >named.yaml
check 'an input of another name'      2 "there is no input or output 'pp'; did you mean 'p'"  plan named.yaml
check 'a margin above 1'              2 'a number from 0 to 1'      roi made.csv --arm arm --control control --revenue spend --margin 40
check 'no draws'                      2 'draws'                     plan circle.yaml --draws 0
check 'no file'                       3 'none.yaml'                 plan none.yaml
echo "money: $passed passed, $failed failed"
[ $failed -eq 0 ]
