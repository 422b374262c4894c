#!/bin/sh
# render_test.sh - holdfast render: templates of files, their snippets, what is missing, mistakes with their lines.
cd "$(dirname "$0")/.." || exit 1
holdfast=$PWD/$BUILD/holdfast
scratch=$PWD/build/scratch/render.$$
. tests/check.sh
mkdir -p "$scratch/parts" && cd "$scratch" || exit 1
trap 'rm -rf "$scratch"' EXIT

printf '{"customer": {"name": "Ada <3", "last": "2027-07-01T10:00:00Z"}}' >ada.json
printf '<p>Dear {{ customer.name }},</p>{%% render "foot", year: 2027 %%}' >mail.html
printf '<img src="a.png"><a href="http://example.com">{{ year }}</a>' >foot.html
printf 'since {{ customer.last | date: "%%H:%%M" }} {{ customer.coupon }}\n' >note.txt
printf 'one\n{{ customer.name | shout }}\n' >wrong.txt
printf '{%% render "../ada.json" %%}' >outside.txt
printf '{%% for i in (1..99999) %%}{%% for k in (1..99999) %%}x{%% endfor %%}{%% endfor %%}' >endless.txt

check 'data is escaped in HTML'        0 'Dear Ada &lt;3,'           "$holdfast" render mail.html --data ada.json
check 'a snippet beside it'            0 '>2027</a>'                 "$holdfast" render mail.html --data ada.json
check 'a link without https'           0 'does not begin with https' "$holdfast" render mail.html --data ada.json
check 'an image without words'         0 'no words (alt)'            "$holdfast" render mail.html --data ada.json
check 'no way to unsubscribe'          0 '"rule": "unsubscribe"'     "$holdfast" render mail.html --data ada.json --json
printf '<p>Hallo</p><a href="{{ unsubscribe }}">abmelden</a>' >weg.html
check 'a link to unsubscribe is a sample' 0 'href="https://example.com/u/sample"' "$holdfast" render weg.html
check 'which is one, in any language' 0 'clean'                  sh -c "'$holdfast' render weg.html --json | grep -q '\"rule\": \"unsubscribe\"' || echo clean"
check 'a link that is not drawn is none' 0 '"rule": "unsubscribe"' sh -c "echo '{\"unsubscribe\": \"https://x.example/u\"}' >link.json; echo '<p>Hi</p>' >hi.html; '$holdfast' render hi.html --data link.json --json"
check 'a missing value fails'          2 'line 1: there is no value for customer.coupon' "$holdfast" render note.txt --data ada.json
check 'or is listed'                   0 '"customer.coupon"'         "$holdfast" render note.txt --data ada.json --lenient --json
check 'dates by the zone'              0 'since 12:00'               "$holdfast" render note.txt --data ada.json --lenient --zone Europe/Berlin
check 'a mistake has its line'         2 '"line": 2'                 "$holdfast" render wrong.txt --data ada.json --json
check 'no snippet from outside'        2 "no snippet '../ada.json'"  "$holdfast" render outside.txt --data ada.json
check 'an endless template ends'       2 'within its steps'          "$holdfast" render endless.txt
check 'a zone that is none'            2 'is no time zone'           "$holdfast" render note.txt --zone ../../etc/passwd
check 'data that is no object'         2 'holds no JSON object'      sh -c "echo '[]' >list.json; '$holdfast' render note.txt --data list.json"
check 'data that is no JSON'           2 'note.txt: line 1'          "$holdfast" render note.txt --data note.txt
printf '{"customer": {"name": "A\\u0000da"}}' >nul.json
check 'and is told as JSON with its line' 2 '"file": "note.txt"' "$holdfast" render note.txt --data note.txt --json
check 'data that nothing can keep'     2 'nul.json: line 1, column [0-9]*: a text holds .u0000, .* take it out' "$holdfast" render note.txt --data nul.json
check 'no such file'                   3 'No such file'              "$holdfast" render nowhere.html
printf '<title>Hi &amp; welcome</title><p>Dear {{ customer.name }}, <a href="https://x.example">go</a></p>' >kind.html
printf '<title>Hallo</title><p>Liebe {{ customer.name }}</p>' >kind.de.html
printf '{"customer": {"name": "Ada", "language": "de-AT"}}' >de.json
printf '<title>%s</title><img src="https://x.example/a.png" alt="">' "$(printf 'x%.0s' $(seq 60))" >picture.html
printf 'channels:\n  email: {kind: smtp, url: "smtp://x.example", from: "a@b.example"}\n' >senders.yaml
check 'the title is the subject'       0 '"subject": "Hi & welcome"'   "$holdfast" render kind.html --data ada.json --json
check 'a text is made beside the HTML' 0 'go (https://x.example)'      "$holdfast" render kind.html --data ada.json --json
check 'a language has its variant'     0 '"language": "de"'            "$holdfast" render kind.html --data de.json --json
check 'in its own words'               0 'Liebe Ada'                   "$holdfast" render kind.html --data de.json
check 'a subject that a phone cuts'    0 '"rule": "subject"'           "$holdfast" render picture.html --json
check 'images without words'           0 '"rule": "text"'              "$holdfast" render picture.html --json
check 'a sender who signs nothing'     0 '"rule": "unsigned"'          "$holdfast" render kind.html --data ada.json --settings senders.yaml --json
printf '{"customer": {"language": "de", "timezone": "Europe/Berlin", "last": "2027-03-01T23:30:00Z"}}' >when.json
printf '{{ customer.last | date: "%%A, %%-d. %%B %%Y %%H:%%M" }}' >when.txt
check 'a day in their words and zone'  0 'Dienstag, 2. März 2027 00:30' "$holdfast" render when.txt --data when.json
printf '{"customer": {"language": "pl", "last": "2027-03-01T10:00:00Z"}}' >when.json
printf '{{ customer.last | date: "%%-d %%B" }}, {{ customer.last | date: "%%B %%Y" }}' >when.txt
check 'a month is bent beside its day' 0 '1 marca, marzec 2027'        "$holdfast" render when.txt --data when.json
printf 'a\nGr\374\337e\n' >latin.html
check 'a template that is not UTF-8'   2 'latin.html:2: this line is not UTF-8' "$holdfast" render latin.html --json
printf 'a\n{%% render "self" %%}' >self.html
check 'one within itself says so once' 2 'self.html: line 2: snippet self, line 2: snippets stand in each other' "$holdfast" render self.html
check 'one answer, not two'            2 'clean'                       sh -c "'$holdfast' render wrong.txt --json 2>/dev/null | grep -c sentence | grep -qx 1 && echo clean; exit 2"
echo "render: $passed passed, $failed failed"
[ $failed -eq 0 ]
