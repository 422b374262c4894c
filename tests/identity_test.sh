#!/bin/sh
# identity_test.sh - merging and taking apart by hand, and who may write while a server runs.
cd "$(dirname "$0")/.." || exit 1
holdfast=$PWD/$BUILD/holdfast
scratch=$PWD/build/scratch/identity.$$
. tests/check.sh
mkdir -p "$scratch" && cd "$scratch" || exit 1
trap 'rm -rf "$scratch"' EXIT

for day in 01 02 03 04 05 06 07 08 09; do
    printf 'ada,order,2024-01-%s,5\nanonymous:x,view,2024-01-%s,\nbob,order,2024-01-%s,7\n' $day $day $day
done | (echo user,event,time,amount; cat) >events.csv
"$holdfast" import events.csv --db shop.holdfast --quiet >/dev/null || exit 1
features() { "$holdfast" features "$1" --json --as-of 2100-01-01; }
features ada >before

check 'who is alone is shown'                  0 'customer ada' "$holdfast" identity show ada
check 'there are no links yet'                 0 'no identity is linked' "$holdfast" identity links
check 'two are merged'                         0 'anonymous:x' "$holdfast" identity merge ada anonymous:x
check 'a merge shows in the links'             0 '"total": 1' "$holdfast" identity links --json
check 'either names the customer'              0 '"customer": "ada"' "$holdfast" identity show anonymous:x --json
features ada >merged
features anonymous:x >other
grep -v '"customer"' merged >a
grep -v '"customer"' other >b
check 'either has the same features'           0 same sh -c 'cmp a b && echo same'
check 'the merge changes features'             1 differ cmp before merged
check 'a merge is taken apart'                 0 'customer ada' "$holdfast" identity unmerge ada anonymous:x
features ada >after
check 'features are then as before'            0 same sh -c 'cmp before after && echo same'
check 'what is not linked is not taken apart'  3 'not linked' "$holdfast" identity unmerge ada bob
check 'nobody is told'                         3 'nobody is known' "$holdfast" identity show eve
check 'an identity with itself is refused'     4 'itself' "$holdfast" identity merge ada ada
check 'an unknown action is told'              2 'show ID' "$holdfast" identity glue ada
check 'a missing id is told'                   2 'wants 2 ids' "$holdfast" identity merge ada

"$holdfast" serve --listen 127.0.0.1:0 >served 2>&1 &
server=$!
served served || exit 1
check 'a server that runs merges'              0 'bob = ada' "$holdfast" identity merge ada bob
check 'and takes apart'                        0 'customer ada' "$holdfast" identity unmerge ada bob
check 'what it refuses has the same status'    3 'not linked directly' "$holdfast" identity unmerge ada bob
check 'a second server does not write'         5 'the server at http://127.0.0.1:' "$holdfast" serve --listen 127.0.0.1:0
check 'reading goes on'                        0 'customer ada' "$holdfast" identity show ada
kill $server
wait $server
check 'afterwards the file is free'            0 'bob' "$holdfast" identity merge ada bob
check 'the lock is gone'                       0 free sh -c '[ ! -e shop.holdfast.lock ] && echo free'
check 'the key file is for its owner only'     0 -rw------- ls -l shop.holdfast.key
echo "identity: $passed passed, $failed failed"
[ $failed -eq 0 ]
