#!/bin/sh
# consent_test.sh - what people say, at work: a yes that is confirmed by mail, a no by mail, and a channel that stops by
# itself when too much comes back.
cd "$(dirname "$0")/.." || exit 1
holdfast=$PWD/$BUILD/holdfast root=$PWD
scratch=$PWD/build/scratch/consent.$$
. tests/check.sh
mkdir -p "$scratch/c/journeys" "$scratch/c/templates" && cd "$scratch" || exit 1
[ -n "$KEEP" ] || trap 'kill $server $mailbox 2>/dev/null; wait 2>/dev/null; rm -rf "$scratch"' EXIT

node "$root/examples/mailbox.mjs" 0 mail >mailbox.txt &
mailbox=$!
soon ' at ' cat mailbox.txt >/dev/null
cat >c/holdfast.yaml <<END
public_url: https://news.example.com
holdout_share: 0
quiet_hours: {from: "$(TZ=Asia/Dubai date -d '-1 hour' +%H:%M)", to: "$(TZ=Asia/Dubai date -d '+1 hour' +%H:%M)"}
topics: {offers: {basis: consent}, newsletter: {basis: consent, double_opt_in: true, title: "Our letter"}}
channels:
  email: {kind: smtp, url: "smtp://127.0.0.1:$(sed 's/.* //' mailbox.txt)", tls: none, from: "Shop <news@example.com>",
          unsubscribe: "u+{token}@example.com", return_path: "b+{token}@example.com"}
