// pages_shop.mjs - the shops that bench/pages.mjs looks at: a simulated one of a few customers, or one of very many,
// who have five events each over two years.
import { execFileSync } from 'node:child_process';
import { closeSync, existsSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';

const DAY = 86400000, LEARNED = 20000, EACH = 5;

// Kinds by how many of a thousand events they are.
const KINDS = [['Product Viewed', 450], ['Product Added', 110], ['Email Opened', 80], ['Session Started', 110], ['order', 250]];

// Numbers from 0 to 1, the same in each run (mulberry32).
function draws(seed) {
    let state = seed;
    return () => {
        state = (state + 0x6d2b79f5) | 0;
        let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
        mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
        return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
    };
}

// Events of customers from .. until - 1 of n, by time: everybody has one at least, few have many.
function writeEvents(path, n, from, until) {
    const file = openSync(path, 'w'), draw = draws(7), end = Date.now() - DAY, span = 730 * DAY;
    let rows = ['customer,time,event,amount,product'];
    for (let i = 0; i < n * EACH; i++) {
        const u = draw(), amount = draw(), which = draw();
        let left = draw() * 1000, kind = 0;
        const customer = i < n ? i : Math.floor((.2 * u + .8 * u * u) * n);
        while (left >= KINDS[kind][1]) left -= KINDS[kind++][1];
        if (customer < from || customer >= until) continue;
        const time = new Date(end - span + span * (i / (n * EACH))).toISOString().slice(0, 19) + 'Z', name = KINDS[kind][0];
        rows.push(`C${String(customer).padStart(7, '0')},${time},${name},${name === 'order' ? (5 + amount * 200).toFixed(2) : ''},` +
                  `${/^Product|order/.test(name) ? `P${Math.floor(which * which * 500)}` : ''}`);
        if (rows.length > 20000) { writeSync(file, rows.join('\n') + '\n'); rows = []; }
    }
    writeSync(file, rows.join('\n') + '\n');
    closeSync(file);
}

// The path of its database, made the first time; a model is learned from the first customers only, which is what there
// is time for.
export function pagesShop(program, folder, n) {
    const database = join(folder, `pages_${n}.holdfast`), making = join(folder, 'pages_making.holdfast');
    const run = (...words) => execFileSync(program, [...words, '--quiet'], { stdio: 'ignore' });
    if (existsSync(database)) return database;
    if (n <= LEARNED) {
        const shop = join(folder, 'pages_shop'), from = new Date(Date.now() - 400 * DAY).toISOString().slice(0, 10);
        execFileSync(program, ['simulate', '--customers', String(n), '--days', '400', '--from', from, '--out', shop], { stdio: 'ignore' });
        run('run', join(shop, 'events.csv'), '--db', database, '--out', join(shop, 'report.html'));
        return database;
    }
    const events = join(folder, 'pages_events.csv');
    for (const end of ['', '.key']) rmSync(making + end, { force: true });
    writeEvents(events, n, 0, LEARNED);
    run('import', events, '--db', making);
    run('train', '--db', making, '--search-seconds', '5');
    writeEvents(events, n, LEARNED, n);
    run('import', events, '--db', making);
    run('score', '--db', making);
    rmSync(events);
    for (const end of ['.key', '']) if (existsSync(making + end)) renameSync(making + end, database + end);
    return database;
}
