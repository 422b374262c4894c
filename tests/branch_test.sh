#!/bin/sh
# branch_test.sh - journeys at work: arms of an experiment, decisions, coupons that are redeemed, a program's answer
# that becomes a trait, a score that is crossed, more than were approved, one address, another zone, which goes first.
cd "$(dirname "$0")/.." || exit 1
holdfast=$PWD/$BUILD/holdfast root=$PWD
scratch=$PWD/build/scratch/branch.$$
. tests/check.sh
mkdir -p "$scratch/c/journeys" "$scratch/c/templates" && cd "$scratch" || exit 1
[ -n "$KEEP" ] || trap 'kill $server $mailbox $program 2>/dev/null; wait 2>/dev/null; rm -rf "$scratch"' EXIT

node "$root/examples/mailbox.mjs" 0 mail >mailbox.txt &
mailbox=$!
# A program of ours, which answers every question with a tier.
cat >program.mjs <<'END'
import { createServer } from "node:http";
import { appendFileSync } from "node:fs";
const server = createServer((request, response) => {
    let body = "";
    request.on("data", (bytes) => { body += bytes; });
    request.on("end", () => { appendFileSync("asked.txt", `${body}\n`); response.end('{"customer":{"tier":"platinum"}}'); });
});
server.listen(0, "127.0.0.1", () => console.log(`a program at ${server.address().port}`));
END
touch asked.txt
node program.mjs >program.txt &
program=$!
soon ' at ' cat mailbox.txt >/dev/null
soon ' at ' cat program.txt >/dev/null
cat >c/holdfast.yaml <<END
zone: Europe/Berlin
holdout_share: 0
topics: {offers: {basis: consent}, daily: {basis: consent}}
costs: {contact: {crm: 0.4}}
caps: [{channel: email, topic: daily, most: 1, per: day, over: skip}]
channels:
  email: {kind: smtp, url: "smtp://127.0.0.1:$(sed 's/.* //' mailbox.txt)", tls: none, from: "Shop <news@example.com>"}
  crm: {kind: webhook, url: "http://127.0.0.1:$(sed 's/.* //' program.txt)/in", allow_private: ["127.0.0.1/32"]}
END
echo '<p>Hello {{ customer.id }}</p>' >c/templates/hello.html
lines() { echo "journey: $1"; shift; for line in "$@"; do printf '%s\n' "$line"; done; }
j() { lines "$@" >"c/journeys/$1.yaml"; }
j arms 'trigger: {event: Order Completed, key: order_id}' 'steps:' \
    '  - {id: test, experiment: winback, arms: {control: [], mail: [{id: call, task: "Call {{ customer.id }}"}]}}' \
    '  - {id: best, decide: home, candidates: {coupon: [], nothing: []}}' '  - {id: told, task: "Decided {{ decision.action }} at {{ decision.placement }}"}'
j shaky 'trigger: {event: shake}' 'steps: [{id: best, decide: banner, candidates: {red: [], blue: []}}, {id: t, task: "Went on {{ customer.id }}"}]'
j invite 'trigger: {event: signup}' 'goal: {event: "Coupon Redeemed"}' 'steps:' '  - {id: code, coupon: WIN10, expires: 14d}' \
    "  - {id: tell, send: crm, body: '{\"id\":\"{{customer.id}}\",\"code\":\"{{coupon.code}}\"}', set: {tier: reply.customer.tier}}" \
    '  - {id: later, delay: 30d}'
