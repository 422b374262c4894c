#!/usr/bin/env bash
# plan_database_test.sh - holdfast plan on a database: a pilot where nothing is known, then a plan for whom it pays.
set -u
cd "$(dirname "$0")/.." || exit 1
. tests/check.sh
holdfast=$PWD/$BUILD/holdfast
folder=$(mktemp -d "$BUILD/plan_database.XXXXXX") || exit 1
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null; rm -rf "$folder"' EXIT
cd "$folder" || exit 1

# A shop in which an e-mail moves those who came by social alone, and a call nobody.
cat >shop.js <<'E2'
const fs = require("fs"), day = 86400000, start = Date.UTC(2024, 0, 1);
let x = 5;
const lot = () => (x = (1103515245 * x + 12345) % 2 ** 31, (x >> 8) % 8388608 / 8388608);
const channels = ["social", "search"], name = (i) => `C${String(i).padStart(5, "0")}`, people = 2400;
const row = (i, ms, event, amount) => [name(i), new Date(ms).toISOString().slice(0, 19).replace("T", " "), event, amount,
    channels[i % 2]].join();
const head = "customer,time,event,amount,channel", from = +process.argv[2], until = +process.argv[3], rows = [];
for (let i = 0; i < people; i++)
    for (let d = from; d < until; d++) if (lot() < .025 || (from === 0 && d === 0)) rows.push([start + d * day + lot() * day, i, "order", 30 + 20 * lot()]);
if (process.argv[5]) for (const line of fs.readFileSync(process.argv[5], "utf8").trim().split("\n")) {
    const sent = JSON.parse(line), i = +sent.customer.slice(1);
    if (sent.action === "email" && i % 2 === 0 && lot() < .7) rows.push([start + (from + 14 * lot()) * day + 60000, i, "order", 40]);
}
rows.sort((a, b) => a[0] - b[0]);
fs.writeFileSync(process.argv[4], [head, ...rows.map(([ms, i, e, a]) => row(i, ms, e, a.toFixed(2)))].join("\n") + "\n");
E2
cat >actions.yaml <<'E2'
actions:
  - {name: email, channel: email, contact_cost: .05}
  - {name: call, channel: file, contact_cost: 3}
E2
# The lot is keyed by the database's salt: the same in every run here.
salted() {
    "$holdfast" import history.csv --db "$1" --quiet >/dev/null && python3 -c 'import sqlite3, sys
d = sqlite3.connect(sys.argv[1]); d.execute("INSERT INTO setting VALUES (\"decision_salt\", \"0123456789abcdef\")"); d.commit()' "$1"
}
node shop.js 0 120 history.csv
salted s.holdfast || exit 1
plan() { "$holdfast" plan --db s.holdfast --actions actions.yaml --margin .4 --json "$@" >out.json; }

plan --budget 2000 --as-of 2024-04-30
holds 'without anything drawn there is a pilot and no plan' 'json.pilot.arms === 3 && json.pilot.per_arm > 300 && json.pilot.detects > 0 &&
    json.proposed === false && json.profit.value === 0'
holds 'a database that has its lot warns of nothing' 'json.warnings.length === 0'
"$holdfast" import history.csv --db told.holdfast --as-of 2024-04-30 --quiet >/dev/null || exit 1
"$holdfast" plan --db told.holdfast --actions actions.yaml --margin .4 --json --as-of 2024-04-30 >out.json
holds 'before anything was drawn it is said that the lot will fall on others' 'json.warnings.some((w) => /first --commit.*others/.test(w))'
holds 'where all was received at once, it is not said what a pilot would find' 'json.pilot.per_arm > 300 &&
    json.pilot.detects === null && /difference it would find is not known/.test(json.sentence)'
sed 's/contact_cost: 3/contact_cost: 3, offer: {kind: percent, depths: [20]}/' actions.yaml >off.yaml
"$holdfast" plan --db told.holdfast --actions off.yaml --margin .4 --json --as-of 2024-04-30 --budget 200 >out.json
holds 'what its discounts cost neither, and its contacts keep to the budget' 'json.pilot.cost === null && json.pilot.per_arm > 40 &&
    /what its discounts cost is not known/.test(json.sentence) && json.chosen.reduce((sum, c) => sum + c.cost, 0) <= 200'