END
echo '<p>Hello {{ customer.id }}</p>' >c/templates/hello.html
j() { printf 'journey: %s\ntrigger: {event: %s}\nagain: always\n%s\nsteps: [{id: m, send: email, subject: "%s", html: hello.html}]\n' "$1" "$2" "$3" "$4" >"c/journeys/$1.yaml"; }
j offer wish 'topic: offers' Offer
j letter issue 'topic: newsletter' Letter
j blast ping '' Blast
"$holdfast" serve --db shop.holdfast --listen 127.0.0.1:0 --campaigns c >served.txt 2>log.txt &
server=$!
served served.txt || { cat log.txt; exit 1; }
url=$(sed -n 's/.*served at //p' served.txt) key=$(grep -o 'wk_[^ ]*' served.txt) token=$(grep -o 'hf_[^ ]*' served.txt)
send() { curl -s -u "$key:" "$url/v1/batch" -d "{\"batch\":[$1]}" >/dev/null; }
ask() { curl -s -X "$1" -H "Authorization: Bearer $token" "$url$2" ${3:+-d "$3"}; }
why() { ask GET "/v1/customers/$1/why?journey=$2"; }
report() { curl -s -X POST -H "Authorization: Bearer $token" -H 'Content-Type: message/rfc822' "$url/v1/bounces" --data-binary @"$1"; }
event() { printf '{"type":"track","userId":"%s","event":"%s"}' "$1" "$2"; }
person() { printf '{"type":"identify","userId":"%s","traits":{"email":"%s@example.net"}}' "$1" "$1"; }
# The mail to somebody with such a subject, without soft line ends.
mail() { sed -e ':a' -e '/=$/{N;s/=\n//;ba' -e '}' $(grep -l "^Subject: $2" $(grep -l "^To: .*$1@" mail/*.eml)); }

# ---- a yes to a topic that asks for a confirmation ----
send "$(person ada),$(person bob)"
ask PUT /v1/customers/ada/consent '{"newsletter":true}' >/dev/null
check 'who says yes is asked to confirm it' 0 'Our letter' soon 'Our letter' mail ada 'Please confirm'
path=$(mail ada 'Please confirm' | tr -d '\r' | grep -o '/c/[^ "<=]*' | head -1)
send "$(event ada issue)"
check 'before that nothing comes' 0 '"rule":"consent"' soon '"end":"finished"' why ada letter
check 'looking at the link confirms nothing' 0 'form' curl -s "$url$path"
send "$(event ada issue)"
curl -s -X POST "$url$path" -d 'confirm=1' >/dev/null
check 'the form behind it does' 0 '"confirmed":true' soon '"confirmed":true' ask GET /v1/customers/ada
send "$(event ada issue)"
check 'then it comes' 0 'Hello ada' soon 'Hello ada' mail ada Letter
ask PUT /v1/customers/ada/consent '{"newsletter":false}' >/dev/null
ask PUT /v1/customers/ada/consent '{"newsletter":true}' >/dev/null
send "$(event ada ping)"
soon 'Hello ada' mail ada Blast >/dev/null
check 'nobody is asked twice in a day' 0 '^1$' sh -c 'grep -l "^Subject: Please confirm" mail/*.eml | wc -l'
send '{"type":"identify","userId":"eva","traits":{"email":"eva@example.net"},"context":{"consent":{"categoryPreferences":{"newsletter":true}}}}'
check 'so is who says yes in their first message' 0 'Our letter' soon 'Our letter' mail eva 'Please confirm'

# ---- a no by mail ----
ask PUT /v1/customers/bob/consent '{"offers":true}' >/dev/null
send "$(event bob wish)"
check 'a mail says where a mail says no' 0 'mailto:u+' soon 'mailto:u+' mail bob Offer
address=$(mail bob Offer | tr -d '\r\n\t ' | grep -o 'mailto:u+[^?]*' | cut -d: -f2)
printf 'From: bob@example.net\r\nTo: <%s>\r\nSubject: Unsubscribe\r\n\r\n' "$address" >no.eml
check 'it is understood' 0 '"kind":"unsubscribe"' report no.eml
send "$(event bob wish)"
check 'and nothing more of that comes' 0 '"outcome":"skipped","rule":"consent"' soon '"rule":"consent"' why bob offer
send "$(event bob ping)"
check 'all else does' 0 'Hello bob' soon 'Hello bob' mail bob Blast
sed 's/u+[^@]*/u+nonsense/' no.eml >other.eml
check 'a no about nothing is told so' 0 'about no message' report other.eml

# ---- a rule of time, and another zone ----
send '{"type":"identify","userId":"dee","traits":{"email":"dee@example.net","timezone":"Asia/Dubai"}}'
send "$(event dee ping)"
check 'at night it is held' 0 '"outcome":"held","rule":"quiet_hours"' soon quiet_hours why dee blast
send '{"type":"identify","userId":"dee","traits":{"timezone":"UTC"}}'
check 'and goes at once where it is day' 0 '"outcome":"sent"' soon '"outcome":"sent"' why dee blast

# ---- too much comes back ----
all='' some=''
for i in $(seq 60); do all="$all$(person "c$i"),$(event "c$i" ping),"; done
send "${all%,}"
soon '^60$' sh -c "grep -l '^Subject: Blast' mail/*.eml | xargs grep -l '^To: .*c[0-9]*@' | wc -l" >/dev/null
bounce() {      # bounce WHO: that mailbox is not there
    id=$(mail "$1" Blast | tr -d '\r' | sed -n 's/^Message-ID: //p' | head -1)
    printf 'To: b@example.com\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=x\r\n\r\n--x\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; x\r\n\r\nFinal-Recipient: rfc822; %s@example.net\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n--x\r\nContent-Type: message/rfc822\r\n\r\nMessage-ID: %s\r\nTo: %s@example.net\r\n\r\n--x--\r\n' "$1" "$id" "$1" >bounce.eml
    report bounce.eml
}
for i in 1 2 3 4 5; do bounce "c$i" >/dev/null; done
check 'a few bounces stop nothing' 0 '"channel_stopped":false' bounce c6
bounce c7 >/dev/null
check 'more than a tenth of a day stop the channel' 0 '"channel_stopped":true' bounce c8
send "$(event c9 ping),$(event c10 ping)"
check 'what would go is held' 0 '"outcome":"held","rule":"stopped"' soon '"rule":"stopped"' why c9 blast
check 'until somebody lifts the stop' 0 '' ask DELETE /v1/stop '{"scope":"channel:email"}'
check 'then it goes' 0 '"end":"finished".*"end":"finished"' soon '"end":"finished".*"end":"finished"' why c9 blast
send "$(event c1 ping)"
check 'to whom bounced nothing goes any more' 0 '"rule":"suppressed"' soon '"rule":"suppressed"' why c1 blast

echo "consent: $passed passed, $failed failed"
[ "$failed" -eq 0 ]
