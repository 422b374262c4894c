#!/usr/bin/env bash
# mutants.sh [TEXT] - tests the tests: plants one-line bugs, one at a time, in a copy of the tree; each must turn
# a test red.  The list is tools/mutants.txt; with TEXT only those whose file or tests contain it.  Ten seconds each.
cd "$(dirname "$0")/.." || exit 1
export VARIANT=debug BUILD=build/debug ASAN_OPTIONS=detect_leaks=0
copy=build/mutants/tree

mutants() { grep -v "^#" tools/mutants.txt | grep .; }

rm -rf build/mutants && mkdir -p $copy/build
git ls-files -z | xargs -0 cp --parents -t $copy
[ -d build/web ] && cp -r build/web $copy/build/
touch $copy/build/deps $copy/build/deps-test
cd $copy || exit 1
echo "building the copy"
make $BUILD/run_tests >../build.log 2>&1 </dev/null || { tail -20 ../build.log; exit 1; }

killed=0 survived=0 broken=0
while read -r line; do
    file=${line%% ;; *} tests=${line##* ;; } change=${line#* ;; }
    change=${change% ;; *}
    case "$file $tests" in *"$1"*) ;; *) continue ;; esac
    if [ ! -e "$file" ]; then echo "no such file: $file"; broken=$((broken + 1)); continue; fi
    cp "$file" ../original
    sed -i "$change" "$file"
    if cmp -s "$file" ../original; then
        echo "nothing to change: $file: $change"; broken=$((broken + 1)); continue
    fi
    if ! make $BUILD/run_tests >../build.log 2>&1 </dev/null; then
        echo "does not build: $file: $change"; grep -m 3 error: ../build.log; broken=$((broken + 1))
    elif timeout 120 $BUILD/run_tests --jobs 2 --filter "*$tests*" >../test.log 2>&1 </dev/null; then
        echo "SURVIVED: $file: $change  (tests: $tests)"; survived=$((survived + 1))
    else
        echo "killed: $file: $change: $(grep -om 1 '\[FAIL\] [a-z_:]*' ../test.log | cut -c 8-)"; killed=$((killed + 1))
    fi
    cp ../original "$file"
done < <(cd ../../.. && mutants)
echo "$killed killed, $survived survived, $broken could not be planted"
[ $survived -eq 0 ] && [ $broken -eq 0 ]
