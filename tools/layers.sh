#!/bin/sh
# layers.sh - fails if an #include in src/ climbs to a higher or equal layer,
# or if a folder is missing from src/LAYERS, or reaches a foreign _internal.h,
# or if two files in the tree share a name, or nothing calls a statement, or if a function of a header that can fail may go unchecked,
# or if ARCHITECTURE.md names a file that is not there, or if two files include each other, a file has 600 lines or more, or a folder more than 40 .c files.
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
# A file is its .c and its .h; an _internal.h belongs to all of its folder.
grep -n '^#include "' src/*/*.[ch] | awk -F'[:"]' '
    function whole(name) { sub(/^src\//, "", name); sub(/\.[ch]$/, "", name); return name }
    whole($1) != whole($4) { edge[whole($1) " " whole($4)] = 1 }
    END { for (one in edge) {
              split(one, f, " ")
              if (f[1] >= f[2] || !((f[2] " " f[1]) in edge) || one ~ /_internal( |$)/) continue
              print "src/" f[1] " and src/" f[2] " include each other: move what both need into a third"; failed = 1 }
          exit failed }' || exit 1
long=$(git ls-files --cached --others --exclude-standard src tests bench | grep '\.[ch]$' | xargs wc -l | awk '$2 != "total" && $1 >= 600 { print $2 " has " $1 " lines" }')
[ -z "$long" ] || { echo "$long: 600 are too many"; exit 1; }
for folder in src/*/ tests/*/; do
    n=$(find "$folder" -maxdepth 1 -name '*.c' | wc -l)
    [ "$n" -le 40 ] || { echo "$folder has $n .c files: more than 40"; exit 1; }
done
# A name with <...> is to be made; a bare one stands in the folder that was named before it; the build makes store/sql.h.
grep -oE '`[A-Za-z0-9_/.]+\.(c|h|sh|ts|tsx|mjs|sql)`' ARCHITECTURE.md | tr -d '`' | sort -u | while read -r path; do
    [ "$path" = store/sql.h ] || [ -e "$path" ] || [ -e "src/$path" ] ||
        git ls-files --cached --others --exclude-standard | grep -q "/$path\$" || { echo "ARCHITECTURE.md: there is no $path"; exit 1; }
done || exit 1
