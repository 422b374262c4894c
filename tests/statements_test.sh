#!/bin/bash
# statements_test.sh - wrong SQL does not build: each mistake is named with its file and line (tools/statements.c).
cd "$(dirname "$0")/.." || exit 1
statements=$PWD/build/statements
scratch=build/scratch/statements.$$
passed=0 failed=0
trap 'rm -rf "$scratch"' EXIT

# refuses SENTENCE FILE TEXT WANT - with TEXT in FILE, statements fails and says WANT, and writes nothing.
refuses() {
    rm -rf "$scratch" && mkdir -p "$scratch/src/store" "$scratch/out/store"
    cp -r src/store/migration src/store/sql "$scratch/src/store/"
    for folder in src/*/; do [ "$folder" = src/store/ ] || ln -s "$PWD/$folder" "$scratch/src/"; done
    [ -z "$2" ] || printf '%s\n' "$3" > "$scratch/src/store/$2"
    said=$(cd "$scratch" && "$statements" out 2>&1)
    status=$?
    if [ -z "$4" ] && [ $status = 0 ] && [ -s "$scratch/out/store/sql.c" ]; then passed=$((passed + 1)); return; fi
    if [ -n "$4" ] && [ $status = 1 ] && [[ $said == *"$4"* ]] && [ ! -e "$scratch/out/store/sql.c" ]; then
        passed=$((passed + 1)); return
    fi
    failed=$((failed + 1)); echo "FAILED: $1"; echo "    status $status: $said" | head -3
}

last=$(ls src/store/migration | tail -1) next=$(printf '%04d' $((10#${last%%_*} + 1)))
refuses 'what is on main builds'             '' '' ''
refuses 'a column that is not there'         sql/x.sql $'-- Text.\nSELECT identity,\n       no_such FROM score;' 'src/store/sql/x.sql:3: no such column: no_such'
refuses 'a table that is not there'          sql/x.sql 'SELECT 1 AS n FROM nowhere;'             'src/store/sql/x.sql:1: no such table: nowhere'
refuses 'a parameter without a name'         sql/x.sql 'DELETE FROM score WHERE identity = ?1;'  'x.sql:1: the statement has 1 parameters, "-- takes" names 0'
refuses 'a name without a parameter'         sql/x.sql $'-- takes identity, more INTEGER\nDELETE FROM score WHERE identity = ?1;' 'has 1 parameters, "-- takes" names 2'
refuses 'an expression without a name'       sql/x.sql 'SELECT count(*) FROM score;'             'x.sql:1: column 1 needs a name: count(*) AS ...'
refuses 'an expression without a type'       sql/x.sql 'SELECT count(*) AS so_many FROM score;'  'what type is column so_many?'
refuses 'a parameter without a type'         sql/x.sql $'-- takes whoever\nDELETE FROM score WHERE identity = ?1;' 'what type is whoever?'
refuses 'two statements in a file'           sql/x.sql $'DELETE FROM score;\nDELETE FROM model;' 'x.sql:2: expected one statement'
refuses 'text that is to be a number'        sql/x.sql $'-- gives one\nSELECT name FROM person;' 'column name of a single row is to be a number'
refuses 'a migration that does not run'      "migration/${next}_x.sql" $'-- Text.\n\nALTER TABLE nowhere ADD COLUMN a;' "${next}_x.sql:3: no such table: nowhere"
refuses 'two migrations of one number'       "migration/${last%%_*}_zz.sql" 'SELECT 1;'          "_zz.sql:1: this is migration number"
refuses 'a table that says nothing of people' "migration/${next}_x.sql" 'CREATE TABLE fresh (a INTEGER);' 'table fresh does not say what erasing and exporting a person does with it'
refuses 'erasing by a column that is not there' "migration/${next}_x.sql" $'-- person fresh: erase by b, export none\nCREATE TABLE fresh (a INTEGER);' 'table fresh has no column b'
refuses 'erasing in a file that is not there' "migration/${next}_x.sql" $'-- person fresh: erase in hub/no.c, export none\nCREATE TABLE fresh (a INTEGER);' "there is no 'src/hub/no.c'"
refuses 'an export by a query that is not there' "migration/${next}_x.sql" $'-- person fresh: erase none, export nothing as fresh\nCREATE TABLE fresh (a INTEGER);' "there is no query 'nothing' that takes an identity"
refuses 'half a word about people'           "migration/${next}_x.sql" $'-- person fresh: erase by a\nCREATE TABLE fresh (a INTEGER);' "${next}_x.sql:1: expected: person TABLE: erase"

echo "statements_test.sh: $passed passed, $failed failed"
[ $failed = 0 ]
