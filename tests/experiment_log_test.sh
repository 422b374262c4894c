#!/bin/bash
# experiment_log_test.sh - experiments of a database, as a person types them: started, assigned, exposed over HTTP while the
# server runs, analysed, their money, the whole program; and what each refuses.
cd "$(dirname "$0")/.." || exit 1
holdfast=$PWD/$BUILD/holdfast examples=$PWD/examples
scratch=$PWD/build/scratch/experiment_log.$$
. tests/check.sh
mkdir -p "$scratch" && cd "$scratch" || exit 1
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null; cd / && rm -rf "$scratch"' EXIT
trial() { "$holdfast" experiment "$@" --db shop.holdfast; }

{
    echo 'customer,time,event,amount,country'
    for i in $(seq 1 120); do echo "C$i,2026-01-0$((i % 9 + 1)),order,$((i % 7 * 10 + 5)),$([ $((i % 3)) = 0 ] && echo DE || echo AT)"; done
} >orders.csv
"$holdfast" import orders.csv --db shop.holdfast >import.out 2>&1 || cat import.out
printf 'holdout_share: .3\n' >holdfast.yaml
cat >mail.yaml <<'END'
experiments:
  - {name: mail, salt: winback_discount, control: control, arms: {control: .5, mail: .25, coupon: .25}, strata: [country],
     start: 2020-01-01, exposure: call, primary: margin,
     metrics: [{name: kept, event: order, kind: any, window: 60d}, {name: margin, event: order, kind: sum, of: amount, margin: .4,
       costs: true, window: 28d, winsor: .999}], covariate: {metric: margin, before: 9000d}, guardrails: [{metric: unsubscribed, stop_above: .002}]}
costs: {margin: .4, contact: {email: .02}, fixed: [{campaign: mail, amount: 9}]}
END
check 'nothing was started'           0 'no experiment was started'   trial list
check 'no program has begun'          4 'no program to measure; --since DATE' trial program
check 'it is put in force'            0 'mail is in force'            trial start mail.yaml
check 'once only'                     4 'another name'                trial start mail.yaml
check 'it is listed'                  0 'mail  *running .* 0 exposed' trial list
check 'somebody who is not known'     0 '"bucket": 0.8561'            trial assign mail C000376 --json
check 'their arm'                     0 '^coupon  (assigned, bucket 0.8561)' trial assign mail C000376
check 'a name is misspelt'            3 "did you mean 'mail'"         trial assign mial C1
check 'nobody was exposed'            4 'nobody was exposed in mail'  trial analyse mail
sed 's/coupon: .25/coupon: .35/' mail.yaml >sums.yaml
check 'shares that do not sum to 1'   2 'sums.yaml:2:.*sum to 1.1'    trial start sums.yaml
sed 's/start: 2020-01-01/start: 2020-01-01, end: 2019-01-01/' mail.yaml >ends.yaml
sed -e 's/name: mail/name: known/; s/exposure: call/exposure: call, audience: known/' mail.yaml >known.yaml
check 'a known audience is dealt'     0 'known is in force, its arms dealt to [0-9]* customers in 2 strata' trial start known.yaml
known() { sqlite3 shop.holdfast "SELECT max(n) - min(n) FROM (SELECT count(*) / CASE arm WHEN 'control' THEN 2 ELSE 1 END AS n FROM assignment
    WHERE experiment = 'known' GROUP BY arm)"; }
command -v sqlite3 >/dev/null && check 'every arm has its share, to within one in each stratum' 0 '^[0-3]$' known
dealt() { for i in 1 2 3 4 5 6 7 8 9 10; do trial assign known "C$i"; done; }     # some of them are held out
check 'who is in it has that arm'     0 '(assigned'                   dealt
check 'who came later has none'       0 'not_eligible'                trial assign known somebody
sed -i 's/audience: known/audience: known, ramp: [{from: 2026-01-05, share: .1}]/; s/name: known/name: ramp/' known.yaml
check 'a ramp of a known audience'    2 'it has no ramp'              trial start known.yaml
check 'an end before the start'       2 'ends before it starts'       trial start ends.yaml
printf 'goals: []\n' >none.yaml
cp shop.holdfast example.holdfast
check 'the example is put in force'   0 'winback is in force'         "$holdfast" experiment start "$examples/experiments/winback.yaml" \
    --db example.holdfast
check 'no experiments in the file'    2 'declares no experiments'     trial start none.yaml

