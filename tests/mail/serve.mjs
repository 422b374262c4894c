/* serve.mjs PROGRAM FOLDER - a shop that writes to its customers: what arrives, what the links in it do, what a bounce stops. */
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';
import twilio from 'twilio';

const [program, folder] = process.argv.slice(2);
let passed = 0, failed = 0;
async function check(what, run) {
    try { await run(); passed++; } catch (error) { failed++; console.log(`FAILED: ${what}: ${error.message}`); }
}
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
async function eventually(look, what, ms = 120000) {
    for (const end = Date.now() + ms; Date.now() < end; await pause(50)) {
        const found = await look();
        if (found) return found;
    }
    throw new Error(`waited in vain for ${what}`);
}

const mails = [];
const relay = new SMTPServer({
    authOptional: true, disabledCommands: ['STARTTLS', 'AUTH'],
    onData(stream, session, done) {
        const chunks = [];
        stream.on('data', (chunk) => chunks.push(chunk));
        stream.on('end', async () => {
            mails.push({ to: session.envelope.rcptTo[0].address, from: session.envelope.mailFrom.address,
                mail: await simpleParser(Buffer.concat(chunks)) });
            done();
        });
    },
});
await new Promise((resolve) => relay.listen(0, '127.0.0.1', resolve));
const texts = [];
const provider = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => { body += chunk; }).on('end', () => {
        const form = new URLSearchParams(body);
        texts.push({ url: request.url, form, authorization: request.headers.authorization });
        const isStopped = form.get('To') === '+491510000000';
        response.writeHead(isStopped ? 400 : 201, { 'content-type': 'application/json' });
        response.end(JSON.stringify(isStopped ? { code: 21610, message: 'Attempt to send to unsubscribed recipient', status: 400 }
            : { sid: `SM${texts.length}`, status: 'queued' }));
    });
});
await new Promise((resolve) => provider.listen(0, '127.0.0.1', resolve));

mkdirSync(join(folder, 'campaigns', 'journeys'), { recursive: true });
mkdirSync(join(folder, 'campaigns', 'templates'));
writeFileSync(join(folder, 'campaigns', 'token'), 'twilio secret\n');
writeFileSync(join(folder, 'campaigns', 'holdfast.yaml'), `public_url: https://news.example.com
holdout_share: 0
topics: {offers: {basis: consent, title: Offers}, receipts: {basis: contract}, club: {basis: consent, double_opt_in: true, title: The club}}
channels:
  email: {kind: smtp, url: "smtp://127.0.0.1:${relay.server.address().port}", tls: none, from: "Käse <news@example.com>",
          return_path: "b+{token}@bounces.example.com"}
  sms: {kind: twilio, url: "http://127.0.0.1:${provider.address().port}", account: AC1, token_file: token, from: "+491512345678"}
`);
writeFileSync(join(folder, 'campaigns', 'journeys', 'again.yaml'), `journey: again
topic: offers
trigger: {event: order}
again: always
steps:
  - {id: mail, send: email, subject: "Danke, {{ customer.name }}", html: again.html}
`);
writeFileSync(join(folder, 'campaigns', 'journeys', 'text.yaml'), `journey: text
topic: offers
trigger: {event: "Text Wanted"}
again: always
steps:
  - {id: text, send: sms, body: "Hallo {{ customer.name }}"}
`);
writeFileSync(join(folder, 'campaigns', 'journeys', 'either.yaml'), `journey: either
topic: offers
trigger: {event: "Either Wanted"}
again: always
steps:
  - {id: tell, send: best, channels: [email, sms], html: again.html, body: "Hallo", variants: ["One subject", {name: other, subject: "Another subject"}]}
`);
writeFileSync(join(folder, 'campaigns', 'journeys', 'confirm.yaml'), `journey: confirm
topic: receipts
trigger: {event: "Club Wanted"}
again: always
steps:
  - {id: mail, send: email, subject: "Please confirm", html: confirm.html}
`);
writeFileSync(join(folder, 'campaigns', 'journeys', 'club.yaml'), `journey: club
topic: club
trigger: {api: true}
again: always
steps:
  - {id: mail, send: email, subject: "The club", html: again.html}
`);
writeFileSync(join(folder, 'campaigns', 'templates', 'confirm.html'), '<a href="{{ confirm.club }}">Yes</a>\n');
writeFileSync(join(folder, 'campaigns', 'journeys', 'receipt.yaml'), `journey: receipt
topic: receipts
trigger: {api: true}
steps:
  - {id: mail, send: email, subject: "A receipt", html: again.html}
`);
writeFileSync(join(folder, 'campaigns', 'templates', 'again.html'),
    '<p>Grüße, {{ customer.name }}! <a href="{{ unsubscribe }}">Unsubscribe</a> <a href="{{ preferences }}">Choose</a>\n' +
    '<a href="https://shop.example/cheese?a=1&amp;b=2">Cheese</a></p>\n');

