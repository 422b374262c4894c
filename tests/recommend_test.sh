#!/usr/bin/env bash
# recommend_test.sh - which items next, as a shop asks: files in, a leaderboard, lists by command and over HTTP that follow
# what customers do, and rules that always hold.
cd "$(dirname "$0")/.." || exit 1
holdfast=$PWD/$BUILD/holdfast
scratch=$PWD/build/scratch/recommend.$$
mkdir -p "$scratch" || exit 1
server=
trap 'kill $server 2>/dev/null; wait; rm -rf "$scratch"' EXIT
. tests/check.sh
cd "$scratch" || exit 1
export LC_ALL=C

# A shop of two tastes over a year: customers of tea buy tea, those of cups buy cups.
awk 'BEGIN { srand(7); print "order,customer,date,item,quantity,price"
    for (c = 1; c <= 240; c++) { n = 2 + int(rand() * 5)
        for (o = 1; o <= n; o++) { day = int(rand() * 360); lines = 1 + int(rand() * 3)
            for (l = 0; l < lines; l++) { taste = rand() < 0.9 ? c % 2 : 1 - c % 2; i = 1 + int(rand() * rand() * 15)
                printf "%d,C%03d,%s,%s%02d,1,%d.00\n", c * 100 + o, c, strftime("%Y-%m-%d", 1704067200 + day * 86400, 1),
                       taste ? "TEA" : "CUP", i, 2 + i } } } }' >orders.csv
awk 'BEGIN { print "item,title,category,price,cost,stock"
    for (i = 1; i <= 15; i++) { printf "TEA%02d,Green tea %d,tea,%d,%d,%d\n", i, i, 2 + i, 1, i == 1 ? 0 : 9
        printf "CUP%02d,White cup %d,cup,%d,%d,9\n", i, i, 2 + i, 1 }
    print "TEA99,Green tea without buyers,tea,5,1,9" }' >items.csv

check 'an import of orders' 0 'kept in shop.holdfast' "$holdfast" import orders.csv --db shop.holdfast
check 'a catalogue goes to the database that is here' 0 '31 new' "$holdfast" import items.csv --shape items
check 'the same file again changes nothing' 0 '31 as before' "$holdfast" import items.csv --shape items
check 'what is only of rows of customers is told' 0 'currency has no effect on a catalogue of items' "$holdfast" import items.csv --shape items --currency EUR
printf 'item,price\nA,3\nA,4\n' >twice.csv
check 'an item twice is refused with both lines' 2 "line 3: item 'A' was on line 2 already" "$holdfast" import twice.csv --shape items
printf 'item,stock\nA,-2\n' >below.csv
check 'stock below nothing says what to write' 2 'line 2, column stock: -2 is below 0: write 0' "$holdfast" import below.csv --shape items
printf 'item,available_from,available_to\nA,2026-05-01,2026-04-01\n' >never.csv
check 'an item that could never be had' 2 'line 2: available_to is before available_from' "$holdfast" import never.csv --shape items
check 'a model that was asked for is not called the best' 0 'popularity_1d is chosen, as was asked; the best of these (popularity' \
    "$holdfast" recommend --test-at 2024-10-01 --horizon 60d --model popularity_1d
check 'one that cannot answer is not called chosen' 0 'for what was asked will not do' \
    "$holdfast" recommend --test-at 2024-10-01 --horizon 60d --model repeats
printf 'customer,item,date\na,X,2024-01-01\nb,X,2024-02-01\n' >one.csv
"$holdfast" import one.csv --shape order_lines --db one.holdfast >/dev/null
check 'one item alone cannot be split, which a sentence says' 4 'draw a larger share, or split by time' \
    "$holdfast" recommend --split random:0.25 --db one.holdfast
check 'and who has it is told why nothing is left' 0 'was had already' "$holdfast" recommend a --db one.holdfast
rm -f one.holdfast*
check 'a leaderboard of models' 0 'nDCG@10' "$holdfast" recommend --test-at 2024-10-01 --horizon 60d
"$holdfast" recommend --test-at 2024-10-01 --horizon 60d --json --threads 1 >one.json
"$holdfast" recommend --test-at 2024-10-01 --horizon 60d --json --threads 3 >three.json
check 'two thread counts give the same bytes' 0 same sh -c 'cmp one.json three.json && echo same'
check 'the leaderboard names what the contract names' 0 ok node -e '
    const board = JSON.parse(require("fs").readFileSync("one.json"));
    const chosen = board.models.filter(m => m.chosen), names = board.models.map(m => m.name);
    for (const name of ["popularity", "popularity_7d", "cosine", "ease", "als", "bpr", "content", "blend"])
        if (!names.includes(name)) throw name;
    for (const m of board.models) for (const k of ["ndcg_10", "precision_10", "recall_10", "hit_10", "map_10"])
        if (!(m[k].length === 3 && m[k][1] <= m[k][0] && m[k][0] <= m[k][2])) throw m.name + " " + k;
    if (chosen.length !== 1 || chosen[0].refused || board.question !== "new" || board.test_at !== "2024-10-01") throw "chosen";
    console.log("ok")'
