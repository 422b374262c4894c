#!/bin/sh
# report_page_test.sh - the report page: types, the tests of its modules, and made-up reports in a headless Chromium.
# Pictures of the pages stay in $BUILD/report_page, to be looked at.
cd "$(dirname "$0")/.." || exit 1
folder=$PWD/${BUILD:-build/debug}/report_page
if [ ! -d web/node_modules ] || [ ! -e build/web/report.html ]; then tools/web.sh || exit 1; fi
rm -rf "$folder"
mkdir -p "$folder"
passed=0
failed=0
tell() { if [ "$1" = 0 ]; then passed=$((passed + 1)); else failed=$((failed + 1)); echo "FAILED $2"; fi; }

web/node_modules/.bin/tsc -p web >"$folder/types.log" 2>&1
status=$?
[ "$status" = 0 ] || cat "$folder/types.log"
tell "$status" "the types of web/ agree"

node web/dev/sample_pages.mjs build/web/report.html "$folder" || exit 1
log=$folder/tests.log
PAGES=$folder node web/test/run_tests.mjs "$folder/units" >"$log" 2>&1
status=$?
passed=$((passed + $(sed -n 's/^# pass //p' "$log" | tail -1)))
failed=$((failed + $(sed -n 's/^# fail //p' "$log" | tail -1)))
if [ "$status" != 0 ]; then
    [ "$failed" -gt 0 ] || failed=1
    grep -A 40 '^ *not ok' "$log" || tail -40 "$log"
fi
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
