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
grep -l 'To: k[0-9]*@' mail/*.eml | wc -l | tr -d ' ' >sunk
sent=$(cat sunk) twice=$(grep -h '^To: k' mail/*.eml | sort | uniq -d | wc -l | tr -d ' ')
unknown=$("$holdfast" outbox --status unknown --db shop.holdfast --json 2>/dev/null | grep -c '"id"')
echo "crash: $acknowledged acknowledged, $sent in the mailbox, $twice twice, $unknown unknown"
check 'nothing was sent twice'          0 '^0$'               echo "$twice"
check 'and restarts lost no purchase' 0 '^yes$' sh -c "[ $acknowledged -ge 39 ] && echo yes"
if "$holdfast" outbox --help >/dev/null 2>&1; then
    check 'what was acknowledged was sent, or is in doubt' 0 '^yes$' sh -c "[ $((sent + unknown)) -ge $acknowledged ] && echo yes"
fi

echo "why: $passed passed, $failed failed"
[ "$failed" -eq 0 ]