plan --budget 200 --as-of 2024-04-30
holds 'a pilot keeps to the budget, and says that it is smaller for it' '((cost) => cost > 150 && cost <= 200 && near(cost, json.pilot.cost) &&
    json.pilot.per_arm > 40 && /as the budget and the capacities allow/.test(json.sentence))(
    json.chosen.reduce((sum, c) => sum + c.cost, 0))'
check 'no decision was written' 0 '^1 rows' "$holdfast" audit verify --db s.holdfast
plan --budget 2000 --as-of 2024-04-30 --commit --sink sink
holds 'the pilot is sent, once each' '((sink) => sink.length > 700 && new Set(sink.map((s) => s.customer)).size === sink.length &&
    sink.every((s) => s.group === "pilot" && near(s.propensity, 1 / 3, 1e-9)))(lines("sink"))'
cp sink first_sink
check 'what was drawn is in the ledger, whole' 0 'each as it was written down' "$holdfast" audit verify --db s.holdfast
rows=$("$holdfast" audit verify --db s.holdfast --json | node -p 'JSON.parse(require("fs").readFileSync(0)).rows')
plan --budget 2000 --as-of 2024-04-30 --commit --sink sink
check 'the same plan again sends the same' 0 same sh -c 'cmp sink first_sink && echo same'
again=$("$holdfast" audit verify --db s.holdfast --json | node -p 'JSON.parse(require("fs").readFileSync(0)).rows')
check 'and decides nothing anew' 0 '^1$' echo $((again - rows))
node shop.js 120 149 after.csv first_sink
"$holdfast" import after.csv --db s.holdfast --quiet >/dev/null || exit 1
plan --budget 40 --as-of 2024-05-29
holds 'the plan pays, by people who did not teach it' 'json.pilot === null && json.proposed && json.profit.low > 0 && json.taught_by > 1000'
holds 'those whom an e-mail moves get it' '((c) => c.length > 300 && c.filter((c) => c.action === "email" && +c.customer.slice(1) % 2 === 0).length > .9 * c.length)(
    json.chosen.filter((c) => c.group !== "explore"))'
holds 'within the budget' 'json.spent <= 40 && json.gap < .05'
cp s.holdfast caps.holdfast && cp s.holdfast.key caps.holdfast.key
plan --budget 200 --as-of 2024-05-29 --commit --sink sink
holds 'a tenth is withheld and nobody of them is sent to' '((w, sink) => w.length > 20 && w.length < .2 * json.chosen.length &&
    w.every((c) => !sink.some((s) => s.customer === c.customer)))(
    json.chosen.filter((c) => c.group === "withheld"), lines("sink"))'
plan --budget 0 --as-of 2024-05-29
holds 'budget 0: nobody is planned for' 'json.chosen.every((c) => c.group === "explore")'
plan --budget 200 --as-of 2024-04-30
holds 'as of an earlier day nothing later is known' 'json.pilot !== null'
"$holdfast" ledger --db s.holdfast --json >out.json
holds 'the ledger keeps what was known of each, and what an order of theirs is worth' '((d) => d.length > 1000 && d.every((r) =>
    r.answer.inputs.order_count > 0 && r.answer.inputs.order_recency_days >= 0 && r.answer.inputs.order_value > 1))(
    json.rows.filter((r) => r.kind === "decision"))'
cat >some.yaml <<'E2'
actions:
  - {name: email, contact_cost: .05, who: order_count <= 3}
  - {name: call, contact_cost: 3, who: order_count > 3}
E2
some() { "$holdfast" plan --db some.holdfast --actions some.yaml --margin .4 --json "$@" >out.json; }
salted some.holdfast || exit 1
some --as-of 2024-04-30 --commit --sink some_sink
"$holdfast" ledger --db some.holdfast --json >out.json
holds 'what was not open to a customer has no chance in the ledger' '((d) => d.length > 700 &&
    d.every((r) => r.answer.alternatives.length === 2 && r.answer.alternatives.every((a) => a.propensity === .5)))(
    json.rows.filter((r) => r.kind === "decision"))'
