#!/bin/bash
# serve_test.sh - the server as clients meet it: keys, limits, misbehaving sockets, TLS,
# the stream, and a stop that loses nothing.  With LONG=1 also 10,000 idle connections.
cd "$(dirname "$0")/.." || exit 1
holdfast=$PWD/$BUILD/holdfast sockets=$PWD/tests/serve_sockets.mjs
scratch=$PWD/build/scratch/serve.$$
passed=0 failed=0 server=
mkdir -p "$scratch" && cd "$scratch" || exit 1
trap '[ -z "$server" ] || kill "$server" 2>/dev/null; rm -rf "$scratch"' EXIT

pass() { passed=$((passed + 1)); }
fail() { failed=$((failed + 1)); echo "FAILED: $1"; shift; printf '    %s\n' "$@" | head -12; }
# is SENTENCE GOT WANT
is() { if [ "$2" = "$3" ]; then pass; else fail "$1" "got  $2" "want $3"; fi; }
# has SENTENCE TEXT PATTERN
has() { if grep -q -i -e "$3" <<<"$2"; then pass; else fail "$1" "no '$3' in:" "$2"; fi; }

# start FLAG... - starts on a free port; url, key and token are set (key and token at the first start).
start() {
    rm -f out
    "$holdfast" serve --listen 127.0.0.1:0 "$@" >out 2>log &
    server=$!
    for _ in $(seq 2400); do grep -qs 'served at' out && break; kill -0 $server 2>/dev/null || break; sleep 0.05; done
    url=$(sed -n 's/.* served at //p' out)
    if grep -q '^write key' out; then
        page=$(sed -n 's/^page key.*: *//p' out) key=$(sed -n 's/^write key.*: *//p' out) token=$(sed -n 's/^token.*: *//p' out)
    fi
}
# stop - ends it as an operator would; its exit status.
stop() { kill -TERM $server; wait $server; status=$?; server=; return $status; }

# ask METHOD PATH [CURL ARGUMENT...] - status in $code, head in ./head, body in $body.
ask() {
    local method=$1 path=$2
    shift 2
    [ "$method" = HEAD ] && set -- -I "$@"
    code=$(curl -s -k -o body -D head -w '%{http_code}' -X "$method" --path-as-is "$@" "$url$path" --max-time 120)
    body=$(tr -d '\0' <body 2>/dev/null)
}
bearer() { echo "Authorization: Bearer ${1:-$token}"; }
count() { curl -s -k "$url/metrics" -H "$(bearer)" | sed -n "s/^holdfast_messages_total{outcome=\"$1\"} //p"; }

