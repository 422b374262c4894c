// pages.mjs PROGRAM FOLDER - measures the dashboard in Chromium: what is loaded before anything is seen, what all of it
// weighs, and how long a page takes to be seen and to be complete with the processor slowed fourfold.  Writes a record for
// each budget into FOLDER/records.ndjson, as bench.c does; theirs is the budget itself.  BENCH_PAGES=1000000 asks a shop
// of so many customers; making it takes some minutes the first time.
import { appendFileSync, copyFileSync, existsSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { openBrowser } from '../web/test/browser.mjs';
import { longJourney } from '../tests/page/hand.mjs';
import { serve, until } from '../tests/server.mjs';
import { pagesShop } from './pages_shop.mjs';

const [program, folder] = process.argv.slice(2), assets = 'build/web/board/assets';
const SLOWED = 4, CUSTOMERS = Number(process.env.BENCH_PAGES ?? 2000);
let n_missed = 0;

function record(name, unit, ours, most) {
    const ratio = most / ours, missed = !(ratio >= 1);      // NaN, too: what was never seen
    n_missed += missed;
    console.log(`${name.padEnd(44)} ${ours.toFixed(3).padStart(10)} ${most.toFixed(3).padStart(10)} ${unit.padEnd(3)} ` +
                `${ratio.toFixed(2).padStart(7)} ${'1.00'.padStart(7)}  ${(missed ? 'MISSED' : 'met').padEnd(7)} the budget`);
    appendFileSync(join(folder, 'records.ndjson'), JSON.stringify({ name, unit, ours, theirs: most, peer: 'the budget', met: !missed,
        note: '', ratio, budget: 1 }) + '\n');
}

// ---- what it weighs

const sizes = readdirSync(assets).map((name) => ({ name: name.replace(/\.gz$/, ''), bytes: statSync(join(assets, name)).size }));
const kB = (names) => sizes.filter(({ name }) => names(name)).reduce((sum, { bytes }) => sum + bytes, 0) / 1000;
record('pages: style, gzip', 'kB', kB((name) => name.endsWith('.css')), 15);
record('pages: all of it, gzip', 'kB', kB(() => true), 600);
record('pages: what the program carries of them', 'MB', kB(() => true) / 1000, 1.5);

mkdirSync(folder, { recursive: true });
const database = pagesShop(program, folder, CUSTOMERS);
const copy = join(folder, 'pages_served.holdfast');
for (const end of ['', '.key', '-wal', '-shm']) rmSync(copy + end, { force: true });
for (const end of ['', '.key']) if (existsSync(database + end)) copyFileSync(database + end, copy + end);
const server = await serve(program, copy, '--quiet'), browser = await openBrowser(folder);

// As a page asks: it takes an answer of before the last change rather than wait (web/src/board/ask.ts).
async function call(path, body) {
    const answer = await fetch(server.address + path, { method: body ? 'POST' : 'GET', body: body && JSON.stringify(body),
        headers: { authorization: `Bearer ${server.token}`, 'content-type': 'application/json', 'cache-control': 'max-stale' } });
    if (!answer.ok) throw new Error(`${path} is refused, which is soon done: ${await answer.text()}`);
    return answer.json();
}

// ---- how long its first questions take: after the start, once what is kept is there, and after an act

const FIRST = ['/v1/overview?days=30&against=period', '/v1/customers?limit=50&order=loss', '/v1/forecast?weeks=8', '/v1/surveys?days=365', '/v1/sources',
    '/v1/campaigns', '/v1/fields', '/v1/status', '/v1/segments', '/v1/journeys', '/v1/messages', '/v1/tasks', '/v1/models', '/v1/models/churn',
    '/v1/models/churn/versions'];
async function slowest(what) {
    const took = [];
    for (const path of FIRST) {
        const begun = performance.now();
        await call(path);
        took.push(performance.now() - begun);
    }
    record(`pages: the slowest of its first questions, ${what}`, 'ms', Math.max(...took), 200);
}
const nKept = async () => Number(/^holdfast_answers_kept (\d+)$/m.exec(await (await fetch(`${server.address}/metrics`,
    { headers: { authorization: `Bearer ${server.token}` } })).text())[1]);
let n_before = -1;
if (CUSTOMERS >= 50000)
    await until(async () => {
        const n = await nKept(), is = n >= 4 && n === n_before;
        n_before = n;
        await new Promise((resolve) => setTimeout(resolve, 5000));
        return is;
    }, 300000);
await slowest('after the start');
await call('/v1/segments', { name: 'first', expression: 'order_count >= 4' });
await slowest('after an act');

// ---- how fast it is seen

async function measure(hash) {
    const page = await browser.page(`${server.address}/`);
    await page.run((token) => sessionStorage.setItem('holdfast-token', token), server.token);
    await page.send('Network.setCacheDisabled', { cacheDisabled: true });
    await page.send('Emulation.setCPUThrottlingRate', { rate: SLOWED });
    await page.run((place) => { location.hash = place; location.reload(); }, hash);
    let seen = null;
    for (const end = Date.now() + 20000; Date.now() < end; await new Promise((resolve) => setTimeout(resolve, 20))) {
        seen = await page.run(() => document.querySelector('main h1') && !document.querySelector('.waiting, [aria-busy=true]') ? {
            first_ms: performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0, complete_ms: performance.now(),
            scripts: performance.getEntriesByType('resource').filter((one) => one.name.endsWith('.js') &&
                one.responseEnd <= (performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0))
                .reduce((sum, one) => sum + one.encodedBodySize, 0),
        } : null).catch(() => null);
        if (seen?.first_ms) break;
    }
    await page.close();
    return seen ?? { first_ms: NaN, complete_ms: NaN, scripts: NaN };
}

for (const name of ['overview', 'customers', 'experiments', 'models', 'data']) {
    const runs = [];
    for (let i = 0; i < 3; i++) runs.push(await measure(`#/${name}`));
    const middle = (of) => runs.map(of).sort((a, b) => a - b)[1];
    if (name === 'overview') record('pages: script before anything is seen, gzip', 'kB', middle((one) => one.scripts) / 1000, 60);
    record(`pages: ${name}, first seen (slowed 4x)`, 's', middle((one) => one.first_ms) / 1000, 1);
    record(`pages: ${name}, complete (slowed 4x)`, 's', middle((one) => one.complete_ms) / 1000, 2);
}

// ---- how long its questions take

const { id: segment } = await call('/v1/segments', { name: 'buyers', expression: 'order_count >= 3' });
await until(async () => (await call(`/v1/segments/${segment}`)).is_complete, 600000);
const somebody = (await call('/v1/customers?order=customer&limit=1')).customers[0].customer, model = (await call('/v1/models')).models[0].question;
await call('/v1/decide', { customer: somebody, placement: 'home', candidates: ['mail'] });     // what the program began with

const ASKED = ['/v1/overview?days=30&against=period', '/v1/status', '/v1/program', '/v1/forecast?weeks=8', '/v1/surveys?days=365', '/v1/sources',
    '/v1/imports', '/v1/rejects?limit=100', '/v1/identities/links?limit=50', '/v1/fields', '/v1/customers?limit=50',
    '/v1/customers?columns=order_count&order=-order_count&limit=50', '/v1/customers?where=order_count%20%3E%3D%203&limit=50', '/v1/find?text=C00',
    `/v1/customers/${somebody}?timeline=200`, `/v1/customers/${somebody}/explain`, `/v1/customers/${somebody}/next`, '/v1/segments',
    `/v1/segments/${segment}/worth`, `/v1/segments/${segment}/history`, `/v1/segments/${segment}/members?limit=100`, '/v1/tasks', '/v1/messages',
    '/v1/journeys', '/v1/experiments', '/v1/campaigns', '/v1/plans', '/v1/models', `/v1/models/${model}`, `/v1/models/${model}/versions`,
    '/v1/audit?limit=50', '/v1/consents?limit=50', '/v1/privacy/requests'];
for (const path of ASKED) {
    const took = [];
    await call(path);               // the first of a large shop is worked out, and kept from then on
    for (let i = 0; i < 100; i++) {
        const begun = performance.now();
        await call(path);
        took.push(performance.now() - begun);
    }
    record(`pages: GET ${path.split('?')[0].replace(somebody, '{id}')}, p99`, 'ms', took.sort((a, b) => a - b)[98], 200);
}
for (const [what, limit_ms] of [['from a sample', 300], ['of everybody', 3000]]) {
    const begun = performance.now();
    const { is_exact } = await call('/v1/segments/preview', { expression: 'order_recency_days > 60 and order_count >= 2', limit_ms: limit_ms - 50 });
    record(`pages: a condition's size, ${what}`, 'ms', is_exact || limit_ms === 300 ? performance.now() - begun : NaN, limit_ms);
}

// ---- a journey of two hundred steps, by the page's own processor time

await fetch(`${server.address}/v1/journeys/long`, { method: 'PUT', body: JSON.stringify({ yaml: longJourney(40), version: 0 }),
    headers: { authorization: `Bearer ${server.token}`, 'content-type': 'application/json' } });
const long = await browser.page(`${server.address}/`);
await long.run((token) => { sessionStorage.setItem('holdfast-token', token); location.reload(); }, server.token);
await long.send('Performance.enable', { timeDomain: 'threadTicks' });
async function work(what, most_ms, act, until) {
    const ms = async () => (await long.send('Performance.getMetrics')).metrics.find((one) => one.name === 'TaskDuration').value * 1000, before = await ms();
    await long.run(act);
    let is = false;
    for (const end = Date.now() + 20000; Date.now() < end && !is; await new Promise((resolve) => setTimeout(resolve, 100))) is = await long.run(until).catch(() => false);
    const after = await ms();
    if (what) record(`pages: a journey of 200 steps, ${what}`, 'ms', is ? after - before : NaN, most_ms);
}
await work(null, 0, () => { location.hash = '#/journeys'; }, () => document.querySelector('main table') !== null);
await work('opened', 300, () => { location.hash = '#/journey/long'; }, () => document.querySelectorAll('.graph-node').length === 200);
await work('built', 300, () => { location.hash = '#/journey/long?view=text'; }, () => document.querySelectorAll('.outline-row').length === 200);
await work('a step opened', 200, () => { document.querySelectorAll('.outline-step')[100].click(); }, () => document.querySelector('.step-form') !== null);
await work('a step moved', 300, () => { document.querySelector('[aria-label="Move w20 down"]').click(); }, () => /Not saved yet/.test(document.querySelector('main').textContent));
await long.close();

// ---- a thousand events a second, while somebody looks

const SECONDS = 12, WARM = 4;
const busy = await browser.page(`${server.address}/`);
await busy.run((token) => { sessionStorage.setItem('holdfast-token', token); location.hash = '#/overview'; location.reload(); }, server.token);
await until(() => busy.run(() => document.querySelector('.happenings') !== null).catch(() => false));
await busy.run(() => {
    window.redraws = 0;
    new MutationObserver(() => { window.redraws++; }).observe(document.querySelector('.happenings'), { childList: true });
});
const memory = async () => {
    await busy.send('HeapProfiler.collectGarbage');
    return (await busy.send('Runtime.getHeapUsage')).usedSize / 1e6;
};
let n_sent = 0, from_MB = 0, before = 0;
for (let second = 0, begun = Date.now(); second < SECONDS; second++) {
    if (second === WARM) { from_MB = await memory(); before = await busy.run(() => window.redraws); }
    for (let part = 0; part < 4; part++) {
        const batch = Array.from({ length: 250 }, () => ({ type: 'track', userId: `busy${n_sent % 500}`, event: 'Product Viewed', messageId: `busy-${n_sent++}` }));
        await fetch(`${server.address}/v1/batch`, { method: 'POST', body: JSON.stringify({ batch }),
            headers: { authorization: `Basic ${btoa(`${server.write_key}:`)}`, 'content-type': 'application/json' } });
        await new Promise((resolve) => setTimeout(resolve, Math.max(0, begun + 1000 * second + 250 * (part + 1) - Date.now())));
    }
}
const drawn = (await busy.run(() => window.redraws)) - before;
record('pages: redraws a second at 1,000 events a second', '', drawn > 0 ? drawn / (SECONDS - WARM) : NaN, 4);
record('pages: memory that grew meanwhile', 'MB', Math.max(.01, await memory() - from_MB), 2);
await browser.close();
await server.stop();
process.exit(n_missed ? 1 : 0);
