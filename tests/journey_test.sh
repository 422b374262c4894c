#!/bin/sh
# journey_test.sh - holdfast journey: what is wrong with a definition is said with its line.
cd "$(dirname "$0")/.." || exit 1
holdfast=$PWD/$BUILD/holdfast root=$PWD
scratch=$PWD/build/scratch/journey.$$
. tests/check.sh
mkdir -p "$scratch/journeys" "$scratch/templates" && cd "$scratch" || exit 1
trap 'rm -rf "$scratch"' EXIT

# journey NAME LINE... - a file of a journey's first lines and more.
journey() {
    name=$1
    shift
    { echo "journey: $name"; for line in "$@"; do printf '%s\n' "$line"; done; } >"journeys/$name.yaml"
}
refused() {     # refused SENTENCE PATTERN LINE...: a journey of these lines is refused so
    sentence=$1 pattern=$2
    shift 2
    journey bad "$@"
    check "$sentence" 2 "$pattern" "$holdfast" journey check journeys/bad.yaml
}
order='trigger: {event: order}' none='steps: []'

journey all 'topic: offers' 'trigger: {segment: slipping}' 'filter: "churn > 0.5 AND event.amount > 3"' 'again: 30d' \
    'edit: move' 'exit: either' 'goal: {event: order, within: 14d}' 'approval: required' 'at_most: {per_day: 5000, budget: {amount: 5000, per: 4w}, discount: 15}' \
    'priority: 10' 'send_time: learned' 'steps:' \
    '  - {id: settle, delay: 1d}' '  - {id: morning, until: "09:00"}' \
    '  - {id: fork, split: [{when: "order_count > 3", steps: []}, {otherwise: [{id: bye, exit: true}]}]}' \
    '  - {id: code, coupon: WIN10, percent: 10, expires: 14d}' \
    "  - {id: mail, send: email, subject: '{{ customer.name }}, 10 %', html: mail.html}" \
    "  - {id: tell, send: crm, body: '{\"id\":\"{{customer.id}}\"}', set: {tier: reply.tier}}" \
    '  - {id: window, window: {days: [mon, fri], from: "09:00", to: "18:00"}}' \
    '  - {id: day, until: {date: renewal, at: "09:00"}}' \
    '  - {id: coin, random: [{share: .5, steps: []}, {share: .5, steps: []}]}' \
    '  - {id: test, experiment: winback, arms: {control: [], mail: [], coupon: []}}' \
    '  - {id: best, decide: home, candidates: {coupon: [], call: [], nothing: []}}' \
    '  - {id: mark, set: {tier: gold}}' '  - {id: say, raise: winback_over, properties: {step: mark}}' \
    "  - {id: bought, wait: {event: order}, at_most: 3d, otherwise: [{id: call, task: 'Call {{ customer.name }}'}]}" \
    '  - {id: out, exit: true}'
echo '<p>{{ customer.name }}</p>' >templates/mail.html
check 'the whole vocabulary is understood' 0 '1 journey, 17 steps' "$holdfast" journey check journeys/all.yaml
check 'and listed'                 0 '"steps": 17'            "$holdfast" journey check journeys/all.yaml --json

