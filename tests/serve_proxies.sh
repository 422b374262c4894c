#!/usr/bin/env bash
# serve_proxies.sh - the server behind nginx and HAProxy of Debian: requests whose end can be read in two ways never
# become more requests than the proxy has sent on, and the clients' own addresses are what is limited.  Run by hand and
# by .ci/run; installs the two if they are missing.
cd "$(dirname "$0")/.." || exit 1
BUILD=${BUILD:-build/release}
tools/deps.sh nginx-light haproxy || exit 1
holdfast=$PWD/$BUILD/holdfast sockets=$PWD/tests/serve_sockets.mjs
. tests/free_ports.sh
scratch=$(mktemp -d /tmp/holdfast_proxies.XXXXXX)
cd "$scratch" || exit 1
trap 'for one in *.pid; do kill "$(cat "$one")" 2>/dev/null; done; rm -rf "$scratch"' EXIT
failed=0
say() { if [ "$1" = 0 ]; then echo "ok $2"; else failed=1; echo "FAILED: $2"; return 1; fi; }

"$holdfast" serve --listen 127.0.0.1:0 --trusted-proxy 127.0.0.1 >out 2>log &
echo $! >server.pid
for _ in $(seq 1200); do grep -q hf_ out && break; sleep 0.05; done
address=$(sed -n 's|.* served at http://||p' out) key=$(grep -o 'wk_[^ ]*' out)
nginx_port=$(free_ports 1) haproxy_port=$(free_ports 1)

cat >nginx.conf <<CONF
pid nginx.pid; error_log nginx.error; daemon on;
events { }
http {
    log_format sent '\$upstream_status'; access_log nginx.log sent;
    client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi; scgi_temp_path scgi;
    upstream holdfast { server $address; keepalive 8; }
    server { listen 127.0.0.1:$nginx_port; location / {
        proxy_pass http://holdfast; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host \$http_host;
        proxy_set_header X-Forwarded-For \$proxy_add_x_forwarded_for; proxy_set_header X-Forwarded-Proto \$scheme; } }
}
CONF
nginx -p "$scratch" -c nginx.conf -e nginx.error || exit 1
cat >haproxy.cfg <<CONF
defaults
    mode http
    log stdout format raw local0
    log-format "%s %ST"
    option forwardfor
    timeout client 10s
    timeout server 10s
    timeout connect 5s
frontend f
    bind 127.0.0.1:$haproxy_port
    default_backend b
backend b
    http-reuse always
    server holdfast $address
CONF
haproxy -db -f haproxy.cfg >haproxy.log 2>&1 &
echo $! >haproxy.pid
for _ in $(seq 600); do curl -s "http://127.0.0.1:$haproxy_port/healthz" | grep -q ok && break; sleep 0.05; done

# settled SENT - until all that was asked is in both logs, which then grow no more.
settled() { local was; while was="$(wc -l <log) $($1)"; sleep 1; [ "$was" != "$(wc -l <log) $($1)" ]; do :; done; }

# behind NAME PORT SENT LOG - SENT prints how many requests the proxy has sent on.
behind() {
    local before sent got
    settled "$3"
    before=$(grep -c ' request id=' log) sent=$($3)
    node "$sockets" framing "http://127.0.0.1:$2" "$key" >"$1.seen"
    curl -s -H 'X-Forwarded-For: 198.51.100.7' "http://127.0.0.1:$2/healthz" >/dev/null
    settled "$3"
    got=$(($(grep -c ' request id=' log) - before)) sent=$(($($3) - sent))
    [ "$got" -gt 0 ] && [ "$got" -le "$sent" ]
    say $? "$1 sent $sent requests on, and the server has seen $got" || { tail -20 "$4"; grep ' request id=' log | tail -20; }
    curl -s "http://127.0.0.1:$2/v1/track" -u "$key:" -d '{"userId":"u","event":"x"}' | grep -q '"success":true'
    say $? "and what comes behind $1 is taken"
}
sent_by_nginx() { grep -c '[0-9]' nginx.log; }
sent_by_haproxy() { grep -c '^holdfast [0-9]' haproxy.log; }
behind nginx "$nginx_port" sent_by_nginx nginx.log
behind HAProxy "$haproxy_port" sent_by_haproxy haproxy.log

# Wrong passwords of one client lock out nobody else behind the proxy; a made-up address frees nobody.
for port in $nginx_port $haproxy_port; do
    try() { curl -s -o /dev/null -w '%{http_code}' --interface "$1" ${2:+-H "X-Forwarded-For: $2"} \
                "http://127.0.0.1:$port/v1/session" -d '{"name":"ada","password":"wrong"}'; sleep 0.2; }
    for i in $(seq 24); do last=$(try 127.0.0.2 "198.51.100.$i"); done
    [ "$last" = 429 ]; say $? "guessing is slowed whatever address is made up (port $port)"
    [ "$(try 127.0.0.3)" = 401 ]; say $? 'and others are asked as before'
done
exit $failed
