#!/usr/bin/env bash
# order_twice_test.sh - an order that a file and a client tell of is one order, whichever comes first; what a client says
# of it later changes what it is.
set -u
cd "$(dirname "$0")/.." || exit 1
. tests/check.sh
holdfast=$PWD/$BUILD/holdfast
folder=$(mktemp -d "$PWD/$BUILD/order_twice.XXXXXX") || exit 1
server=
trap '[ -n "$server" ] && kill "$server"; rm -rf "$folder"' EXIT
cd "$folder" || exit 1
cat >orders.csv <<'ROWS'
Order ID,Customer ID,Email,Date,Item,Total
1001,u1,u1@example.com,2026-01-01,boot,100.00
1002,u1,u1@example.com,2026-01-02,sock,50.00
1003,u2,u2@example.com,2026-01-03,boot,70.00
ROWS
start() {
    rm -f served
    "$holdfast" serve --db "$1" --listen 127.0.0.1:0 >served 2>log &
    server=$!
    served served || exit 1
    url=$(grep -o 'http://[^ ]*' served | head -1)
    key=$(grep -o 'wk_[^ ]*' served) token=$(grep -o 'hf_[^ ]*' served)
}
stop() { kill "$server"; wait "$server" 2>/dev/null; server=; }
track() {
    curl -s -u "$key:" "$url/v1/track" -H 'Content-Type: application/json' \
        -d "{\"userId\":\"$1\",\"event\":\"$2\",\"messageId\":\"$3\",\"properties\":$4}" >/dev/null
}
tell() {
    track u1 'Order Completed' a1 '{"order_id":"1001","revenue":100}'
    track u1 'Order Updated' a2 '{"order_id":1002,"revenue":40}'
    track u2 'Order Cancelled' a3 '{"order_id":"#1003"}'
    track u3 'Order Completed' a4 '{"order_id":2001,"revenue":30}'
    track u3 'Order Completed' a5 '{"order_id":"2001","revenue":30}'
    track u3 'Order Refunded' b6 '{"order_id":"2001","total":10}'
    track u3 'Order Refunded' a6 '{"order_id":"2001"}'
    track u3 'Order Refunded' c6 '{"order_id":"2002","total":0}'
    track u3 'Order Completed' a7 '{"order_id":"2002","revenue":30}'
}
# Orders and their sum, refunds and theirs.
known() {
    curl -s -H "Authorization: Bearer $token" "$url/v1/customers/$1" | node -p '
        const all = JSON.parse(require("fs").readFileSync(0)).timeline;
        ["order", "refund"].map((kind) => all.filter((e) => e.kind === kind)).map((of) =>
            `${of.length} ${of.reduce((sum, e) => sum + (e.amount_cents ?? 0), 0)}`).join(", ")'
}
check 'a file is imported' 0 '6 added' "$holdfast" import orders.csv --db file.holdfast
start file.holdfast
tell
check 'what the file has is not counted again, and an update is the order as it is now' 0 '^2 14000, 0 0$' known u1
check 'what is cancelled is no order' 0 '^0 0, 0 0$' known u2
check 'an order told twice is one; a refund without an amount is of what is left of it' 0 '^2 6000, 3 -3000$' known u3
stop
start live.holdfast
tell
check 'a file that follows corrects what it says otherwise' 0 '1 order of an earlier import was corrected' \
    "$holdfast" import orders.csv --db live.holdfast
check 'and counts nothing twice' 0 '^2 15000, 0 0$' known u1
check 'nor what was cancelled' 0 '^0 0, 0 0$' known u2
check 'again it adds nothing' 0 '0 added' "$holdfast" import orders.csv --db live.holdfast
stop
echo "order twice: $passed passed, $failed failed"
[ $failed -eq 0 ]