refused 'no trigger'               "bad.yaml:1:1: 'trigger' is missing"     "$none"
refused 'no steps'                 "'steps' is missing"                     "$order"
refused 'an unknown key'           "bad.yaml:2:9: 'triger' is not known here; did you mean 'trigger'" 'triger: {event: order}' "$none"
refused 'an unknown trigger'       'bad.yaml:2:10: a trigger is one of'     'trigger: {moon: full}' "$none"
refused 'a wrong day'              "bad.yaml:2:.*is no day of the week"     'trigger: {schedule: {every: week, on: caturday}}' "$none"
refused 'a zone from elsewhere'    "'../../etc/passwd' is no zone"          'trigger: {schedule: "2027-03-01 09:00", zone: ../../etc/passwd}' "$none"
refused 'a day that is none'       "'schedule' must be a local time"        'trigger: {schedule: "2027-02-30 09:00"}' "$none"
refused 'a condition that is none' "bad.yaml:3:9: 'filter': "               "$order" 'filter: "churn >"' "$none"
refused 'a condition that reads'   "'filter': "                             "$order" 'filter: "(SELECT 1)"' "$none"
refused 'a span that is none'      "bad.yaml:4:.*'delay' must be a span"    "$order" 'steps:' '  - {id: a, delay: soon}'
refused 'a clock that is none'     "'until' must be a time of the day"      "$order" 'steps:' '  - {id: a, until: "25:00"}'
refused 'two steps of one name'    "a second step is called 'a'; the first is in line 4" "$order" 'steps:' '  - {id: a, delay: 1d}' '  - {id: a, delay: 1d}'
refused 'a step without name'      "a step needs an 'id'"                   "$order" 'steps:' '  - {delay: 1d}'
refused 'a step that does nothing' 'this step does nothing'                 "$order" 'steps:' '  - {id: a}'
refused 'waiting for ever'         "'at_most' is missing"                   "$order" 'steps:' '  - {id: a, wait: {event: order}}'
refused 'shares that are too many' 'the shares add up to 1.2, not to 1'     "$order" 'steps:' '  - {id: a, random: [{share: .6}, {share: .6}]}'
refused 'an empty window'          'is never open'                          "$order" 'steps:' '  - {id: a, window: {from: "09:00", to: "09:00"}}'
refused 'nothing said'             'nothing is said'                        "$order" 'steps:' '  - {id: a, send: email}'
refused 'an unknown filter'        "bad.yaml:4:.*step 'a'.*shout"           "$order" 'steps:' '  - {id: a, send: email, subject: "{{ x | shout }}"}'
refused 'a template that is not there' "nothing.html"                       "$order" 'steps:' '  - {id: a, send: email, html: nothing.html}'
refused 'a template from outside'  'leads out of the folder'                "$order" 'steps:' '  - {id: a, send: email, html: ../journeys/all.yaml}'
refused 'an experiment without arms' "'arms' is missing"                    "$order" 'steps:' '  - {id: a, experiment: winback}'
refused 'a limit of nothing'       "'at_most' limits something"             "$order" 'at_most: {}' "$none"
refused 'a budget that is none'    "bad.yaml:3:.*'budget' must be a number" "$order" 'at_most: {budget: much}' "$none"
refused 'a budget without amount'  'a budget says how much in how long'     "$order" 'at_most: {budget: {per: 4w}}' "$none"
refused 'a discount nobody knows'  "bad.yaml:5:.*'c' does not say what its coupon takes off: percent: 15" "$order" 'at_most: {discount: 15}' 'steps:' '  - {id: c, coupon: WIN10}'
refused 'a discount that is more'  "bad.yaml:5:.*'c' takes 20 % off; 'at_most' allows 15" "$order" 'at_most: {discount: 15}' 'steps:' '  - {id: c, coupon: WIN20, percent: 20}'
refused 'a loop by itself'         "bad.yaml:5:5: a loop without delay: the step 'b' raises 'order'" "$order" 'again: always' 'steps:' '  - {id: b, raise: order}'
refused 'a loop by its usual name'  "a loop without delay: the step 'b' raises 'order'" 'trigger: {event: Order Completed}' 'again: always' 'steps:' '  - {id: b, raise: Order Completed}'
refused 'a mail for each mail'     "a loop without delay: the step 'b' raises 'Email Sent'" 'trigger: {event: Email Sent}' 'again: always' 'steps:' '  - {id: b, send: email, subject: Hi, body: Hi}'
refused 'a trait for each trait'   "a loop without delay: the step 'b' raises 'traits'" 'trigger: {event: traits}' 'again: always' 'steps:' '  - {id: b, set: {tier: gold}}'

