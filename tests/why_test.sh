#!/bin/sh
# why_test.sh - journeys at work: a purchase, a delay, one e-mail in a mailbox, and why; edits, pauses, approval, stops,
# goals and refusals; kill -9 while messages are on their way.
cd "$(dirname "$0")/.." || exit 1
holdfast=$PWD/$BUILD/holdfast root=$PWD
scratch=$PWD/build/scratch/why.$$
. tests/check.sh
mkdir -p "$scratch/c/journeys" "$scratch/c/templates" && cd "$scratch" || exit 1
[ -n "$KEEP" ] || trap 'kill $server $mailbox 2>/dev/null; wait 2>/dev/null; rm -rf "$scratch"' EXIT

node "$root/examples/mailbox.mjs" 0 mail >mailbox.txt &
mailbox=$!
soon 'mailbox at' cat mailbox.txt >/dev/null
relay=$(sed 's/.* //' mailbox.txt)
echo '<p>Hello {{ customer.id }}. <a href="{{ unsubscribe }}">unsubscribe</a></p>' >c/templates/hello.html
cat >c/holdfast.yaml <<END
public_url: https://news.example.com
zone: Europe/Berlin
holdout_share: 0
topics: {offers: {basis: consent}}
channels: {email: {kind: smtp, url: "smtp://127.0.0.1:$relay", tls: none, from: "Shop <news@example.com>"}}
END
cat >c/journeys/thanks.yaml <<'END'
journey: thanks
topic: offers
trigger: {event: order, key: order_id, where: "amount > 10"}
again: always
steps:
  - {id: settle, delay: 1s}
  - {id: mail, send: email, subject: "Thanks for {{ event.amount }}", html: hello.html}
  - {id: mark, set: {thanked: 'yes'}}
  - {id: tell, raise: thanked, properties: {by: mail}}
  - {id: call, task: 'Call {{ customer.id }}'}
END
cat >c/journeys/asked.yaml <<'END'
journey: asked
topic: offers
trigger: {api: true}
filter: "event.amount > 5"
again: always
goal: {event: order}
steps:
  - {id: wait, delay: 30d}
  - {id: mail, send: email, subject: "Hello", html: hello.html}
END
cat >c/journeys/checked.yaml <<'END'
journey: checked
topic: offers
trigger: {event: signup}
approval: required
steps: [{id: mail, send: email, subject: "Welcome", html: hello.html}]
END
cat >c/journeys/gold.yaml <<'END'
journey: gold
trigger: {segment: gold}
steps: [{id: d, delay: 30d}]
END

start() {
    rm -f served.txt
    "$holdfast" serve --db shop.holdfast --listen 127.0.0.1:0 --campaigns c >served.txt 2>>log.txt &
    server=$!
    served served.txt || tail -5 log.txt
    url=$(sed -n 's/.*served at //p' served.txt)
}
start
key=$(grep -o 'wk_[^ ]*' served.txt) token=$(grep -o 'hf_[^ ]*' served.txt)
send() { curl -s -u "$key:" "$url/v1/batch" -d "{\"batch\":[$1]}"; }
ask() { curl -s -X "$1" -H "Authorization: Bearer $token" "$url$2" ${3:+-d "$3"}; }
why() { ask GET "/v1/customers/$1/why?journey=$2"; }
order() { send "{\"type\":\"track\",\"userId\":\"$1\",\"event\":\"Order Completed\",\"messageId\":\"$2\",\"properties\":{\"order_id\":\"$2\",\"total\":$3}}"; }
person() {
    send "{\"type\":\"identify\",\"userId\":\"$1\",\"traits\":{\"email\":\"$1@example.net\",\"timezone\":\"America/New_York\"}}"
    ask PUT "/v1/customers/$1/consent" '{"offers":true}'
}
n=0
person ada >/dev/null

# ---- thin: purchase, delay, one e-mail ----
check 'a purchase is taken'             0 'success":true'      order ada o1 80
check 'a second later it has been sent' 0 '"step":"mail".*"outcome":"sent".*"message":"m_1"' soon '"end":"finished"' why ada thanks
check 'by the clock of their zone'      0 '"zone":"America/New_York"' why ada thanks
check 'it lies in the mailbox'          0 'Subject: Thanks for 80' soon 'Subject' cat mail/1.eml
check 'with a way to unsubscribe'       0 'List-Unsubscribe-Post: List-Unsubscribe=One-Click' cat mail/1.eml
check 'a trait was set'                 0 '"thanked":"yes"'    soon thanked ask GET /v1/customers/ada
check 'an event was raised'             0 '"kind":"thanked"'   soon '"kind":"thanked"' ask GET '/v1/customers/ada?timeline=50'
check 'somebody is to call'             0 '"task":"Call ada"'  ask GET /v1/tasks
check 'and does'                        0 '"done":"done"'      ask POST /v1/tasks/1/done '{"outcome":"glad"}'
check 'which is an event'               0 '"kind":"Task Done"' soon 'Task Done' ask GET '/v1/customers/ada?timeline=50'
order ada o1 80 >/dev/null
order ada o2 5 >/dev/null
check 'entered = inside + ended'        0 '"entered":1,"inside":0,"ended":1' ask GET /v1/journeys