# ---- The first start ----
start --trusted-proxy 127.0.0.1
has 'the first start prints the address'      "$(cat out)" 'shop.holdfast is served at http://127.0.0.1:[1-9]'
has 'and a write key'                         "$key" '^wk_.\{32\}$'
has 'and a page key'                          "$page" '^pk_.\{32\}$'
has 'and says what each is for'               "$(cat out)" '^page key, for web pages and apps, may only send: '
has 'and a token'                             "$token" '^hf_.\{32\}$'
is  'the database is for its owner alone'     "$(stat -c %a shop.holdfast shop.holdfast-wal shop.holdfast.key | sort -u)" 600
is  'secrets are not in the database'         "$(grep -c -a -e "${key#wk_}" -e "${token#hf_}" shop.holdfast shop.holdfast-wal | grep -v ':0')" ''
ask GET /healthz;  is 'healthz answers'       "$code $body" '200 ok'
ask GET /readyz;   is 'readyz answers'        "$code $body" '200 ready'
ask HEAD /healthz; is 'HEAD has no body'      "$code $(cat body | grep -c '^ok')" '200 0'
ask GET /
has 'a page may run and load what is served'   "$(cat head)" "^Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; .*connect-src 'self'; .*frame-ancestors 'none'; require-trusted-types-for 'script'"
ask GET /healthz
has 'every answer has a request id'           "$(cat head)" '^X-Request-Id: [0-9a-f]\{16\}'
has 'which is in the log'                     "$(cat log)" "id=$(sed -n 's/^X-Request-Id: \([0-9a-f]*\).*/\1/p' head) method=GET route=/healthz status=200"

# ---- Ways of sending the write key, and answers ----
event='{"userId":"ada","event":"Order Completed","properties":{"revenue":42,"currency":"EUR"}}'
track() { ask POST "$1" -d "$event" "${@:2}"; }
track /v1/track -u "$key:";                        is 'Basic with the key as the user'      "$code $body" '200 {"success":true}'
ask POST /v1/identify -u "$key:" -H 'Content-Type: application/json' -d '{"userId":"guest","traits":{}}'
has 'an id of nobody is told as such'              "$code $body" '^200 {"success":true,"warning":"1 message was not kept (the id stands for nobody .*holdfast rejects'
ask POST /v1/identify -u "$key:" -H 'Content-Type: application/json' -H 'X-Strict-Mode: 1' -d '{"userId":"undefined"}'
has 'or refused, for who asked for it'             "$code $body" '^400 .*1 message was not kept'
track /v1/track -u "site:$key";                    is 'Basic with the key as the password'  "$code" 200
track /v1/track -H "Authorization: Basic $(printf %s "$key" | base64 -w0)"; is 'Basic without a colon' "$code" 200
track /v1/track/ -H "X-Write-Key: $key";           is 'X-Write-Key, trailing slash'         "$code" 200
track "/v1/t?writekey=$key" -H 'Content-Type: text/plain'; is '?writekey=, text/plain'      "$code" 200
ask POST /v1/track -d "{\"writeKey\":\"$key\",\"userId\":\"ada\",\"event\":\"x\"}"; is 'writeKey in the body' "$code" 200
ask POST /v1/batch -d "{\"batch\":[{\"writeKey\":\"$key\",\"type\":\"track\",\"userId\":\"ada\",\"event\":\"x\"}]}"
is 'writeKey in the first message'                 "$code" 200
track /v1/track -u "wrong:";                       is 'an unknown key is 401'               "$code" 401
has 'and says so'                                  "$body" '"success":false,"code":"unauthorized"'
track /v1/track;                                   is 'no key is 401'                       "$code" 401
track /v1/track -u "$token:";                      is 'a token is no write key'             "$code" 401
has 'and is told so'                               "$body" 'this is a token, with which one asks'
track /v1/track -u 'wk_of_another_database:'
has 'a key of another database is told what it may be' "$body" "not known here: it is another database's"
ask GET /v1/status -H "$(bearer hf_of_another_database)"
has 'and so is a token'                            "$body" "the token is not known here: it is another database's"
ask GET /v1/status -u "$token:";                   has 'a token as a name is told how'      "$code $body" '^401 .*send the token as it is'
ask GET /v1/status -H "$(bearer "$key")";          has 'a key that asks is told what asks'  "$code $body" '^401 .*asking takes a token'
ask GET "/v1/status?token=$token";                 has 'a token in the address is told why not' "$code $body" '^401 .*stays in logs'
ask GET "/v1/status?key=$key";                     has 'and so is a key, and what asks'   "$code $body" '^401 .*stays in logs.*takes a token'
for path in /v1/track /v1/batch /e /capture; do
    ask POST $path -u "$key:";                     has "an empty POST to $path is refused"  "$code $body" '^400 .*the body is empty'
done
ask GET '/v1/customers/ada/timeline?before=abc' -H "$(bearer)"
has 'what cannot be given is refused'              "$code $body" "^400 .*no 'before' to give here; did you mean 'before_ms'?.*\"field\":\"before\""
ask GET '/v1/customers/ada/timeline?before_ms=abc' -H "$(bearer)"
has 'and so is what is no number'                  "$code $body" '^400 .*before_ms: give a whole number'
printf %s "$event" | gzip >event.gz
ask POST /v1/batch -u "$key:" --data-binary @event.gz -H 'Content-Type: application/x-www-form-urlencoded'
has 'gzip without a header is unpacked'            "$code $body" '^200 {"success":true'
head -c 40 event.gz >cut.gz
ask POST /v1/track -u "$key:" --data-binary @cut.gz; is 'damaged gzip is 400'               "$code" 400
ask POST /v1/track -u "$key:" -d '{"userId":';       is 'malformed JSON is 400'             "$code" 400
has 'with a code and a place'                      "$body" '"code":"invalid_request".*byte'
{ printf '{"batch":[{"x":"'; head -c 5000000 /dev/zero | tr '\0' a; printf '"}]}'; } >large
ask POST /v1/batch -u "$key:" --data-binary @large;  is 'too large is 400 on /v1'           "$code" 400
ask POST /batch/ -u "$key:" --data-binary @large;    is 'and 413 on /batch/'                "$code" 413
gzip -c large >large.gz
ask POST /v1/batch -u "$key:" --data-binary @large.gz; is 'also when packed'                "$code" 400
ask POST /batch/ -d "{\"api_key\":\"$key\",\"batch\":[{\"event\":\"e\",\"distinct_id\":\"d\"}]}"
is 'PostHog is answered in its words'              "$code $body" '200 {"status":"Ok"}'
ask PUT /api/v1/customers/ada%2Fb -u "site:$key" -d '{"plan":"pro"}'; is 'so is Customer.io'  "$code $body" '200 {}'
ask POST /api/public/apps/batch -H "Authorization: Basic $(printf '%s:' "$key" | base64 -w0)" -d "{\"batch\":[]}"
is 'so is Dittofeed'                               "$code $body" '200 {"success":true}'
ask GET "/v1/pixel/track?writekey=$key&data=$(printf %s "$event" | base64 -w0 | sed 's/+/%2B/g;s/=/%3D/g')"
is 'the pixel is a picture'                        "$code $(head -c 6 body)" '200 GIF89a'
ask GET '/v1/pixel/track?data=nonsense';           is 'whatever was wrong'                  "$code $(head -c 6 body)" '200 GIF89a'
ask GET "/v1/projects/$key/settings";              has 'settings name the key'              "$body" "\"apiKey\":\"$key\""
ask GET '/v1/projects/wk_no/settings';             is 'of a project there is'               "$code" 404
ask GET "/sourceConfig/?writeKey=$key";            has 'RudderStack is configured'          "$body" '"source":{.*"enabled":true'
before=$(count refused)
ask POST /v1/batch -u "$key:" -d '{"batch":[{"type":"track","event":"x"},{"type":"track","userId":"a","event":"y"}]}'
is 'a bad message does not fail its batch'         "$code $(( $(count refused) - before ))" '200 1'
ask POST /v1/track -u "$key:" -H 'X-Strict-Mode: 1' -d '{"event":"x"}'; is 'but strict mode hears of it' "$code" 400

# ---- CORS, methods, paths ----
ask OPTIONS /v1/t -H 'Origin: https://shop' -H 'Access-Control-Request-Method: POST' -H 'Access-Control-Request-Headers: authorization,rsa-retry-count,x-evil'
is  'a preflight is answered'                      "$code" 204
has 'for any origin'                               "$(cat head)" '^Access-Control-Allow-Origin: \*'
has 'with the headers that may be sent'            "$(cat head)" '^Access-Control-Allow-Headers: authorization, rsa-retry-count.$'
track /v1/t -u "$page:" -H 'Origin: https://shop'; has 'so is the request itself'           "$(cat head)" '^Access-Control-Allow-Origin: \*'
ask OPTIONS /v1/keys -H 'Origin: https://evil' -H 'Access-Control-Request-Method: POST'
is  'other routes are for this origin only'        "$(grep -c -i '^Access-Control' head)" 0
ask GET /v1/track;                                 is 'another method is 405'               "$code" 405
has 'and told which'                               "$(cat head)" '^Allow: POST'
ask GET /nothing;                                  is 'no such path is 404'                 "$code" 404
has 'as JSON'                                      "$body" '"code":"missing".*"message"'
for path in /../etc/passwd /v1/customers/../../etc/passwd /v1/customers/%2e%2e /v1/customers/a%00b '/v1/customers/%'; do
    ask GET "$path" -H "$(bearer)";                is "$path leads nowhere"                 "$code" 404
done

# ---- What everybody can read in a web page ----
track /v1/track -u "$page:";                       is 'a page key sends'                    "$code" 200
ask DELETE /api/v1/customers/ada -u "$page:";      is 'but erases nobody'                   "$code" 403
has 'and is told what would'                       "$body" '"code":"forbidden","message":"this takes a write key, from a server'
ask POST /v1/import -u "$page:" -d '{"batch":[]}'; is 'nor imports the past'                "$code" 403
ask POST /batch -d "{\"api_key\":\"$page\",\"historical_migration\":true,\"batch\":[{\"event\":\"e\",\"distinct_id\":\"d\"}]}"
is  'nor by what a client of PostHog calls that'   "$code" 403
ask POST /batch -d "{\"api_key\":\"$key\",\"historical_migration\":true,\"batch\":[{\"event\":\"e\",\"distinct_id\":\"d\"}]}"
is  'which a write key may'                        "$code" 200
before=$(count refused)
ask POST /batch -u "$page:" -d '{"batch":[{"event":"$merge_dangerously","distinct_id":"ada","properties":{"alias":"bob"}}]}'
is 'a message that joins two customers is refused' "$code $(( $(count refused) - before ))" '200 1'
is 'nobody has put a write key there'              "$(grep -c 'warning a browser' log)" 0
track /v1/track -u "$page:" -H 'Origin: https://shop'
is 'a page key belongs there'                      "$(grep -c 'warning a browser' log)" 0
for _ in 1 2; do track /v1/track -u "$key:" -H 'Origin: https://shop'; done
is 'a write key is taken from a browser too'       "$code" 200
is 'but the log warns, once'                       "$(grep -c "warning a browser sent the write key 'first' (number 2)" log)" 1
is 'and each is counted'                           "$(curl -s "$url/metrics" -H "$(bearer)" | sed -n 's/^holdfast_write_keys_in_browsers_total //p')" 2

# ---- Pages that ask where to send and send nothing ----
pages_quiet() { curl -s "$url/metrics" -H "$(bearer)" | sed -n 's/^holdfast_pages_quiet //p'; }
for _ in 1 2 3 4 5; do ask GET "/v1/projects/$page/settings" -H 'Origin: https://shop'; done
is 'five pages within a second are no matter'      "$(pages_quiet)" 0
ask GET "/v1/projects/customerio_$page/settings";  is "a key is known by its client's name too" "$code" 200
has 'which gets its own answer'                    "$body" '{"integrations":{"Customer.io Data Pipelines":{"apiKey":"pk_'
ask GET "/v1/projects/customerio_none/settings";   is 'one that is not known is not'        "$code" 404

# ---- Keys: rotation, removal ----
ask POST /v1/keys -H "$(bearer)" -d '{"kind":"write_key","name":"second"}'
second=$(sed -n 's/.*"secret":"\([^"]*\)".*/\1/p' body) id=$(sed -n 's/.*"id":\([0-9]*\).*/\1/p' body)
track /v1/track -u "$second:";                     is 'a second key counts at once'         "$code" 200
ask POST "/v1/keys/$id/rotate" -H "$(bearer)" -d '{"grace_hours":1}'
third=$(sed -n 's/.*"secret":"\([^"]*\)".*/\1/p' body) id=$(sed -n 's/.*"id":\([0-9]*\).*/\1/p' body)
track /v1/track -u "$second:";                     is 'the old one counts during its grace' "$code" 200
track /v1/track -u "$third:";                      is 'and so does the new'                 "$code" 200
ask DELETE "/v1/keys/$id" -H "$(bearer)"
track /v1/track -u "$third:";                      is 'a removed key does not'              "$code" 401
ask POST /v1/keys -H "$(bearer)" -d '{"kind":"key","name":"x"}'
is  'errors have code, message and field'          "$code $body" '400 {"code":"invalid","message":"kind: page_key, write_key or token","field":"kind"}'

for expires in '"2099-01-01"' 5 -1 1.5 true; do
    ask POST /v1/keys -H "$(bearer)" -d "{\"kind\":\"token\",\"role\":\"admin\",\"name\":\"x\",\"expires_ms\":$expires}"
    has "a key that expires at $expires is none that never does" "$code $body" '^400 .*"field":"expires_ms"'
done

# ---- People and sessions ----
ask POST /v1/people -H "$(bearer)" -d '{"name":"ada","role":"admin","password":"correct horse"}'; is 'a person is made' "$code" 200
ask POST /v1/session -d '{"name":"ada","password":"correct horse"}'
cookie=$(sed -n 's/^Set-Cookie: \(holdfast_session=[^;]*\);.*/\1/p' head)
has 'signing in sets a strict cookie'              "$(cat head)" '^Set-Cookie: holdfast_session=.\{32\}; Path=/; HttpOnly; SameSite=Strict; Max-Age=43200.$'
ask GET /v1/session -b "$cookie";                  has 'which says who asks'                "$body" '"name":"ada","role":"admin"'
ask POST /v1/keys -b "$cookie" -d '{"kind":"write_key","name":"x"}'; is 'a write from nowhere is refused' "$code" 403
ask POST /v1/keys -b "$cookie" -H 'Origin: https://evil' -d '{"kind":"write_key","name":"x"}'; is 'and one from elsewhere' "$code" 403
ask POST /v1/keys -b "$cookie" -H "Origin: $url" -d '{"kind":"write_key","name":"x"}'; is 'but not from our pages' "$code" 200
ask DELETE /v1/session -b "$cookie" -H "Origin: $url"
ask GET /v1/session -b "$cookie";                  is 'signing out ends it'                 "$code" 401
sign_in() { ask POST /v1/session -H "X-Forwarded-For: ${3:-192.0.2.1}" -d "{\"name\":\"$1\",\"password\":\"$2\"}"; }
for _ in $(seq 10); do sign_in ada wrong; done
sign_in ada 'correct horse';                       is 'ten wrong passwords lock nobody out' "$code" 200
for _ in $(seq 60); do sign_in ada wrong; [ "$code" = 429 ] && break; done
is  'guessing passwords is slowed'                 "$code" 429
has 'with whole seconds to wait'                   "$(cat head)" '^Retry-After: [1-9][0-9]*.$'
sleep 1
sign_in ada 'correct horse' 192.0.2.2;             is 'but not for the person elsewhere'    "$code" 200
sign_in bob wrong;                                 is 'nor for others behind that address'  "$code" 401
for n in $(seq 60); do sign_in ada wrong "198.51.100.$n, 192.0.2.1"; [ "$code" = 429 ] && break; sleep 0.1; done
is  'nor does making up addresses help the guesser' "$code" 429

# ---- Webhooks ----
now=$(date +%s) hook='{"id":"evt_1","object":"event","type":"invoice.payment_failed","data":{"object":{"customer_email":"a@example.com"}}}'
sign() { printf '%s.%s' "$now" "$hook" | openssl dgst -sha256 -hmac "$1" | sed 's/.*= //'; }
ask POST /v1/webhooks/stripe -d "$hook";           is 'a webhook without a secret is 404'   "$code" 404
ask PUT /v1/webhooks/stripe/secret -H "$(bearer)" -d '{"secret":"whsec_test"}'; is 'its secret is given' "$code" 200
ask POST /v1/webhooks/stripe -d "$hook" -H "Stripe-Signature: t=$now,v1=$(sign whsec_test)"; is 'then it is taken' "$code" 200
ask POST /v1/webhooks/stripe -d "$hook" -H "Stripe-Signature: t=$now,v1=$(sign wrong)";      is 'signed well'    "$code" 401
is  'the secret is sealed'                         "$(grep -c -a whsec_test shop.holdfast shop.holdfast-wal | grep -v ':0')" ''

# ---- The stream ----
# comes PATTERN FILE - until it is in the file.
comes() { for _ in $(seq 2400); do grep -qs "$1" "$2" && break; sleep 0.05; done; }
curl -s -N "$url/v1/events" -H "$(bearer)" --max-time 600 >stream &
follower=$!
comes retry stream
track /v1/track -u "$key:"
comes '^data:.*"ada"' stream
has 'an event comes through the stream'            "$(cat stream)" '^data: {.*"customer":"ada"'
last=$(sed -n 's/^id: //p' stream | head -1)
track /v1/track -u "$key:"
curl -s -N "$url/v1/events" -H "$(bearer)" -H "Last-Event-ID: $last" --max-time 600 >again &
one=$!
comes "^id: $((last + 1))" again
kill $one; wait $one 2>/dev/null
has 'Last-Event-ID goes on from there'             "$(cat again)" "^id: $((last + 1))"
curl -s -N "$url/v1/events" -H "$(bearer)" -H "Last-Event-ID: 5" --max-time 600 >gap &
one=$!
comes '^event: missed\|^data:' gap
kill $one; wait $one 2>/dev/null
has 'who was away is told what is gone, or is sent all' "$(cat gap)" '^event: missed\|^data:'
ask POST /v1/keys -H "$(bearer)" -d '{"kind":"token","name":"guest","role":"success"}'
guest=$(sed -n 's/.*"secret":"\([^"]*\)".*/\1/p' body) id=$(sed -n 's/.*"id":\([0-9]*\).*/\1/p' body)
timeout 600 curl -s -N "$url/v1/events" -H "$(bearer "$guest")" >ended &
guest=$!
comes retry ended
ask DELETE "/v1/keys/$id" -H "$(bearer)"
wait $guest;                                       is 'a stream ends with the right to it'   "$?" 0

# ---- Sockets that misbehave ----
result=$(node "$sockets" misbehave "$url" "$key")
while read -r line; do has "$line" "$line" '^ok '; done <<<"$result"
is 'all kinds of it were tried'                    "$(wc -l <<<"$result")" 12
result=$(node "$sockets" framing "$url" "$key")
while read -r line; do has "$line" "$line" '^ok '; done <<<"$result"
is 'all ways to hide a request were tried'         "$(wc -l <<<"$result")" 15
idle=2000; [ -n "$LONG" ] && idle=10000
result=$(node "$sockets" idle "$url" $idle)
is "$idle idle connections, and one more is served" "$result" "connected $idle, served 200"
ask GET /healthz;                                  is 'the server is unharmed'              "$code" 200

# ---- The log says nothing about anybody ----
is 'the log names no customer, key or query'       "$(grep -c -e '[^0-9a-f]ada' -e wk_ -e pk_ -e hf_ -e writekey -e '@' log)" 0

# ---- Stopping ----
node "$sockets" drain "$url" "$key" $server >drained &
drainer=$!
wait $drainer
wait $server; status=$?; server=
is  'it stops by itself after SIGTERM'             "$status" 0
has 'and what was under way was answered'          "$(cat drained)" '^ok '
wait $follower
start
is  'secrets are shown once'                       "$(grep -c -e wk_ -e pk_ -e hf_ out)" 0
ask GET /v1/session -H "$(bearer)";                is 'and count after a restart'           "$code" 200
stop;                                              is 'it stops cleanly'                    $? 0

# ---- Offline, and who holds the database ----
made=$("$holdfast" access token report --role viewer --json | sed -n 's/.*"secret": "\([^"]*\)".*/\1/p')
has 'access makes a token'                         "$made" '^hf_'
has 'access lists it without its secret'           "$("$holdfast" access list)" 'token .* viewer .* report'
printf 'a long password\n' | "$holdfast" access person bob --role viewer --password-stdin >person.out
has 'access makes a person'                        "$(cat person.out)" 'person [0-9]* *$\|person'
has 'a role must be one'                           "$("$holdfast" access token x --role king 2>&1)" 'one of viewer'
start --rate-per-key 1 --idle 2
has 'while it is served nobody else writes'        "$("$holdfast" access key y 2>&1)" 'write'
ask GET /metrics -H "$(bearer "$made")";           is 'the token made offline counts'       "$code" 200
# All by one program, so that they come faster than one a second whatever else the machine does.
code=$(curl -s -o body -D head -w '%{http_code}\n' -u "$key:" -d "$event" "$url/v1/track?n=[1-40]" --max-time 300 | grep -m 1 429)
is  'too many requests with a key are 429'         "$code" 429
has 'with whole seconds to wait'                   "$(cat head)" '^Retry-After: [1-9][0-9]*.$'
result=$(node "$sockets" trickle "$url")
while read -r line; do has "$line" "$line" '^ok '; done <<<"$result"
stop

# ---- What takes long ----
start --threads 1
result=$(node "$sockets" slow "$url" "$token")
while read -r line; do has "$line" "$line" '^ok '; done <<<"$result"
is 'all of it was tried'                           "$(wc -l <<<"$result")" 6
for n in 127 128 256; do
    result=$(node "$sockets" together "$url" $n $server)
    is "$n clients at once"                        "$(grep -c '^ok' <<<"$result")" 1
done
stop

# ---- A file that may not grow: what cannot be written is refused, and readyz says so from the first time on ----
mkdir full && cd full || exit 1
bash -c "ulimit -f 1500; exec '$holdfast' serve --listen 127.0.0.1:0" >out 2>log &
server=$!
for _ in $(seq 2400); do grep -qs 'served at' out && break; kill -0 $server 2>/dev/null || break; sleep 0.05; done
url=$(sed -n 's/.* served at //p' out) full_key=$(sed -n 's/^write key.*: *//p' out)
for n in $(seq 40); do
    head -c 140000 /dev/urandom | base64 -w 900 |
        sed 's|.*|{"type":"track","userId":"u","event":"x","properties":{"p":"&"}}|; 1s/^/{"batch":[/; $!s/$/,/; $s/$/]}/' >batch.json
    ask POST /v1/batch -u "$full_key:" --data-binary @batch.json
    [ "$code" != 200 ] && break
done
is 'what cannot be written is not acknowledged'    "$code" 503
ask GET /readyz;                                   is 'and the server is not ready at once' "$code" 503
stop
cd ..

# ---- TLS ----
openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 2 -subj /CN=localhost >/dev/null 2>&1
start --tls-cert cert.pem --tls-key key.pem
has 'TLS is served'                                "$url" '^https://'
track /v1/track -u "$key:";                        is 'and takes events'                    "$code" 200
result=$(node "$sockets" framing "$url" "$key")
while read -r line; do has "over TLS: $line" "$line" '^ok '; done <<<"$result"
is 'all ways to hide a request were tried there'   "$(wc -l <<<"$result")" 15
ask POST /v1/session -d '{"name":"bob","password":"a long password"}'
has 'cookies are for TLS only then'                "$(cat head)" '^Set-Cookie: .*; Secure'
ask GET /metrics -H "$(bearer)"
has 'metrics tell when the certificate ends'       "$body" "^holdfast_certificate_end_timestamp_seconds $(date -d "$(openssl x509 -in cert.pem -noout -enddate | cut -d= -f2)" +%s)"
has 'so does the start when that is soon'          "$(cat log)" 'the certificate ends on 20.*: get another one'
stop
openssl req -new -key key.pem -subj /CN=localhost -out request.pem
openssl x509 -req -in request.pem -signkey key.pem -days -1 -out ended.pem 2>/dev/null
start --tls-cert ended.pem --tls-key key.pem
has 'one that has ended is told, and still served' "$(cat log) $url" 'the certificate ended on 20.*, so clients refuse it.*https://'
stop
has 'a certificate that is none is refused'        "$("$holdfast" serve --listen 127.0.0.1:0 --tls-cert large --tls-key key.pem 2>&1)" 'large'
echo 'not in PEM' >text.pem
has 'a file that is no certificate is named'       "$("$holdfast" serve --listen 127.0.0.1:0 --tls-cert text.pem --tls-key key.pem 2>&1)" \
    "'text.pem' and 'key.pem' are not a certificate and the private key .* openssl x509"
openssl genrsa -out other.pem 2048 2>/dev/null
has 'and so is the key of another certificate'     "$("$holdfast" serve --listen 127.0.0.1:0 --tls-cert cert.pem --tls-key other.pem 2>&1)" \
    "'cert.pem' and 'other.pem' are not a certificate and the private key"
has 'a certificate needs its key'                  "$("$holdfast" serve --listen 127.0.0.1:0 --tls-cert cert.pem 2>&1)" 'go together'
has 'an address that is none is refused'           "$("$holdfast" serve --listen nowhere 2>&1)" 'such as 127.0.0.1:8080'

has 'an unknown action is told as what it is'      "$("$holdfast" access frob 2>&1)" "^holdfast access: there is no action 'frob': list, "

# ---- a new shop ----
mkdir new && cd new || exit 1
start
track /v1/track -u "$key:"
ask GET /v1/customers/ada -H "$(bearer)"
has 'without a model it is said why and what to do' "$body" '"missing":"no score yet, because no model is trained: that follows by itself .*holdfast import FILE --db DATABASE while the server is stopped'
ask GET /v1/customers/ada/explain -H "$(bearer)"
has 'also where reasons are asked for'             "$code $body" '^409 .*no score yet, because no model is trained: that follows by itself'
stop
is  'where nothing was refused that is no mistake' "$("$holdfast" rejects)" 'nothing was refused'

echo "serve: $passed passed, $failed failed"
[ $failed -eq 0 ]
