// uploads.mjs PROGRAM DATABASE - serves it and sends customer files in pieces: looked at, said otherwise, imported.
import { readdirSync, statfsSync, writeFileSync } from 'node:fs';
import { check, conclude, serve } from '../server.mjs';

const [program, database] = process.argv.slice(2);
writeFileSync(`${database}.upload-7`, 'what a server that was killed left');
const left = () => readdirSync('.').filter((name) => name.startsWith(`${database}.upload-`));
const server = await serve(program, database, '--quiet');
const { address, token } = server;

async function ask(method, path, body, secret = token) {
    const isBytes = typeof body === 'string';
    const answer = await fetch(address + path, { method, body: isBytes || !body ? body : JSON.stringify(body),
        headers: { authorization: `Bearer ${secret}`, 'content-type': isBytes ? 'application/octet-stream' : 'application/json' } });
    return { status: answer.status, json: await answer.json() };
}
async function over(id, what) {
    for (const end = Date.now() + 120000; Date.now() < end; await new Promise((resolve) => setTimeout(resolve, 50))) {
        const { json } = await ask('GET', `/v1/uploads/${id}`);
        if (['done', 'failed'].includes(json[what]?.state)) return json[what];
    }
    return { state: 'late' };
}
const events = async () => (await ask('GET', '/v1/status')).json.events;

check('what a server that was killed left is gone', left().length === 0, left());
const viewer = (await ask('POST', '/v1/keys', { kind: 'token', name: 'viewer', role: 'viewer' })).json.secret;
check('a viewer sends no files', (await ask('POST', '/v1/uploads', { name: 'a.csv', bytes: 5 }, viewer)).status === 403);
for (const body of [{ name: 'a.csv', bytes: 0 }, { name: '', bytes: 5 }, { name: 'a\nb.csv', bytes: 5 }, { name: 'x'.repeat(201), bytes: 5 }])
    check('an empty file, and a name that is none, are refused', (await ask('POST', '/v1/uploads', body)).status === 400, body);
for (const bytes of ['5', 2.5, -1])
    check('how many bytes it has is a whole number', (await ask('POST', '/v1/uploads', { name: 'a.csv', bytes })).json.field === 'bytes', bytes);
const disk = statfsSync('.'), most = Math.floor(disk.bavail * disk.bsize * .6);
const large = await ask('POST', '/v1/uploads', { name: 'a.csv', bytes: most });
check('two files that the disk has not room for together are not both begun', large.status === 201 && (await ask('POST', '/v1/uploads', { name: 'b.csv', bytes: most })).status === 409);
await ask('DELETE', `/v1/uploads/${large.json.id}`);
check('a file larger than the disk is refused before it is sent', (await ask('POST', '/v1/uploads', { name: 'a.csv', bytes: 1e18 })).status === 409);

const rows = Array.from({ length: 400 }, (_, i) => `I${i};${String((i % 28) + 1).padStart(2, '0')}/0${(i % 9) + 1}/2025;new-${i % 40};S${i % 7};2;${i % 20 + 1},50\n`);
rows[15] = 'I15;soon;new-1;S1;1;2,00\n';
const text = 'invoice;when;client;sku;pieces;price\n' + rows.join('');
const { status, json: begun } = await ask('POST', '/v1/uploads', { name: '../../etc/orders März.csv', bytes: Buffer.byteLength(text) });
check('a path in a name is not followed', status === 201 && begun.name === 'orders März.csv', begun);
const { id } = begun, half = 4000;
check('a half-sent file is not looked at', (await ask('PUT', `/v1/uploads/${id}?at=0`, text.slice(0, half))).json.received === half &&
      (await ask('POST', `/v1/uploads/${id}/look`, {})).status === 409);
const gap = await ask('PUT', `/v1/uploads/${id}?at=9000`, 'later');
check('a piece that is not next is told which is', gap.status === 409 && gap.json.message.startsWith(`${half} bytes`), gap);
check('a piece that came already is taken as it is', (await ask('PUT', `/v1/uploads/${id}?at=0`, text.slice(0, half))).json.received === half);
check('more than was said is refused', (await ask('PUT', `/v1/uploads/${id}?at=${half}`, text + text)).status === 409);
await ask('PUT', `/v1/uploads/${id}?at=${half}`, text.slice(half));

const before = await events();
await ask('POST', `/v1/uploads/${id}/look`, {});
const look = await over(id, 'look'), told = look.answer;
check('a look says what each column is taken for', told?.import.mapping.find((one) => one.column === 'when').role === 'time' &&
      told.import.source === 'orders März.csv' && told.import.accepted === 399, look);
check('and what is wrong, with its line and column', told?.rejects.length === 1 && told.rejects[0].line === 17 && told.rejects[0].column === 'when', told?.rejects);
check('nothing of it is in the history', await events() === before);
for (const flags of [{ db: '/etc/passwd' }, { 'as-of': '2025-01-01' }, { time: 5 }, { force: 'yes' }])
    check('only flags of how a file is read are taken', (await ask('POST', `/v1/uploads/${id}/look`, { flags })).json.field === 'flags', flags);
check('flags are an object', (await ask('POST', `/v1/uploads/${id}/look`, { flags: 'force' })).json.field === 'flags');
await ask('POST', `/v1/uploads/${id}/look`, { flags: { 'date-format': 'YYYY-MM-DD' } });
const wrong = await over(id, 'look');
check('why it cannot be read is said of the name that it was sent by', wrong.state === 'failed' && /^orders März\.csv: .*--date-format/.test(wrong.problem), wrong);

await ask('POST', `/v1/uploads/${id}/import`, { flags: { price: 'price', quantity: 'pieces' } });
const done = await over(id, 'import');
check('it is imported as it was said', done.state === 'done' && done.answer.import.accepted === 399 && await events() > before, done);
check('then its bytes are gone', left().length === 0 && (await ask('GET', `/v1/uploads/${id}`)).json.is_imported, left());
check('and it is imported no second time', (await ask('POST', `/v1/uploads/${id}/import`, {})).status === 409);
const { json: audit } = await ask('GET', '/v1/audit');
check('who imported is written down', audit.acts?.some((one) => one.what === 'import' && one.who === 'http:first'), audit);

const other = (await ask('POST', '/v1/uploads', { name: 'b.csv', bytes: 5 })).json.id;
check('a file is removed', left().length === 1 && (await ask('DELETE', `/v1/uploads/${other}`)).status === 200 && left().length === 0);
check('and is no more', (await ask('GET', `/v1/uploads/${other}`)).status === 404 && (await ask('GET', '/v1/uploads/none')).status === 404);
await ask('POST', '/v1/uploads', { name: 'c.csv', bytes: 5 });
await server.stop();
check('none is left when the server ends', left().length === 0, left());
conclude('files sent');