node shop.js 120 149 after.csv some_sink
"$holdfast" import after.csv --db some.holdfast --quiet >/dev/null || exit 1
some --as-of 2024-05-29
holds 'a plan of actions that are never open to the same customer is judged by those who could have had one' \
    'json.proposed && json.profit.low > 0'
printf 'actions:\n  - {name: email, contact_cost: .05, who: order_count > 1000000}\n' >closed.yaml
"$holdfast" plan --db s.holdfast --actions closed.yaml --margin .4 --as-of 2024-05-29 --json >out.json
holds 'an action that nobody is eligible for is named, with its who' '/^No plan: no action is open to anybody/.test(json.sentence) &&
    json.warnings.some((w) => /nobody is eligible for .email.*order_count > 1000000/.test(w)) && json.left_alone.reasons.not_meant > 2000'
cat >limits.yaml <<'E2'
actions:
  - {name: email, channel: email, contact_cost: .05, capacity: {per: week, n: 150}, topic: offers, cooldown: 14d, cap: {most: 1, per: 30d}}
  - {name: call, channel: file, contact_cost: 3}
  - {name: gift, contact_cost: 1, offer: {kind: percent, depths: [5, 30], floor_margin: .2}}
budget: {amount: 40, per: 4w}
approve: {above: 2000}
bandits: [{name: subject, arms: [short, long]}]
E2
"$holdfast" plan --db s.holdfast --actions limits.yaml --margin .4 --as-of 2024-05-29 --capacity call=1 --json >out.json
holds 'a budget beside the actions holds' 'json.budget === 40'
holds 'what is left out is said' '["30 % is left out.*floor_margin", "--capacity has no effect"].every((w) =>
    json.warnings.some((s) => new RegExp(w).test(s)))'
sed -i '/gift/d' limits.yaml
"$holdfast" plan --db s.holdfast --actions limits.yaml --margin .4 --as-of 2024-05-29 --budget inf --json >out.json
holds 'a capacity for a week holds for each of the four weeks' \
    'json.proposed && json.chosen.filter((c) => c.action === "email" && c.group !== "explore").length === 600'
holds 'and who is left alone because of it is not said to be so for the budget' \
    '((why) => why.capacity > 0 && why.budget === 0 && why.not_proposed === undefined)(json.left_alone.reasons)'
printf 'protected: [channel]\n' >>limits.yaml
"$holdfast" plan --db s.holdfast --actions limits.yaml --margin .4 --as-of 2024-05-29 --budget inf --json >out.json
holds 'a protected trait tells nothing of whom to choose' '((c) => c.every((c) => c.action !== "email") ||
    c.filter((c) => +c.customer.slice(1) % 2 === 1).length > .2 * c.length)(json.chosen.filter((c) => c.group !== "explore"))'
sed 's/call, channel: file/call, who: "\\"channel = social\\" = 1", channel: file/' limits.yaml >meant.yaml
check 'nor is an action meant for those who have it' 2 "action 'call': who: 'channel = social' rests on 'channel', which is protected" \
    "$holdfast" plan --db s.holdfast --actions meant.yaml --margin .4 --as-of 2024-05-29
check 'a warning stands beside what is printed' 0 'holdfast plan: warning: --capacity has no effect' \
    "$holdfast" plan --db s.holdfast --actions limits.yaml --margin .4 --as-of 2024-05-29 --capacity call=1
check 'a commit needs a way' 2 "channel 'email', which the section channels" "$holdfast" plan --db s.holdfast --actions actions.yaml --commit

