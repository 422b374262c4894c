/* check.mjs PROGRAM FOLDER - sends through a relay with STARTTLS and AUTH, and has what arrives read and its signatures checked
 * by tools that we did not write. */
import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { authenticate } from 'mailauth';
import { simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';
import { Webhook } from 'standardwebhooks';
import { createServer } from 'node:http';

const [program, folder] = process.argv.slice(2);
let passed = 0, failed = 0;
async function check(what, run) {
    try { await run(); passed++; } catch (error) { failed++; console.log(`FAILED: ${what}: ${error.message}`); }
}

const at = (name) => join(folder, name);
execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', at('tls.key'), '-out', at('tls.pem'), '-days', '2',
    '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'], { stdio: 'ignore' });
const keys = { rsa: generateKeyPairSync('rsa', { modulusLength: 2048 }), ed: generateKeyPairSync('ed25519') };
for (const [name, pair] of Object.entries(keys))
    writeFileSync(at(`${name}.pem`), pair.privateKey.export({ type: 'pkcs8', format: 'pem' }));
writeFileSync(at('password'), 'se cret\n');

/* A relay; `offers` says what it offers. */
function relay(options) {
    const got = [], logins = [];
    const server = new SMTPServer({
        key: readFileSync(at('tls.key')), cert: readFileSync(at('tls.pem')), authOptional: true, ...options,
        onAuth(auth, session, done) {
            logins.push({ user: auth.username, password: auth.password, secure: session.secure });
            done(null, { user: auth.username });
        },
        onData(stream, session, done) {
            const chunks = [];
            stream.on('data', (chunk) => chunks.push(chunk));
            stream.on('end', () => {
                got.push({ raw: Buffer.concat(chunks), from: session.envelope.mailFrom.address,
                    to: session.envelope.rcptTo.map((rcpt) => rcpt.address), secure: session.secure });
                done();
            });
        },
    });
    server.on('error', () => {});
    return new Promise((resolve) => server.listen(0, '127.0.0.1', () =>
        resolve({ got, logins, port: server.server.address().port, close: () => new Promise((end) => server.close(end)) })));
}

function settings(port, more = '') {
    const path = at(`holdfast-${port}.yaml`);
    writeFileSync(path, `channels:
  email: {kind: smtp, url: "smtp://localhost:${port}", tls: required, ca_file: tls.pem, user: ann, password_file: password, timeout: 5,
          from: "Käse & Co <news@example.com>", return_path: "b+{token}@bounces.example.com",
          dkim: [{domain: example.com, selector: r1, algorithm: rsa-sha256, key_file: rsa.pem},
                 {domain: example.com, selector: e1, algorithm: ed25519-sha256, key_file: ed.pem}]}
${more}`);
    return path;
}

function holdfast(...args) {
    return new Promise((resolve) => execFile(program, args, (error, stdout, stderr) =>
        resolve({ status: error?.code ?? 0, out: stdout, err: stderr })));
}
const channelCheck = async (path, to, ...more) => {
    const ended = await holdfast('channel', 'check', 'email', '--to', to, '--settings', path, '--json', ...more);
    try { return { ...ended, json: JSON.parse(ended.out) }; } catch { return { ...ended, json: {} }; }
};

const good = await relay({});
const path = settings(good.port);
const records = new Map();

await check('a test is sent over TLS with the password, and says what DNS needs', async () => {
    const { status, json, out, err } = await channelCheck(path, 'ada@example.net');
    assert.equal(status, 0, out + err);
    assert.equal(json.channels[0].delivery, 'sent');
    assert.equal(good.got.length, 1);
    assert.ok(good.got[0].secure);
    assert.deepEqual(good.logins[0], { user: 'ann', password: 'se cret', secure: true });
    assert.equal(good.got[0].from, 'b+check@bounces.example.com');
    for (const record of json.records) records.set(record.name, record.text);
    assert.match(records.get('r1._domainkey.example.com'), /^v=DKIM1; k=rsa; p=/);
    assert.match(records.get('e1._domainkey.example.com'), /^v=DKIM1; k=ed25519; p=/);
    assert.match(records.get('_dmarc.example.com'), /^v=DMARC1/);
    assert.match(records.get('bounces.example.com'), /^(v=spf1|10 )/);
});

const resolver = async (name, type) => {
    if (type === 'TXT' && records.has(name)) return [[records.get(name)]];
    throw Object.assign(new Error('no such name'), { code: 'ENOTFOUND' });
};

const texts = [
    ['plain', 'Hello', 'Hello Ada,\ngood to see you.\n'],
    ['umlauts', 'Grüße aus Köln', 'Schöne Grüße\nÄÖÜ äöü ß €\n'],
    ['japanese', 'こんにちは、アダさん', 'こんにちは。\nまた来てください。\n'],
    ['chinese', '您好,新的优惠券', '您好。\n请再来。\n'],
    ['arabic', 'مرحبا بك', 'مرحبا\nأهلا وسهلا\n'],
    ['hebrew', 'שלום לך', 'שלום\nלהתראות\n'],
    ['greek', 'Καλημέρα', 'Καλημέρα κόσμε\n'],
    ['cyrillic', 'Здравствуйте', 'Здравствуйте, Ада\n'],
    ['thai', 'สวัสดี', 'สวัสดีครับ\n'],
    ['hindi', 'नमस्ते', 'नमस्ते दुनिया\n'],
    ['korean', '안녕하세요', '안녕하세요\n'],
    ['emoji', '🧀 50 % 👩‍👩‍👧‍👦 only today 🎉', '🧀🎉👩‍👩‍👧‍👦\n'],
    ['long ascii subject', 'a long subject '.repeat(12).trim(), 'x\n'],
    ['long other subject', 'ein sehr langer Betreff über Käse '.repeat(8).trim(), 'x\n'],
    ['lone dots', 'dots', '.\n..\n...\n. .\n.a\nend\n'],
    ['trailing spaces', 'spaces', 'a \nb\t\n  \n c  \n'],
    ['from lines', 'From me', 'From here\n>From there\nFrom: x\n'],
    ['equals and boundaries', 'x = =?UTF-8?B?eA==?= y', '=20 = =3D\n--=_\n--\n'],
    ['long lines', 'lines', `${'word '.repeat(300)}\n${'x'.repeat(2500)}\n${'ü'.repeat(500)}\n`],
    ['no last line break', 'end', 'the end'],
];

