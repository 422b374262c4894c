#!/usr/bin/env bash
# trying_test.sh - a journey is tried over HTTP before it is at work: one person through the days to come, everybody through
# those before; and two who change one journey at a time.  tests/trying.mjs asks.
cd "$(dirname "$0")/.." || exit 1
scratch=$PWD/build/scratch/trying.$$
mkdir -p "$scratch/c/templates" || exit 1
trap 'rm -rf "$scratch"' EXIT
holdfast=$PWD/$BUILD/holdfast root=$PWD
cd "$scratch" || exit 1
cat >c/holdfast.yaml <<'END'
public_url: https://news.example.com
zone: UTC
holdout_share: 0
topics: {offers: {basis: consent}, orders: {basis: contract}}
caps: [{channel: post_office, most: 2, per: week, over: skip}]
channels:
  email: {kind: file, path: "out.csv", format: audience}
  post_office: {kind: smtp, url: "smtp://127.0.0.1:1", tls: none, from: news@example.com}
  crm: {kind: webhook, url: "https://shop:word@crm.example.com/in/@shop?to=a@b"}
  hook: {kind: webhook, url: "https://hook.example.com/@secret"}
END
for id in ada bob eve; do echo "$id,$id,$(date -u -d '5 days ago' +%FT%TZ),40"; done |
    { echo 'order_id,customer_id,order_date,total'; cat; } >orders.csv
"$holdfast" import orders.csv --db shop.holdfast >/dev/null 2>&1 || { echo 'no shop to try it on'; exit 1; }
node "$root/tests/trying.mjs" "$holdfast"