# ---- events of long ago ----
check 'what arrives a day late is taken' 0 'success":true' send '{"type":"track","userId":"ada","event":"Order Completed","timestamp":"2026-01-01T00:00:00Z","messageId":"old","properties":{"order_id":"o9","total":50}}'
check 'but starts nothing'              0 '"rule":"too_old"'   soon too_old why ada thanks

# ---- a property called amount is the amount of what is no purchase ----
cat >cart.yaml <<'END'
journey: cart
topic: offers
trigger: {event: cart_left, where: "amount > 20"}
steps: [{id: out, exit: true}]
END
check 'a journey of carts'              0 '"version":1'        ask PUT /v1/journeys/cart "$(cat cart.yaml)"
cart() { send "{\"type\":\"track\",\"userId\":\"$1\",\"event\":\"cart_left\",\"properties\":{\"amount\":$2}}"; }
cart ada 5 >/dev/null
cart eve 30 >/dev/null
check 'what was meant is asked'         0 '"end":"exited"'     soon exited why eve cart
check 'and who had less stays out'      0 '"entries":\[\]'     why ada cart

# ---- words that cannot be made fail their step, and nobody's events ----
cat >words.yaml <<'END'
journey: words
topic: offers
trigger: {event: worded}
steps:
  - {id: task, task: 'Call {{ 10 | divided_by: 0 }}'}
  - {id: set, set: {a: '{{ 10 | modulo: 0 }}'}}
  - {id: raise, raise: long, properties: {a: '{% for i in (1..3000) %}ten letters{% endfor %}'}}
  - {id: mail, send: email, subject: Long, body: '{% for i in (1..9000) %}{{ event.hundred }}{% endfor %}', text: long.txt}
  - {id: hook, send: email, subject: Long, html: long.html, text: long.txt}
  - {id: end, task: 'Reached {{ customer.id }}'}
END
printf '{%% for i in (1..9000) %%}{{ event.hundred }}{%% endfor %%}' | tee c/templates/long.html >c/templates/long.txt
check 'a journey whose words cannot be made' 0 '"version":1'    ask PUT /v1/journeys/words "$(cat words.yaml)"
hundred=$(printf '%0100d' 0)
check 'an event that starts it is taken' 0 'success":true'      send "{\"type\":\"track\",\"userId\":\"ada\",\"event\":\"worded\",\"properties\":{\"hundred\":\"$hundred\"}}"
check 'each step says why it failed'    0 '"task".*"failed","rule":"template".*divided by 0.*"set".*"failed".*"raise".*more than 16384 bytes.*"hook".*"failed".*are the most.*"end".*"outcome":"sent"' soon '"end":"finished"' why ada words

# ---- what comes with the event that lets somebody in is before or after it ----
for how in 'wait: {event: order}, at_most: 1d, otherwise: [{id: call, task: "Wrong {{ customer.id }}"}]' \
    'delay: 1s}, {id: then, wait: {event: order}, at_most: 1s, otherwise: [{id: call, task: "Wrong {{ customer.id }}"}]'; do
    n=$((n + 1))
    printf 'journey: basket%s\ntopic: offers\ntrigger: {event: basket}\nsteps: [{id: w, %s}]\n' "$n" "$how" >basket.yaml
    ask PUT "/v1/journeys/basket$n" "$(cat basket.yaml)" >/dev/null
