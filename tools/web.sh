#!/bin/sh
# web.sh - builds web/ into build/web/report.html and build/web/live.html, one file each with everything inlined.
set -e
cd "$(dirname "$0")/../web"
stamp=../build/web/package-lock.json
mkdir -p ../build/web
cmp -s package-lock.json "$stamp" && [ -d node_modules ] || {
    npm ci --no-audit --no-fund --loglevel=error
    cp package-lock.json "$stamp"
}
npm run --silent build
