#!/bin/sh
# email_test.sh - e-mail and webhooks as others receive them: npm's smtp-server, mailparser, mailauth and standardwebhooks, installed
# into build/mail, and Debian's python3-dkim; the pages that people see behind links, with axe-core in Chromium.
cd "$(dirname "$0")/.." || exit 1
install=build/mail
mkdir -p build/scratch
. tests/packages.sh
packages_of mail || exit 1
rm -f "$install"/*.mjs
cp tests/mail/*.mjs "$install" || exit 1
scratch=$(mktemp -d "$PWD/build/scratch/mail.XXXXXX")
trap 'rm -rf "$scratch"' EXIT
READ_MAIL=$PWD/tests/mail/read_mail.py timeout 900 node "$install/check.mjs" "$PWD/$BUILD/holdfast" "$scratch"
sent=$?
timeout 900 node "$install/serve.mjs" "$PWD/$BUILD/holdfast" "$scratch"
served=$?
timeout 900 node "$install/look.mjs" "$PWD/$BUILD/holdfast" "$scratch" "$PWD/$BUILD/mail_pages" && [ $sent = 0 ] && [ $served = 0 ]
