#!/usr/bin/env bash
# marketer_day_test.sh - a marketer's day in a headless Chromium: a segment, a journey, trying it on somebody, simulating it, its
# approval, the mail in a local mailbox, why somebody got none, the lift.  tests/page/marketer_day.mjs does it.
# tests/page/keyboard.mjs: the same without a pointer, and a journey of 200 steps.  tests/page/hostile.mjs: what bad input gets.
cd "$(dirname "$0")/.." || exit 1
scratch=$PWD/build/scratch/marketer_day.$$ pictures=$PWD/${BUILD:-build/debug}/board_page
holdfast=$PWD/${BUILD:-build/debug}/holdfast root=$PWD
mkdir -p "$scratch/c/templates" "$scratch/mail" "$pictures" || exit 1
trap 'kill $mailbox 2>/dev/null; wait 2>/dev/null; rm -rf "$scratch"' EXIT
cd "$scratch" || exit 1
: >mailbox.txt
node "$root/examples/mailbox.mjs" 0 mail >mailbox.txt &
mailbox=$!
until grep -q 'mailbox at' mailbox.txt; do sleep 0.1; done
cat >c/holdfast.yaml <<END
public_url: https://news.example.com
zone: UTC
holdout_share: 0
topics: {offers: {basis: consent}}
channels: {email: {kind: smtp, url: "smtp://127.0.0.1:$(sed 's/.* //' mailbox.txt)", tls: none, from: "Shop <news@example.com>"}}
END
echo '<p>Hello {{ customer.name }}. <a href="{{ unsubscribe }}">unsubscribe</a></p>' >c/templates/hello.html
for n in $(seq 1 12); do
    for days in 9 6; do echo "o$n-$days,c$n,$(date -u -d "$days days ago" +%FT%TZ),$((20 + n))"; done
done | { echo 'order_id,customer_id,order_date,total'; cat; } >orders.csv
"$holdfast" import orders.csv --db shop.holdfast >/dev/null 2>&1 || { echo 'no shop to work with'; exit 1; }
cp shop.holdfast keys.holdfast || exit 1
status=0
node "$root/tests/page/marketer_day.mjs" "$holdfast" shop.holdfast "$pictures" || status=1
node "$root/tests/page/keyboard.mjs" "$holdfast" keys.holdfast "$pictures" || status=1
node "$root/tests/page/hostile.mjs" "$holdfast" "$pictures" || status=1
exit $status