const child = spawn(program, ['serve', '--db', join(folder, 'shop.holdfast'), '--listen', '127.0.0.1:0', '--json', '--campaigns',
    join(folder, 'campaigns')], { stdio: ['ignore', 'pipe', 'pipe'] });
process.on('exit', () => child.kill('SIGKILL'));
let said = '', log = '';
child.stdout.on('data', (bytes) => { said += bytes; });
child.stderr.on('data', (bytes) => { log += bytes; });
await eventually(() => said.trimEnd().endsWith('}') || child.exitCode !== null, 'the server');
if (child.exitCode !== null) { console.log(`the server ended: ${log}`); process.exit(1); }
const server = JSON.parse(said);

async function send(...messages) {
    const answer = await fetch(`${server.address}/v1/batch`, { method: 'POST', body: JSON.stringify({ batch: messages }),
        headers: { authorization: `Basic ${Buffer.from(`${server.write_key}:`).toString('base64')}` } });
    assert.equal(answer.status, 200, await answer.text());
}
async function ask(method, path, body, type = 'application/json') {
    const answer = await fetch(server.address + path, { method, body, headers: { authorization: `Bearer ${server.token}`, 'content-type': type } });
    const text = await answer.text();
    try { return { status: answer.status, json: JSON.parse(text) }; } catch { return { status: answer.status, json: null, text }; }
}
let n = 0;
const order = (userId) => send({ type: 'track', event: 'Order Completed', userId, messageId: `o${n++}`, timestamp: new Date().toISOString(),
    properties: { total: 20, order_id: `o${n}` } });
const join_in = (userId, traits) => send({ type: 'identify', userId, messageId: `i${n++}`, timestamp: new Date().toISOString(), traits,
    context: { consent: { categoryPreferences: { offers: true } } } });
const mailsTo = (address) => mails.filter((mail) => mail.to === address);
const messagesOf = async (id) => (await ask('GET', `/v1/messages?customer=${id}`)).json.messages;
const whySays = async (id, journey, rule) => JSON.stringify((await ask('GET', `/v1/customers/${id}/why?journey=${journey}`)).json).includes(`"rule":"${rule}"`);
const consentOf = async (id) => (await ask('GET', `/v1/customers/${id}`)).json.consent;
const local = (url) => server.address + new URL(url).pathname;
/* A page, and kept for look.mjs. */
mkdirSync(join(folder, 'pages'), { recursive: true });
async function read(name, answer) {
    const text = await answer.text();
    writeFileSync(join(folder, 'pages', `${name}.html`), text);
    return text;
}

for (const id of ['ada', 'bob', 'eve'])
    await join_in(id, { email: `${id}@example.net`, name: id === 'ada' ? 'Ada Lövelace' : id, phone: id === 'eve' ? '+491510000000' : '+491517654321' });
let unsubscribe, preferences, returnPath;

