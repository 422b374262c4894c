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
    check 'a chain of order 3'              0 '^lambda  *902.00  *1207.00' published --order 3
    check 'what it is not'                  0 'only an experiment'         published
    check 'totals'                          0 '"conversions": 19785'       published --json
else
    echo "skipped: attribution/Data.csv is not here"
fi
printf 'path,won,lost\na > b,3,1\nb>a,1,3\n a> a >c,2,2\nc,1,4\nb > c > a,2,6\n' >paths.csv
check 'spaces do not matter'          0 '^a  *5.00  *3.00'          "$holdfast" attribution paths.csv --path path --conversions won --null lost
check 'nothing was converted'         4 'no channel can have'       "$holdfast" attribution paths.csv --path path --conversions 'won * 0' --null lost
check 'a column is misspelt'          2 "did you mean 'path'"       "$holdfast" attribution paths.csv --path pth --conversions won
check 'a count below 0'               2 'line 2, --null: -1 is below' "$holdfast" attribution paths.csv --path path --conversions won --null '0 - lost'
check 'no column of paths'            2 'which column has paths'    "$holdfast" attribution paths.csv
echo "attribution: $passed passed, $failed failed"
[ $failed -eq 0 ]
