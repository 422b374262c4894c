#!/bin/sh
# effect_test.sh - holdfast effect: an experiment with people taken out of it, so that the truth is known, and what it
# must refuse.
cd "$(dirname "$0")/.." || exit 1
holdfast=$PWD/$BUILD/holdfast
data=$(cd "${HOLDFAST_DATA:-../shared/data}" 2>/dev/null && pwd)
scratch=$PWD/build/scratch/effect.$$
. tests/check.sh
mkdir -p "$scratch" && cd "$scratch" || exit 1
trap 'rm -rf "$scratch"' EXIT

if [ -e "$data/hillstrom/hillstrom.csv" ]; then
    sed 's/\r//; s/"[^"]*"/over/' "$data/hillstrom/hillstrom.csv" | awk -F, 'NR == 1 { print; next }
        { row = NR - 2 }
        $9 == "Womens E-Mail" || ($9 == "Mens E-Mail" && $7 == 1 && row % 10 < 7) ||
        ($9 == "No E-Mail" && $5 == 1 && row % 10 < 6) { next } { print }' >observed.csv
    visits() {
        "$holdfast" effect observed.csv --treatment "segment = 'Mens E-Mail'" --outcome visit \
            --covariates "${1:-newbie,womens}" --method aipw --json
    }
    check 'all who are left'               0 '"n": 28162'               visits
    check 'the plain comparison misleads'  0 '"value": 0.0972425'       visits
    check 'its error'                      0 '"se": 0.0042'             visits
    check 'the estimate is near the truth' 0 '"value": 0.0787'          visits
    check 'it covers what the experiment says' 0 '"low": 0.069'         visits
    check 'and not the plain comparison'   0 '"high": 0.0875'           visits
    check 'many covariates, some of texts' 0 '"column": "channel=Web"'  visits recency,history,mens,womens,zip_code,newbie,channel
    check 'weaker than an experiment'      0 '"verdict": "weak"'        visits
    check 'who was treated is told by a column' 0 '"verdict": "refused"' visits segment
    check 'in words'                       0 'nobody is there to compare' "$holdfast" effect observed.csv \
        --treatment "segment = 'Mens E-Mail'" --outcome visit --covariates segment
    check 'a placebo'                      0 '"outcome": "recency"'     "$holdfast" effect observed.csv \
        --treatment "segment = 'Mens E-Mail'" --outcome visit --covariates newbie,womens --placebo recency --json
else
    echo "skipped: hillstrom.csv is not here"
fi
{
    echo 'store,treated,post,month,sales'
    for store in 1 2 3 4; do
        for month in 2026-01 2026-02 2026-03; do
            post=$([ $month = 2026-03 ] && echo 1 || echo 0)
            echo "$store,$((store % 2)),$post,$month,$((store * 10 + store % 2 * post * 7 + post * 2))"
        done
    done
} >shops.csv
did() { "$holdfast" effect "$@" --method did --unit store --outcome sales; }
check 'shops against shops'           0 'change by +7'              did shops.csv --treatment treated --post post
check 'one period before only'        0 'There is one period before' did shops.csv --treatment treated --post post
check 'two periods before'            0 '"placebo": {'              did shops.csv --treatment treated --post post --period month --json
check 'it has the keys of all'        0 '"e_value": null'           did shops.csv --treatment treated --post post --json
check 'a shop in both arms'           2 'untreated elsewhere'       did shops.csv --treatment 'treated * (1 - post)' --post post
check 'nobody before'                 4 'before and after'          did shops.csv --treatment treated --post post --where 'post = 1'
check 'neither 0 nor 1'               2 'line 2, --treatment: 10 is neither' did shops.csv --treatment 'treated * 10' --post post
check 'no unit'                       2 'did needs --unit'          "$holdfast" effect shops.csv --method did --treatment treated --post post --outcome sales
check 'a method of another name'      2 'aipw or did; not ols'      "$holdfast" effect shops.csv --method ols
check 'too few'                       4 'at least 20 of each'       "$holdfast" effect shops.csv --treatment treated --outcome sales --covariates store
check 'a column is misspelt'          2 "did you mean 'sales'"      "$holdfast" effect shops.csv --treatment treated --outcome sale --covariates store
echo "effect: $passed passed, $failed failed"
[ $failed -eq 0 ]