journey there "trigger: {event: ping}" 'again: always' 'steps:' '  - {id: a, split: [{when: "x > 1", steps: [{id: w, delay: 1h}]}]}' '  - {id: b, raise: pong}'
journey back "trigger: {event: pong}" 'again: always' 'steps:' '  - {id: c, raise: ping}'
check 'a loop of two'              2 'a loop without delay'       "$holdfast" journey check journeys/there.yaml journeys/back.yaml
journey there "trigger: {event: ping}" 'again: always' 'steps:' '  - {id: a, delay: 1h}' '  - {id: b, raise: pong}'
check 'a delay makes it none'      0 '2 journeys, 3 steps'        "$holdfast" journey check journeys/there.yaml journeys/back.yaml
cp journeys/all.yaml journeys/again.yaml
check 'two of one name'            2 "are both called 'all'"      "$holdfast" journey check journeys/all.yaml journeys/again.yaml
check 'no such file'               3 'nothing.yaml'               "$holdfast" journey check journeys/nothing.yaml
check 'no such action'             2 "did you mean 'check'"       "$holdfast" journey chekc

# ---- what is sent has a way out ----
mkdir -p shop/journeys
cat >shop/holdfast.yaml <<'END'
topics: {offers: {basis: consent}}
channels:
  email: {kind: smtp, url: "smtp://127.0.0.1:1", tls: none, from: news@example.com}
  text: {kind: twilio, url: "https://api.example.com", account: A, token_file: t, from: "+491512345678"}
END
lost() {     # lost SENTENCE PATTERN LINE...: a journey of these lines lacks what the settings beside it name
    sentence=$1 pattern=$2
    shift 2
    journey bad "$@"
    mv journeys/bad.yaml shop/journeys/
    check "$sentence" 2 "$pattern" "$holdfast" journey check shop/journeys/bad.yaml
}
lost 'an unknown channel'      "bad.yaml:3:9: step 'a': no channel of the settings is called 'emial'; did you mean 'email'" "$order" 'steps: [{id: a, send: emial, body: hi}]'
lost 'one of several'          "no channel of the settings is called 'sms'" "$order" 'steps: [{id: a, send: best, channels: [email, sms], subject: x, body: hi}]'
lost 'an unknown topic'        "bad.yaml:2:8: no topic of the settings is called 'ofers'; did you mean 'offers'" 'topic: ofers' "$order" "$none"
lost 'an e-mail of no words'   "an e-mail says something: html, text or body is missing" "$order" 'steps: [{id: a, send: email, subject: x}]'
lost 'an SMS of no words'      "an SMS says something"   "$order" 'steps: [{id: a, send: text, subject: x}]'

# ---- what a template speaks of, it is told ----
mkdir -p shop/templates
lost 'a name that nothing has'         "bad.yaml:3:9: step 'a': {{ custmoer.name }} means nothing: no template is told of 'custmoer'; did you mean 'customer'" "$order" 'steps: [{id: a, send: email, subject: "Hi {{ custmoer.name }}", body: hi}]'
printf 'Hi {%% for one in recommendation.items %%}{{ one.title }}{%% endfor %%}{{ word | default: "" }}{{ name }}\n' >shop/templates/mail.html
lost 'one in a file'                   "mail.html: {{ name }} means nothing" "$order" 'steps: [{id: a, send: email, subject: "Hi {{ customer.name }}", html: mail.html}]'

# ---- what is rendered within what is sent is there, and ends ----
mkdir -p shop/templates
printf 'Hi\n{%% render "foot" %%}\n{%% include name %%}\n' >shop/templates/mail.html
printf 'foot\n' >shop/templates/foot.html
mailed='steps: [{id: a, send: email, subject: "Hi", html: mail.html}]'
journey good "$order" "$mailed"
mv journeys/good.yaml shop/journeys/
check 'a snippet that is there'        0 '1 journey'                "$holdfast" journey check shop/journeys/good.yaml
printf '{%% if customer.vip %%}{%% render "fot" %%}{%% endif %%}' >shop/templates/foot.html
lost 'a snippet of a snippet is not there' "templates/foot.html:1: there is no snippet 'fot' in .*templates: write 'fot.html' there, or take it out" "$order" "$mailed"
printf '{%% if customer.vip %%}{%% render "mail" %%}{%% endif %%}' >shop/templates/foot.html
check 'a condition may end what is in itself' 0 '1 journey'         "$holdfast" journey check shop/journeys/good.yaml
printf '\n\n{%% render "mail" %%}' >shop/templates/foot.html
lost 'two files in each other'         "templates/foot.html:3: 'mail' is rendered within itself and no condition ends it" "$order" "$mailed"
printf '{%% if %%}' >shop/templates/foot.html
lost 'a mistake in a snippet'          "templates/mail.html:2: .*templates/foot.html:1: " "$order" "$mailed"
printf 'foot\n' >shop/templates/foot.html
printf 'Hallo\n\n{%% render "fuss" %%}' >shop/templates/mail.de.html
lost 'and of a language'               "templates/mail.de.html:3: there is no snippet 'fuss'" "$order" "$mailed"
rm shop/templates/mail.de.html
lost 'and of a subject'                "step 'a': line 1: there is no snippet 'greeting'" "$order" 'steps: [{id: a, send: email, subject: "{% render '"'greeting'"' %}", body: hi}]'