"$holdfast" serve --db shop.holdfast --listen 127.0.0.1:0 >serve.out 2>&1 &
server=$!
served serve.out || exit 1
url=$(grep -o 'http://[0-9.:]*' serve.out | head -1) token=$(grep '^token' serve.out | grep -o 'hf_[A-Za-z0-9_-]*') key=$(grep '^write' serve.out | grep -o 'wk_[A-Za-z0-9_-]*')
expose() { curl -s -X POST "$url/v1/experiments/$1/exposures" -H "Authorization: Bearer $token" -d "$2"; }
check 'an exposure answers as assign' 0 '"experiment":"mail","unit":"C7","arm":'    expose mail '{"customer": "C7"}'
check 'an experiment there is not'    0 "did you mean 'mail'"                       expose mial '{"customer": "C7"}'
check 'a customer there is not'       0 'nobody is known'                           expose mail '{"customer": "C999999"}'
check 'a member is misspelt'          0 '"field":"custmer"'                         expose mail '{"custmer": "C7"}'
for i in $(seq 1 120); do expose mail "{\"customer\": \"C$i\"}" >/dev/null; done
for i in $(seq 1 2 120); do
    printf '{"type":"track","messageId":"m%d","userId":"C%d","event":"Order Completed","properties":{"total":%d}}\n' "$i" "$i" $((i % 9 * 10 + 10))
done | paste -sd, | sed 's/^/{"batch":[/; s/$/]}/' >batch.json
check 'orders come in'                0 'success":true' curl -s -u "$key:" -X POST "$url/v1/batch" -H 'content-type: application/json' -d @batch.json
year=$(($(date +%Y) + 1))
get() { curl -s "$url$1" -H "Authorization: Bearer $token"; }
check 'the route lists them'          0 '"name":"mail"'               get /v1/experiments
check 'and says what they showed'     0 'wait until it is over'       get /v1/experiments/mail
check 'a route says what they earned'    0 '"refusal":"'                  get /v1/campaigns
check 'and what everything earned'    0 '"sentence":"Since '          get /v1/program
check 'and how the months went'       0 '"repeat_rate":'              get /v1/kpi
get /v1/kpi >out.json
holds 'a route gives what kpi tells, too' 'json.goal === "order" && json.cohorts.length > 0 && Array.isArray(json.retention.rows) &&
    Array.isArray(json.messages.templates) && json.carts && json.engagement && Array.isArray(json.channels)'
plan() { curl -s -X POST "$url/v1/scenario$1" -H "Authorization: Bearer $token" -d "$2"; }
plan '?draws=5000' '{"scenario": {"inputs": {"n": 1000, "price": {"normal": [60, 8]}}, "outputs": {"revenue": "n * price"},
    "cash_flows": {"discount": 0.08, "periods": [-50000, 9000, 14000, 18000, 21000]}}}' >out.json
holds 'a plan is worked out over HTTP'  'near(json.outputs.revenue.mean, 60000, 600) && json.tornado.revenue[0].input === "price" &&
    near(json.npv.value ?? json.npv, 60.684065, 1e-5)'
check 'a circle is told'              0 '"field":"scenario".*\|circle' plan '' '{"scenario": {"outputs": {"a": "b", "b": "a"}}}'
check 'no file is read for a stranger' 0 'a series is a file beside' plan '' '{"scenario": {"inputs": {"p": {"series": "/etc/passwd", "column": "x",
    "as_of": "2026-01-05"}}, "outputs": {"a": "2 * p"}}}'
