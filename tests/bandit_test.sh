#!/usr/bin/env bash
# bandit_test.sh - bandits of the settings, by the command and over /v1/decide; uplift and plans from an experiment of the database.
set -u
cd "$(dirname "$0")/.." || exit 1
. tests/check.sh
holdfast=$PWD/$BUILD/holdfast
folder=$(mktemp -d "$BUILD/bandit.XXXXXX") || exit 1
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null; rm -rf "$folder"' EXIT
cd "$folder" || exit 1
asks() { "$holdfast" "$@" --json >out.json; }

# 600 customers; by February what was tried on each at placement winback_subject on 1 March is in orders.csv: every second
# one orders on 2 March, of those who got long; of those who got short every tenth.
node -e '
console.log("customer,time,event,amount,country");
const order = (i, t) => console.log([`C${1000 + i}`, t, "order", 20 + i % 7, i % 3 ? "AT" : "DE"].join());
for (let i = 0; i < 600; i++) {
    order(i, "2024-01-0" + (i % 9 + 1));
    if (i % 4 === 0) order(i, "2024-02-01");
    if (i % 2 ? i % 4 === 1 : i % 20 === 0) order(i, "2024-03-02");
}' >orders.csv
"$holdfast" import orders.csv --db s.holdfast --quiet >/dev/null || exit 1
cat >holdfast.yaml <<'END'
holdout_share: 0
bandits: [{name: subject, placement: winback_subject, arms: [short, long], policy: thompson, reward: {event: order, within: 3d}, floor: .02, half_life: 3650d, window: 7d}]
END
cat >mail.yaml <<'END'
experiments:
  - {name: mail, control: nothing, arms: {nothing: .5, email: .5}, start: 2024-01-01, exposure: call, primary: kept,
     metrics: [{name: kept, event: order, kind: any, window: 7d}]}
END
"$holdfast" experiment start mail.yaml --db s.holdfast >/dev/null || exit 1
python3 - <<'END'
import sqlite3
d = sqlite3.connect("s.holdfast")
day = 86400000
march = 1709251200000
for i in range(1, 601):
    d.execute("INSERT INTO exposure (experiment, identity, arm, at, how) VALUES ('mail', ?, ?, ?, 'call')",
              (i, "email" if i % 2 else "nothing", march + 3600000))
    d.execute("INSERT INTO decision (id, identity, at_ms, placement, action, propensity, policy, answer) "
              "VALUES (?, ?, ?, 'winback_subject', ?, .5, 'pilot', '{}')", ("d%d" % i, i, march, "long" if i % 2 else "short"))
d.commit()
END
asks bandit subject --db s.holdfast --as-of 2024-03-02
holds 'decisions whose reward may still come are waited for' 'json.waiting === 600 && json.arms.every((a) => a.n === 0 && a.chance_best === .5)'
asks bandit subject --db s.holdfast --as-of 2024-04-01
holds 'each arm has what it earned, and its chance to be the best' 'json.waiting === 0 && json.arms.length === 2 &&
    json.arms.every((a) => a.n === 300 && Math.abs(a.mean - (a.alpha - 1) / (a.alpha + a.beta - 2)) < 1e-9) &&
    Math.abs(json.arms[0].chance_best + json.arms[1].chance_best - 1) < 1e-9'
check 'a bandit there is not' 3 "did you mean 'subject'" "$holdfast" bandit subjct --db s.holdfast
declared() { printf 'bandits: [{name: subject, placement: winback_subject, arms: [short, long], %s}]\n' "$1" >other.yaml; }
as_declared() { declared "$1"; asks bandit subject --db s.holdfast --settings other.yaml --as-of 2024-04-01; }
as_declared 'reward: {event: order, within: 3d, value: amount}'
holds 'rewards may be amounts' '((long) => long.mean > 7 && long.alpha === null && long.chance_best > .8)(json.arms.find((a) => a.arm === "long"))'
as_declared 'reward: {event: order, within: 3d}, guardrails: [{event: order, within: 3d, most: .25}]'
holds 'an arm that breaks a guardrail is closed' '((short, long) => /order followed 96 of 300/.test(long.closed) && long.chance_best === null &&
    long.propensity === 0 && short.propensity === 1 && short.closed === null)(...json.arms)'
as_declared 'reward: {event: order, within: 3d}, floor: .1, stop: {chance: .8, after: 500}'
holds 'a bandit that is certain stops' 'json.stopped === "long" && json.arms[1].propensity === 1'
as_declared 'reward: {event: order, within: 3d}, floor: .1, stop: {chance: .8, after: 5000}'
holds 'but not before enough were tried' 'json.stopped === null && json.arms[1].propensity < .9'
as_declared 'reward: {event: order, within: 3d}, policy: linucb, context: [order_count]'
holds 'linucb tells what it expects and hopes' 'json.policy === "linucb" && json.best === "long" && json.arms.every((a) => a.theta.length === 2 &&
    a.upper > a.mean && a.n === 300) && Math.abs(json.arms[1].mean - .32) < .01'
