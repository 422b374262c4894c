#!/bin/sh
# bad_input_test.sh - what bad input gets: a sentence that names the file, the line and the column where there
# is one, and says what to do; the exit status of its kind; and nothing written half-way.
cd "$(dirname "$0")/.." || exit 1
holdfast=$PWD/$BUILD/holdfast
scratch=$PWD/build/scratch/bad_input.$$
passed=0 failed=0 skipped=0
mkdir -p "$scratch/in" && cd "$scratch" || exit 1
mounted=
trap '[ -z "$mounted" ] || umount "$mounted"; rm -rf "$scratch"' EXIT

INVALID=2 MISSING=3 REFUSED=4 IO=6 CORRUPT=7

pass() { passed=$((passed + 1)); }
fail() { failed=$((failed + 1)); echo "FAILED: $sentence: $1"; sed 's/^/    /' out err | head -12; }
skip() { skipped=$((skipped + 1)); echo "skipped: $1: $2"; }

# try SENTENCE STATUS ARGUMENT... - runs holdfast in an empty folder beside in/, which holds the inputs.
try() {
    sentence=$1 status=$2
    shift 2
    rm -rf work && mkdir work
    (cd work && "$holdfast" "$@" >../out 2>../err </dev/null)
    got=$?
    if [ $got -eq "$status" ]; then pass; else fail "exit status $got, want $status"; fi
}
# says PATTERN... - each must be in what was printed.
says() {
    for pattern; do
        if cat out err | grep -q -i -e "$pattern"; then pass; else fail "does not say '$pattern'"; fi
    done
}
# leaves FILE... - after it the folder holds these and nothing else.
leaves() {
    left=$(ls -A work | tr '\n' ' ')
    if [ "$left" = "$*${*:+ }" ]; then pass; else fail "the folder holds '$left', not '$*'"; fi
}

# rows N - so many good rows of an event log, without header: 40 customers, a visit or an order each two hours.
rows() {
    awk -v n="$1" 'BEGIN { for (i = 0; i < n; i++) {
        day = int(i / 12)
        printf "c%d,2023-%02d-%02d %02d:00:00,%s,%s\n", i * 7 % 40, 1 + int(day / 28) % 12, 1 + day % 28, i % 12 * 2,
               i % 3 ? "visit" : "order", i % 3 ? "" : i % 50 + 0.99 } }'
}
header=customer,time,event,amount
good() { echo $header; rows "${1:-600}"; }
good >in/good.csv

# --- files that are no data at all ------------------------------------------------------------------------------
: >in/empty.csv
try 'an empty file' $INVALID run ../in/empty.csv
says empty.csv 'is empty' && leaves
echo $header >in/header.csv
try 'a header line and nothing under it' $INVALID run ../in/header.csv
says header.csv 'no rows' && leaves
mkdir in/folder.csv
try 'a folder' $INVALID run ../in/folder.csv
says folder.csv 'is a folder' 'name ' && leaves
try 'a file that does not exist' $MISSING run ../in/absent.csv
says absent.csv && leaves
head -c 300000 "$holdfast" >in/binary.csv
try 'a program instead of a table' $INVALID run ../in/binary.csv
says binary.csv 'it is ' && leaves
printf '\211PNG\r\n\032\n\000\000\000\rIHDR' >in/picture.csv
try 'a picture instead of a table' $INVALID run ../in/picture.csv
says picture.csv 'it is ' && leaves
good 20000 | gzip -c >in/whole.csv.gz
head -c 20000 in/whole.csv.gz >in/cut.csv.gz
try 'a gzip file that was cut off' $INVALID run ../in/cut.csv.gz
says cut.csv.gz 'too early\|cut' 'again' && leaves
{ head -c 9000 in/whole.csv.gz; echo damage; tail -c +9100 in/whole.csv.gz; } >in/damaged.csv.gz
try 'a gzip file that is damaged inside' $INVALID run ../in/damaged.csv.gz
says damaged.csv.gz 'damaged' && leaves

