// pages.mjs PROGRAM FOLDER - measures the dashboard in Chromium: what is loaded before anything is seen, what all of it
// weighs, and how long a page takes to be seen and to be complete with the processor slowed fourfold.  Writes a record for
// each budget into FOLDER/records.ndjson, as bench.c does; theirs is the budget itself.
import { execFileSync } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { openBrowser } from '../web/test/browser.mjs';
import { serve } from '../tests/server.mjs';

const [program, folder] = process.argv.slice(2), assets = 'build/web/board/assets';
const SLOWED = 4, CUSTOMERS = 2000;
let n_missed = 0;

function record(name, unit, ours, most) {
    const ratio = most / ours, missed = ratio < 1;
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

// ---- how fast it is seen

mkdirSync(folder, { recursive: true });
const database = join(folder, `pages_${CUSTOMERS}.holdfast`), shop = join(folder, 'pages_shop');
if (!existsSync(database)) {
    const from = new Date(Date.now() - 400 * 86400000).toISOString().slice(0, 10);
    execFileSync(program, ['simulate', '--customers', String(CUSTOMERS), '--days', '400', '--from', from, '--out', shop], { stdio: 'ignore' });
    execFileSync(program, ['run', join(shop, 'events.csv'), '--db', database, '--out', join(shop, 'report.html'), '--quiet'], { stdio: 'ignore' });
}
const copy = join(folder, 'pages_served.holdfast');
for (const end of ['', '.key', '-wal', '-shm']) rmSync(copy + end, { force: true });
execFileSync('cp', [database, copy]);
execFileSync('cp', [database + '.key', copy + '.key']);
const server = await serve(program, copy, '--quiet'), browser = await openBrowser(folder);

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

const ASKED = ['/v1/overview?days=30&against=period', '/v1/customers?limit=50', '/v1/status', '/v1/segments', '/v1/models', '/v1/plans',
    '/v1/sources', '/v1/rejects?limit=100', '/v1/experiments'];
for (const path of ASKED) {
    const took = [];
    for (let i = 0; i < 100; i++) {
        const begun = performance.now();
        await (await fetch(server.address + path, { headers: { authorization: `Bearer ${server.token}` } })).arrayBuffer();
        took.push(performance.now() - begun);
    }
    record(`pages: GET ${path.split('?')[0]}, p99 of ${CUSTOMERS} customers`, 'ms', took.sort((a, b) => a - b)[98], 200);
}
await browser.close();
await server.stop();
process.exit(n_missed ? 1 : 0);
