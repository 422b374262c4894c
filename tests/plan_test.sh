#!/usr/bin/env bash
# plan_test.sh - holdfast plan on files of options and offers, against figures of exact solvers.
set -u
cd "$(dirname "$0")/.." || exit 1
. tests/check.sh
holdfast=$PWD/$BUILD/holdfast
folder=$(mktemp -d "$BUILD/plan.XXXXXX") || exit 1
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1

# options N FILE: customers with four actions each, the costs and profits of a known generator.
options() {
    node -e '
        const base = [4, 25, 120, 300], top = [120, 260, 700, 1100], names = ["email", "sms", "coupon", "call"];
        const rows = ["customer,action,cost,profit,country"];
        let x = 20261n;
        const step = () => (x = (1103515245n * x + 12345n) % 2147483648n, (Number(x) >> 8) % 1000);
        for (let c = 1; c <= +process.argv[1]; c++) names.forEach((name, a) => {
            const cost = base[a] + step() % (Math.floor(base[a] / 2) + 1);
            rows.push([`c${c}`, name, cost, Math.floor(step() * top[a] / 1000) - Math.floor(top[a] / 4), c % 3 ? "DE" : "AT"]);
        });
        require("fs").writeFileSync(process.argv[2], rows.join("\n") + "\n");' "$1" "$2"
}

options 200 options.csv
plan() { "$holdfast" plan --options options.csv --json "$@" >out.json; }
for row in 2000:12967:12970.111:3.2222 8000:29384:29389.919:2.369128 20000:51079:51082.649:1.400621; do
    IFS=: read -r budget profit bound price <<<"$row"
    plan --budget "$budget"
    holds "budget $budget" "near(json.profit.value, $profit) && near(json.bound, $bound, .001) && json.exact &&
        near(json.shadow_prices.budget, $price, 1e-4) && json.spent <= $budget"
done
holds 'the curve rises, ever slower, and ends with all that pays' '((c) => c.every((p, i) => i === 0 ||
    p.profit >= c[i - 1].profit) && near(c[c.length - 1].profit, 70584))(json.curve)'
holds 'the budget is split among the actions, each with whom it chose' 'json.split.length > 1 &&
    near(json.split.reduce((sum, s) => sum + s.spent, 0), json.spent, 1e-6) &&
    json.split.every((s) => s.n > 0 && s.n === json.chosen.filter((c) => c.action === s.action).length)'
holds 'everybody is chosen or left alone' 'json.chosen.length + json.left_alone.n === 200 &&
    near(json.chosen.reduce((sum, c) => sum + c.profit.value, 0), json.profit.value)'
plan
holds 'no budget: all that pays' 'near(json.profit.value, 70584) && json.budget === null'
plan --budget infinite
holds 'an infinite budget' 'near(json.profit.value, 70584)'
plan --budget 0
holds 'budget 0: nobody' 'json.chosen.length === 0 && json.profit.value === 0 && json.left_alone.n === 200'
plan --budget 8000 --capacity call=10,coupon=20
holds 'three limits' 'near(json.profit.value, 28096) && near(json.bound, 28103.517, .001) && json.exact &&
    near(json.shadow_prices.budget, 1.87667, 1e-5) && near(json.shadow_prices.coupon, 111.02, .005) && json.shadow_prices.call === 0'
holds 'and each is kept' 'json.chosen.filter((c) => c.action === "call").length <= 10 &&
    json.chosen.filter((c) => c.action === "coupon").length <= 20 && json.spent <= 8000'
plan --budget 2000 --group country
holds 'disparity is told where nobody limits it' 'json.disparity.difference >= 0 && json.price_of_fairness === 0'
plan --budget 2000 --group country --max-disparity .01
holds 'and its price where somebody does' 'json.disparity.difference <= .01 + 1e-9 && json.price_of_fairness >= 0'