await check('an order is followed by a mail with text beside HTML and the headers of one click', async () => {
    await order('ada');
    const { mail, from } = await eventually(() => mailsTo('ada@example.net')[0], 'the mail').catch(async (error) => {
        throw new Error(`${error.message}: ${JSON.stringify(await messagesOf('ada'))} ${log.slice(-400)}`);
    });
    assert.equal(mail.subject, 'Danke, Ada Lövelace');
    assert.match(mail.text, /^Grüße, Ada Lövelace! Unsubscribe \(https:\/\/news\.example\.com\/u\//);
    const header = mail.headers.get('list');
    assert.ok(mail.headerLines.some((line) => /^List-Unsubscribe-Post: List-Unsubscribe=One-Click$/.test(line.line)));
    unsubscribe = header.unsubscribe.url;
    assert.match(unsubscribe, /^https:\/\/news\.example\.com\/u\//);
    preferences = mail.html.match(/href="(https:\/\/news\.example\.com\/p\/[^"]+)"/)[1];
    assert.match(from, /^b\+[0-9a-f]+@bounces\.example\.com$/);
    returnPath = from;
    // The relay has it before its answer is written down.
    const message = await eventually(async () => (await messagesOf('ada')).find(({ status }) => status === 'sent'), 'the answer of the relay');
    assert.equal(message.attempts, 1);
    assert.ok(!JSON.stringify(message).includes('example.net'));
});

await check('a link is followed by a detour that the log hears of, and a picture tells of the opening', async () => {
    const { mail } = mailsTo('ada@example.net')[0];
    assert.match(mail.text, /Cheese \(https:\/\/shop\.example\/cheese\?a=1&b=2\)/);
    const link = mail.html.match(/href="(https:\/\/news\.example\.com\/l\/[^"]+)">Cheese/)[1];
    const pixel = mail.html.match(/<img src="(https:\/\/news\.example\.com\/o\/[^"]+)" width="1" height="1" alt="">/)[1];
    assert.equal(mail.html.match(/news\.example\.com\/l\//g).length, 1, 'our own links are no detour');
    const headers = { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0' };
    await pause(3000);      /* who is there sooner is a scanner */
    const followed = await fetch(local(link), { redirect: 'manual', headers });
    assert.deepEqual([followed.status, followed.headers.get('location')], [302, 'https://shop.example/cheese?a=1&b=2']);
    const opened = await fetch(local(pixel), { headers: { 'user-agent': 'Mozilla/5.0' } });
    assert.equal(opened.headers.get('content-type'), 'image/gif');
    assert.equal((await fetch(`${local(link)}x`, { redirect: 'manual' })).status, 404);
    const timeline = await eventually(async () => {
        const { json } = await ask('GET', '/v1/customers/ada');
        return JSON.stringify(json.timeline ?? []).includes('Email Opened') && JSON.stringify(json.timeline).includes('Email Link Clicked') &&
            json.timeline;
    }, 'the events');
    const of = (name) => JSON.stringify(timeline.find((event) => JSON.stringify(event).includes(name)));
    assert.match(of('Email Link Clicked'), /"journey":\s*"again"/, of('Email Link Clicked'));
    assert.match(of('Email Link Clicked'), /"machine":\s*false/);
    assert.match(of('Email Opened'), /"machine":\s*true/);
});

await check('whoever only fetches a link changes nothing by it', async () => {
    const before = JSON.stringify(await consentOf('ada'));
    for (const [name, url] of Object.entries({ unsubscribe, preferences })) {
        const answer = await fetch(local(url));
        assert.equal(answer.status, 200);
        const text = await read(name, answer);
        assert.match(text, /<html lang="en">[\s\S]*<main>[\s\S]*<h1>/);
        assert.ok(!/<script/i.test(text));
        assert.match(answer.headers.get('content-security-policy'), /default-src 'none'/);
    }
    assert.equal(JSON.stringify(await consentOf('ada')), before);
});

await check('a link that was changed leads nowhere', async () => {
    const answer = await fetch(`${local(unsubscribe).slice(0, -1)}x`, { method: 'POST', body: 'List-Unsubscribe=One-Click' });
    assert.equal(answer.status, 404);
    await read('nowhere', answer);
});

await check('a hard bounce stops the next one to that address and nothing else', async () => {
    const report = ['To: ' + returnPath, 'Content-Type: multipart/report; boundary=x', '', '--x', 'Content-Type: message/delivery-status', '',
        'Reporting-MTA: dns; mx', '', 'Final-Recipient: rfc822; ada@example.net', 'Action: failed', 'Status: 5.1.1', '', '--x--', ''].join('\r\n');
    const { status, json, text } = await ask('POST', '/v1/bounces', report, 'message/rfc822');
    assert.equal(status, 200, text ?? JSON.stringify(json));
    assert.deepEqual([json.kind, json.address_closed, json.channel_stopped], ['hard', true, false]);
    await order('ada');
    await order('bob');
    await eventually(() => mailsTo('bob@example.net')[0], "bob's mail");
    await eventually(() => whySays('ada', 'again', 'suppressed'), 'a why of the message that is not sent');
    assert.equal(mailsTo('ada@example.net').length, 1);
    const view = await eventually(async () => {
        const { json: seen } = await ask('GET', '/v1/customers/ada');
        return JSON.stringify(seen.timeline ?? []).includes('Email Bounced') && seen;
    }, 'the event of the bounce');
    assert.ok(!view.is_suppressed, 'their events are still taken in');
});

await check('what is no bounce, or about nothing of ours, is told', async () => {
    assert.equal((await ask('POST', '/v1/bounces', 'Hello', 'message/rfc822')).status, 400);
    const foreign = 'To: b+00@bounces.example.com\r\nContent-Type: multipart/report; boundary=x\r\n\r\n--x\r\n' +
        'Content-Type: message/feedback-report\r\n\r\nFeedback-Type: abuse\r\n\r\n--x--\r\n';
    assert.equal((await ask('POST', '/v1/bounces', foreign, 'message/rfc822')).status, 404);
});

await check('one click unsubscribes at once, without a redirect', async () => {
    const url = mailsTo('bob@example.net')[0].mail.headers.get('list').unsubscribe.url;
    const answer = await fetch(local(url), { method: 'POST', body: 'List-Unsubscribe=One-Click', redirect: 'manual',
        headers: { 'content-type': 'application/x-www-form-urlencoded' } });
    assert.equal(answer.status, 200);
    await read('unsubscribed', answer);
    const consent = await consentOf('bob');
    assert.equal(consent['email.offers'].given, false);
    assert.match(consent['email.offers'].source, /page: unsubscribe/);
    const before = mailsTo('bob@example.net').length;
    await order('bob');
    await order('eve');
    await eventually(() => mailsTo('eve@example.net')[0], "eve's mail");
    assert.equal(mailsTo('bob@example.net').length, before);
});

await check('whoever unsubscribed by a link sees the topic off, and gets mail again once it is ticked', async () => {
    const url = mailsTo('bob@example.net')[0].mail.html.match(/href="(https:\/\/news\.example\.com\/p\/[^"]+)"/)[1];
    const page = await (await fetch(local(url))).text();
    assert.match(page, /name="topic" value="offers">/);
    const post = (body) => fetch(local(url), { method: 'POST', body, headers: { 'content-type': 'application/x-www-form-urlencoded' } });
    assert.match(await (await post('what=save&topic=offers&channel=email&channel=sms&profiling=yes')).text(), /name="topic" value="offers" checked/);
    assert.equal((await consentOf('bob'))['email.offers'].given, true);
    const before = mailsTo('bob@example.net').length;
    await order('bob');
    await eventually(() => mailsTo('bob@example.net').length > before, "bob's mail after a new yes");
});

await check('preferences are saved as they are ticked, and rights can be asked for', async () => {
    const url = mailsTo('eve@example.net')[0].mail.html.match(/href="(https:\/\/news\.example\.com\/p\/[^"]+)"/)[1];
    const page = await (await fetch(local(url))).text();
    assert.match(page, /name="profiling" value="yes" checked/);
    assert.match(page, /name="topic" value="offers" checked/);
    assert.ok(!page.includes('value="receipts"'), 'what a contract asks for is no choice');
    const post = (body) => fetch(local(url), { method: 'POST', body, headers: { 'content-type': 'application/x-www-form-urlencoded' } });
    assert.match(await read('saved', await post('what=save&topic=offers&channel=email&channel=sms')), /It is saved/);
    assert.equal((await consentOf('eve')).profiling.given, false);
    assert.equal((await post('what=export')).status, 200);
    const requests = async () => (await ask('GET', '/v1/privacy/requests')).json.requests;
    const [wanted] = await requests();
    assert.deepEqual([wanted.kind, wanted.customer, wanted.state, wanted.source], ['export', 'eve', 'waiting', 'page: preferences']);
    assert.equal((await ask('POST', `/v1/privacy/requests/${wanted.id}/done`)).status, 200);
    assert.equal((await requests())[0].state, 'done');
    assert.equal((await ask('POST', `/v1/privacy/requests/${wanted.id}/done`)).status, 409);
});

await check('who asks for it behind a link is erased by itself, and the link then says nothing and takes nothing', async () => {
    await join_in('may', { email: 'may@example.net', name: 'May' });
    await order('may');
    const { mail } = await eventually(() => mailsTo('may@example.net')[0], "may's mail");
    const url = mail.html.match(/href="(https:\/\/news\.example\.com\/p\/[^"]+)"/)[1];
    const post = (body) => fetch(local(url), { method: 'POST', body, headers: { 'content-type': 'application/x-www-form-urlencoded' } });
    assert.match(await (await post('what=erase')).text(), /will be erased/);
    const newest = async () => (await ask('GET', '/v1/privacy/requests')).json.requests[0];
    await eventually(async () => (await newest()).state === 'done', 'the erasure');
    assert.equal((await newest()).customer, null);
    assert.match(await (await post('what=save&channel=email')).text(), /hold nothing about you/);
    assert.match(await (await post('what=erase')).text(), /hold nothing about you/);
    assert.equal((await newest()).state, 'done', 'nothing new is asked for');
});

