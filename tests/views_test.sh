#!/usr/bin/env bash
# views_test.sh - the views of a database, read with sqlite3 while a server writes to it; whatever view is added, it is read
# here.  And the board for Grafana: every figure that it asks for is among those served.
cd "$(dirname "$0")/.." || exit 1
holdfast=$PWD/$BUILD/holdfast root=$PWD
scratch=$PWD/build/scratch/views.$$
. tests/check.sh
mkdir -p "$scratch/c/journeys" "$scratch/c/templates" && cd "$scratch" || exit 1
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null; wait 2>/dev/null; rm -rf "$scratch"' EXIT

"$holdfast" simulate --customers 200 --days 400 --from "$(date -u -d '400 days ago' +%F)" --out shop >/dev/null &&
    "$holdfast" run shop/events.csv --db shop.holdfast --search-seconds .1 --out report.html --quiet >/dev/null || { echo 'no shop to look at'; exit 1; }
cat >c/holdfast.yaml <<'END'
public_url: https://news.example.com
holdout_share: 0
topics: {club: {basis: consent}}
channels: {list: {kind: file, path: "sent/{date}.csv", format: calls}}
END
cat >c/journeys/thanks.yaml <<'END'
journey: thanks
topic: club
trigger: {event: signup}
steps:
  - {id: call, task: 'Call {{ customer.id }}'}
  - {id: note, send: list, text: hello.txt}
END
echo '{"reason": "welcome"}' >c/templates/hello.txt
cat >mail.yaml <<'END'
experiments:
  - {name: mail, control: control, arms: {control: .5, mail: .5}, start: 2020-01-01, exposure: call, primary: kept,
     metrics: [{name: kept, event: order, kind: any, window: 60d}]}
END
check 'an experiment is in force' 0 'mail is in force' "$holdfast" experiment start mail.yaml --db shop.holdfast

"$holdfast" serve --db shop.holdfast --listen 127.0.0.1:0 --campaigns c >served.txt 2>log.txt &
server=$!
served served.txt || { cat log.txt; exit 1; }
url=$(sed -n 's/.*served at //p' served.txt) key=$(grep -o 'wk_[^ ]*' served.txt) token=$(grep -o 'hf_[^ ]*' served.txt)
ask() { curl -s -X "$1" -H "Authorization: Bearer $token" "$url$2" ${3:+-d "$3"}; }
look() { sqlite3 -readonly shop.holdfast "$1"; }

customer=$(sed -n 2p shop/truth.csv | cut -d, -f1)
curl -s -u "$key:" "$url/v1/identify" -d "{\"userId\":\"$customer\",\"traits\":{\"email\":\"secret@example.net\",\"phone\":\"+4915112345678\"}}" >out
ask PUT "/v1/customers/$customer/consent" '{"club":true}' >out
ask POST /v1/segments '{"name":"everybody","expression":"order_count >= 0"}' >out
ask POST /v1/experiments/mail/exposures "{\"customer\":\"$customer\"}" >out
ask POST /v1/decide "{\"customer\":\"$customer\",\"placement\":\"cart\",\"candidates\":[\"coupon\",\"call\"]}" >out
curl -s -u "$key:" "$url/v1/track" -d "{\"userId\":\"$customer\",\"event\":\"signup\"}" >out

# ---- what they say ----
check 'a message that left'          0 '^list|thanks|1$'         soon list look 'SELECT channel, journey, n_sent FROM messages_by_day'
check 'and when'                     0 "^note|sent|$(date -u +%Y)" look 'SELECT step, status, sent_at, rule FROM messages'
check 'a task'                       0 '^call|open||$'           look 'SELECT step, state, owner, done_at FROM tasks'
check 'a way through a journey'      0 '^thanks|1|finished$'     soon finished look 'SELECT journey, version, ending FROM journey_entries'
check 'a decision'                   0 '^cart|0\.[0-9]*$'        look 'SELECT placement, propensity FROM decisions'
check 'an arm that was felt'         0 '^mail|call|1$'           look 'SELECT experiment, exposed_by, exposed_at >= assigned_at FROM assignments'
check 'an experiment that runs'      0 '^mail|1$'                look 'SELECT name, stopped_at IS NULL FROM experiments'
check 'a yes'                        0 '^club|1|0$'            look 'SELECT purpose, n_given, n_refused FROM consents'
check 'a segment and its members'    0 '^everybody|1$'           soon '|1$' look "SELECT name, n_customers > 100 AND n_customers = (
    SELECT count(*) FROM memberships WHERE segment = name) FROM segments"