# --- text that is out of bounds ---------------------------------------------------------------------------------
truncate -s 1G in/nuls.csv
try 'a gigabyte of NUL bytes' $INVALID run ../in/nuls.csv
says nuls.csv 'NUL\|binary\|line' && leaves
sentence='one line of a gigabyte through a pipe'
rm -rf work && mkdir work
{ good 5; head -c 1073741824 /dev/zero | tr '\0' a; } 2>/dev/null | (cd work && "$holdfast" import - --db pipe.holdfast >../out 2>../err)
got=$?
if [ $got -eq 0 ]; then pass; else fail "exit status $got"; fi
says '1 refused'
(cd work && "$holdfast" rejects >../out 2>../err)
says 'line 7' 'longer than'
if [ "$(wc -c <out)" -lt 5000 ]; then pass; else fail 'shows the whole line'; fi
awk 'BEGIN { for (line = 0; line < 3; line++) for (i = 1; i <= 16384; i++) printf "%s%s", line ? i : "column" i, i < 16384 ? "," : "\n" }' >in/wide.csv
try 'as many columns as a spreadsheet has' $INVALID run ../in/wide.csv
says wide.csv '16384 columns' '--traits' && leaves
json_rows() { rows "$1" | awk -F, '{ printf "{\"customer\":\"%s\",\"time\":\"%s\",\"event\":\"%s\"}\n", $1, $2, $3 }'; }
sentence='one line of JSON of a gigabyte through a pipe'
rm -rf work && mkdir work
{ json_rows 40; printf '{"customer":"'; head -c 1073741824 /dev/zero | tr '\0' a; echo '"}'; json_rows 90 | tail -50; } 2>/dev/null |
    (cd work && "$holdfast" import - --db pipe.holdfast >../out 2>../err)
got=$?
if [ $got -eq 0 ]; then pass; else fail "exit status $got"; fi
says '1 refused'
(cd work && "$holdfast" rejects >../out 2>../err)
says '\b41\b' 'longer than'

# --- several forms in one file ----------------------------------------------------------------------------------
{ good 100; json_rows 100; } >in/csv_json.csv
try 'rows of CSV and then of JSON' $INVALID import ../in/csv_json.csv
says csv_json.csv 'line 102' 'nothing was imported' && leaves
{ json_rows 100; good 100; } >in/json_csv.json
try 'rows of JSON and then of CSV' $INVALID import ../in/json_csv.json
says json_csv.json 'does not end with' && leaves
{ good 100; rows 100 | sed 's/,/;/g'; } >in/separators.csv
try 'two separators' $INVALID import ../in/separators.csv
says separators.csv 'line 102' '--separator' && leaves
{ good 100; echo event,time,customer,amount; rows 40 | awk -F, -v OFS=, '{ print $3, $2, $1, $4 }'; } >in/turned.csv
try 'two files in one whose columns stand in another order' $INVALID import ../in/turned.csv
says turned.csv 'line 102, column customer' 'another header' && leaves
{ good 200; printf 'c\0001,2023-05-01 10:00:00,visit,\n'; rows 50; } >in/nul.csv
try 'a NUL byte inside a row' 0 import ../in/nul.csv --json
says '"rejected": 1,' '"accepted": 250,'
(cd work && "$holdfast" rejects >../out 2>../err)
says '\b202\b' 'NUL'
{ good 200; printf 'c1,2023-05-01 10:00:00,"visit,3\n'; rows 5000; } >in/quote.csv
try 'a quote that is never closed' 0 import ../in/quote.csv --json
says '"rejected": [1-9]'
(cd work && "$holdfast" rejects >../out 2>../err)
says '\b202\b' 'quote'
{ good 200; echo 'c1,2023-05-01 10:00:00'; echo 'c1,2023-05-01 10:00:00,visit,3,4,5,6'; rows 50; } >in/ragged.csv
try 'rows with too few and too many fields' 0 import ../in/ragged.csv --json
says '"rejected": 2,' '"accepted": 250,'
(cd work && "$holdfast" rejects >../out 2>../err)
says '\b202\b' '\b203\b' 'field\|column'
{ echo $header; good 200; } >in/two_headers.csv
try 'two header lines' 0 import ../in/two_headers.csv --json
says '"rejected": 1,' '"accepted": 200,'
(cd work && "$holdfast" rejects >../out 2>../err)
says '\b2\b' 'header'

