#!/bin/sh
# web.sh - builds web/ into build/web/report.html, one file with everything inlined, and the chunks of the server's
# page in build/web/board.
set -e
cd "$(dirname "$0")/../web"
stamp=../build/web/package-lock.json
mkdir -p ../build/web
cmp -s package-lock.json "$stamp" && [ -d node_modules ] || {
    npm ci --no-audit --no-fund --loglevel=error
    cp package-lock.json "$stamp"
}
npm run --silent build