# ---- preview: one person's time goes by ----
cat >ada.json <<'END'
{"id":"ada","traits":{"email":"ada@example.net","timezone":"Europe/Berlin","first_name":"Ada","tier":"gold","renewal":"2027-04-20"},
 "consent":{"offers":true},"holdout":false,"events":[{"event":"Order Completed","time":"2027-03-27T11:00:00Z","properties":{"total":80}}]}
END
cat >holdfast.yaml <<'END'
zone: Europe/Berlin
topics: {offers: {basis: consent, double_opt_in: true}, news: {basis: consent}, receipts: {basis: contract}}
quiet_hours: {from: "21:00", to: "08:00"}
caps: [{channel: email, most: 1, per: day, over: skip}]
END
preview() { "$holdfast" journey preview "journeys/$1.yaml" --person "${2:-ada.json}" --from 2027-03-27T11:00:00Z --settings holdfast.yaml; }
# tells SENTENCE PATTERN LINE...: the preview of a journey of these lines has such a line.
tells() {
    sentence=$1 pattern=$2
    shift 2
    journey one "$@"
    check "$sentence" 0 "$pattern" preview one "$person"
}
person=ada.json slipping='trigger: {segment: slipping}' hello='{id: a, send: email, subject: "Hello {{ customer.name }}", html: mail.html}'
tells 'a day is the same local time'       '2027-03-28T12:00 *d *waited'            "$slipping" 'steps: [{id: d, delay: 1d}]'
tells '24 hours are elapsed'               '2027-03-28T13:00 *d *waited'            "$slipping" 'steps: [{id: d, delay: 24h}]'
tells 'a date is 14 days ahead'            '2027-04-06T10:00 *d *waited'            "$slipping" 'steps: [{id: d, until: {date: renewal, before: 14d, at: "10:00"}}]'
tells 'a window on monday'                 '2027-03-29T09:00 *w *waited'            "$slipping" 'steps: [{id: w, window: {days: [mon], from: "09:00", to: "18:00"}}]'
tells 'a message with consent'             '12:00 *a *sent'                         "$slipping" 'topic: offers' "steps: [$hello]"
tells 'without consent none'               'a *skipped *no consent to .news'        "$slipping" 'topic: news' "steps: [$hello]"
tells 'at night it is held'                '22:00 *a *held *held until 2027-03-28 08:00: quiet hours' "$slipping" 'topic: offers' "steps: [{id: w, until: '22:00'}, $hello]"
tells 'and goes in the morning'            '2027-03-28T08:00 *a *sent'              "$slipping" 'topic: offers' "steps: [{id: w, until: '22:00'}, $hello]"
tells 'the second of a day is skipped'     'b *skipped *as many as the cap'         "$slipping" 'topic: offers' "steps: [$hello, {id: b, send: email, subject: again}]"
tells 'a receipt goes all the same'        'b *sent'                                "$slipping" 'topic: receipts' "steps: [$hello, {id: b, send: email, subject: again}]"
tells 'what was set is known at once'      'a *branched *went where "tier'          "$slipping" "steps: [{id: s, set: {tier: '{{ customer.first_name }}s'}}, {id: a, split: [{when: \"tier = 'Adas'\", steps: []}]}]"
tells 'words that cannot be made'          't *failed .*divided by 0'               "$slipping" "steps: [{id: t, task: '{{ 1 | divided_by: 0 }}'}]"
tells 'a subject is one line'              'a *sent'                                "$slipping" 'topic: offers' 'steps:' '  - id: a' '    send: email' '    html: mail.html' '    subject: |' '      Hello' '      {{ customer.name }}'
tells 'a value that is missing'            'a *failed *subject: line 1: there is no value for customer.city' "$slipping" 'steps: [{id: a, send: email, subject: "{{ customer.city }}"}]'
tells 'an order enters, with its amount'   'c *branched *went where "event.amount > 50"' 'trigger: {event: order, where: "amount >= 80"}' 'steps: [{id: c, split: [{when: event.amount > 50, steps: []}, {otherwise: [{id: x, exit: true}]}]}]'
tells 'a smaller one does not'             'nobody enters'                          'trigger: {event: order, where: "amount > 80"}' "$none"
tells 'who does not match does not enter'  'did not enter: filter'                  "$slipping" 'filter: "tier = '\''silver'\''"' "$none"
tells 'who matches does'                   'finished'                               "$slipping" 'filter: "tier = '\''gold'\''"' "$none"
tells 'what does not come in time'         'x *exited'                              "$slipping" 'steps: [{id: w, wait: {event: login}, at_most: 3d, otherwise: [{id: x, exit: true}]}, {id: y, delay: 1h}]'
sed 's/"events":\[/&{"event":"Order Completed","time":"2027-03-29T11:00:00Z","properties":{"total":8}},/' ada.json >bea.json
person=bea.json
tells 'what comes goes on at once'         '2027-03-29T13:00 *w *waited *the event .order. came' "$slipping" 'steps: [{id: w, wait: {event: order}, at_most: 3d}]'
tells 'what came before is there already'  'w *waited *the event .order. was there already' "$slipping" 'steps: [{id: d, delay: 5d}, {id: w, wait: {event: order}, at_most: 3d}]'
tells 'the goal ends it'                   '2027-03-29T13:00 *d *exited *the goal was met' "$slipping" 'goal: {event: order, within: 14d}' 'steps: [{id: d, delay: 5d}]'
tells 'but not after its time'             'finished'                               "$slipping" 'goal: {event: order, within: 1d}' 'steps: [{id: d, delay: 5d}]'
tells 'nor where the file says never'      'finished'                               "$slipping" 'exit: never' 'goal: {event: order, within: 14d}' 'steps: [{id: d, delay: 5d}]'
sed 's/"holdout":false/"holdout":true/' ada.json >cyd.json
person=cyd.json
tells 'nobody in the holdout is contacted' 'a *skipped *in the control group'       "$slipping" 'topic: offers' "steps: [$hello]"
sed 's/"email":"[^"]*",//' ada.json >dan.json
person=dan.json
tells 'without an address nothing goes'    'a *skipped *there is no address'        "$slipping" 'topic: offers' "steps: [$hello]"
sed 's/Europe.Berlin/Mars\/Base/' ada.json >eve.json
person=eve.json
tells 'an unknown zone is the shop.s'      '2027-03-28T12:00 *d *waited'            "$slipping" 'steps: [{id: d, delay: 1d}]'
echo '{}' >holdfast.yaml.json
for wrong in '"consents":{}' '"holdout":"no"' '"consent":{"offers":"yes"}'; do
    echo "{\"id\":\"ada\",$wrong}" >wrong.json
    check "a person with $wrong"           2 'wrong.json: .*\(is not known here\|must be true or false\|neither true nor false\)' preview one wrong.json