await check('a stop lasts until it is lifted', async () => {
    assert.equal((await ask('POST', '/v1/stop', '{"scope":"channel:email"}')).status, 200);
    const before = mailsTo('eve@example.net').length;
    await order('eve');
    await pause(500);
    assert.equal(mailsTo('eve@example.net').length, before);
    assert.equal((await ask('GET', '/v1/stop')).json.stops[0].scope, 'channel:email');
    assert.equal((await ask('POST', '/v1/stop', '{"scope":"everything"}')).status, 400);
    assert.equal((await ask('DELETE', '/v1/stop', '{"scope":"channel:email"}')).status, 200);
    await order('eve');
    await eventually(() => mailsTo('eve@example.net').length > before, 'mail after the stop').catch(async (error) => {
        throw new Error(`${error.message}: ${JSON.stringify((await messagesOf('eve')).slice(0, 3))} ${JSON.stringify((await ask('GET', '/v1/customers/eve/why?journey=again')).json).slice(-900)}`);
    });
});

await check('an SMS goes out in the form of Twilio, and its callbacks are believed only when they are signed', async () => {
    await send({ type: 'track', event: 'Text Wanted', userId: 'ada', messageId: 't1', timestamp: new Date().toISOString() });
    const text = await eventually(() => texts[0], 'the SMS');
    assert.equal(text.url, '/2010-04-01/Accounts/AC1/Messages.json');
    assert.equal(text.authorization, `Basic ${Buffer.from('AC1:twilio secret').toString('base64')}`);
    assert.deepEqual([text.form.get('To'), text.form.get('From'), text.form.get('Body')], ['+491517654321', '+491512345678', 'Hallo Ada Lövelace']);
    const callback = text.form.get('StatusCallback');
    assert.equal(callback, 'https://news.example.com/v1/callbacks/sms');
    await eventually(async () => (await messagesOf('ada')).find((message) => message.channel === 'sms' && message.status === 'sent'), 'sent');
    const call = (params, signature) => fetch(`${server.address}/v1/callbacks/sms`, { method: 'POST', body: new URLSearchParams(params),
        headers: { 'X-Twilio-Signature': signature ?? twilio.getExpectedTwilioSignature('twilio secret', callback, params) } });
    const delivered = { MessageSid: 'SM1', MessageStatus: 'delivered', To: '+491517654321' };
    assert.equal((await call(delivered, 'wrong')).status, 401);
    assert.equal((await call(delivered)).status, 200);
    assert.equal((await call({ From: '+491517654321', Body: ' stop ', MessageSid: 'SM9' })).status, 200);
    assert.equal((await consentOf('ada')).sms.given, false);
    const n_texts = texts.length;
    await send({ type: 'track', event: 'Text Wanted', userId: 'eve', messageId: 't2', timestamp: new Date().toISOString() });
    await eventually(() => texts.length > n_texts, 'the SMS to who stopped');
    const dead = await eventually(async () => (await messagesOf('eve')).find((message) => message.channel === 'sms' && message.status === 'dead'), 'dead');
    assert.match(dead.reply, /21610/);
    await send({ type: 'track', event: 'Text Wanted', userId: 'eve', messageId: 't3', timestamp: new Date().toISOString() });
    await eventually(() => whySays('eve', 'text', 'suppressed'), 'a why of the SMS that is not sent');
});