# --- values that cannot be --------------------------------------------------------------------------------------
{ echo $header; rows 300 | awk -F, -v OFS=, '{ split($2, t, /[- ]/)
    if (NR % 3 == 1) $2 = t[3] "." t[2] "." t[1]; else if (NR % 3 == 2) $2 = t[2] "/" t[3] "/" t[1]; print }'; } >in/dates.csv
try 'a date column with three formats' $INVALID run ../in/dates.csv
says dates.csv 'line ' 'time' '--date-format' && leaves
{ good 300; echo 'c1,2023-05-01 10:00:00,order,1e30'; echo 'c1,2023-05-01 11:00:00,order,inf'
  echo 'c1,2023-05-01 12:00:00,order,-Infinity'; echo 'c1,2023-05-01 12:30:00,order,1e400'; } >in/nan.csv
try 'amounts that are not numbers' 0 import ../in/nan.csv --json
says '"rejected": 4,' '"accepted": 300,'
(cd work && "$holdfast" rejects >../out 2>../err)
says '\b302\b' '\b303\b' '\b304\b' '\b305\b' 'amount' 'inf' '1e400'
{ good 300; echo 'c1,2023-05-01 10:00:00,order,92233720368547758.08'; echo 'c1,2023-05-01 11:00:00,order,99999999999999999999999999'
  echo 'c1,2023-05-01 11:00:00,order,-99999999999999999999'; } >in/huge.csv
try 'amounts beyond 64 bits' 0 import ../in/huge.csv --json
says '"rejected": 3,' '"accepted": 300,'
(cd work && "$holdfast" rejects >../out 2>../err)
says '\b302\b' '\b303\b' '\b304\b' 'amount'
{ good 300; echo 'c1,0000-00-00,order,1'; echo 'c1,2023-02-30,order,1'; echo 'c1,9999-12-31 00:00:00,order,1'; } >in/times.csv
try 'times that are not or not yet' 0 import ../in/times.csv --json
says '"rejected": 3,' '"accepted": 300,'
(cd work && "$holdfast" rejects >../out 2>../err)
says '\b302\b' '\b303\b' '\b304\b' 'time'
{ echo $header; for i in 1 2 3 4 5 6 7 8 9; do echo "c$i,yesterday,order,1"; done; echo 'c1,2023-01-01,order,1'; } >in/mostly.csv
try 'more than half of the rows wrong' $INVALID run ../in/mostly.csv
says mostly.csv 'line 2' && leaves
printf 'name,colour\nx,red\ny,blue\n' >in/nothing.csv
try 'a table with neither customers nor times nor a label' $REFUSED run ../in/nothing.csv
says 'label' 'name' 'colour' '--target' && leaves nothing.holdfast

# --- too little to learn from -----------------------------------------------------------------------------------
{ echo $header; rows 600 | sed 's/^c[0-9]*/c1/'; } >in/one_customer.csv
try 'one customer' $REFUSED run ../in/one_customer.csv
says 'customer' 'at least\|need\|few' && leaves one_customer.holdfast
{ echo $header; rows 1; } >in/one_event.csv
try 'one event' $REFUSED run ../in/one_event.csv
says 'at least\|need\|few\|one' && leaves one_event.holdfast
awk 'BEGIN { print "id,plan,months,left"; for (i = 0; i < 300; i++) printf "u%d,%s,%d,Yes\n", i, i % 3 ? "basic" : "plus", i % 70 }' >in/labels.csv
try 'all labels the same' $REFUSED run ../in/labels.csv --target left
says 'left' 'Yes\|same\|differ' && leaves labels.holdfast
try 'a target that does not exist' $INVALID run ../in/labels.csv --target gone
says labels.csv 'gone' 'no such column' 'months' && leaves
try 'a goal that does not exist' $MISSING run ../in/good.csv --goal purchase
says 'purchase' 'order' && leaves