"$holdfast" ledger --db s.holdfast --json >out.json
holds 'the ledger tells what was weighed, and what came of it once that is known' '((past, now, weighed) => past.length > 1000 &&
    past.every((r) => r.outcome.event === "order" && r.outcome.n >= 0) && past.some((r) => r.outcome.n > 1 && r.outcome.amount_cents > 6000) &&
    now.every((r) => r.outcome === null) && weighed.length > 300 && weighed.every((a) => a.low_cents <= a.incremental_profit_cents))(
    ...((d) => [d.filter((r) => r.at < "2024-05-01"), d.filter((r) => r.at > "2024-05-01"),
        d.flatMap((r) => r.answer.alternatives).filter((a) => a.low_cents !== undefined && a.low_cents !== null)])(
        json.rows.filter((r) => r.kind === "decision")))'

# What the pilot of 30 April did counts for caps and cooldowns on 29 May.
cat >caps.yaml <<'E2'
actions:
  - {name: email, channel: task, subject: "Call {{customer.id}}", contact_cost: .05, cap: {most: 1, per: 30d}}
  - {name: call, channel: task, contact_cost: 3, cooldown: 60d}
budget: {amount: 100, per: 4w}
approve: {above: 20, role: lead}
E2
plan2() { "$holdfast" plan --db caps.holdfast --actions caps.yaml --margin .4 --as-of 2024-05-29 --json "$@" >out.json; }
plan2
holds 'caps and cooldowns leave out whom plans reached before' '((had) => json.chosen.length > 300 && had.size > 700 &&
    json.chosen.every((c) => !had.has(c.customer + c.action)))(
    new Set(lines("first_sink").map((s) => s.customer + s.action)))'
holds 'each profit has its interval, each choice its reason' 'json.proposed && json.chosen.filter((c) => c.group !== "explore").every((c) =>
    c.profit.low < c.profit.value && c.profit.value < c.profit.high && /earns .* for/.test(c.why))'
holds 'the curve over the budget rises' 'json.curve.length > 10 && json.curve[0].profit === 0 &&
    json.curve.every((p, i) => i === 0 || (p.budget > json.curve[i - 1].budget && p.profit >= json.curve[i - 1].profit - 1e-9))'
plan2 --group channel --max-disparity .1
holds 'groups are chosen alike, and what that costs is said' 'json.disparity.difference <= .1 + 1e-9 && json.price_of_fairness > 0 &&
    Object.keys(json.disparity.shares).length === 2'
plan2 --commit
holds 'a plan above the limits waits' '!json.committed && json.approval.state === "waiting" && json.approval.role === "lead" && json.queued === 0'
check 'who wants a plan does not approve it' 4 'somebody else of the role lead has to say yes' \
    "$holdfast" plan --db caps.holdfast --actions caps.yaml --margin .4 --as-of 2024-05-29 --commit --approve
python3 -c 'import sqlite3; d = sqlite3.connect("caps.holdfast"); d.execute("UPDATE plan_approval SET asked_by = \"cli:ann\""); d.commit()'
check 'who has not the role says no yes' 4 'needs a yes of the role lead, and .* is nobody whom this database knows' \
    "$holdfast" plan --db caps.holdfast --actions caps.yaml --margin .4 --as-of 2024-05-29 --commit --approve
"$holdfast" access person "$(id -un)" --role lead --db caps.holdfast >/dev/null || exit 1
check 'another plan needs another yes' 4 'nobody wanted this plan committed' \
    "$holdfast" plan --db caps.holdfast --actions caps.yaml --margin .4 --as-of 2024-05-29 --budget 30 --commit --approve
plan2 --commit --approve
holds 'approved by another, each chosen customer has a task' 'json.committed && json.approval.asked_by === "cli:ann" &&
    json.queued === json.chosen.filter((c) => c.group !== "withheld").length && json.queued > 100'
plan2 --commit
holds 'a plan committed twice queues nothing twice' 'json.committed && json.queued === 0'
"$holdfast" tasks --db caps.holdfast --json >out.json
holds 'the task says what the template says' '(json.tasks || json).some((t) => /^Call C[0-9]+$/.test(t.task) && t.journey === "plan")'
check 'of a plan nobody knows who should have been chosen, and no figure is made up' 0 'equalised odds: not known' \
    "$holdfast" fairness --of plan --group channel --db caps.holdfast
