#!/usr/bin/env bash
# warehouse_refusals_test.sh - each way in which a warehouse may be another than it was, or not there, before each command that
# asks it: a status that says which, the server's name, and nothing made or changed.
cd "$(dirname "$0")/.." || exit 1
command -v clickhouse-server >/dev/null || { echo "skipped: clickhouse-server is not installed"; exit 0; }
holdfast=$PWD/$BUILD/holdfast
scratch=$PWD/build/scratch/refusals.$$
mkdir -p "$scratch" || exit 1
. tests/check.sh
. tests/warehouse_servers.sh
trap 'warehouse_stop; wait; rm -rf "$scratch"' EXIT
cd "$scratch" || exit 1
warehouse_folder=$scratch/servers
export LC_ALL=C
warehouse_start 2 || exit 1
echo secret >ch.password
echo wrong >wrong.password
cat >holdfast.yaml <<YAML
warehouse:
  shards: [["$server_1"], ["$server_2"]]
  user: holdfast
  password_file: ch.password
  node: n1
YAML
"$holdfast" simulate --customers 260 --out sim >/dev/null
"$holdfast" import sim/events.csv --db shop.holdfast --quiet >/dev/null
"$holdfast" warehouse init >/dev/null && "$holdfast" warehouse ship --until-done >/dev/null && "$holdfast" train --search-seconds 0 >/dev/null
"$holdfast" score --on warehouse >/dev/null || exit 1
printf 'customer,event,time,amount\nC000003,order,2026-01-01,5\n' >more.csv
cp shop.holdfast behind.db    # one event is not shipped yet, so that `ship` has something to do
"$holdfast" import more.csv --db behind.db --quiet >/dev/null
there() { for i in 1 2; do echo "SELECT count(), sum(row), (SELECT count() FROM holdfast.scores), (SELECT count() FROM holdfast.runs) FROM holdfast.events" | warehouse_ask $i; done; }

command_of() {
    case $1 in
    ship) "$holdfast" warehouse ship --until-done --db behind.db --settings "$2" ;;
    check | features) "$holdfast" warehouse "$1" --db shop.holdfast --settings "$2" ;;
    mend) "$holdfast" warehouse check --mend --db shop.holdfast --settings "$2" ;;
    restore) "$holdfast" warehouse restore --to made.db --db shop.holdfast --settings "$2" ;;
    train) "$holdfast" train --on warehouse --sample 100000 --search-seconds 0 --db shop.holdfast --settings "$2" ;;
    score) "$holdfast" score --on warehouse --db shop.holdfast --settings "$2" ;;
    init) "$holdfast" warehouse init --db shop.holdfast --settings "$2" ;;
    esac
}
# refused WHAT STATUSES PATTERN SETTINGS COMMAND... - each command says the pattern with one of the statuses, in time.
refused() {
    local what=$1 statuses=$2 pattern=$3 settings=$4 command status before
    shift 4
    before=$(there)
    for command; do
        command_of "$command" "$settings" >said 2>&1
        status=$?
        if [[ " $statuses " == *" $status "* ]] && grep -q -e "$pattern" said && [ ! -e made.db ] && [ "$(there)" = "$before" ]; then
            passed=$((passed + 1))
        else
            failed=$((failed + 1))
            echo "FAILED: $what, $command: status $status (want $statuses), no '$pattern', or something was made or changed, in:"
            head -5 said
        fi
        rm -f made.db*
    done
}
all="ship check mend features restore train score"
from() { sed "$1" holdfast.yaml >"$2"; }

