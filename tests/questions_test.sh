#!/bin/sh
# questions_test.sh - several questions asked of one shop: each keeps its answers, and none changes what customers are
# worth.
cd "$(dirname "$0")/.." || exit 1
holdfast=$PWD/$BUILD/holdfast
scratch=$PWD/build/scratch/questions.$$
. tests/check.sh
mkdir -p "$scratch" && cd "$scratch" || exit 1
trap 'rm -rf "$scratch"' EXIT

cat >questions.yaml <<'YAML'
questions:
  - {name: visits, kind: churn, goal: session, horizon: 30d}
  - {name: stays, kind: event, goal: order, horizon: 60d}
YAML
printf 'questions:\n  - name: stage\n' >taken.yaml
"$holdfast" simulate --customers 300 --days 400 --seed 5 --out shop >/dev/null &&
    "$holdfast" run shop/events.csv --db shop.holdfast --search-seconds .1 --quiet >/dev/null || exit 1
"$holdfast" export scores --out churn.csv >/dev/null

check 'a question of nobody is told with those there are' 3 "there are: churn\|did you mean" "$holdfast" export scores --question chum
check 'a name that means something else is refused'      2 "taken.yaml:2:.*cannot be called 'stage'" "$holdfast" train --questions taken.yaml
check 'the first question of a file is asked'            0 '"name": "visits"' "$holdfast" train --questions questions.yaml --search-seconds .1 --json
check 'a model without scores is a column without any'   0 ',reasons,visits$' "$holdfast" export scores
check 'and may be scored'                                0 'scores' "$holdfast" score --question visits
check 'the question asked last fills the usual columns'  0 '^customer,churn_probability,.*,reasons,churn$' "$holdfast" export scores
"$holdfast" export scores --question churn --out again.csv >/dev/null
cut -d, -f1-10 churn.csv >churn.cut && cut -d, -f1-10 again.csv >again.cut
check 'a question about visits leaves churn, values and groups alone' 0 same \
    sh -c 'cmp churn.cut again.cut && echo same'
check 'any question can be exported'                     0 ',reasons,visits$' head -1 again.csv
check 'its answer stands in the last column'             0 ',0\.[0-9]*$' tail -n +2 again.csv
check 'spend is a third'                                 0 '"name": "spend"' "$holdfast" train --question spend --search-seconds .1 --json
check 'and is scored'                                    0 'expected to spend' "$holdfast" score --question spend
check 'each is a column of the others'                   0 ',reasons,spend,churn$' "$holdfast" export scores --question visits
# Customers who are known by their address only.
sed -n 's/^\(C000[01][0-9]*\),/\1@example.net,/p; 1p' shop/events.csv >mail.csv
"$holdfast" run mail.csv --db mail.holdfast --search-seconds .1 --quiet >/dev/null || exit 1
check 'an address stays sealed unless it is asked for'   0 'none' sh -c "! '$holdfast' export scores --db mail.holdfast | grep @ && echo none"
check 'and is then the last column'                      0 ',c[0-9]*@example.net$' "$holdfast" export scores --db mail.holdfast --addresses
rm -f mail.*
# Of a file in German whose header has another name for it.
sed '1s/,email,/,E-Mail,/' shop/events.csv >mail.csv
"$holdfast" import mail.csv --db mail.holdfast --quiet >imported.txt || exit 1
check 'an address by another name is kept as email'      0 'E-Mail *personal .*; kept as email' cat imported.txt
rm -f mail.* imported.txt
# Of a file with two other questions' columns after the reasons.
said_why() {
    "$holdfast" export scores --question visits --out why.csv >/dev/null
    awk 'NR > 1 { sub(/,[^,]*,[^,]*$/, ""); n += !/,$/ } END { print (n > 0 ? "some reasons" : "no reasons") }' why.csv
}
check 'scores come with their reasons'                   0 'some reasons' said_why
"$holdfast" train --questions questions.yaml --question visits --search-seconds .1 --seed 9 --quiet >/dev/null
check 'a model that nobody was scored by yet gives no reasons for the scores of another' 0 'no reasons' said_why
check 'the report is of the question that is named'      0 'no order' "$holdfast" report --question churn --out churn.html
# Two columns that tell the label together and neither of them alone.
awk 'BEGIN { srand(5); print "id,left,right,noise,churn"
             for (i = 0; i < 400; i++) { a = rand() < .5; b = rand() < .5
                                         print "u" i "," a "," b "," int(rand() * 50) "," (a != b ? "yes" : "no") } }' >sure.csv
check 'an AUC that is too good to be true is said to be' 0 'too good to be true: what it leans on most is \(left\|right\)' \
    "$holdfast" run sure.csv --db sure.holdfast --out sure.html
# A question that the settings declare.
printf 'questions:\n  - {name: back, kind: event, goal: session, horizon: 30d}\n' >holdfast.yaml
check 'the settings declare questions too'               0 '"name": "back"' "$holdfast" train --db shop.holdfast --question back --search-seconds .1 --json
check 'which no other run asks unless it is told to'     0 '"name": "churn"' "$holdfast" train --db shop.holdfast --search-seconds .1 --json
check 'a file that is named stands in their place'       3 "questions.yaml: no question is called 'back'" "$holdfast" train --db shop.holdfast --questions questions.yaml --question back
printf 'questions:\n  - {name: back, kind: event, when: 30d}\n' >holdfast.yaml
check 'a wrong one is told with its place'               2 "holdfast.yaml:2:.*'when' is not known" "$holdfast" train --db shop.holdfast --question back
rm holdfast.yaml

echo "questions: $passed passed, $failed failed"
[ $failed -eq 0 ]