printf 'item,price,stock\nTEA05,99,0\n' >later.csv
"$holdfast" import later.csv --shape items >/dev/null
"$holdfast" recommend --test-at 2024-10-01 --horizon 60d --json >after.json
check 'a catalogue change after an instant changes no judgement at it' 0 same sh -c 'cmp one.json after.json && echo same'
printf 'item,price,stock\nTEA05,7,9\n' >later.csv
"$holdfast" import later.csv --shape items >/dev/null
"$holdfast" recommend C001 --test-at 2024-09-01 --k 100 --question any --json >past.json
awk -F, 'BEGIN { print "order,customer,date,item,quantity,price"; for (i = 1; i < 400; i++)
    printf "%d,C%03d,2024-%02d-11,%s,1,3.00\n", 900000 + i, 1 + i % 240, 9 + i % 4,
           i == 1 ? "AAA" : sprintf("CUP%02d", 1 + i % 15) }' >future.csv
cp shop.holdfast future.holdfast
"$holdfast" import future.csv --db future.holdfast >/dev/null
"$holdfast" recommend C001 --test-at 2024-09-01 --k 100 --question any --json --db future.holdfast --threads 1 >future.json
check 'what happened after an instant changes no list as of it' 0 same sh -c 'grep -q TEA past.json && cmp past.json future.json && echo same'
rm -f future.holdfast*
check 'a list as of then has no item that is out of stock' 0 none sh -c 'grep -q "\"TEA02\"" past.json && ! grep -q "\"TEA01\"" past.json && echo none'
check 'and its reasons, as a list of now' 0 'because you bought Green tea' cat past.json
check 'before anybody had anything nothing is listed' 0 'nobody had had anything by then' "$holdfast" recommend C001 --test-at 2020-01-01
printf 'recommend: {where: "price > 0 and order_amount_mean > 1"}\n' >of_customers.yaml
check 'rules that ask of customers as they stand now are for lists of now' 4 'asks of customers as they stand now' \
    "$holdfast" recommend C001 --test-at 2024-09-01 --rules of_customers.yaml
check 'nobody had anything before the split, which is no history without times' 4 'choose a later --test-at' \
    "$holdfast" recommend --test-at 2020-01-01
