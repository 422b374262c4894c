#!/bin/bash
# kpi_test.sh - holdfast kpi on a published history, on a shop made by hand, and what it must refuse.
cd "$(dirname "$0")/.." || exit 1
holdfast=$PWD/$BUILD/holdfast examples=$PWD/examples
data=$(cd "${HOLDFAST_DATA:-../shared/data}" 2>/dev/null && pwd)
scratch=$PWD/build/scratch/kpi.$$
. tests/check.sh
mkdir -p "$scratch" && cd "$scratch" || exit 1
trap 'rm -rf "$scratch"' EXIT

if [ -e "$data/cdnow/CDNOW_sample.txt" ]; then
    "$holdfast" import "$data/cdnow/CDNOW_sample.txt" --db cdnow.holdfast >import.out 2>&1
    kpi() { "$holdfast" kpi --db cdnow.holdfast "$@"; }
    row() { kpi --json | node -e '
        const j = JSON.parse(require("fs").readFileSync(0, "utf8")), r = j.rows.find((r) => r.month === process.argv[1]);
        console.log(r.customers, r.new, r.retained, r.retention.value.toFixed(8), r.reactivated, r.revenue_cents, r.nrr.toFixed(8),
            r.grr.toFixed(8))' "$1"; }
    check 'February 1997'            0 '^981 857 124 0.15877081 0 4043381 0.24494819 0.14621284$' row 1997-02
    check 'April 1997'               0 '^267 0 171 0.18037975 96 1284205 0.20574598'              row 1997-04
    check 'June 1998'                0 '^138 0 41 0.30597015 97 559087 0.26623906 0.20890887$'    row 1998-06
    check 'who came again'           0 '"value": 0.48324140'   kpi --json
    check 'the first cohort'         0 '0.1216389'             kpi --json
    check 'a month that is not over' 0 '1998-05 .* so far'     kpi --as-of 1998-05-20
    printf 'goals: [{name: churn, below: .04, by: 1998-12-31}, {name: repeat_rate, above: .35, by: 2027-12-31}]\n' >goals.yaml
    check 'a goal far off'           0 '^churn .* 0 %'         kpi --goals goals.yaml
    check 'a goal that is met'       0 '^repeat_rate .* 100 %' kpi --goals goals.yaml
    printf 'goals: [{name: chrn, below: .04, by: 2027-06-30}]\n' >bad.yaml
    check 'a goal is misspelt'       2 "bad.yaml:1:9: .*did you mean 'churn'" kpi --goals bad.yaml
    printf 'goals: [{name: churn, by: 2027-06-30}]\n' >bad.yaml
    check 'a goal without a target'  2 'has one of below and above' kpi --goals bad.yaml
    printf 'goals: [{name: churn, below: .1, by: soon}]\n' >bad.yaml
    check 'a goal without a day'     2 'by is a day'           kpi --goals bad.yaml
    check 'nobody had come yet'      4 'nobody has a'          kpi --as-of 1996-01-01
    check 'another span'             2 '--by month'            kpi --by week
    "$holdfast" train --db cdnow.holdfast --search-seconds 1 >train.out 2>&1
    check 'the report has the months'  0 'report: page.html'  "$holdfast" report --db cdnow.holdfast --out page.html
    "$holdfast" report --db cdnow.holdfast --out plan.html --scenario "$examples/scenario.yaml" >plan.out 2>&1
    check 'a plan in the report'       0 '"tornado"'          cat plan.html
    check 'a plan there is not'        3 'none.yaml'          "$holdfast" report --db cdnow.holdfast --out none.html --scenario none.yaml
    check 'with what they kept'        0 '"nrr"'              cat page.html
else
    echo "skipped: CDNOW_sample.txt is not here"
fi

{
    echo 'customer,time,event,amount,utm_source,campaign,template,topic'
    for i in $(seq 1 40); do
        channel=$([ $((i % 2)) = 0 ] && echo search || echo shop)
        echo "c$i,2026-01-02T10:00:00Z,visit,,$channel,,,"
        echo "c$i,2026-02-02T10:00:00Z,cart,,$channel,,,"
        echo "c$i,2026-02-01T09:00:00Z,email_delivered,,,spring,$([ $((i % 2)) = 0 ] && echo tulip || echo rose),offers"
        [ $((i % 4)) = 0 ] && echo "c$i,2026-02-01T09:30:00Z,email_click,,,spring,tulip,offers"
        [ $((i % 4)) = 0 ] && echo "c$i,2026-02-02T11:00:00Z,order,50,,,,"
        [ $i -gt 35 ] && echo "c$i,2026-03-20T11:00:00Z,order,30,,,,"
    done
} >made.csv
"$holdfast" import made.csv --db made.holdfast >import.out 2>&1 || cat import.out
printf 'from,channel,kind,amount,currency\n2026-01-05,search,spend,60,\n2026-01-06,search,spend,40,\n2026-02-01,search,margin,.5,\n' >costs.csv
printf 'costs: {margin: .4, csv: costs.csv}\n' >holdfast.yaml
made() { "$holdfast" kpi --db made.holdfast --goal order "$@"; }
check 'a channel with its cost'      0 '^search  *20  *1[0-9]'        made
check 'what it cost'                 0 '"cost_cents": 10000'           made --json
check 'carts left'                   0 '"abandonment": {'              made --json
check 'three of four carts left'     0 '"value": 0.75'                 made --json
check 'a column of campaigns stays with its events' 0 'campaign *property' cat import.out
check 'messages by campaign'         0 '^spring  *40  *0  *10  *10'    made
made --json >out.json
holds 'by template and by kind of content, too' 'json.messages.templates.find((r) => r.template === "tulip").delivered === 20 &&
    json.messages.contents.find((r) => r.content === "offers").clicked === 10'
check 'who was delivered it'         0 '"delivered": 40'               made --json
check 'who ordered after it'         0 '"converted": 10'               made --json
check 'engagement'                   0 '"engagement": {'               made --json
sed -i 's/margin: .4/margin: 40/' holdfast.yaml
check 'a margin above 1'             2 'holdfast.yaml:1:.*share of revenue' made
sed -i 's/margin: 40/margn: .4/' holdfast.yaml
check 'a key is misspelt'            2 "did you mean 'margin'"         made
sed -i 's/margn: .4/margin: .4/' holdfast.yaml
sed -i 's/,spend,60,/,spending,60,/' costs.csv
check 'a kind of cost that is none'  2 'costs.csv: line 2, column kind' made
echo "kpi: $passed passed, $failed failed"
[ $failed -eq 0 ]