await check('whoever refuses to be tracked gets links as they were written', async () => {
    await send({ type: 'identify', userId: 'kim', messageId: 'k1', timestamp: new Date().toISOString(), traits: { email: 'kim@example.net', name: 'Kim' } });
    await ask('PUT', '/v1/customers/kim/consent', '{"tracking": false}');
    await ask('POST', '/v1/journeys/receipt/enter', '{"customer": "kim"}');
    const { mail } = await eventually(() => mailsTo('kim@example.net')[0], 'the receipt').catch(async (error) => {
        throw new Error(`${error.message}: ${JSON.stringify((await ask('GET', '/v1/customers/kim/why?journey=receipt')).json).slice(-600)}`);
    });
    assert.match(mail.html, /href="https:\/\/shop\.example\/cheese/);
    assert.ok(!/\/[lo]\//.test(mail.html.replaceAll('</', '')), mail.html);
});

await check('the best of several channels is taken, in the words of one variant, and why says which and why', async () => {
    await join_in('liv', { email: 'liv@example.net', name: 'Liv', phone: '+4915155555555', preferred_channel: 'sms' });
    await join_in('max', { email: 'max@example.net', name: 'Max', phone: '+4915166666666' });
    const n_texts = texts.length;
    for (const id of ['liv', 'max'])
        await send({ type: 'track', event: 'Either Wanted', userId: id, messageId: `e${id}`, timestamp: new Date().toISOString() });
    const { mail } = await eventually(() => mailsTo('max@example.net')[0], "max's mail");
    await eventually(() => texts.length > n_texts, "liv's SMS");
    assert.equal(texts.at(-1).form.get('To'), '+4915155555555');
    assert.equal(mailsTo('liv@example.net').length, 0);
    assert.match(mail.text, /^Grüße, Max/, 'the words for an SMS are not beside the HTML');
    const said = async (id) => JSON.stringify((await ask('GET', `/v1/customers/${id}/why?journey=either`)).json);
    assert.match(await said('liv'), /given to sms, variant '(a|other)': it is what they asked for/);
    assert.match(await said('max'), /given to email, variant '(a|other)': it is the first that reaches them/);
    const variant = (await said('max')).match(/variant '(\w+)'/)[1];
    assert.equal(mail.subject, variant === 'a' ? 'One subject' : 'Another subject');
    const { json } = await ask('GET', '/v1/customers/max/export');
    assert.deepEqual(json.exposures.map(({ experiment, arm, how }) => ({ experiment, arm, how })),
        [{ experiment: 'either.tell', arm: variant, how: 'message' }]);
});

await check('a yes that is to be confirmed counts once it is, by the link of a mail that only they were sent', async () => {
    const enter = () => ask('POST', '/v1/journeys/club/enter', '{"customer": "ivy"}');
    await send({ type: 'identify', userId: 'ivy', messageId: 'ivy', timestamp: new Date().toISOString(),
        traits: { email: 'ivy@example.net', name: 'Ivy' }, context: { consent: { categoryPreferences: { club: true } } } });
    await enter();
    await eventually(() => whySays('ivy', 'club', 'consent'), 'a why of what is not sent yet');
    await send({ type: 'track', event: 'Club Wanted', userId: 'ivy', messageId: 'ivy2', timestamp: new Date().toISOString() });
    const { mail } = await eventually(() => mailsTo('ivy@example.net')[0], 'the mail that asks');
    assert.equal(mail.subject, 'Please confirm');
    assert.ok(!mail.headers.get('list')?.unsubscribe);
    const url = mail.html.match(/href="(https:\/\/news\.example\.com\/c\/[^"]+)"/)[1];
    const page = await fetch(local(url));
    assert.match(await read('confirm', page), /hear from us about The club/);
    assert.ok(!(await consentOf('ivy')).club.confirmed, 'a scanner that fetches it confirms nothing');
    assert.match(await read('confirmed', await fetch(local(url), { method: 'POST', body: 'confirm=yes' })), /Thank you/);
    assert.equal((await consentOf('ivy')).club.confirmed, true);
    await enter();
    const sent = await eventually(() => mailsTo('ivy@example.net').find((one) => one.mail.subject === 'The club'), 'the club\'s mail');
    const preferences_of_ivy = sent.mail.html.match(/href="(https:\/\/news\.example\.com\/p\/[^"]+)"/)[1];
    const post = (body) => fetch(local(preferences_of_ivy), { method: 'POST', body, headers: { 'content-type': 'application/x-www-form-urlencoded' } });
    await post('what=save&channel=email&channel=sms&profiling=yes');
    assert.equal((await consentOf('ivy')).club.given, false);
    await post('what=save&topic=club&channel=email&channel=sms&profiling=yes');
    const { club } = await consentOf('ivy');
    assert.deepEqual([club.given, club.confirmed], [true, true], 'who ticks it behind such a link has confirmed it');
});