check 'how many is a number, for a leaderboard too' 2 "--k '1.5'" "$holdfast" recommend --k 1.5
check 'a question that is none' 2 'want new, again or any' "$holdfast" recommend --question what
check 'a model that is none' 2 "no model 'easy'" "$holdfast" recommend --model easy
check 'nor for one customer' 2 "no model 'easy'" "$holdfast" recommend c1 --model easy
check 'a split that is none' 2 'random:0.25' "$holdfast" recommend --split half
check 'one customer' 0 '"recommendation_id": "r_' "$holdfast" recommend C001 --json
check 'a list of now by the model that was asked for' 0 '"model": "ease"' "$holdfast" recommend C001 --model ease --json
check 'which is shown, and not kept' 0 '"recommendation_id": null' "$holdfast" recommend C001 --model als --json
check 'somebody nobody has heard of gets what is popular' 0 '"cold": true' "$holdfast" recommend nobody --json
check 'what goes with an item' 0 '"lift"' "$holdfast" recommend --item TEA02 --json
printf 'item,title,stock\nS1,Red wool scarf,9\nS2,Red wool hat,0\nS3,Blue wool scarf,9\nP1,Steel pan,9\nP2,Steel pot,9\n' >like.csv
awk 'BEGIN { print "customer,item,date"; for (c = 1; c <= 9; c++) printf "c%d,S1,2024-01-0%d\nc%d,%s,2024-02-0%d\n", c, c, c, c % 2 ? "P1" : "S2", c }' >had.csv
"$holdfast" import had.csv --shape order_lines --db like.holdfast >/dev/null
"$holdfast" import like.csv --shape items --db like.holdfast >/dev/null
check 'what is like an item: by its words, or by who had both, and never itself nor what is out of stock' 0 '"S3 true false, P1 false true"' \
    sh -c "'$holdfast' recommend --item S1 --db like.holdfast --json | node -p 'JSON.stringify(JSON.parse(require(\"fs\").readFileSync(0)).similar
        .map(i => [i.item, i.content > 0.3, i.together > 0.1].join(\" \")).join(\", \"))'"
check 'and in words' 0 'S3 .* alike: 0.[0-9]* by words, 0.00 by who had both' "$holdfast" recommend --item S1 --db like.holdfast
rm -f like.holdfast*
check 'what goes with a basket' 0 '"items": \[' "$holdfast" recommend --item TEA02 --item TEA04 --k 3 --json
check 'an item that is not known' 3 "'ZZZ' is not known" "$holdfast" recommend --item ZZZ
printf 'recommend:\n  where: "price < 0"\n' >none.yaml
check 'a condition that nothing meets: an empty list with its reason' 0 'no item meets the condition' \
    "$holdfast" recommend C001 --rules none.yaml --json
check 'of a file of settings too' 0 'no item meets the condition' "$holdfast" recommend C001 --settings none.yaml --json
check 'and so for everybody' 0 'none.csv: 0 rows' "$holdfast" export recommendations --settings none.yaml --out none.csv
printf 'recommend:\n  where: "prise < 3"\n' >wrong.yaml
check 'a condition with a name that is not there says where' 2 'wrong.yaml:2' "$holdfast" recommend C001 --rules wrong.yaml
printf 'recommend:\n  where: "price < 8 and order_count >= 1"\n  per_category: 2\n  pins: [{item: CUP03, rank: 1}]\n' >rules.yaml
check 'rules over item and customer' 0 ok sh -c "'$holdfast' recommend C001 --rules rules.yaml --k 6 --json | node -e '
    const list = JSON.parse(require(\"fs\").readFileSync(0)), n = {};
    for (const i of list.items) { n[i.category] = (n[i.category] || 0) + 1; if (i.price >= 8) throw i.item; }
    if (list.items[0].item !== \"CUP03\" || n.tea > 2 || n.cup > 3) throw JSON.stringify(n);
    console.log(\"ok\")'"
check 'all lists as a file' 0 '1200 rows' "$holdfast" export recommendations --k 5 --out recs.csv
check 'its columns' 0 '^customer,rank,item,score,reason$' head -1 recs.csv
check 'five for everybody' 0 '^1201$' sh -c 'wc -l <recs.csv | tr -d " "'
"$holdfast" export recommendations --k 5 --threads 3 --out three.csv >/dev/null
check 'what is drawn by chance in it is the same by any number of threads' 0 'same' \
    sh -c 'grep -q "it is new" recs.csv && cmp recs.csv three.csv && echo same'
check 'what is out of stock is in no list' 0 none sh -c '! grep TEA01 recs.csv && echo none'

# What people like goes by their country; a shop's guest of whom only the country is known gets what is popular there.
awk 'BEGIN { srand(5); print "order,customer,date,item,price,country"
    for (c = 1; c <= 400; c++) { at = c % 2 ? "DE" : "FR"
        for (o = 0; o < 4; o++) for (l = 0; l < 2; l++)
            printf "%d,K%03d,%s,%s%02d,5,%s\n", 10 * c + o, c, strftime("%Y-%m-%d", 1704067200 + (o * 80 + int(rand() * 70)) * 86400, 1),
                   at, 1 + int(rand() * 30), at } }' >places.csv
"$holdfast" import places.csv --db places.holdfast --static country --quiet >/dev/null
printf 'protected: [country]\nrecommend:\n  explore: 0\n' >protected.yaml
check 'lists do not ask of a protected trait' 0 null sh -c \
    "'$holdfast' recommend --db places.holdfast --settings protected.yaml --model popularity --json | node -p 'JSON.parse(require(\"fs\").readFileSync(0)).cold'"
printf 'protected: [country]\nrecommend:\n  where: "country = '"'DE'"'"\n' >asks.yaml
check 'nor may a condition' 2 "asks.yaml:3.*'country' is protected" "$holdfast" recommend K001 --db places.holdfast --settings asks.yaml
check 'popularity within the country is better, and by how much is said' 0 'popular in their country: .* over [0-9]* customers' \
    "$holdfast" recommend --db places.holdfast --model popularity
rm -f start.json
"$holdfast" serve --db places.holdfast --listen 127.0.0.1:0 --json >start.json 2>serve.log &
server=$!
served start.json || exit 1
said() { node -p "JSON.parse(require('fs').readFileSync('start.json')).$1"; }
address=$(said address) token=$(said token) key=$(said write_key)
ask() { curl -sS -H "Authorization: Bearer $token" "$@"; }
curl -sS -u "$key:" -H 'Content-Type: application/json' "$address/v1/identify" -d '{"userId":"yara","traits":{"country":"FR"}}' >/dev/null
ask "$address/v1/recommend?customer=yara&k=9" >yara.json
check 'a guest of whom the country is known' 0 'popular in country FR' cat yara.json
check 'gets nothing of another country' 0 none sh -c '! grep -q "\"item\":\"DE" yara.json && echo none'
check 'of whom nothing is known gets what is popular with all' 0 'what is popular is shown' ask "$address/v1/recommend?customer=nobody"
check 'all lists, of a server that runs' 0 'served.csv: 802 rows' "$holdfast" export recommendations --db places.holdfast --k 2 --out served.csv
check 'and to standard output' 0 '^803$' sh -c "'$holdfast' export recommendations --db places.holdfast --k 2 | wc -l | tr -d ' '"
kill $server; wait $server
server=
rm -f places.holdfast* start.json

awk 'BEGIN { print "customer,item,date"; for (i = 1; i <= 90; i++) printf "heavy,H%02d,2024-01-%02d\nlight,H%02d,2024-02-01\n", i, 1 + i % 28, i % 9 }' >many.csv
"$holdfast" import many.csv --shape order_lines --db many.holdfast --quiet >/dev/null
check 'who had more than is kept of each is told that older ones may come again' 0 'last 64 items' "$holdfast" recommend heavy --db many.holdfast
rm -f many.holdfast*

mkdir -p campaigns/journeys campaigns/templates
printf 'recommend:\n  explore: 0\n' >campaigns/holdfast.yaml
cat >campaigns/journeys/next.yaml <<'END'
journey: next
trigger: {event: order}
steps:
  - {id: call, task: "Offer {% for item in recommendation.items limit: 2 %}<{{ item.item }}> {% endfor %}"}
END
rm -f start.json
"$holdfast" serve --db shop.holdfast --campaigns campaigns --listen 127.0.0.1:0 --json >start.json 2>serve.log &
server=$!
served start.json || exit 1
address=$(node -p 'JSON.parse(require("fs").readFileSync("start.json")).address')
token=$(node -p 'JSON.parse(require("fs").readFileSync("start.json")).token')
key=$(node -p 'JSON.parse(require("fs").readFileSync("start.json")).write_key')
ask() { curl -sS -H "Authorization: Bearer $token" "$@"; }
buy() { curl -sS -u "$key:" -H 'Content-Type: application/json' "$address/v1/track" -d "{\"userId\":\"$1\",\"event\":\"Order Completed\",\
\"messageId\":\"$1-$2-$RANDOM\",\"properties\":{\"order_id\":\"$1-$2\",\"products\":[{\"product_id\":\"$2\",\"price\":4,\"quantity\":1}]}}" >/dev/null; }
items() { node -p 'JSON.parse(require("fs").readFileSync(0)).items.map(i => i.item).join(" ")'; }

check 'a list over HTTP' 0 '"cold":true' ask "$address/v1/recommend?customer=zoe&k=5"
buy zoe CUP02
ask "$address/v1/recommend?customer=zoe&k=5&placement=home" >zoe.json
check 'a first purchase makes the list the own' 0 '"cold":false' cat zoe.json
check 'what was bought is not new' 0 none sh -c '! grep -q \"item\":\"CUP02 zoe.json && echo none'
check 'the reason names it' 0 'because you bought White cup 2' cat zoe.json
before=$(items <zoe.json)
buy zoe TEA03
after=$(ask "$address/v1/recommend?customer=zoe&k=5" | items)
check 'another purchase changes the next list' 0 changed sh -c "[ '$before' != '$after' ] && echo changed"
check 'again: what they had' 0 'TEA03' ask "$address/v1/recommend?customer=zoe&question=again"
check 'a basket' 0 '"items":\[{"item":"' ask "$address/v1/recommend" -d '{"items":["TEA02","TEA04"],"k":3}'
check 'a member of another kind is refused and named' 0 '"field":"customer"' ask "$address/v1/recommend" \
    -d '{"items":["TEA02"],"customer":5}'
check 'items that are no list too, whoever asks' 0 '"field":"items"' ask "$address/v1/recommend" \
    -d '{"items":"TEA02","customer":"zoe"}'
check 'beside an item' 0 '"also":\[{"item":' ask "$address/v1/items/TEA02/also?k=5"
check 'and what is like it' 0 '"similar":\[{"item":"' ask "$address/v1/items/TEA02/also?k=5"
check 'beside an item that is not known' 0 '404' ask -o /dev/null -w '%{http_code}' "$address/v1/items/ZZZ/also"
check 'without a customer' 0 '400' ask -o /dev/null -w '%{http_code}' "$address/v1/recommend"
check 'a command is answered by the server that runs' 0 '"cold": false' "$holdfast" recommend zoe --db shop.holdfast --json
check 'by the settings that were named' 0 'no item meets' "$holdfast" recommend zoe --db shop.holdfast --settings none.yaml
printf 'item,stock\nTEA02,0\nTEA04,0\n' >sold.csv
check 'what is sold out by a newer file' 0 '2 changed' "$holdfast" import sold.csv --shape items
check 'comes in no list from then on' 0 none sh -c "! for c in C001 C002 C003 zoe; do curl -sS -H 'Authorization: Bearer $token' \
    '$address/v1/recommend?k=50&customer='\$c; done | grep -o '\"item\":\"TEA0[24]' && echo none"
for c in u1 u2 u3 u4; do buy $c CUP05; done
check 'a template names the items' 0 'Offer <[A-Z0-9]*> <[A-Z0-9]*>' soon 'Offer <' ask "$address/v1/tasks"
printf 'recommend:\n  explore: 0.5\n' >campaigns/holdfast.yaml
"$holdfast" import sold.csv --shape items >/dev/null
ask "$address/v1/recommend?k=5&customer=C0[10-33]" >known.json
ask "$address/v1/recommend?k=5&customer=guest[1-160]" >guests.json
check 'an item nobody knows is shown fifty times and no more' 0 ok \
    sh -c 'n=$(grep -o "it is new" guests.json | wc -l); [ $n -ge 20 ] && [ $n -le 50 ] && echo ok'
before=$(ask "$address/v1/recommend?customer=C003&k=5" | node -p 'JSON.parse(require("fs").readFileSync(0)).model')
printf 'item,title,category,price,stock\nNEW1,Red tea,tea,4,9\nNEW2,Black cup,cup,4,9\n' >fresh.csv
"$holdfast" import fresh.csv --shape items >/dev/null
ask "$address/v1/recommend?k=5&customer=C0[10-29]" >fresh.json
check 'items of a newer catalogue are reached at once' 0 ok sh -c 'grep -q "\"item\":\"NEW" fresh.json && echo ok'
check 'by the same model' 0 "\"model\":\"$before\"" cat fresh.json
curl -sS -u "$key:" -H 'Content-Type: application/json' "$address/v1/identify" \
    -d '{"userId":"zoe","traits":{},"context":{"consent":{"categoryPreferences":{"profiling":false}}}}' >/dev/null
check 'who refuses profiling gets what is popular' 0 'has refused profiling' ask "$address/v1/recommend?customer=zoe"
check 'and what was recommended is in what is known of a person' 0 'recommendations' ask "$address/v1/customers/zoe/export"
kill $server; wait $server
server=
check 'what was shown, with its propensities, and what came of it' 0 'shown.csv: [0-9]* rows' "$holdfast" export shown --db shop.holdfast --out shown.csv
check 'its columns' 0 '^list,day,at_ms,customer,placement,model,rank,item,propensity,clicked,bought,revenue$' head -1 shown.csv
check 'what was bought after its list' 0 '^r_[^,]*,[^,]*,[0-9]*,zoe,[^,]*,[^,]*,[0-9]*,TEA03,[0-9.]*,1,1,4.00$' cat shown.csv
check 'a list of the future says nothing of a purchase before it' 0 none sh -c "! grep ',zoe,home,.*,CUP02,' shown.csv && echo none"
check 'off-policy tools read it' 0 '^snips' "$holdfast" policy evaluate shown.csv --action item --reward bought \
    --propensity propensity --policy uniform --where 'propensity < 1'
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