done
printf 'journey: basket3\ntopic: offers\ntrigger: {event: basket}\ngoal: {event: order}\nsteps: [{id: w, delay: 1d}]\n' >basket.yaml
ask PUT /v1/journeys/basket3 "$(cat basket.yaml)" >/dev/null
now=$(date +%s)
at() { date -u -d "@$((now + $1))" +%Y-%m-%dT%H:%M:%S.000Z; }
both() {
    printf '{"type":"track","userId":"%s","event":"basket","timestamp":"%s"},{"type":"track","userId":"%s","event":"Order Completed","timestamp":"%s","properties":{"order_id":"%s","total":5}}' \
        "$1" "$(at -20)" "$1" "$(at "$2")" "$1"
}
send "$(both quick -10)" >/dev/null
check 'an order sent along with the basket ends its wait' 0 '"end":"finished"' soon '"end":"finished"' why quick basket1
check 'and one that begins later'       0 "the event 'order' was there already" soon '"end":"finished"' why quick basket2
check 'and is the goal'                 0 '"end":"goal"'       why quick basket3
send "$(both early -30)" >/dev/null
check 'one from before the basket does not' 0 'did not come within' soon '"end":"finished"' why early basket2

# ---- by request; a goal ----
check 'somebody enters by request'      0 '"entered":true'     ask POST /v1/journeys/asked/enter '{"customer":"ada","properties":{"amount":9}}'
check 'once while they are inside'      0 '"entered":false'    ask POST /v1/journeys/asked/enter '{"customer":"ada","properties":{"amount":9}}'
person bea >/dev/null
check 'who does not match does not'     0 '"entered":false'    ask POST /v1/journeys/asked/enter '{"customer":"bea","properties":{"amount":2}}'
check 'and why'                         0 '"not_entered":\[{.*"rule":"filter","facts":{"event.amount":2}' why bea asked
order ada o3 1 >/dev/null
check 'the goal ends it'                0 '"end":"goal".*"rule":"goal"' soon '"end":"goal"' why ada asked
check 'not by request where it is not so' 0 'nobody enters'    ask POST /v1/journeys/thanks/enter '{"customer":"ada"}'

# ---- edits ----
ask POST /v1/journeys/asked/enter '{"customer":"bea","properties":{"amount":9}}' >/dev/null
sed -e 's/30d/1s/' -e 's/again: always/&\nedit: move/' c/journeys/asked.yaml >asked2.yaml
put() { curl -s -X PUT -H "Authorization: Bearer $token" "$url/v1/journeys/$1" --data-binary "@$2"; }
check 'an edit is a version'            0 '"version":2,"is_new":true,"inside":1,"moved":1' put asked asked2.yaml
check 'a shortened wait is over'        0 '"end":"finished"'   soon '"end":"finished"' why bea asked
check 'the same again is none'          0 '"is_new":false'     put asked asked2.yaml
echo 'journey: asked' >bad.yaml
check 'a wrong one changes nothing'     0 "trigger' is missing" put asked bad.yaml

# ---- oversight ----
send '{"type":"track","userId":"bea","event":"signup","messageId":"s1"}' >/dev/null
check 'a draft lets nobody in'          0 '"rule":"approval"'  soon approval why bea checked
check 'it is a draft'                   0 '"journey":"checked","version":1,"state":"draft"' ask GET /v1/journeys
check 'another approves it'             0 '"done":"approve"'   ask POST /v1/journeys/checked/approve
send '{"type":"track","userId":"bea","event":"signup","messageId":"s2"}' >/dev/null
check 'then they enter'                 0 '"outcome":"sent"'   soon '"outcome":"sent"' why bea checked
sed 's/Welcome/Welcome back/' c/journeys/checked.yaml >checked2.yaml
put checked checked2.yaml >/dev/null
check 'nobody approves their own'       0 'another person must' ask POST /v1/journeys/checked/approve
check 'a pause'                         0 '"done":"pause"'     ask POST /v1/journeys/thanks/pause
order bea o4 70 >/dev/null
check 'lets nobody in'                  0 '"entries":\[\]'     why bea thanks
check 'an end of it'                    0 '"done":"resume"'    ask POST /v1/journeys/thanks/resume
order bea o5 70 >/dev/null
check 'lets them in again'              0 '"end":"finished"'   soon '"end":"finished"' why bea thanks

# ---- a refusal between ----
person cyd >/dev/null
ask PUT /v1/customers/cyd/consent '{"offers":false}' >/dev/null
order cyd o6 70 >/dev/null
check 'who refused is not written to'   0 '"outcome":"skipped","rule":"consent"' soon '"end":"finished"' why cyd thanks

# ---- what became of a message ----
send '{"type":"identify","userId":"bad","traits":{"email":"a@b>"}}' >/dev/null
ask PUT /v1/customers/bad/consent '{"offers":true}' >/dev/null
order bad bad1 60 >/dev/null
check 'why says that it did not leave'  0 '"message":"m_[0-9]*","status":"dead","reply":".*is no address' soon '"status":"dead"' why bad thanks
check 'so does the command'             0 'dead: .*is no address' "$holdfast" why bad thanks --db shop.holdfast
check 'and that one did'                0 '"status":"sent"'    why ada thanks

