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
check 'a typo in a command gets the nearest'   2 "no command 'rnu'; did you mean 'run'?" "$holdfast" rnu x.csv
check 'and so does one in a flag'              2 "no flag --horizn; did you mean 'horizon'? holdfast run --help" \
    "$holdfast" run x.csv --horizn 90d
check 'help of a command is its --help'        0 'usage: holdfast run FILE' "$holdfast" help run
check 'help of a typo gets the nearest'        2 "did you mean 'segment'?" "$holdfast" help segmnt
check 'a flag without its value is told'       2 'horizon needs a value' "$holdfast" run x.csv --horizon
check 'a switch with a value is told'          2 'json takes no value' "$holdfast" run x.csv --json=1
check 'a missing argument is told'             2 'usage: holdfast run FILE' "$holdfast" run
check 'one argument too many is told'          2 "'b.csv' is one argument too many" "$holdfast" run a.csv b.csv
mkfifo pipe messages_pipe
printf 'customer,date,amount\na,2024-01-03,1\nb,2024-01-04,2\n' >pipe &
check 'a pipe is read, and once'              0 'pipe is taken as lines of orders' "$holdfast" import pipe --db pipe.holdfast
printf '{"type":"track","event":"signup","userId":"u","messageId":"m","timestamp":"2024-01-03T00:00:00Z"}\n' >messages_pipe &
check 'so is one of messages'                 0 "Segment's messages" "$holdfast" import messages_pipe --db pipe.holdfast
wait
rm -f pipe* messages_pipe
check 'a missing file is told'                 3 'x.csv' "$holdfast" run x.csv
check 'nothing is left behind by it'           0 'clean' sh -c 'ls *.holdfast* report.html >/dev/null 2>&1 || echo clean'
printf 'customer,date,amount\na,2020-01-01,5\nb,2020-02-01,5\na,2020-03-01,5\n' >orders.csv
for flag in '--horizon banana' '--active 0d' '--test-at soon' '--margin 2' '--value-horizon x' '--discount -1' '--value-months x' \
            '--search-seconds x' '--questions no.yaml' '--goal ordr' '--question chrun'; do
    # shellcheck disable=SC2086
    check "$flag is judged"                    "$(case $flag in *yaml|--goal*) echo 3 ;; *) echo 2 ;; esac)" "${flag%% *}" "$holdfast" run orders.csv $flag
    check 'before anything is imported'        0 'clean' sh -c 'ls *.holdfast* report.html >/dev/null 2>&1 || echo clean'
done
printf 'id,plan,paid,left\n1,a,5,yes\n2,b,6,no\n3,a,7,no\n4,b,8,yes\n' >people.csv
check 'a column of money that a table has not' 3 "value-column 'payd': the file has no such column; did you mean 'paid'?" \
    "$holdfast" run people.csv --value-column payd
check 'is judged before anything is imported'  0 'clean' sh -c 'ls *.holdfast* report.html >/dev/null 2>&1 || echo clean'
check 'a typo in a column gets the nearest'    2 "--customer custmer: there is no such column; did you mean 'customer'?" \
    "$holdfast" run orders.csv --customer custmer
check 'a missing database is told'             3 'no.holdfast' "$holdfast" train --db no.holdfast
check 'no database here says what to do'       3 'holdfast import' "$holdfast" score
check 'errors are JSON with --json'            3 '"code": "missing"' "$holdfast" score --json
check 'threads have a limit'                   2 'threads' "$holdfast" score --threads 0
node -e 'require("net").createServer().listen(0, "127.0.0.1", function () { console.log(this.address().port); })' >port &
listener=$!
until [ -s port ]; do sleep 0.05; done
check 'a port that is taken has its own status' 8 'another program listens there; choose another port with --listen' \
    "$holdfast" serve --db new.holdfast --listen "127.0.0.1:$(cat port)"
kill $listener
if [ "$(id -u)" != 0 ] && [ "$(cat /proc/sys/net/ipv4/ip_unprivileged_port_start)" -gt 80 ]; then
    check 'and so has one for the few'         8 'this port may not be used; ports from 1024 on may' \
        "$holdfast" serve --db new.holdfast --listen 127.0.0.1:80
fi
printf 'zone: UTC\nquiet_hour: 9\n' >wrong.yaml
check 'a setting that is none is told with its line' 2 "wrong.yaml:2:13: 'quiet_hour' is not known here; did you mean 'quiet_hours'" \
    "$holdfast" serve --db new.holdfast --listen 127.0.0.1:0 --settings wrong.yaml
check 'campaigns that are not there are told'  3 'nowhere: there is no such folder of campaigns' \
    "$holdfast" serve --db new.holdfast --listen 127.0.0.1:0 --campaigns nowhere
rm -f new.holdfast*
check 'and no database was made'               0 'clean' sh -c 'ls new.holdfast* >/dev/null 2>&1 || echo clean'
for command in $("$holdfast" --help | sed -n '/^commands:/,/^$/s/^  \([a-z]*\) .*/\1/p'); do
    check "$command has help with an example"  0 "example:" "$holdfast" "$command" --help
done
echo "app: $passed passed, $failed failed"
[ $failed -eq 0 ]
