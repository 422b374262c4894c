#!/usr/bin/env bash
# api_test.sh - what a program may ask of a server with a trained shop: customers, scores, reasons, decisions, models,
# people's rights and who is whom, over HTTP.  tests/api/check.mjs asks.
cd "$(dirname "$0")/.." || exit 1
scratch=$PWD/build/scratch/api.$$
mkdir -p "$scratch" || exit 1
trap 'rm -rf "$scratch"' EXIT
holdfast=$PWD/$BUILD/holdfast
cd "$scratch" || exit 1
from=$(date -u -d '400 days ago' +%F)
"$holdfast" simulate --customers 300 --days 400 --from "$from" --out shop >/dev/null &&
    "$holdfast" run shop/events.csv --db shop.holdfast --out report.html --quiet >/dev/null &&
    "$holdfast" export scores --db shop.holdfast --out scores.csv >/dev/null || { echo "no shop to ask about"; exit 1; }
node "$OLDPWD/tests/api/check.mjs" "$holdfast" shop.holdfast
