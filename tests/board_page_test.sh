#!/usr/bin/env bash
# board_page_test.sh - the server's page in a headless Chromium, over a trained shop: every page, by mouse and keyboard, on
# a phone, dark, as several roles.  tests/page/board.mjs looks; old.mjs at a shop whose history ended years ago.
# PAGE_ALL=1 tries every role.  Pictures stay in $BUILD/board_page, to be looked at.
cd "$(dirname "$0")/.." || exit 1
root=$PWD scratch=$PWD/build/scratch/board_page.$$ pictures=$PWD/${BUILD:-build/debug}/board_page
holdfast=$PWD/${BUILD:-build/debug}/holdfast
mkdir -p "$scratch" "$pictures" || exit 1
trap 'rm -rf "$scratch"' EXIT
cd "$scratch" || exit 1
from=$(date -u -d '400 days ago' +%F)
"$holdfast" simulate --customers 300 --days 400 --from "$from" --out shop >/dev/null &&
    "$holdfast" run shop/events.csv --db shop.holdfast --search-seconds .1 --out report.html --quiet >/dev/null || { echo "no shop to look at"; exit 1; }
cat >trial.yaml <<'END'
experiments:
  - {name: trial, control: control, arms: {control: .5, mail: .5}, start: 2020-01-01, exposure: call, primary: kept, strata: [channel],
     metrics: [{name: kept, event: order, kind: any, window: 7d}]}
END
"$holdfast" experiment start trial.yaml --db shop.holdfast >/dev/null || { echo "no experiment to look at"; exit 1; }
sqlite3 shop.holdfast "INSERT INTO privacy_request (kind, identity, source, requested_ms, due_ms, state, done_ms, detail) VALUES
    ('export', 1, 'page: preferences', unixepoch() * 1000, (unixepoch() + 2592000) * 1000, 'waiting', 0, '')" || exit 1
"$holdfast" simulate --customers 200 --days 400 --from 2019-01-01 --out old >/dev/null &&
    "$holdfast" run old/events.csv --db old.holdfast --search-seconds .1 --out old.html --quiet >/dev/null || { echo "no old shop"; exit 1; }
cat >holdfast.yaml <<'END'
actions: [{name: call, channel: task, subject: "Call {{customer.id}}", contact_cost: 3}]
END
status=0
node "$root/tests/page/board.mjs" "$holdfast" shop.holdfast "$pictures" || status=1
node "$root/tests/page/old.mjs" "$holdfast" old.holdfast "$pictures" || status=1
exit $status