await check('a complaint that a mail server pipes to the command stops the next mail to that address and nothing else', async () => {
    const order_of_ann = () => order('ann');
    await join_in('ann', { email: 'ann@example.net', name: 'Ann', phone: '+4915177777777' });
    await order_of_ann();
    const { mail } = await eventually(() => mailsTo('ann@example.net')[0], "ann's mail");
    const report = ['From: <abuse@mailbox.example>', 'To: <fbl@example.com>', 'MIME-Version: 1.0',
        'Content-Type: multipart/report; report-type=feedback-report; boundary="y"', '', '--y', 'Content-Type: text/plain', '', 'Spam!', '',
        '--y', 'Content-Type: message/feedback-report', '', 'Feedback-Type: abuse', 'User-Agent: Loop/1.0', 'Version: 1', '',
        '--y', 'Content-Type: message/rfc822', '', `Message-ID: ${mail.messageId}`, 'Subject: Danke', '', 'x', '', '--y--', ''].join('\n');
    const told = await new Promise((resolve, reject) => {
        const command = execFile(program, ['bounce', '--db', join(folder, 'shop.holdfast'), '--json'],
            (error, stdout, stderr) => error ? reject(new Error(stderr)) : resolve(JSON.parse(stdout)));
        command.stdin.end(report);
    });
    assert.deepEqual([told.kind, told.address_closed], ['complaint', true]);
    await order_of_ann();
    await eventually(() => whySays('ann', 'again', 'suppressed'), 'a why of the mail that is not sent');
    assert.equal(mailsTo('ann@example.net').length, 1);
    const n_texts = texts.length;
    await send({ type: 'track', event: 'Text Wanted', userId: 'ann', messageId: 'ann-t', timestamp: new Date().toISOString() });
    await eventually(() => texts.length > n_texts, 'an SMS to the same person');
    await eventually(async () => JSON.stringify((await ask('GET', '/v1/customers/ann')).json.timeline ?? []).includes('Email Marked as Spam'), 'the event');
});

