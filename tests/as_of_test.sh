#!/usr/bin/env bash
# as_of_test.sh - what was received before a day is all that is known as of it: import --as-of, plan --as-of.
set -u
cd "$(dirname "$0")/.." || exit 1
. tests/check.sh
holdfast=$PWD/$BUILD/holdfast
folder=$(mktemp -d "$BUILD/as_of.XXXXXX") || exit 1
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1
rows() { for i in $(seq "$1" "$2"); do echo "C$i,2024-$3-0$((i % 9 + 1)),order,$((i % 7 + 5))"; done; }
{ echo customer,time,event,amount; rows 1 60 01; } >january.csv
{ echo customer,time,event,amount; rows 41 90 02; echo C91,2024-03-11,order,5; } >february.csv
printf 'actions: [{name: email, contact_cost: .1}]\n' >actions.yaml
# Customers known as of a day: whoever a plan chooses or leaves alone.
known() {
    "$holdfast" plan --db s.holdfast --actions actions.yaml --as-of "$1" --json |
        node -p 'const j = JSON.parse(require("fs").readFileSync(0)); j.left_alone.n + j.chosen.length'
}
check 'history is known when it happened' 0 '60 ' "$holdfast" import january.csv --db s.holdfast
check 'later rows are taken in as of a day' 0 '1 refused' "$holdfast" import february.csv --db s.holdfast --as-of 2024-03-01
check 'who came in February was not known before March' 0 '^60$' known 2024-02-20
check 'but then' 0 '^90$' known 2024-03-01
check 'an instant is taken too' 0 '^60$' known 2024-02-29T23:59:00Z
{ echo customer,time,event,amount; rows 95 99 01; } >late.csv
check 'what came first is imported first' 4 'holds what was received later, at 2024-02-29T23:59:59Z' \
    "$holdfast" import late.csv --db s.holdfast --as-of 2024-02-10
check 'late rows are known when they came' 0 '5 ' "$holdfast" import late.csv --db s.holdfast --as-of 2024-03-10
check 'not before' 0 '^90$' known 2024-03-09
check 'and from then on' 0 '^95$' known 2024-03-10
echo "as of: $passed passed, $failed failed"
[ $failed -eq 0 ]
