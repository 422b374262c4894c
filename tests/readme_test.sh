#!/usr/bin/env bash
# readme_test.sh - the commands of README.md do what it says.  In its ```console blocks a line that begins with
# "$ " is typed, all in one scratch folder and in order, with holdfast on the PATH; the lines under it are what it
# prints.  "..." stands for anything, also for whole lines; durations ("1.234 s") are not compared.  What a command
# exports the next ones have, ports 8080, 8081 and 2525 are ones that are free, and what runs in the background is ended at the end.
# The ```js block is examples/send_purchase.mjs without its comments and its listener.
cd "$(dirname "$0")/.." || exit 1
. tests/check.sh
. tests/free_ports.sh
readme=$PWD/README.md
scratch=$PWD/build/scratch/readme.$$
mkdir -p "$scratch/bin" "$scratch/folder" "$scratch/blocks" || exit 1
trap 'kill $(cat "$scratch"/blocks/*.pid 2>/dev/null) 2>/dev/null; wait; rm -rf "$scratch"' EXIT
ln -s "$PWD/$BUILD/holdfast" "$scratch/bin/holdfast"
cp -r examples "$scratch/folder/examples"
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

for named in 8080 8081 2525; do
    port=$(free_ports 1)
    sed -i "s/\b$named\b/$port/g" "$scratch"/blocks/* "$scratch/folder/examples/first/holdfast.yaml"
done

without_durations() { sed -E 's/[0-9]+(\.[0-9]+)? (s|ms|seconds)\b/# s/g; s/ +$//'; }
as_pattern() { sed -e 's/[][*?\\]/\\&/g' -e 's/^\.\.\.$/*/; s/\.\.\./*/g'; }

for typed in "$scratch"/blocks/*.typed; do
    [ -e "$typed" ] || break
    { echo ". '$scratch/exported' 2>/dev/null"; cat "$typed"; echo "status=\$?; [ -z \"\$!\" ] || echo \$! >'${typed%.typed}.pid'"
      echo "export -p >'$scratch/exported'; exit \$status"; } >"$typed.sh"
    got=$(cd "$scratch/folder" && bash "$typed.sh" 2>&1 </dev/null)
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

if diff -u <(awk '/^```js$/ { inside = 1; next } /^```/ { inside = 0 } inside && NF' "$readme") \
           <(sed -e '/^\/\*/,/\*\/$/d' -e '/^analytics.on(/,/^});/d' examples/send_purchase.mjs | grep .); then
    passed=$((passed + 1))
else
    failed=$((failed + 1))
    echo "FAILED: README.md: the lines are not those of examples/send_purchase.mjs"
fi
echo "readme: $passed passed, $failed failed"
[ $failed -eq 0 ] && [ $passed -gt 0 ]