done
check 'a person that is none'          2 "'id' is missing"            preview one holdfast.yaml.json
check 'no such person'                 3 'nobody.json'                preview one nobody.json

# ---- the examples, over two years of a made-up shop whose people live in twenty zones ----
check 'the examples are right'         0 '12 journeys'                "$holdfast" journey check "$root"/examples/journeys/*.yaml
check 'and the first'                  0 '1 journey'                  "$holdfast" journey check "$root"/examples/first/journeys/*.yaml
"$holdfast" simulate --customers 120 --days 731 --out shop >/dev/null 2>&1
"$holdfast" run shop/events.csv --db shop.holdfast --out shop.html --search-seconds .1 >/dev/null 2>&1
check 'two years break no rule'        0 '"violations": 0'            "$holdfast" journey simulate "$root/examples/journeys" --days 731 --db shop.holdfast --json
cp out simulated.json
check 'and much is sent'               0 '"email": [1-9][0-9]\{2\}'  cat simulated.json
check 'who lacks what is said is counted' 0 "renewal, step 'notice'.*: [0-9]* of [0-9]* customers have no customer.renewal" \
    "$holdfast" journey check "$root/examples/journeys/renewal.yaml" --db shop.holdfast
anybody=$(sed -n 2p shop/events.csv | cut -d, -f1)
check 'a message to somebody is shown' 0 '"subject": "Welcome"'       "$holdfast" render "$root/examples/templates/welcome.html" --person "$anybody" --db shop.holdfast --json
check 'not to nobody'                  3 "nobody is known as 'none'"  "$holdfast" render "$root/examples/templates/welcome.html" --person none --db shop.holdfast
sed 's/holdout_share: .*/holdout_share: 0.3/' "$root/examples/holdfast.yaml" >more.yaml
check 'nobody of the control group is written to' 0 '"holdout": [1-9]' "$holdfast" journey simulate "$root/examples/journeys" --days 100 --db shop.holdfast --settings more.yaml --json
for rule in cap consent quiet_hours; do check "some by $rule is not" 0 "\"$rule\": [1-9]" cat simulated.json; done