declared 'reward: {event: order}, policy: linucb'
check 'linucb without a context' 2 'other.yaml:1:.*linucb needs a context' "$holdfast" bandit subject --db s.holdfast --settings other.yaml
declared 'reward: {event: order}, guardrails: [{event: unsubscribed}]'
check 'a guardrail without a limit' 2 'other.yaml:1:.*at most an event may follow' "$holdfast" bandit subject --db s.holdfast --settings other.yaml
declared 'reward: {event: order, value: price}'
check 'a value that is none' 2 'the value of a reward is amount' "$holdfast" bandit subject --db s.holdfast --settings other.yaml
printf 'bandits: [{name: subject, placement: p, arms: [a, b], reward: {event: order}, floor: .6}]\n' >floor.yaml
check 'a floor above what arms can have' 2 'floor.yaml:1:.*at most 0.5' "$holdfast" bandit subject --db s.holdfast --settings floor.yaml

"$holdfast" serve --db s.holdfast --listen 127.0.0.1:0 >serve.out 2>&1 &
server=$!
served serve.out || exit 1
url=$(grep -o 'http://[0-9.:]*' serve.out | head -1) token=$(grep '^token' serve.out | grep -o 'hf_[A-Za-z0-9_-]*')
decide() { curl -s -X POST "$url/v1/decide" -H "Authorization: Bearer $token" -d "$1" >out.json; }
decide '{"customer": "C1001", "placement": "winback_subject", "candidates": ["short", "long"]}'
holds 'the bandit decides, by the chance that it tells' 'json.policy === "bandit" && json.window === "7d" && json.policy_version.length > 2 &&
    ((p) => Math.abs(p.short + p.long - 1) < 1e-9 && p.nothing === 0 && Math.min(p.short, p.long) < .2)(
    Object.fromEntries(json.alternatives.map((a) => [a.action, a.propensity])))'
cp out.json first.json
decide '{"customer": "C1001", "placement": "winback_subject", "candidates": ["short", "long"]}'
holds 'within its window the decision stands' 'json.sticky && json.decision_id === JSON.parse(require("fs").readFileSync("first.json", "utf8")).decision_id'
decide '{"customer": "C1001", "placement": "elsewhere", "candidates": ["short", "long"]}'
holds 'at another placement it has no say' 'json.policy === "pilot" && json.window === "1d"'
cat >holdfast.yaml <<'END'
holdout_share: 0
bandits:
  - {name: subject, placement: winback_subject, arms: [short, long], policy: linucb, context: [order_count, order_recency_days],
     reward: {event: order, within: 3d}, floor: .1, window: "0"}
END
kill -HUP "$server"
soon 'settings.*read anew' cat serve.out >/dev/null
decide '{"customer": "C1001", "placement": "winback_subject", "candidates": ["short", "long", "other"]}'
holds 'settings read anew hold for bandits, and what one looks at is written down' 'json.policy === "bandit" && json.window === "0" &&
    json.context.order_count > 0 && json.context.order_recency_days > 0 && ((p) => p.short === .1 && p.long === .9 && p.other === 0)(
    Object.fromEntries(json.alternatives.map((a) => [a.action, a.propensity])))'
printf 'bandits: [{name: subject}]\n' >holdfast.yaml
kill -HUP "$server"
soon 'settings.*stay as they were' cat serve.out >/dev/null
decide '{"customer": "C1001", "placement": "winback_subject", "candidates": ["short", "long"]}'
holds 'settings that cannot be read change nothing' 'json.policy === "bandit" && json.window === "0"'
kill "$server"; wait "$server" 2>/dev/null; server=

asks uplift mail --db s.holdfast --as-of 2024-03-04
holds 'before a window is over nothing is said' 'json.error.code === "refused"'
asks uplift mail --db s.holdfast --as-of 2024-04-01 --learners t,dr
holds 'an experiment of the database has its uplift' 'json.n === 600 && json.n_treated === 300 && json.treated === "email" && json.outcome === "kept" &&
    json.design === "randomised" && ["model", "everyone", "no_one", "rule"].includes(json.verdict.word) && json.learners.length === 2'
check 'neither a file nor an experiment' 3 "did you mean 'mail'" "$holdfast" uplift mial --db s.holdfast
printf 'actions: [{name: email, contact_cost: .05}]\n' >actions.yaml
asks plan --actions actions.yaml --db s.holdfast --as-of 2024-04-02 --margin .5
holds 'an experiment whose arm is an action teaches a plan' 'json.taught_by === 600 && json.pilot === null'

echo "bandits: $passed passed, $failed failed"
[ $failed -eq 0 ]
