#!/bin/sh
# value_test.sh - the commands value and segment on CDNOW's sample and on what they must refuse.
cd "$(dirname "$0")/.." || exit 1
holdfast=$PWD/$BUILD/holdfast
data=$(cd "${HOLDFAST_DATA:-../shared/data}" 2>/dev/null && pwd)
scratch=$PWD/build/scratch/value.$$
. tests/check.sh
mkdir -p "$scratch" && cd "$scratch" || exit 1
trap 'rm -rf "$scratch"' EXIT

printf 'customer,date,amount\n1,2021-01-01,10\n1,2021-03-01,12\n2,2021-01-05,9\n3,2021-06-01,3\n' >few.csv
printf 'id,plan,churn\na,x,yes\nb,y,no\nc,x,no\n' >table.csv
check 'too few repeat buyers are refused'       4 'at least 30 are needed' "$holdfast" value few.csv
check 'a calibration end outside is refused'    2 '2030-01-01 is not inside' "$holdfast" value few.csv --calibration-end 2030-01-01
check 'an unknown unit is refused'              2 'want day, week or month' "$holdfast" value few.csv --unit year
check 'an unknown event is refused'             3 "no event 'fly'" "$holdfast" value few.csv --goal fly
check 'a missing file is told'                  3 'nosuch.csv' "$holdfast" value nosuch.csv
check 'a table has no order history'            4 'table' "$holdfast" value table.csv --target churn
check 'segments need only one customer'         0 'too few to look for clusters' "$holdfast" segment few.csv
if [ -n "$data" ]; then
    file=$data/cdnow/CDNOW_sample.txt
    columns='--no-header --columns none,customer,date,quantity,amount'
    # shellcheck disable=SC2086
    check 'CDNOW gives the published likelihood' 0 '"log_likelihood": -9582.4292' \
        "$holdfast" value "$file" $columns --db s.holdfast --unit week --calibration-end 1997-09-30 --json
    check 'and of the spend'                     0 '"log_likelihood": -4055.917' \
        "$holdfast" value --db s.holdfast --unit week --calibration-end 1997-09-30 --json
    check 'Pareto/NBD is there for the asking'   0 'log-likelihood -9594.97' \
        "$holdfast" value --db s.holdfast --calibration-end 1997-09-30 --model pareto-nbd
    check 'segments are named'                   0 'Champions' "$holdfast" segment --db s.holdfast
    check 'as of an earlier day there is less'   0 '1,411 \|2,357 customers' "$holdfast" value --db s.holdfast --as-of 1998-01-01
fi
# Everybody orders every 20 days; of three customers one cancels, and a tenth of those orders again.
awk 'BEGIN { print "customer,date,event,amount"
    for (c = 0; c < 120; c++) {
        left = c % 3 ? 999 : 100 + c
        for (d = c % 20; d < 360; d += 20) if (d < left || (c % 30 == 0 && d > 300)) print "C" c "," strftime("%Y-%m-%d", 1704067200 + d * 86400, 1) ",order," 20 + c % 7
        if (left < 360) print "C" c "," strftime("%Y-%m-%d", 1704067200 + left * 86400, 1) ",cancellation,"
    } }' >cancelled.csv
"$holdfast" segment cancelled.csv --db cancelled.holdfast --json >out.json 2>/dev/null
holds 'whoever has cancelled is in the group of those who left, until they order again' \
    '[json.rfm.find((g) => g.name === "Left"), json.stages.find((s) => s.name === "left")].every((g) => g.customers === 36)'
check 'nobody has left where --left says so'    0 '^active' "$holdfast" segment --db cancelled.holdfast --left none
check 'an event that is none'                   3 'there are:.*cancellation' "$holdfast" segment --db cancelled.holdfast --left quit
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