j thanks 'trigger: {event: "Coupon Redeemed"}' 'steps: [{id: t, task: "Thank {{ customer.id }} for {{ event.coupon }}"}]'
lines risk 'trigger: {score: points, crosses: 50.1}' 'again: always' 'steps: [{id: t, task: "Crossed {{ customer.id }}"}]' >risk.yaml
j dear 'trigger: {event: pay}' 'at_most: {budget: 1, discount: 20}' 'steps: [{id: code, coupon: WIN20, percent: 20}, {id: m, send: crm, body: "{{coupon.code}} {{coupon.percent}}"}]'
j costly 'trigger: {event: buy}' 'approval: required' 'steps: [{id: m, send: crm, body: x}, {id: w, delay: 30d}]'
j grown 'trigger: {event: visit}' 'approval: required' 'steps: []'
j shared 'topic: offers' 'trigger: {event: ping}' 'steps: [{id: m, send: email, subject: "Shared", html: hello.html}]'
j less 'topic: daily' 'trigger: {event: knock}' 'priority: 1' 'steps: [{id: m, send: email, subject: "Less", html: hello.html}]'
j more 'topic: daily' 'trigger: {event: knock}' 'priority: 10' 'steps: [{id: m, send: email, subject: "More", html: hello.html}]'
j soonless 'topic: daily' 'trigger: {event: rap}' 'priority: 1' 'steps: [{id: d, delay: 2s}, {id: m, send: email, subject: "Less", html: hello.html}]'
j soonmore 'topic: daily' 'trigger: {event: rap2}' 'priority: 10' 'steps: [{id: d, delay: 2s}, {id: m, send: email, subject: "More", html: hello.html}]'
j parcels 'trigger: {event: parcel, key: parcel_id}' 'goal: {event: received}' 'steps: [{id: d, delay: 30d}]'
cat >experiment.yaml <<'END'
experiments:
  - name: winback
    arms: {control: 0.5, mail: 0.5}
    control: control
    start: 2026-01-01
    exposure: step
    primary: orders
    metrics: [{name: orders, event: order, window: 30d}]
END
"$holdfast" serve --db shop.holdfast --listen 127.0.0.1:0 --campaigns c >served.txt 2>log.txt &
server=$!
served served.txt || { cat log.txt; exit 1; }
url=$(sed -n 's/.*served at //p' served.txt) key=$(grep -o 'wk_[^ ]*' served.txt) token=$(grep -o 'hf_[^ ]*' served.txt)
send() { curl -s -u "$key:" "$url/v1/batch" -d "{\"batch\":[$1]}"; }
ask() { curl -s -X "$1" -H "Authorization: Bearer $token" "$url$2" ${3:+-d "$3"}; }
why() { ask GET "/v1/customers/$1/why?journey=$2"; }
event() { printf '{"type":"track","userId":"%s","event":"%s","messageId":"%s %s","properties":{%s}}' "$1" "$2" "$1" "$2" "$3"; }
traits() { printf '{"type":"identify","userId":"%s","traits":{%s}}' "$1" "$2"; }