# --- places that cannot be written ------------------------------------------------------------------------------
good 60000 >in/large.csv
sentence='a file that may not grow'
rm -rf work && mkdir work
(cd work && trap '' XFSZ && ulimit -f 400 && "$holdfast" import ../in/large.csv >../out 2>../err)
got=$?
if [ $got -eq $IO ]; then pass; else fail "exit status $got"; fi
says large.holdfast && leaves
mkdir disk
if mount -t tmpfs -o size=256k none disk 2>/dev/null; then
    mounted=$scratch/disk
    try 'a full disk' $IO import ../in/large.csv --db ../disk/shop.holdfast
    says 'no space' 'shop.holdfast'
    sentence='a full disk' left=$(ls -A disk)
    if [ -z "$left" ]; then pass; else fail "left on it: $left"; fi
    try 'no room for the report' $IO simulate --customers 500 --out ../disk/shop
    says 'space'
    sentence='no room for the files of a shop' left=$(find disk -type f)
    if [ -z "$left" ]; then pass; else fail "left on it: $left"; fi
    umount "$mounted" && mounted=
else
    skip 'a full disk' 'a small file system cannot be mounted here'
fi
sentence='a folder that may not be written'
rm -rf work && mkdir work && chmod 555 work
if [ "$(id -u)" != 0 ]; then set --; else set -- setpriv --reuid=65534 --regid=65534 --clear-groups --; fi
if "$@" test -r "$holdfast" 2>/dev/null && ! "$@" test -w work 2>/dev/null; then
    (cd work && "$@" "$holdfast" run ../in/good.csv >../out 2>../err)
    got=$?
    if [ $got -eq $IO ]; then pass; else fail "exit status $got"; fi
    says 'report.html cannot be written' 'permission\|may not\|cannot' && leaves
    chmod 755 work
else
    skip "$sentence" 'this user can write everywhere and cannot become another'
fi

# --- databases that are none of ours ----------------------------------------------------------------------------
try 'a good file' 0 import ../in/good.csv
cp work/good.holdfast in/whole.holdfast
bytes=$(wc -c <in/whole.holdfast)
poke() { printf "$3" | dd of="$1" bs=1 seek="$2" conv=notrunc 2>/dev/null; }
cp in/good.csv in/text.holdfast
try 'a text file as the database' $CORRUPT features --db ../in/text.holdfast
says text.holdfast 'not a database' '--db'
cp in/whole.holdfast in/foreign.holdfast && poke in/foreign.holdfast 68 'abcd'
try "another program's database" $INVALID import ../in/good.csv --db ../in/foreign.holdfast
says foreign.holdfast "another program" '--db'
cp in/whole.holdfast in/newer.holdfast && poke in/newer.holdfast 60 '\000\001\000\000'
try 'a database of a newer version' $INVALID features --db ../in/newer.holdfast
says newer.holdfast 'newer'
head -c $((bytes / 2)) in/whole.holdfast >in/half.holdfast
try 'half of a database' $CORRUPT features --db ../in/half.holdfast
says half.holdfast 'damaged' 'restore\|import'
at=0
sentence='a database with a page overwritten'
while [ $at -lt "$bytes" ]; do     # whatever page is hit: an answer or a refusal, never a crash
    cp in/whole.holdfast in/torn.holdfast && poke in/torn.holdfast $((at + 1000)) 'torn torn torn torn torn torn'
    (cd work && "$holdfast" features --db ../in/torn.holdfast >../out 2>../err)
    case $? in 0|$INVALID|$MISSING|$CORRUPT) ;; *) fail "byte $at"; break ;; esac
    at=$((at + bytes / 12 + 1))
done
pass
cp in/whole.holdfast in/mine.holdfast
try 'a bad file into a good database' $INVALID import ../in/dates.csv --db ../in/mine.holdfast
try 'which still has what it had' 0 import ../in/good.csv --db ../in/mine.holdfast --json
says '"accepted": 0,' '"repeated": 600,' '"events": 0,'
try 'errors as JSON' $INVALID run ../in/empty.csv --json
says '"code": "invalid"' '"message": ".*empty.csv'

echo "$passed passed, $failed failed, $skipped skipped"
[ $failed -eq 0 ]
