#!/bin/sh
# layers.sh - fails if an #include in src/ climbs to a higher or equal layer,
# or if a folder is missing from src/LAYERS, or reaches a foreign _internal.h,
# or if two files in the tree share a name, or nothing calls a statement, or if a function of a header that can fail may go unchecked,
# or if two files include each other, a file has 600 lines or more, or a folder more than 40 .c files.
cd "$(dirname "$0")/.." || exit 1
same=$(git ls-files --cached --others --exclude-standard src tests bench | grep '\.[ch]$' | sed 's|.*/||' | sort | uniq -d)
[ -z "$same" ] || { echo "file names must be unique: $same"; exit 1; }
# Those that are named always say false, so that "return err_set(...)" reads well.
awk '/^(bool|enum [a-z_]+) +[a-z_0-9]+\(/ { at = FILENAME ":" FNR; text = ""; inside = 1 }
    inside { text = text $0 }
    inside && /;/ { inside = 0
        if (text ~ /struct err \*err\)/ && text !~ /MUST_CHECK/ &&
            text !~ /[ (](err_set|err_context|store_failure|yaml_fail|reply_error|body_too_large)\(/) {
            print at ": MUST_CHECK is missing: " text; failed = 1 } }
    END { exit failed }' src/*/*.h || exit 1
for statement in src/store/sql/*.sql; do
    name=${statement##*/}; name=${name%.sql}
    grep -rqw "sql_$name" src tests --include='*.c' || grep -qw "export $name as" src/store/migration/*.sql ||
        { echo "$statement: nothing calls sql_$name"; exit 1; }
done
grep -rn '^#include "' src --include='*.[ch]' | awk -F'[:"]' '
    BEGIN { while ((getline line < "src/LAYERS") > 0) if (line ~ /^[0-9]/) { split(line, f, " "); level[f[2]] = f[1] } }
    {   split($1, from, "/"); split($4, to, "/"); here = from[2]; there = to[1]
        if (!(here in level) || !(there in level)) bad = "folder not in src/LAYERS"
        else if (here != there && level[there] >= level[here]) bad = "climbs from " here " to " there
        else if (here != there && $4 ~ /_internal\.h$/) bad = "reaches into " there
        else next
        print $1 ":" $2 ": includes \"" $4 "\": " bad; failed = 1 }
    END { exit failed }' || exit 1
# A file is its .c and its .h; an _internal.h belongs to all of its folder.  These pairs stand: no two headers include each
# other, the .c of one uses what the other's header builds on the first one's types.
PAIRS='base/csv base/json_rows: whoever reads CSV is given rows of JSON too, as rows of CSV
base/number base/text: numbers are read from texts, and a text is compared as a number
feature/fold feature/recent: the fold tells what one of its operators keeps
model/metrics model/ranking: all metrics are made of one sorting, whose header names them
model/predictor model/selection: what was selected is carried by a predictor, which selection refits
server/http server/http_parse: the parser fills the request that the server defines
server/route server/routes: the table of routes is of the type that the dispatcher defines
server/route server/workers: slow routes are dispatched by the workers, who call their handlers
server/server server/server_metrics: the server counts; what is counted is told of the server
table/findings table/import: findings are part of the result that an import gives
table/header table/probe: where the header stands is found by probing lines, which are told by their header
table/import table/import_record: the record is of the result that an import gives
table/mapping table/trait: which columns are traits is a part of the mapping that it reads
template/liquid template/template: a template holds the tree that Liquid parses, and is given to it'
export PAIRS
grep -n '^#include "' src/*/*.[ch] | awk -F'[:"]' '
    BEGIN { n = split(ENVIRON["PAIRS"], pair, "\n")
            for (i = 1; i <= n; i++) sub(/:.*/, "", pair[i])
            for (i = 1; i <= n; i++) known[pair[i]] = 1 }
    function whole(name) { sub(/^src\//, "", name); sub(/\.[ch]$/, "", name); return name }
    whole($1) != whole($4) { edge[whole($1) " " whole($4)] = 1 }
    END { for (one in edge) {
              split(one, f, " ")
              if (f[1] >= f[2] || !((f[2] " " f[1]) in edge) || one in known || one ~ /_internal( |$)/) continue
              print "src/" f[1] " and src/" f[2] " include each other: move what both need into a third"; failed = 1 }
          exit failed }' || exit 1
long=$(git ls-files --cached --others --exclude-standard src tests bench | grep '\.[ch]$' | xargs wc -l | awk '$2 != "total" && $1 >= 600 { print $2 " has " $1 " lines" }')
[ -z "$long" ] || { echo "$long: 600 are too many"; exit 1; }
for folder in src/*/ tests/*/; do
    n=$(find "$folder" -maxdepth 1 -name '*.c' | wc -l)
    [ "$n" -le 40 ] || { echo "$folder has $n .c files: more than 40"; exit 1; }
done