# Of two zones without summer time, two hours apart; the hour in the second comes after they have left.
ask PUT /v1/journeys/away "$(lines away 'trigger: {event: leave}' "steps: [{id: w, until: \"$(TZ=Africa/Lagos date -d '+2 hours 20 seconds' +%H:%M:%S)\"}, {id: t, task: \"Back {{ customer.id }}\"}]")" >/dev/null
send "$(traits wes '"timezone":"Africa/Lagos"'),$(event wes leave)" >/dev/null

# ---- an experiment and a decision ----
send "$(event early 'Order Completed' '"order_id":"e","total":9')" >/dev/null
check 'an experiment that is not there keeps nobody' 0 'in no arm of .winback.: there is no experiment' \
    soon 'there is no experiment' "$holdfast" why early arms --db shop.holdfast
check 'before it runs, that is told'   0 "arms, step 'test': there is no experiment 'winback'; holdfast experiment start .*, whoever comes here takes no arm" \
    "$holdfast" journey check c/journeys/arms.yaml --db shop.holdfast
check 'one is begun'                    0 'winback'            "$holdfast" experiment start experiment.yaml --db shop.holdfast
all=$(for i in 1 2 3 4 5 6 7 8 9 10 11 12; do event "p$i" 'Order Completed' "\"order_id\":\"o$i\",\"total\":9"; printf ','; done)
send "${all%,}" >/dev/null
check 'who comes by is in an arm, by their step' 0 "in the arm '\(control\|mail\)' of 'winback'" soon finished why p1 arms
check 'and decided for, with the chance' 0 'by a chance of 0.5 (decision' why p1 arms
check 'whose action words can tell'    0 'Decided \(coupon\|nothing\) at home' soon Decided ask GET /v1/tasks
arms=$(for i in 1 2 3 4 5 6 7 8 9 10 11 12; do soon finished why "p$i" arms; done)
mail=$(echo "$arms" | grep -o "in the arm 'mail'" | wc -l) control=$(echo "$arms" | grep -o "in the arm 'control'" | wc -l)
check 'all twelve, in either arm'       0 '^12 yes$'           sh -c "[ $mail -gt 0 ] && [ $control -gt 0 ] && echo $((mail + control)) yes"
check 'who is in the arm gets its steps' 0 "^$mail\$"          sh -c "curl -s -H 'Authorization: Bearer $token' $url/v1/tasks | grep -o 'Call p' | wc -l"
check 'the experiment counts them exposed' 0 '"exposed":12'    ask GET /v1/experiments
sed -e 's/name: winback/name: gone/; s/arms: .*/arms: {red: 0.5, blue: 0.5}\n    who: "no_such_feature > 3"/; s/control: control/control: red/; s/exposure: step/exposure: decision/' experiment.yaml >gone.yaml
check 'one asks for what nobody knows'  0 'gone'               "$holdfast" experiment start gone.yaml --db shop.holdfast
check 'who does what a decision waits for is heard' 0 success  send "$(event sue shake)"
check 'a decision that cannot be made keeps nobody' 0 'Went on sue' soon 'Went on sue' ask GET /v1/tasks
check 'and why says what was wrong'     0 'not decided for .banner.: .*no_such_feature' why sue shaky

# ---- a coupon, a program's answer ----
send "$(event ann signup)" >/dev/null
check 'a program is asked, with the code' 0 '"id":"ann","code":"WIN10-[2-9A-Z]*"' soon WIN10 cat asked.txt
check 'its answer becomes a trait'      0 '"tier":"platinum"'  soon platinum ask GET /v1/customers/ann
code=$(grep -o 'WIN10-[0-9A-Z]*' asked.txt | head -1)
send "$(event bob 'Order Completed' "\"order_id\":\"b1\",\"total\":9,\"coupon\":\"$code\"")" >/dev/null
check 'a friend redeems it: whom it was issued to is told' 0 '"kind":"Coupon Redeemed"' soon 'Coupon Redeemed' ask GET '/v1/customers/ann?timeline=50'
check 'which begins a journey'          0 "Thank ann for $code" soon Thank ask GET /v1/tasks
check 'and is the goal of the first'    0 '"end":"goal"'       soon '"end":"goal"' why ann invite
send "$(event cat 'Order Completed' "\"order_id\":\"c1\",\"total\":9,\"coupon\":\"$code\"")" >/dev/null
check 'a code is redeemed once'         0 '^1$'                sh -c "sleep 1; curl -s -H 'Authorization: Bearer $token' '$url/v1/customers/ann?timeline=50' | grep -o '\"kind\":\"Coupon Redeemed\"' | wc -l"

# ---- a score is crossed ----
send "$(traits low '"points":10'),$(traits low2 '"points":90'),$(traits shy '"points":10')" >/dev/null
ask PUT /v1/customers/shy/consent '{"profiling":false}' >/dev/null
check 'a journey by a score is put'     0 '"version":1'        curl -s -X PUT -H "Authorization: Bearer $token" "$url/v1/journeys/risk" --data-binary @risk.yaml
soon '"is_complete":true' ask GET /v1/segments >/dev/null
check 'its segment says the number as it was written' 0 '>= 50\.1"' ask GET /v1/segments
send "$(traits low '"points":70'),$(traits shy '"points":70')" >/dev/null
check 'who crosses it enters'           0 'Crossed low"'       soon 'Crossed low"' ask GET /v1/tasks
send "$(traits low '"points":75')" >/dev/null
sleep 1
check 'who stays above does not again'  0 '^1$'                sh -c "curl -s -H 'Authorization: Bearer $token' $url/v1/tasks | grep -o 'Crossed low\"' | wc -l"
send "$(traits low '"points":20')" >/dev/null
soon '"segments":\[\]' ask GET /v1/customers/low >/dev/null
send "$(traits low '"points":80')" >/dev/null
check 'who falls and rises does'        0 'Crossed low".*Crossed low"' soon 'Crossed low".*Crossed low"' ask GET /v1/tasks
check 'who refused profiling never'     1 '^0$'                sh -c "curl -s -H 'Authorization: Bearer $token' $url/v1/tasks | grep -c 'Crossed shy'"

