#!/bin/sh
# email_test.sh - e-mail and webhooks as others receive them: npm's smtp-server, mailparser, mailauth and standardwebhooks, installed
# into build/mail, and Debian's python3-dkim; the pages that people see behind links, with axe-core in Chromium.
cd "$(dirname "$0")/.." || exit 1
install=build/mail
mkdir -p "$install" build/scratch
cmp -s tests/mail/package-lock.json "$install/package-lock.json" && [ -d "$install/node_modules" ] || {
    cp tests/mail/package.json tests/mail/package-lock.json "$install" || exit 1
    npm install --prefix "$install" --no-save --ignore-scripts --no-audit --no-fund --loglevel=error ||
        { rm -f "$install/package-lock.json"; exit 1; }
}
rm -f "$install"/*.mjs
cp tests/mail/*.mjs "$install" || exit 1
scratch=$(mktemp -d "$PWD/build/scratch/mail.XXXXXX")
trap 'rm -rf "$scratch"' EXIT
READ_MAIL=$PWD/tests/mail/read_mail.py timeout 300 node "$install/check.mjs" "$PWD/$BUILD/holdfast" "$scratch"
sent=$?
timeout 300 node "$install/serve.mjs" "$PWD/$BUILD/holdfast" "$scratch"
served=$?
timeout 300 node "$install/look.mjs" "$PWD/$BUILD/holdfast" "$scratch" "$PWD/$BUILD/mail_pages" && [ $sent = 0 ] && [ $served = 0 ]