"$holdfast" fairness --of plan --group channel --db caps.holdfast --json >out.json
holds 'whom a plan chose is compared group by group' 'json.groups.length === 2 && json.groups.every((g) => g.tpr.value === null) &&
    json.demographic_parity.difference > 0'

# What was planned is what a server decides.
plan --budget 200 --as-of 2024-05-29 --commit --sink sink
cp out.json plan.json
"$holdfast" serve --db s.holdfast --listen 127.0.0.1:0 --as-of last-event >serve.out 2>&1 &
server=$!
served serve.out || exit 1
url=$(grep -o 'http://[0-9.:]*' serve.out | head -1) token=$(grep '^token' serve.out | grep -o 'hf_[A-Za-z0-9_-]*')
decide() { curl -s -X POST "$url/v1/decide" -H "Authorization: Bearer $token" -d "{\"customer\": \"$1\", \"placement\": \"home\", \"candidates\": [$2]}" >out.json; }
chosen() { node -p "JSON.parse(require('fs').readFileSync('plan.json', 'utf8')).chosen.find((c) => c.group === '$1').customer" ; }
decide "$(chosen plan)" '"email", "call", "banner"'
holds 'a server decides as the plan did, with its chances and profits' 'json.policy === "plan" && json.action === "email" && json.propensity === .9 &&
    json.policy_version === "2024-05-29" && ((a) => a.email.low_cents < a.email.incremental_profit_cents && a.email.incremental_profit_cents < a.email.high_cents &&
    near(a.nothing.propensity, .1) && a.call.incremental_profit_cents !== null && a.banner.propensity === 0)(
    Object.fromEntries(json.alternatives.map((a) => [a.action, a])))'
decide "$(chosen withheld)" '"email", "call"'
holds 'from whom it was withheld gets it nowhere' 'json.policy === "plan" && json.action === "nothing" && near(json.propensity, .1)'
decide "$(chosen explore)" '"email", "call"'
holds 'what was drawn to learn from is drawn once' 'json.policy === "explore" && near(json.propensity, 1 / 3)'
decide "$(chosen plan)" '"banner"'
holds 'of other actions a plan says nothing' 'json.policy === "pilot"'
kill "$server"; wait "$server" 2>/dev/null; server=
drawn=$(python3 -c 'import sqlite3; d = sqlite3.connect("s.holdfast"); print(d.execute("SELECT count(*) FROM decision WHERE placement = \"plan\"").fetchone()[0])')
plan --budget 200 --as-of 2024-06-28
holds 'and what a server repeats teaches nobody twice' "json.taught_by === $drawn"

# By the outbox: a webhook is told of each.
mkdir -p way/templates
echo '{"customer": "{{customer.id}}", "percent": {{offer.percent}}, "code": "{{coupon.code}}", "until": "{{coupon.expires}}", "stop": "{{unsubscribe}}"}' >way/templates/offer.txt
cat >way/holdfast.yaml <<'E2'
channels: {shop: {kind: webhook, url: "http://127.0.0.1:9/hook"}}
public_url: https://shop.example
costs: {margin: .4, contact: {shop: .05}}
actions: [{name: coupon, channel: shop, text: offer.txt, offer: {kind: percent, depths: [10]}}]
E2
cp some.holdfast way.holdfast; cp some.holdfast.key way.holdfast.key
"$holdfast" plan --db way.holdfast --settings way/holdfast.yaml --as-of 2024-05-29 --commit --json >plan.json
cp plan.json out.json
holds 'what is left of a sale and what a contact costs are those of the settings' 'json.margin === .4 && json.margin_from === "costs of the settings" &&
    json.chosen.length > 300 && json.chosen.every((c) => c.cost >= .05)'
python3 - >out.json <<'E2'
import json, sqlite3
d = sqlite3.connect("way.holdfast")
print(json.dumps({"coupons": [c[0] for c in d.execute("SELECT code FROM coupon WHERE journey = 'plan' AND expires_ms > issued_ms")]}))
E2
holds 'an offer has a code of its own for each' '((plan) => json.coupons.length === plan.queued && new Set(json.coupons).size === plan.queued &&
    json.coupons.every((c) => /^COUPON-[2-9A-Z]{6}$/.test(c)))(JSON.parse(readFileSync("plan.json", "utf8")))'