for (const [name, subject, text] of texts) {
    const html = `<p>${text.replaceAll('\n', '<br>\n')}</p>\n`;
    writeFileSync(at('body.txt'), text);
    writeFileSync(at('body.html'), html);
    await check(`${name} arrives as it was sent, and both signatures are good`, async () => {
        const { status, out, err } = await channelCheck(path, 'ada@example.net', '--subject', subject, '--text', at('body.txt'), '--html', at('body.html'));
        assert.equal(status, 0, out + err);
        const { raw } = good.got.at(-1);
        const read = await simpleParser(raw);
        assert.equal(read.subject, subject);
        assert.equal(read.text, text);
        assert.equal(read.html, html);
        assert.equal(read.from.value[0].name, 'Käse & Co');
        assert.ok(raw.toString('latin1').split('\r\n').every((line) => line.length <= 998 && !/[\x80-\xff]/.test(line)));
        const { dkim } = await authenticate(raw, { ip: '127.0.0.1', helo: 'localhost', sender: 'x@example.com', resolver, disableArc: true,
            disableBimi: true, disableDmarc: true });
        assert.deepEqual(dkim.results.map((result) => result.status.result), ['pass', 'pass'], JSON.stringify(dkim.results.map((r) => r.status)));
        assert.ok(dkim.results.some((result) => result.algo === 'ed25519-sha256'));
        writeFileSync(at('raw.eml'), raw);
        writeFileSync(at('dns.json'), JSON.stringify(Object.fromEntries(records)));
        writeFileSync(at('want.json'), JSON.stringify({ subject, text, html }));
        execFileSync('/usr/bin/python3', [process.env.READ_MAIL, at('raw.eml'), at('dns.json'), at('want.json')], { stdio: ['ignore', 'ignore', 'pipe'] });
    });
}

await check('text alone is read back too', async () => {
    for (const text of ['no end', 'an end\n', 'über\n\n']) {
        writeFileSync(at('body.txt'), text);
        await channelCheck(path, 'ada@example.net', '--text', at('body.txt'));
        const read = await simpleParser(good.got.at(-1).raw);
        assert.equal(read.text, text);
    }
});

await check('an address in another script is sent in ASCII', async () => {
    const { status } = await channelCheck(path, 'ada@käse.example');
    assert.equal(status, 0);
    assert.match(good.got.at(-1).raw.toString(), /^To: ada@xn--kse-qla.example\r$/m);
});

await check('no line can be put in by an address or a subject', async () => {
    const n = good.got.length;
    for (const to of ['a@b>', 'a@b.c\r\nRCPT TO:<x@y.z>', 'a b@c.d']) {
        const { json } = await channelCheck(path, to);
        assert.equal(json.channels?.[0]?.delivery, 'refused', to);
    }
    const { json } = await channelCheck(path, 'ada@example.net', '--subject', 'a\r\nBcc: x@y.z');
    assert.equal(json.channels[0].delivery, 'refused');
    assert.equal(good.got.length, n);
});

await check('a relay without STARTTLS gets nothing, no password either', async () => {
    const clear = await relay({ disabledCommands: ['STARTTLS'], allowInsecureAuth: true });
    const { status, json } = await channelCheck(settings(clear.port), 'ada@example.net');
    assert.equal(status, 7);
    assert.equal(json.channels[0].delivery, 'later');
    assert.match(json.channels[0].reply, /SSL|TLS/);
    assert.equal(clear.got.length + clear.logins.length, 0);
    await clear.close();
});

await check('a webhook is signed as Standard Webhooks has it', async () => {
    const secret = `whsec_${Buffer.from('a secret of 24 bytes!!!!').toString('base64')}`, seen = [];
    writeFileSync(at('hook'), `${secret}\n`);
    const server = createServer((request, response) => {
        const chunks = [];
        request.on('data', (chunk) => chunks.push(chunk)).on('end', () => {
            seen.push({ headers: request.headers, body: Buffer.concat(chunks).toString() });
            response.end('{"tier":"gold"}');
        });
    });
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address();
    writeFileSync(at('hooks.yaml'), `channels:\n  crm: {kind: webhook, url: "http://127.0.0.1:${port}/in", secret_file: hook, allow_private: ["127.0.0.1/32"]}\n`);
    const ended = await holdfast('channel', 'check', '--settings', at('hooks.yaml'), '--json');
    assert.equal(ended.status, 0, ended.out);
    new Webhook(secret).verify(seen[0].body, seen[0].headers);
    server.close();
});

await good.close();
console.log(`mail: ${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