await check('the outbox is listed by the command', async () => {
    const out = await new Promise((resolve, reject) => execFile(program, ['outbox', '--db', join(folder, 'shop.holdfast'), '--status', 'sent', '--json'],
        (error, stdout) => error ? reject(error) : resolve(JSON.parse(stdout))));
    assert.ok(out.messages.length >= 4);
    assert.ok(out.messages.every((message) => message.status === 'sent' && message.sent_ms > 0));
});

child.kill('SIGTERM');
await eventually(() => child.exitCode !== null || child.signalCode, 'the end', 10000).catch(() => {});
await check('a bounce is taken in without a server, too', async () => {
    const report = [`To: ${mailsTo('bob@example.net')[0].from}`, 'Content-Type: multipart/report; boundary=x', '', '--x',
        'Content-Type: message/delivery-status', '', 'Reporting-MTA: dns; mx', '', 'Final-Recipient: rfc822; bob@example.net',
        'Action: failed', 'Status: 5.2.2', '', '--x--', ''].join('\r\n');
    writeFileSync(join(folder, 'bounce.eml'), report);
    const said_of_it = await new Promise((resolve, reject) => execFile(program, ['bounce', join(folder, 'bounce.eml'), '--db',
        join(folder, 'shop.holdfast')], (error, stdout, stderr) => error ? reject(new Error(stderr)) : resolve(stdout)));
    assert.match(said_of_it, /^soft: message m_\d+\n$/, 'a full mailbox is open again some day');
});
relay.close();
provider.close();
console.log(`served mail: ${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
