#!/bin/sh
# app_test.sh - the program as a person meets it: help, errors, exit statuses, --json.
cd "$(dirname "$0")/.." || exit 1
holdfast=$PWD/$BUILD/holdfast
scratch=$PWD/build/scratch/app.$$
. tests/check.sh
mkdir -p "$scratch" && cd "$scratch" || exit 1
trap 'rm -rf "$scratch"' EXIT

check 'no command lists the commands'          2 'usage: holdfast COMMAND' "$holdfast"
check 'help lists the commands'                0 'run  ' "$holdfast" --help
check 'an unknown command is told'             2 "no command 'fly'" "$holdfast" fly
check 'an unknown flag is told'                2 'no flag --fly; holdfast run --help' "$holdfast" run x.csv --fly
check 'a flag without its value is told'       2 'horizon needs a value' "$holdfast" run x.csv --horizon
check 'a switch with a value is told'          2 'json takes no value' "$holdfast" run x.csv --json=1
check 'a missing argument is told'             2 'usage: holdfast run FILE' "$holdfast" run
check 'one argument too many is told'          2 "'b.csv' is one argument too many" "$holdfast" run a.csv b.csv
check 'a missing file is told'                 3 'x.csv' "$holdfast" run x.csv
check 'nothing is left behind by it'           0 'clean' sh -c 'ls *.holdfast* report.html >/dev/null 2>&1 || echo clean'
check 'a missing database is told'             3 'no.holdfast' "$holdfast" train --db no.holdfast
check 'no database here says what to do'       3 'holdfast import' "$holdfast" score
check 'errors are JSON with --json'            3 '"code": "missing"' "$holdfast" score --json
check 'threads have a limit'                   2 'threads' "$holdfast" score --threads 0
for command in $("$holdfast" --help | sed -n '/^commands:/,/^$/s/^  \([a-z]*\) .*/\1/p'); do
    check "$command has help with an example"  0 "example:" "$holdfast" "$command" --help
done
echo "app: $passed passed, $failed failed"
[ $failed -eq 0 ]