from 's/ch.password/wrong.password/' wrong.yaml
refused 'a wrong password' 4 "$server_1 says: Code: 193" wrong.yaml $all init
from 's/user: holdfast/user: nobody/' nobody.yaml
refused 'a user that is none' 4 "$server_1 says: Code: 192" nobody.yaml $all init
from 's/node: n1/node: n2/' n2.yaml
refused 'another node' 4 "$server_1: the warehouse is of node 'n1', the settings say 'n2'" n2.yaml $all init
from "s|, \[\"$server_2\"\]||" fewer.yaml
refused 'a shard fewer' 4 "$server_1: it was made as shard 1 of 2, the settings say shard 1 of 1.*restore with as many" fewer.yaml $all init
from "s|\[\"$server_2\"\]|[\"$server_2\"], [\"http://127.0.0.1:1\"]|" more.yaml
refused 'a shard more' 4 "$server_1: it was made as shard 1 of 2, the settings say shard 1 of 3" more.yaml $all init
from "s|$server_1|there|; s|$server_2|$server_1|; s|there|$server_2|" turned.yaml
refused 'shards in another order' 4 "$server_2: it was made as shard 2 of 2, the settings say shard 1 of 2" turned.yaml $all init
from 's/node: n1/database: none/' none.yaml
refused 'a database that is not there' 3 "$server_1: database none has none of the warehouse's tables: holdfast warehouse init" none.yaml $all
echo 'CREATE DATABASE theirs' | warehouse_ask 1
echo 'CREATE TABLE theirs.events (day Date, x UInt8) ENGINE = MergeTree(day, x, 8192)' | warehouse_ask 1
from 's/node: n1/database: theirs/' theirs.yaml
refused "another's database" '3 4' "$server_1: .*theirs" theirs.yaml $all init
from "s|$server_1|http://127.0.0.1:1|; s|$server_2|http://127.0.0.1:2|" gone.yaml
refused 'no server at all' 3 'http://127.0.0.1:1 does not answer' gone.yaml $all init
from "s|$server_2|http://127.0.0.1:1|" half.yaml
refused 'one of two is not there' 4 'only part of the shards would answer, which is no answer: http://127.0.0.1:1 does not answer' half.yaml features train score
refused 'one of two is not there' 3 'http://127.0.0.1:1 does not answer' half.yaml check mend restore init
from "s|http:|https:|g" https.yaml
refused 'https where there is none' 3 'https://127.0.0.1:[0-9]* does not answer' https.yaml features

# Changed by hand, on the second server alone, and put back.
second() { echo "$1" | warehouse_ask 2; }
second 'RENAME TABLE holdfast.links TO holdfast.aside'
refused 'a table is away' 3 "$server_2: database holdfast has only some of the warehouse's tables" holdfast.yaml check mend restore
refused 'a table is away' '3 4' "$server_2: database holdfast has only some of the warehouse's tables" holdfast.yaml features train score
second 'CREATE TABLE holdfast.links AS holdfast.aside ENGINE = Log'
refused 'a table of another engine' 4 "$server_2: of holdfast the table links is Log" holdfast.yaml check mend features restore train score init
second 'DROP TABLE holdfast.links'
second 'RENAME TABLE holdfast.aside TO holdfast.links'
second 'ALTER TABLE holdfast.scores ADD COLUMN more UInt8'
refused 'a column more' 4 "$server_2: the columns of holdfast.scores are not those that were made" holdfast.yaml check mend features restore train score init
second 'ALTER TABLE holdfast.scores DROP COLUMN more'
second 'ALTER TABLE holdfast.links MODIFY COLUMN how UInt16'
refused 'a column of another type' 4 "$server_2: the columns of holdfast.links are not those that were made" holdfast.yaml check mend features restore train score init
second 'ALTER TABLE holdfast.links MODIFY COLUMN how UInt8'
second 'RENAME TABLE holdfast.about TO holdfast.aside'
second 'CREATE TABLE holdfast.about AS holdfast.aside ENGINE = MergeTree() ORDER BY version'
refused 'nothing says who made them' 3 "$server_2: table holdfast.about is empty: holdfast warehouse init" holdfast.yaml check mend restore
second "INSERT INTO holdfast.about SELECT 2, 'n1', 2, 1, toInt64(0)"
refused 'a later version made them' 4 "$server_2: the tables are of version 2, this program's of 1" holdfast.yaml check mend features restore train score
second 'DROP TABLE holdfast.about'
second 'RENAME TABLE holdfast.aside TO holdfast.about'
check 'put back, all is as it was' 0 ' 0 missing, 0 doubled' "$holdfast" warehouse check
check 'the half that is there is shipped to' 3 'http://127.0.0.1:1 does not answer' command_of ship half.yaml
check 'and the other when it is there' 0 ' 0 behind' command_of ship holdfast.yaml
check 'the file that has it all sees each event once' 0 ' 0 missing, 0 doubled' "$holdfast" warehouse check --db behind.db
check 'and gives features' 0 'rows' "$holdfast" warehouse features --db behind.db --out made.csv
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