"$holdfast" outbox --db way.holdfast --limit 100000 --json >out.json
holds 'a plan goes through the outbox, one message for each chosen' '((plan) => plan.queued > 300 && json.messages.length === plan.queued &&
    json.messages.every((m) => m.journey === "plan" && m.channel === "shop" && m.step === "coupon"))(
    JSON.parse(readFileSync("plan.json", "utf8")))'
# The report draws what each budget would earn, and a rehearsed year.
mkdir year && echo '{"periods": [{"period": 1, "true_cents": 500, "attainable_cents": 700}], "share_last_3": 0.71}' >year/report.json
"$holdfast" train --db s.holdfast --search-seconds .1 --quiet >/dev/null || exit 1
"$holdfast" report --db s.holdfast --actions actions.yaml --margin .4 --rehearsal year --out report.html --quiet >/dev/null
check 'the report has the profit by budget' 0 same sh -c 'grep -q "\"curve\":" report.html && grep -q "\"share_last_3\":" report.html && ! grep -q "\"chosen\":\[{\"customer\"" report.html && echo same'
check 'a year there is not' 3 'nowhere/report.json is no report of a rehearsed year' \
    "$holdfast" report --db s.holdfast --rehearsal nowhere --out none.html
check 'a file of actions there is not' 3 'nowhere.yaml: No such file' \
    "$holdfast" report --db s.holdfast --actions nowhere.yaml --out none.html
# Of tin little is left, of gold much: a discount on tin would leave less than the floor.
node -e 'const rows = ["order,customer,time,item,amount"], day = 86400000, start = Date.UTC(2024, 0, 1);
    for (let d = 0, k = 0; d < 90; d++) for (let i = 0; i < 300; i++) if ((i * 7 + d) % 30 === 0)
        rows.push(`${k++},C${i},${new Date(start + d * day).toISOString().slice(0, 10)},${i % 2 ? "gold" : "tin"},40`);
    require("fs").writeFileSync("items.csv", rows.join("\n") + "\n")'
printf 'from,kind,amount,item\n2020-01-01,margin,.12,tin\n2020-01-01,margin,.5,gold\n' >costs.csv
cat >items.yaml <<'E2'
costs: {margin: .4, csv: costs.csv}
actions:
  - {name: coupon, channel: file, contact_cost: .02, offer: {kind: percent, depths: [20], floor_margin: .1}}
  - {name: letter, channel: file, contact_cost: .02}
E2
"$holdfast" import items.csv --db items.holdfast --quiet >/dev/null || exit 1
"$holdfast" plan --db items.holdfast --settings items.yaml --as-of 2024-03-31 --pilot 1 --json >out.json
holds 'margins are those of what each customer bought, and so is the floor under a discount' 'json.margins.least < .2 && json.margins.most > .45 &&
    near(json.margin, .31, .02) && json.chosen.length > 150 && json.chosen.some((c) => c.action === "coupon") &&
    json.chosen.every((c) => c.action === "letter" || +c.customer.slice(1) % 2 === 1)'
printf 'from,kind,amount,item\n2020-01-01,margin,0,tin\n2020-01-01,margin,0,gold\n' >costs.csv
sed 's/, floor_margin: .1//' items.yaml >nothing.yaml
"$holdfast" plan --db items.holdfast --settings nothing.yaml --as-of 2024-03-31 --horizon 30d --json >out.json
holds 'where nothing is left of what is sold there is no arm of discounts' 'json.margin === 0 && json.pilot.arms === 2 &&
    json.chosen.length > 50 && json.chosen.every((c) => c.action === "letter") && near(json.pilot.cost, .02 * json.chosen.length)'