check 'the windows are not over'      4 'wait until it is over'       trial analyse mail
check 'over, it is analysed beside the server' 0 'margin  *mail  *'   trial analyse mail --as-of $year-12-31
check 'the strata are used'           0 '"column": "country"'         trial analyse mail --as-of $year-12-31 --json
check 'so is what was before'         0 '"kind": "cuped"'             trial analyse mail --as-of $year-12-31 --json
check 'guardrails are told'           0 '"stop_above": 0.002'         trial analyse mail --as-of $year-12-31 --json
check 'weeks since exposure'          0 '"week": 4'                   trial analyse mail --as-of $year-12-31 --json
check 'it runs without an end'        0 'So far\|changes margin'      trial analyse mail --as-of $year-12-31
check 'its money'                     0 'mail of mail .* beyond its control' "$holdfast" roi --db shop.holdfast --as-of $year-12-31
check 'its fixed cost is shared out'  0 '"cost": [1-8]'               "$holdfast" roi mail --db shop.holdfast --as-of $year-12-31 --json
check 'followed on'                   0 '"days": 56'                  "$holdfast" roi mail --db shop.holdfast --as-of $year-12-31 --json
check 'an event that nobody has'      3 "there is no event 'wedding'" "$holdfast" roi mail --db shop.holdfast --goal wedding
if command -v sqlite3 >/dev/null; then
    node -e 'console.log("customer,time,event,amount"); for (let i = 0; i < 200; i++) for (let m = 1; m < 7; m++)
        console.log(`S${i},2024-0${m}-05,cuota,${m < 6 ? 20 : 10 + i % 7}`)' >cuotas.csv
    printf '%s\n' 'experiments:' '  - {name: llamada, control: control, arms: {control: .5, llamada: .5}, audience: known, start: 2024-06-01,' \
        '     exposure: call, primary: pagos, metrics: [{name: pagos, event: cuota, kind: sum, of: amount, window: 28d}]}' \
        'costs: {margin: 1, fixed: [{campaign: llamada, amount: 9000}]}' >gym.yaml
    "$holdfast" import cuotas.csv --db gym.holdfast --quiet >/dev/null
    "$holdfast" experiment start gym.yaml --db gym.holdfast >/dev/null
    sqlite3 gym.holdfast "INSERT INTO exposure SELECT experiment, identity, arm, 1717200000000, 'call' FROM assignment"
    check "a shop without 'order' is asked by what it has" 0 '"orders": [1-9]' "$holdfast" roi llamada --db gym.holdfast --json
    check 'and what is lost is told as a loss' 0 'lost [0-9.]* ([0-9.]* to [0-9.]*) against its control' "$holdfast" roi llamada --db gym.holdfast
fi
check 'what is fixed is of the month in which it began' 0 '"fixed_cents": 900.0' trial program --since 2020-01-01 --json
check 'the program against the control group' 0 'the program .* (95 % interval: .* to .*) [a-z]* what the control' trial program --since 2020-01-01
sed -e 's/name: mail,/name: slow,/; s/start: 2020-01-01/start: 2020-01-01, ramp: [{from: 2020-01-01, share: .1}]/; s/, fixed: .*]}/}/' mail.yaml >slow.yaml
let_in() { curl -s -X POST "$url/v1/experiments/$1/ramp" -H "Authorization: Bearer $token" -d "$2"; }
in_slow() { for i in $(seq 1 60); do trial assign slow "someone$i" | sed "s/^/$i /"; done | grep 'assigned'; }
check 'one that begins with a few'    0 'slow is in force'            trial start slow.yaml
in_slow >few.txt
check 'more are let in'               0 '50 % of those who may .*10 % did before' trial ramp slow .5
check 'while the server runs, too'    0 '"ramped":"slow","share":0[.][67][0-9]*,"before":0.5' let_in slow '{"share": 0.7, "reason": "no harm so far"}'
in_slow >more.txt
check 'who was in has the same arm, and others came' 0 '^$' bash -c '[ $(wc -l <few.txt) -lt $(wc -l <more.txt) ] && grep -vxFf more.txt few.txt | head -1; echo'
check 'fewer are not let in'          4 '70 % take part .*only rises' trial ramp slow .3
check 'nor is a share above 1'        2 'above 0 and up to 1'         trial ramp slow 7
check 'nor is a word'                 2 "'half' is no share"          trial ramp slow half
check 'all were in from the start'    4 '100 % take part'             trial ramp mail 1
check 'a known audience has no ramp'  2 'is known'                    trial ramp known .5
check 'a reason is asked for'         0 '"field":"reason"'            let_in slow '{"share": 0.9}'
check 'when it was raised is told'    0 '"by_hand":false.*"by_hand":true.*"by_hand":true' get /v1/experiments
check 'and which share is in'         0 'slow .* 70 % take part'      trial list
check 'and who did it, why'           0 'experiment ramp slow 0.7: no harm so far' get /v1/audit
check 'stopped, nobody is let in'     4 'is stopped'                  bash -c "'$holdfast' experiment stop slow --db shop.holdfast && '$holdfast' experiment ramp slow 1 --db shop.holdfast"
check 'stopped by the server'         0 'mail is stopped'             trial stop mail
check 'nobody new takes part'         0 'not_eligible'                trial assign mail somebody
kill "$server" && wait "$server" 2>/dev/null
server=
check 'who were exposed are followed' 0 'stopped .* [0-9][0-9]* exposed' trial list
echo "experiment_log: $passed passed, $failed failed"
[ $failed -eq 0 ]