# ---- what is spent, and by which chances branches are taken ----
sed 's/holdout_share: .*/holdout_share: 0/' "$root/examples/holdfast.yaml" >limits.yaml
printf 'costs: {contact: {email: 0.5}}\nbandits:\n  - {name: b, placement: home, arms: [red, blue], policy: thompson, reward: {event: order, within: 3d}, floor: .2}\n' >>limits.yaml
cat >experiment.yaml <<'END'
experiments:
  - name: winback
    arms: {control: 0.2, mail: 0.8}
    control: control
    start: 2026-01-01
    exposure: step
    primary: orders
    metrics: [{name: orders, event: order, window: 30d}]
END
mkdir limited && cat >limited/all.yaml <<'END'
journey: all
trigger: {event: order}
again: always
at_most: {budget: 1.5}
steps:
  - {id: test, experiment: winback, arms: {control: [{id: c, send: control, body: c}], mail: [{id: m, send: mail, body: m}]}}
  - {id: best, decide: home, candidates: {red: [{id: r, send: red, body: r}], blue: [{id: b, send: blue, body: b}], green: [{id: g, send: green, body: g}]}}
  - {id: mail, send: email, subject: Hello}
END
"$holdfast" experiment start experiment.yaml --db shop.holdfast >/dev/null
simulate() { "$holdfast" journey simulate limited --days 100 --db shop.holdfast --settings limits.yaml --json >out.json; }
simulate
holds 'no more is spent in a day than the budget' 'json.violations === 0 && json.spent <= 101 * 1.5 && json.spent >= 10 && json.held.cap > 0 && json.spent === json.sent.email / 2'
sed -i 's/at_most: .*/at_most: {per_day: 2}/' limited/all.yaml
simulate
holds 'no more enter in a day than may' 'json.entered <= 2 * 101 && json.entered > 20'
sed -i '/at_most: .*/d; s/again: .*/again: never/' limited/all.yaml
simulate
holds 'arms are taken by the shares of the experiment' 'near(json.sent.mail / (json.sent.mail + json.sent.control), .8, .13)'
holds 'and a decision by the chances of what decides there, which knows no green' 'near(json.sent.red / json.entered, .5, .2) && json.sent.red + json.sent.blue === json.entered && !json.sent.green'

check 'a shop without addresses and consent sends nothing' 0 '"sent": {}' sh -c "cut -d, -f1-6 shop/events.csv >plain.csv && '$holdfast' import plain.csv --db plain.holdfast >/dev/null && '$holdfast' journey simulate '$root/examples/journeys' --days 100 --db plain.holdfast --json"

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
