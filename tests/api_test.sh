#!/usr/bin/env bash
# api_test.sh - what a program may ask of a server with a trained shop: customers, scores, reasons, decisions, models,
# people's rights and who is whom, over HTTP.  tests/api/check.mjs asks; plans.mjs plans, and
# uploads.mjs sends files, surveys.mjs answers, lift.mjs enters a journey.
cd "$(dirname "$0")/.." || exit 1
scratch=$PWD/build/scratch/api.$$
mkdir -p "$scratch" || exit 1
trap 'rm -rf "$scratch"' EXIT
holdfast=$PWD/$BUILD/holdfast
cd "$scratch" || exit 1
from=$(date -u -d '400 days ago' +%F)
"$holdfast" simulate --customers 300 --days 400 --from "$from" --out shop >/dev/null &&
    "$holdfast" run shop/events.csv --db shop.holdfast --search-seconds .1 --out report.html --quiet >/dev/null &&
    "$holdfast" export scores --db shop.holdfast --out scores.csv >/dev/null || { echo "no shop to ask about"; exit 1; }
for name in planned sent; do
    cp shop.holdfast $name.holdfast && cp shop.holdfast.key $name.holdfast.key || exit 1
done
node "$OLDPWD/tests/api/check.mjs" "$holdfast" shop.holdfast
status=$?
cat >actions.yaml <<'END'
actions:
  - {name: email, channel: task, subject: "Write to {{customer.id}}", contact_cost: .05}
  - {name: call, channel: task, subject: "Call {{customer.id}}", contact_cost: 3}
budget: {amount: 100, per: 4w}
approve: {above: 20, role: lead}
END
node "$OLDPWD/tests/api/plans.mjs" "$holdfast" planned.holdfast actions.yaml || status=1
node "$OLDPWD/tests/api/uploads.mjs" "$holdfast" sent.holdfast || status=1
node "$OLDPWD/tests/api/surveys.mjs" "$holdfast" surveys.holdfast || status=1
node "$OLDPWD/tests/api/lift.mjs" "$holdfast" lift.holdfast || status=1
exit $status