# knapsacks as plans: each item is a customer with one option
item() { node -e 'const [cost, profit] = [process.argv[1], process.argv[2]].map((l) => l.split(" "));
    console.log("customer,action,cost,profit\n" + cost.map((c, i) => `i${i},take,${c},${profit[i]}`).join("\n"))' "$1" "$2"; }
item "7 0 30 22 80 94 11 81 70 64 59 18 0 36 3 8 15 42 9 0 42 47 52 32 26 48 55 6 29 84 2 4 18 56 7 29 93 44 71 3 86 66 31 65 0 79 20 65 52 13" \
    "360 83 59 130 431 67 230 52 93 125 670 892 600 38 48 147 78 256 63 17 120 164 432 35 92 110 22 42 50 323 514 28 87 73 78 15 26 78 210 36 85 189 274 43 33 10 19 389 276 312" >ortools.csv
"$holdfast" plan --options ortools.csv --budget 850 --json >out.json
holds 'fifty items: 7534' 'near(json.profit.value, 7534) && json.exact'
item "23 31 29 44 53 38 63 85 89 82" "92 57 49 68 60 43 67 84 87 72" >fsu.csv
"$holdfast" plan --options fsu.csv --budget 165 --json >out.json
holds 'ten items: 309' 'near(json.profit.value, 309) && json.exact'

{ echo customer,action,cost,profit; for i in $(seq 1 50); do echo "c$i,mail,2,3"; done; } >equal.csv
"$holdfast" plan --options equal.csv --budget 41 --json >out.json
holds 'equal options fill the budget' 'json.chosen.length === 20 && json.profit.value === 60'
options 24000 many.csv
"$holdfast" plan --options many.csv --budget 960000 --capacity call=1200,coupon=2400 --json >out.json
holds 'many customers: within a thousandth of the bound' 'json.gap < .001 && json.gap >= 0 && json.spent <= 960000 &&
    json.chosen.filter((c) => c.action === "call").length <= 1200'

printf 'customer,action,cost,profit\na,mail,1,2\nb,mail,-1,2\n' >negative.csv
check 'a negative cost' 2 'line 3: a negative cost' "$holdfast" plan --options negative.csv --budget 5
printf 'customer,action,cost,profit\na,mail,1,2\na,mail,2,2\n' >twice.csv
check 'an option twice' 2 'line 3: mail for the same customer a second time' "$holdfast" plan --options twice.csv --budget 5
check 'a capacity of what nobody is eligible for' 2 "nobody in options.csv is eligible for 'fax'" \
    "$holdfast" plan --options options.csv --budget 5 --capacity fax=3
check 'a capacity twice' 2 "'call' is given twice" "$holdfast" plan --options options.csv --capacity call=1,call=2
check 'a capacity of nothing at all' 2 "is written like call=10.*not ''" "$holdfast" plan --options options.csv --capacity ''
check 'a capacity below nothing' 2 'never below 0' "$holdfast" plan --options options.csv --capacity call=-3
check 'a budget below nothing' 2 'a budget is an amount, or infinite' "$holdfast" plan --options options.csv --budget -3
check 'no columns' 2 "columns customer, action, cost and profit" "$holdfast" plan --options ../../../README.md --budget 3

# ---- offers ----
printf 'depth,response\n0,.080\n5,.088\n10,.104\n15,.121\n20,.131\n25,.136\n' >offers.csv
"$holdfast" plan --offers offers.csv --price 50 --margin .45 --floor .20 --json >out.json
holds 'what each depth earns' '[1.8, 1.76, 1.82, 1.815, 1.6375, 1.36].every((e, i) => near(json.depths[i].margin_per_customer, e, 1e-9))'
holds 'the best depth' 'json.best_depth === 10 && json.depths.every((d) => d.allowed)'
"$holdfast" plan --offers offers.csv --price 50 --margin .45 --floor .42 --json >out.json
holds 'below the floor nothing is allowed' 'json.best_depth === 0 && json.depths[1].allowed && !json.depths[2].allowed'
printf 'depth,response,n\n0,.10,1000\n10,.08,1000\n20,.15,1000\n30,.16,1000\n' >falling.csv
"$holdfast" plan --offers falling.csv --price 50 --margin .45 --floor 0 --json >out.json
holds 'a deeper discount never has a lower response' 'json.depths.every((d, i) => i === 0 || d.response >= json.depths[i - 1].response)'
"$holdfast" plan --offers offers.csv --price 50 --margin .45 --floor .20 --stock 88 --customers 1000 --json >out.json
holds 'where there is hardly any to sell nothing is given away for more' 'json.best_depth === 0 && near(json.depths[0].margin_per_customer, 1.8) &&
    near(json.depths[2].margin_per_customer, .088 * 50 * .35)'
{ echo depth,response,competitor; for c in 45 60; do for d in 0 10 20; do echo "$d,0.$((10 + d * (c == 45 ? 2 : 0) / 10)),$c"; done; done; } >others.csv
"$holdfast" plan --offers others.csv --price 50 --margin .45 --competitor 60 --json >out.json
holds 'where others ask more a discount brings nobody' 'json.best_depth === 0 && json.depths.every((d) => near(d.response, .10, 1e-3))'
"$holdfast" plan --offers others.csv --price 50 --margin .45 --competitor 45 --json >out.json
holds 'where they ask less it does' 'near(json.depths[2].response, .14, 1e-3)'
check 'others must have asked something' 2 'no column competitor' "$holdfast" plan --offers offers.csv --price 50 --margin .45 --competitor 40
check 'a stock of how many?' 2 '--stock.*--customers.*go together' "$holdfast" plan --offers offers.csv --price 50 --margin .45 --stock 10
check 'a floor above the margin' 0 'No depth keeps a margin of 0.5' "$holdfast" plan --offers offers.csv --price 50 --margin .45 --floor .5
check 'offers need a price' 2 '--offers needs --price' "$holdfast" plan --offers offers.csv --margin .4
echo "plan: $passed passed, $failed failed"
[ $failed -eq 0 ]