check 'who came to it'               0 '^1$' soon '^1$' look "SELECT count(*) > 100 FROM movements WHERE segment = 'everybody' AND entered"
check 'one model is in force'        0 '^1|1$'                   look 'SELECT sum(is_in_force), max(version) FROM models'
check 'everybody has a score'        0 '^1$' look 'SELECT count(*) > 100 AND min(prediction) >= 0 AND max(prediction) <= 1 FROM scores'
check 'one customer in all of them'  0 '^1|1$' look 'SELECT count(DISTINCT c.customer), max(c.n_messages) FROM messages AS m
    JOIN customers AS c USING (customer) JOIN tasks USING (customer) JOIN decisions USING (customer) JOIN assignments USING (customer)'
"$holdfast" export scores --db shop.holdfast --out scores.csv >out 2>&1
column=$(head -1 scores.csv | tr , '\n' | grep -nx expected_value | cut -d: -f1)
exported() { tail -n +2 scores.csv | cut -d, -f"$column" | awk '{ sum += $1 } END { printf "%.0f\n", sum }'; }
check 'segments are counted for all' 0 '^1$'                     look 'SELECT sum(n_segments) = (SELECT count(*) FROM memberships WHERE customer IN (SELECT customer FROM customers)) FROM customers'
check 'money is as exported'         0 "^$(exported)\$"          look "SELECT printf('%.0f', sum(expected_value)) FROM customers"

# ---- each of them ----
views=$(look "SELECT name FROM sqlite_schema WHERE type = 'view' ORDER BY name")
check 'there are views'              0 '^customers$'             echo "$views"
for view in $views; do
    check "$view answers, in columns with names" 0 '^[a-z_,]*$'  sh -c "sqlite3 -readonly -csv -header shop.holdfast 'SELECT * FROM $view' | head -1"
    check "$view has rows"           0 '^1$'                     look "SELECT count(*) > 0 FROM $view"
    look "SELECT * FROM $view" >>all.txt
    check "$view is told of in README.md" 0 "\`$view\`"          grep "\`$view\`" "$root/README.md"
done
check 'nobody is named'              1 '' grep -c -a -e secret@ -e 15112345678 -e "$customer" all.txt
check 'the server goes on'           0 'success":true'           curl -s -u "$key:" "$url/v1/track" -d "{\"userId\":\"$customer\",\"event\":\"signup\"}"

# ---- the board ----
ask GET /metrics >metrics.txt
cat >board.mjs <<'END'
import { readFileSync } from 'node:fs';
const board = JSON.parse(readFileSync(process.argv[2], 'utf8')), served = readFileSync('metrics.txt', 'utf8');
const types = new Map([...served.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name, type]) => [name, type]));
const panels = board.panels.filter((panel) => panel.type !== 'row'), asked = new Set();
for (const panel of panels) {
    if (!panel.title || !panel.description || !panel.targets?.length) console.log(`a panel says too little: ${panel.title}`);
    for (const { expr } of panel.targets) for (const [name] of expr.matchAll(/\bholdfast_\w+/g)) {
        const whole = name.replace(/_(bucket|sum|count)$/, '');
        const type = types.get(name) ?? (types.get(whole) === 'histogram' ? 'histogram' : undefined);
        if (!type) console.log(`not served: ${name}`);
        if (type === 'counter' && !new RegExp(`(rate|increase)\\(${name}\\b`).test(expr)) console.log(`a counter without its rate: ${expr}`);
        asked.add(name);
    }
}
const taken = panels.map(({ gridPos: { x, y, w, h } }) => ({ x, y, right: x + w, bottom: y + h }));
taken.forEach((a, i) => taken.slice(i + 1).forEach((b) => {
    if (a.right > 24 || (a.x < b.right && b.x < a.right && a.y < b.bottom && b.y < a.bottom)) console.log('panels lie on each other');
}));
console.log(`${panels.length} panels ask for ${asked.size} figures`);
END
board() { node board.mjs "$1" | sort -u; }
check 'every figure of the board is served' 0 '^[1-9][0-9]* panels ask for [1-9][0-9]* figures$' board "$root/examples/grafana/holdfast.json"
check 'and nothing is amiss'         0 '^1$' sh -c "node board.mjs '$root/examples/grafana/holdfast.json' | wc -l"
sed 's/holdfast_events_total/holdfast_evens_total/g' "$root/examples/grafana/holdfast.json" >wrong.json
check 'one that is not served is found' 0 'not served: holdfast_evens_total' board wrong.json

echo "views: $passed passed, $failed failed"
[ "$failed" -eq 0 ]