# ---- segments, a merge, a birthday that lies sealed, everybody at one instant ----
send '{"type":"identify","userId":"ada","traits":{"tier":"silver"}}' >/dev/null
ask POST /v1/segments '{"name":"gold","expression":"tier = '"'gold'"'"}' >/dev/null
soon '"is_complete":true' ask GET /v1/segments >/dev/null
born=$(TZ=America/New_York date +1990-%m-%d)
for who in fay gil; do
    person $who >/dev/null
    send "{\"type\":\"identify\",\"userId\":\"$who\",\"traits\":{\"tier\":\"gold\",\"birthday\":\"$born\"}}" >/dev/null
done
check 'who comes into a segment enters' 0 '"entered_ms":[0-9]*,"version":1,"end":null' soon entered_ms why fay gold
soon entered_ms why gil gold >/dev/null
at=$(TZ=America/New_York date -d '+15 seconds' +%H:%M:%S)
printf 'journey: born\ntrigger: {date: birthday, every: year, at: "%s"}\nsteps: [{id: t, task: "Birthday {{ customer.id }}"}]\n' "$at" >born.yaml
printf 'journey: all\ntrigger: {schedule: {every: day, at: "%s"}, zone: person, audience: "tier = '"'gold'"'"}\nsteps: [{id: t, task: "Daily {{ customer.id }}"}]\n' "$at" >all.yaml
put born born.yaml >/dev/null
put all all.yaml >/dev/null
ask POST /v1/identities/merge '{"a":"fay","b":"gil"}' >/dev/null
check 'after a merge one way goes on'   0 '"end":null.*"end":"merged"\|"end":"merged".*"end":null' soon merged why fay gold
soon 'Birthday fay' ask GET /v1/tasks >tasks.txt
soon 'Daily fay' ask GET /v1/tasks >tasks.txt
check 'a birthday comes by their clock' 0 'Birthday fay'       cat tasks.txt
check 'and a broadcast'                 0 'Daily fay'          cat tasks.txt
check 'once for the two who are one'    1 '^0$'                grep -c -e 'Birthday gil' -e 'Daily gil' tasks.txt
printf 'journey: ungold\ntrigger: {segment: gold, on: leave}\nsteps: [{id: t, task: "Ungold {{ customer.id }}"}]\n' >ungold.yaml
put ungold ungold.yaml >/dev/null
send '{"type":"identify","userId":"fay","traits":{"tier":"silver"}},{"type":"identify","userId":"gil","traits":{"tier":"silver"}}' >/dev/null
check 'who leaves a segment enters, too' 0 'Ungold [fg]' soon 'Ungold' ask GET /v1/tasks

# ---- a broadcast that is paused goes on; another zone is no second one ----
person hal >/dev/null
person ida >/dev/null
send '{"type":"identify","userId":"hal","traits":{"club":"yes"}},{"type":"identify","userId":"ida","traits":{"club":"yes"}}' >/dev/null
soon '"club":"yes"' ask GET /v1/customers/ida >/dev/null
clock() { TZ=America/New_York date -d "+$1 seconds" "+$2"; }
printf 'journey: once\ntrigger: {schedule: "%s", zone: person, audience: "club = '"'yes'"'"}\nsteps: [{id: t, task: "Once {{ customer.id }}"}]\n' "$(clock 6 '%Y-%m-%d %H:%M:%S')" >once.yaml
put once once.yaml >/dev/null
ask POST /v1/journeys/once/pause >/dev/null
sleep 8
check 'nobody gets it while it is paused' 1 '^0$'              sh -c "curl -s -H 'Authorization: Bearer $token' $url/v1/tasks | grep -c 'Once '"
ask POST /v1/journeys/once/resume >/dev/null
check 'whose hour lay in the pause gets it after' 0 'Once [hi]' soon 'Once [hi][a-z]*".*Once [hi]' ask GET /v1/tasks
printf 'journey: each\nagain: always\ntrigger: {schedule: {every: day, at: "%s"}, zone: person, audience: "club = '"'yes'"'"}\nsteps: [{id: t, task: "Each {{ customer.id }}"}]\n' "$(clock 8 %H:%M:%S)" >each.yaml
put each each.yaml >/dev/null
sleep 2
send '{"type":"identify","userId":"hal","traits":{"timezone":"America/Los_Angeles"}}' >/dev/null
printf 'journey: given\ntrigger: {event: given}\nsteps: [{id: s, set: {grade: "{{ event.grade }}"}}, {id: f, split: [{when: "grade = '"'a'"'", steps: [{id: y, task: "Graded {{ customer.grade }}"}]}]}]\n' >given.yaml
put given given.yaml >/dev/null
send '{"type":"track","userId":"ida","event":"given","properties":{"grade":"a"}}' >/dev/null
check 'what was set is known to the next step' 0 'Graded a'     soon 'Graded a' ask GET /v1/tasks
check 'who stayed gets it at their hour' 0 'Each ida'          soon 'Each ida' ask GET /v1/tasks
check 'who went west has it to come'    1 '^0$'                sh -c "curl -s -H 'Authorization: Bearer $token' $url/v1/tasks | grep -c 'Each hal'"