# ---- more than were approved ask again ----
for i in 1 2 3 4; do send "$(event "d$i" visit)" >/dev/null; done
check 'a draft lets nobody in'          0 '"rule":"approval"'  soon '"rule":"approval"' why d4 grown
check 'approved are so many as would have entered' 0 '"approved_daily":4' ask POST /v1/journeys/grown/approve
for i in 1 2 3 4 5 6 7; do send "$(event "g$i" visit)" >/dev/null; done
soon '"rule":"approval"' why g7 grown >/dev/null
check 'a quarter more may enter'        0 '"entered":5'        sh -c "curl -s -H 'Authorization: Bearer $token' $url/v1/journeys | grep -o '\"journey\":\"grown\".*' | grep -o '\"entered\":[0-9]*' | head -1"
check 'the next ask again'              0 '"not_entered":\[{.*"rule":"approval"' why g6 grown
check 'and the list says so'            0 'more would enter in a day than were approved' ask GET /v1/journeys
check 'another yes is for more'         0 '"approved_daily":11' ask POST /v1/journeys/grown/approve
send "$(event g8 visit)" >/dev/null
check 'then they enter'                 0 '"end":"finished"'   soon '"end":"finished"' why g8 grown
echo 'approve: {growth: 0}' >>c/holdfast.yaml
kill -HUP $server
soon 'are in force' cat log.txt >/dev/null
for i in 1 2 3 4 5 6; do send "$(event "h$i" visit)" >/dev/null; done
check 'the share by which more may enter is read anew' 0 '"not_entered":\[{.*"rule":"approval"' soon '"rule":"approval"' why h6 grown
check 'and as many as were approved did' 0 '"end":"finished"'  why h5 grown

# ---- what is spent ----
send "$(event e1 pay),$(event e2 pay),$(event e3 pay)" >/dev/null
check 'what the budget has no room for is held' 0 'held until .* 00:00: what the journey may spend is spent' soon '"rule":"cap"' why e3 dear
check 'what it has goes'                0 '"outcome":"sent"'   soon '"outcome":"sent","rule":null,"sentence":"given to crm"' why e2 dear
code=$(grep -o 'WIN20-[0-9A-Z]* 20' asked.txt | head -1 | cut -d' ' -f1)
send "$(event f1 'Order Completed' "\"order_id\":\"f1\",\"total\":40,\"coupon\":\"$code\"")" >/dev/null
soon 'Coupon Redeemed' ask GET '/v1/customers/e1?timeline=50' >/dev/null
send "$(event e4 pay)" >/dev/null
check 'what a coupon took off counts: nobody else enters' 0 '"entries":\[\],"not_entered":\[{.*"rule":"cap"' soon '"rule":"cap"' why e4 dear
send "$(event i1 buy),$(event i2 buy)" >/dev/null
soon '"rule":"approval"' why i2 costly >/dev/null
check 'approved is what would have been spent' 0 '"approved_daily":2,"approved_budget":0.8' ask POST /v1/journeys/costly/approve
send "$(event i3 buy),$(event i4 buy)" >/dev/null
check 'so much may be spent'            0 '"outcome":"sent"'   soon '"outcome":"sent"' why i4 costly

# ---- one address, one message; the more important first ----
for who in dan eve fin gus; do
    mail=$who@example.net
    [ $who = eve ] && mail=dan@example.net
    send "$(traits $who "\"email\":\"$mail\"")" >/dev/null
    ask PUT /v1/customers/$who/consent '{"offers":true,"daily":true}' >/dev/null
