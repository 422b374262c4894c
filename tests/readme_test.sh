#!/usr/bin/env bash
# readme_test.sh - the commands of README.md do what it says.  In its ```console blocks a line that begins with
# "$ " is typed, all in one scratch folder and in order, with holdfast on the PATH; the lines under it are what it
# prints.  "..." stands for anything, also for whole lines; durations ("1.234 s") are not compared.
cd "$(dirname "$0")/.." || exit 1
readme=$PWD/README.md
scratch=$PWD/build/scratch/readme.$$
mkdir -p "$scratch/bin" "$scratch/folder" "$scratch/blocks" || exit 1
trap 'rm -rf "$scratch"' EXIT
ln -s "$PWD/$BUILD/holdfast" "$scratch/bin/holdfast"
export PATH="$scratch/bin:$PATH"

# blocks/NNN.typed and blocks/NNN.wanted, one pair for each command.
awk -v folder="$scratch/blocks" '
    /^```console$/ { inside = 1; next }
    /^```/ { inside = 0; name = "" }
    !inside { next }
    /^\$ / { name = sprintf("%s/%03d", folder, ++n); print substr($0, 3) >(name ".typed"); printf "" >(name ".wanted")
             continued = /\\$/; next }
    continued { print >(name ".typed"); continued = /\\$/; next }
    name { print >(name ".wanted") }' "$readme"

without_durations() { sed -E 's/[0-9]+(\.[0-9]+)? (s|ms|seconds)\b/# s/g; s/ +$//'; }
as_pattern() { sed -e 's/[][*?\\]/\\&/g' -e 's/^\.\.\.$/*/; s/\.\.\./*/g'; }

passed=0 failed=0
for typed in "$scratch"/blocks/*.typed; do
    [ -e "$typed" ] || break
    got=$(cd "$scratch/folder" && bash "$typed" 2>&1 </dev/null)
    status=$?
    got=$(without_durations <<<"$got")
    wanted=$(without_durations <"${typed%.typed}.wanted" | as_pattern)
    # shellcheck disable=SC2254
    case $status:$got in
        0:$wanted) passed=$((passed + 1)) ;;
        *)  failed=$((failed + 1))
            echo "FAILED: README.md: $ $(cat "$typed")"
            echo "exit status $status; printed (-) and what README.md says (+):"
            diff -u <(echo "$got") <(without_durations <"${typed%.typed}.wanted") | tail -n +3 ;;
    esac
done
echo "readme: $passed passed, $failed failed"
[ $failed -eq 0 ] && [ $passed -gt 0 ]