# ---- a stop of nothing is none; a file that comes back is at work again ----
check 'no such journey is stopped'      0 "no journey 'thank' to stop; did you mean 'thanks'" ask POST /v1/stop '{"scope":"journey:thank"}'
check 'nor such a channel'              0 "no channel 'emial' to stop" ask POST /v1/stop '{"scope":"channel:emial"}'
check 'one that is there is'            0 'success":true'      ask POST /v1/stop '{"scope":"journey:thanks"}'
check 'until it is lifted'              0 'success":true'      ask DELETE /v1/stop '{"scope":"journey:thanks"}'
state() { ask GET /v1/journeys | grep -o '"journey":"gold","version":[0-9]*,"state":"[a-z]*"'; }
mv c/journeys/gold.yaml gold.yaml
kill -HUP $server
check 'a journey whose file is gone is paused' 0 paused        soon paused state
mv gold.yaml c/journeys/gold.yaml
kill -HUP $server
check 'until it is there again'         0 active               soon active state
ask POST /v1/journeys/gold/pause >/dev/null
mv c/journeys/gold.yaml gold.yaml
kill -HUP $server
sleep 2
mv gold.yaml c/journeys/gold.yaml
kill -HUP $server
sleep 2
check 'unless somebody had paused it'   0 paused               state

# ---- commands beside ----
check 'the list'                        0 'thanks '            "$holdfast" journey list --db shop.holdfast
check 'by their clock, too'            0 '"zone": "America/New_York"' "$holdfast" why ada thanks --db shop.holdfast --json
check 'why by a command'                0 'given to email'     "$holdfast" why ada thanks --db shop.holdfast
check 'of nobody'                       3 'nobody is known'    "$holdfast" why zoe thanks --db shop.holdfast
check 'of no journey'                   3 'no journey'         "$holdfast" why ada nothing --db shop.holdfast
check 'tasks'                           0 'Call bea'           "$holdfast" tasks --db shop.holdfast

# ---- kill -9 while messages are on their way: each purchase that was acknowledged is thanked once ----
for i in $(seq 40); do person "k$i" >/dev/null; done
acknowledged=0
for i in $(seq 40); do
    case $(order "k$i" "x$i" 90) in *true*) acknowledged=$((acknowledged + 1)) ;; esac
    if [ $((i % 8)) = 0 ]; then
        kill -9 $server
        wait $server 2>/dev/null
        start
    fi
done
settled() { [ "$("$holdfast" journey list --db shop.holdfast --json | tr -d ' \n' | grep -o '"journey":"thanks".*' | grep -o '"inside":[0-9]*' | head -1)" = '"inside":0' ] && echo settled; }
soon settled settled >/dev/null
# Who is through has a message put, which leaves after.
left() { for status in queued sending retrying; do "$holdfast" outbox --status $status --db shop.holdfast --json || echo '"thanks"'; done | grep -c '"thanks"'; }
soon '^0$' left >/dev/null
grep -l 'To: k[0-9]*@' mail/*.eml | wc -l | tr -d ' ' >sunk
sent=$(cat sunk) twice=$(grep -h '^To: k' mail/*.eml | sort | uniq -d | wc -l | tr -d ' ')
unknown=$("$holdfast" outbox --status unknown --db shop.holdfast --json | grep -c '"id"')
echo "crash: $acknowledged acknowledged, $sent in the mailbox, $twice twice, $unknown unknown"
check 'nothing was sent twice'          0 '^0$'               echo "$twice"
check 'and restarts lost no purchase' 0 '^yes$' sh -c "[ $acknowledged -ge 39 ] && echo yes"
check 'what was acknowledged was sent, or is in doubt' 0 '^yes$' sh -c "[ $((sent + unknown)) -ge $acknowledged ] && echo yes"

echo "why: $passed passed, $failed failed"
[ "$failed" -eq 0 ]