done
send "$(event dan ping),$(event eve ping)" >/dev/null
check 'the first of two with one address gets it' 0 '"outcome":"sent"' soon '"end":"finished"' why dan shared
check 'the second does not'             0 '"outcome":"skipped","rule":"duplicate"' soon '"end":"finished"' why eve shared
send "$(event fin knock)" >/dev/null
check 'of two begun by one event the more important is sent' 0 '"outcome":"sent"' soon '"end":"finished"' why fin more
check 'the other meets the cap'         0 '"outcome":"skipped","rule":"cap"' soon '"end":"finished"' why fin less
send "$(event gus rap),$(event gus rap2)" >/dev/null
check 'of two that are due together the more important goes first' 0 '"outcome":"sent"' soon '"end":"finished"' why gus soonmore
check 'and the other meets the cap'     0 '"outcome":"skipped","rule":"cap"' soon '"end":"finished"' why gus soonless

# ---- who was written to as a visitor is the same customer once they sign in ----
visitor() { printf '{"type":"track","anonymousId":"dev1","event":"%s","messageId":"dev1 %s"}' "$1" "$1"; }
send '{"type":"identify","anonymousId":"dev1","traits":{"email":"hal@example.net"}}' >/dev/null
ask PUT /v1/customers/anonymous:dev1/consent '{"daily":true}' >/dev/null
ask POST /v1/tasks '{"customer":"anonymous:dev1","task":"Ring the visitor"}' >/dev/null
ask POST /v1/notes '{"about":"customer","subject":"anonymous:dev1","words":"Asked about sizes"}' >/dev/null
send "$(visitor knock)" >/dev/null
check 'a visitor is written to'         0 '"outcome":"sent"'   soon '"end":"finished"' why anonymous:dev1 more
send '{"type":"identify","userId":"hal","anonymousId":"dev1"}' >/dev/null
check 'whom they turn out to be, their messages are theirs' 0 '"customer":"hal".*"status":"sent"' soon '"m_' ask GET '/v1/messages?customer=hal'
check 'and their tasks'                 0 '"customer":"hal".*Ring the visitor' ask GET '/v1/tasks?customer=hal'
check 'and what was noted'              0 'Asked about sizes'  ask GET '/v1/notes?about=customer&subject=hal'
check 'and why they were written to'    0 '"outcome":"sent"'   why hal more
send "$(event hal rap)" >/dev/null
check 'a cap counts what they got before' 0 '"outcome":"skipped","rule":"cap"' soon '"end":"finished"' why hal soonless
entered() { ask GET /v1/journeys | grep -o '"journey":"more".*' | grep -o '"entered":[0-9]*' | head -1; }
before=$(entered)
send "$(event hal knock),$(event kim knock)" >/dev/null
soon '"end":"finished"' why kim more >/dev/null
check 'a journey that is entered once is not again' 0 "^\"entered\":$((${before#*:} + 1))\$" entered

# ---- somebody who is inside very often ----
parcels=$(i=0; while [ $i -lt 300 ]; do i=$((i + 1)); printf '{"type":"track","userId":"ivy","event":"parcel","messageId":"parcel %s","properties":{"parcel_id":"%s"}},' $i $i; done)
inside() { ask GET /v1/journeys | grep -o '"journey":"parcels".*' | grep -o '"inside":[0-9]*' | head -1; }
send "${parcels%,}" >/dev/null
check 'each parcel begins a way'        0 '"inside":300'       soon '"inside":300' inside
send "$(event ivy received)" >/dev/null
check 'and one event ends them all'     0 '"inside":0$'        soon '"inside":0$' inside

# ---- a journey that has only just begun ----
ask PUT /v1/journeys/lost "$(lines lost 'trigger: {event: nosuchevent}' 'steps: []')" >/dev/null
check 'what nobody sends is stuck, that nobody came on the first day is not' 0 'journey lost: no event carries the name that it begins by"' ask GET /v1/overview

# ---- another zone re-times what waits ----
check 'who waits for two hours'         0 '"end":null'         why wes away
send "$(traits wes '"timezone":"Europe/Moscow"')" >/dev/null
check 'and moves two hours ahead goes on' 0 'Back wes'         soon 'Back wes' ask GET /v1/tasks

echo "branch: $passed passed, $failed failed"
[ "$failed" -eq 0 ]