# Quiet all day but for its last minute, which is another in each zone.
mkdir -p quiet/templates
echo 'Hello {{customer.id}}' >quiet/templates/letter.txt
cat >quiet/holdfast.yaml <<'E2'
channels: {mail: {kind: smtp, url: "smtp://127.0.0.1:9", from: shop@example.net}}
quiet_hours: {from: "00:00", to: "23:59"}
holdout_share: 0
actions: [{name: letter, channel: mail, subject: Hi, text: letter.txt, contact_cost: .05}]
E2
node -e 'const zones = ["Asia/Tokyo", "Asia/Kolkata"], rows = ["customer,time,event,amount,email,timezone"];
    for (let d = 0; d < 60; d++) for (let i = 0; i < 40; i++) if ((i + d) % 5 === 0)
        rows.push(`P${i},${new Date(Date.UTC(2024, 0, 1 + d, 10)).toISOString().slice(0, 19).replace("T", " ")},order,20,p${i}@example.net,${zones[i % 2]}`);
    console.log(rows.join("\n"))' >quiet.csv
"$holdfast" import quiet.csv --db quiet.holdfast --quiet >/dev/null || exit 1
"$holdfast" plan --db quiet.holdfast --settings quiet/holdfast.yaml --margin .4 --pilot 1 --commit --json >plan.json
"$holdfast" outbox --db quiet.holdfast --limit 100 --json >out.json
holds 'quiet hours are those where each customer lives' '((end) => json.messages.length > 5 && [0, 1].every((odd) =>
    json.messages.some((m) => m.customer.slice(1) % 2 === odd)) && json.messages.every((m) => !m.due_ms || m.due_ms <= m.queued_ms ||
    m.due_ms % 86400000 === end[m.customer.slice(1) % 2]) && json.messages.some((m) => m.due_ms > m.queued_ms))(
    [(14 * 60 + 59) * 60000, (18 * 60 + 29) * 60000])'
printf 'actions: [{name: email}]\nbudget: {ammount: 5}\n' >bad.yaml
check 'a budget with a slip' 2 "bad.yaml:2:.*ammount.*did you mean 'amount'" "$holdfast" plan --db s.holdfast --actions bad.yaml
printf 'actions:\n  - {name: gift, offer: {kind: percent, depths: [5, 5]}}\n' >bad.yaml
check 'a depth that is there twice' 2 "bad.yaml:2:.*a second action 'gift 5'" "$holdfast" plan --db s.holdfast --actions bad.yaml
check 'a budget in words' 2 'budget.*informal' "$holdfast" plan --db s.holdfast --actions actions.yaml --budget informal
printf 'actions:\n  - {name: email, contact_cost: -1}\n' >bad.yaml
check 'a negative cost of contact' 2 'bad.yaml:2:.*contact_cost.* must be a number' "$holdfast" plan --db s.holdfast --actions bad.yaml
printf 'actions:\n  - {name: gift, offer: {kind: percent, depths: [120]}}\n' >bad.yaml
check 'a depth above all' 2 'a depth is a per cent' "$holdfast" plan --db s.holdfast --actions bad.yaml
check 'no actions' 3 'there are no actions to plan' "$holdfast" plan --db s.holdfast
check 'a goal that nobody has' 3 "nobody has an event 'wedding'" "$holdfast" plan --db s.holdfast --actions actions.yaml --goal wedding
# Nobody but those who came by social visits.
node -e 'console.log("customer,time,event"); for (let i = 0; i < 2400; i += 2)
    console.log(`C${String(i).padStart(5, "0")},2024-05-01 10:00:00,visit`)' >visits.csv
"$holdfast" import visits.csv --db told.holdfast --as-of 2024-05-02 --quiet >/dev/null || exit 1
"$holdfast" plan --db told.holdfast --actions limits.yaml --margin .4 --as-of 2024-05-29 --json >out.json
holds 'what tells a protected trait all the same is named' 'json.warnings.some((w) =>
    /knows nothing of .channel., which is protected, but knows .*visit.* \(AUC 1.00\)/.test(w))'
echo "plan from a shop: $passed passed, $failed failed"
[ $failed -eq 0 ]
