// board.mjs PROGRAM DATABASE PICTURES - serves the database on a free port and uses its page as people do.  PAGE_ALL=1
// looks at every page at both widths, light and dark; else at each once.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openBrowser } from '../../web/test/browser.mjs';
import { check, conclude, endSometime, serve, until } from '../server.mjs';
import { handOf } from './hand.mjs';
import { lookOver, settle } from './look_over.mjs';

const [program, database, pictures] = process.argv.slice(2);
const isWhole = process.env.PAGE_ALL === '1';

// A page that does not answer ends it too.
endSometime();

const server = await serve(program, database), { address, token } = server;
const basic = 'Basic ' + Buffer.from(server.write_key + ':').toString('base64');
const post = (path, body, authorization) => fetch(address + path, { method: 'POST', body: JSON.stringify(body),
    headers: { authorization, 'content-type': 'application/json' } });
const get = (path) => fetch(address + path, { headers: { authorization: `Bearer ${token}` } }).then((got) => got.json());
let n_sent = 0;
const buy = (userId) => post('/v1/track', { userId, event: 'Order Completed', messageId: `page-${n_sent}`,
    timestamp: new Date().toISOString(), properties: { order_id: `page-${n_sent++}`, revenue: 42.5 } }, basic);
const browser = await openBrowser(pictures);

// What the browser itself notes of an answer that is no success is no fault of the page.
const faults = (page) => page.complaints.filter((text) => !/^Failed to load resource: .* (400|401|403|404|409)/.test(text));

const shows = (page, ...told) => handOf(page, pictures).shows(...told);
const holds = (page, ...told) => handOf(page, pictures).holds(...told);
const go = (page, place) => handOf(page, pictures).go(place);
const write = (page, ...told) => handOf(page, pictures).write(...told);
const press = (page, words) => handOf(page, pictures).press(words);
const submit = (page, name) => handOf(page, pictures).submit(name);
const signIn = (page) => handOf(page, pictures).signIn(token);
const picture = async (page, name) => writeFileSync(join(pictures, `${name}.png`), await page.picture());

// ---- what is sent

const answer = await fetch(address + '/'), html = await answer.text(), policy = answer.headers.get('content-security-policy');
check('the shell is HTML with a tag', answer.status === 200 && answer.headers.get('content-type') === 'text/html; charset=utf-8' &&
      /^"[0-9a-f]{16}"$/.test(answer.headers.get('etag')), [...answer.headers]);
check('only its own scripts run, no text becomes one, and nobody may frame it', policy.includes("script-src 'self';") &&
      policy.includes("require-trusted-types-for 'script'") && policy.includes("frame-ancestors 'none'"), policy);
const same = await fetch(address + '/', { headers: { 'if-none-match': answer.headers.get('etag') } });
check('who has it gets it no second time', same.status === 304 && (await same.text()) === '', same.status);
const chunks = [...html.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map(([, path]) => path);
check('it names its script and its style', chunks.length === 2, chunks);
for (const path of chunks) {
    const chunk = await fetch(address + path);
    check(`${path} is kept for ever`, chunk.headers.get('cache-control') === 'public, max-age=31536000, immutable' &&
          chunk.headers.get('content-encoding') === 'gzip', [...chunk.headers]);
    const plain = await fetch(address + path, { headers: { 'accept-encoding': 'identity' } });
    check('who cannot unpack gets it unpacked', (await plain.text()) === (await chunk.text()) && plain.headers.get('content-encoding') === null);
}
check('a part of another version is missing', (await fetch(address + '/assets/none-1.js')).status === 404);

// ---- signing in, and the overview

const page = await browser.page(address + '/');
await shows(page, 'it asks who one is', /Sign in/);
await write(page, 'token', 'hf_wrong');
await submit(page, 'token');
await shows(page, 'a wrong token is told in words', /token[\s\S]*Use this token\s+\S+ .*\./i);
await signIn(page);
await shows(page, 'an administrator begins with the settings', /Kill switch[\s\S]*Keys and tokens/);
await go(page, '#/overview');
const overview = await get('/v1/overview'), orders = overview.kpis.find((kpi) => kpi.name === 'orders');
await shows(page, 'how the shop did, against the days before', /in 30 days, [\d.]+.% (more|less) than before/);
await shows(page, 'with intervals and what is counted', /Orders\s+[\d,]+\s+[\d,]+ to [\d,]+[\s\S]*Orders with an amount above zero/);
await holds(page, 'the page says what the route says', (words) => document.querySelector('main').innerText.includes(words), `Orders\n${orders.value.toLocaleString('en-GB')}`);
await shows(page, 'what may leave', /What may leave\s+Of \d+ customers about \d+ \(\d+ to \d+\) will have no order/);
// Another each three seconds, until the page follows what happens, which it begins to do some time after it is drawn.
let bought_ms = 0;
check('a purchase is told as it happens', await until(async () => {
    if (Date.now() - bought_ms > 3000) { await buy('C000003'); bought_ms = Date.now(); }
    return /C000003 order of 42\.50/.test(await page.look(() => document.body.innerText));
}));
await lookOver(page, 'overview', 1280);
await picture(page, 'overview');

// ---- customers

await go(page, '#/customers');
await shows(page, 'the most at stake come first', /Customer\s+Likely to leave\s+Expected loss/);
const { customers: scored } = await get('/v1/customers?limit=2');
const first = await until(() => page.run(() => document.querySelector('td.name a')?.textContent));
check('as the route orders them', first === scored[0].customer, [first, scored]);
await lookOver(page, 'customers', 1280);
await write(page, 'search', 'C00000');
await shows(page, 'a search finds ids by their beginning', /Found by/);
await write(page, 'search', 'nobody-has-this-id');
await shows(page, 'and says when nobody is found', /Nobody was found/);
await go(page, '#/customers?where=order_recency_days%20%3E%2030&order=-order_recency_days');
await shows(page, 'a condition says how many it holds for', /\d+ customers of \d+ customers/);
await settle(page);
await holds(page, 'and orders by a column of it', () => {
    const days = [...document.querySelectorAll('td[data-label="order_recency_days"]')].map((one) => Number(one.textContent.replace(',', '')));
    return days.length > 5 && days.every((one, i) => one > 30 && (i === 0 || one <= days[i - 1]));
});
await go(page, '#/customers?where=order_recency_day%20%3E%2030');
await shows(page, 'a misspelt name is told with what was meant', /did you mean 'order_recency_days'/);
await go(page, `#/customer/${first}`);
await shows(page, 'a customer has a score and its age', /Likely to leave\n+\d[\s\S]*scored (just now|\d+ \w+ ago)/i);
await shows(page, 'the waterfall from an average customer', /an average customer[\s\S]*this one: \d+/);
await shows(page, 'and what they did, with how long ago', /What they did\s+[\s\S]*The last \w+ was \d+ \w+ ago/);
await holds(page, 'drawn on an axis of time, each event once', () => {
    const told = [...document.querySelectorAll('.lanes circle title')].map((one) => one.textContent);
    return told.length > 5 && told.every((text) => /20\d\d, \d\d:\d\d/.test(text));
});
await lookOver(page, 'customer', 1280);
await picture(page, 'customer');
const evil = '<img src=x onerror=alert(1)>';
await buy(evil);
await go(page, `#/customer/${encodeURIComponent(evil)}`);
await shows(page, 'a name stays text', /<img src=x onerror=alert\(1\)>/);
check('and makes no element', await page.run(() => document.querySelectorAll('img, main script').length) === 0);
await go(page, '#/customer/nobody');
await shows(page, 'an unknown customer is told in the words of the server', /Nobody is known by this id/);

// ---- segments: made, undone, changed

await go(page, '#/segments');
await shows(page, 'there is no segment yet', /There is none yet/);
await write(page, 'name', 'Away for a month');
await write(page, 'expression', 'order_recency_days > 30 AND channel = \'social\'');
await shows(page, 'its size follows while it is typed', /\d+ customers? of \d+ customers/);
await holds(page, 'rows say the same as the text', () => document.querySelectorAll('.builder-row').length === 2);
await page.reload();
await shows(page, 'what was typed is there after a reload', /\d+ customers? of \d+ customers/);
await press(page, 'Make the segment');
await shows(page, 'it is made, and can be undone', /Segment Away for a month has \d+ customers?[\s\S]*Undo/);
await shows(page, 'its members are listed', /Who is in it[\s\S]*In it since/);
await lookOver(page, 'segment', 1280);
await press(page, 'Undo');
await shows(page, 'undone it is gone', /There is none yet/);
await lookOver(page, 'segments', 1280);
await picture(page, 'segments');

// ---- an experiment whose windows are over

for (const { customer } of (await get('/v1/customers?limit=120')).customers)
    await post('/v1/experiments/trial/exposures', { customer }, `Bearer ${token}`);
execFileSync('sqlite3', ['-cmd', '.timeout 10000', database, 'UPDATE exposure SET at = at - 40 * 86400000; ' +
    'UPDATE assignment SET at = at - 40 * 86400000']);
let effect;
check('it has an effect', await until(async () => Number.isFinite(([effect] = (await get('/v1/experiments/trial')).results ?? [])[0]?.absolute?.value)), effect);
await go(page, '#/experiment/trial');
await shows(page, 'health first, then an effect with its interval', /Health[\s\S]*Sizes of arms[\s\S]*Effects[\s\S]*kept\s+mail\s+\d+ against \d+[\s\S]* to [-\d.]+/);
await shows(page, 'and who it helped, corrected for how many groups were looked at', /Subgroups[\s\S]*p, corrected[\s\S]*channel \w+/);
await holds(page, 'and how it was known day by day, with its table', () => document.querySelectorAll('.course-band').length >= 1);
await lookOver(page, 'experiment', 1280);
await picture(page, 'experiment');
await go(page, '#/experiments');
await shows(page, 'what it earned, and how many people the next one takes', /What they earned[\s\S]*trial[\s\S]*In each arm\s+[\d,]+/);
await write(page, 'definition', 'experiments:\n  - {name: other, arms: 3}\n');
await press(page, 'Start it');
await shows(page, 'a wrong definition says where', /definition:2:\d+: other needs arms/);
await go(page, '#/experiment/trial');
await shows(page, 'it runs', /Health[\s\S]*Effects/);
await press(page, 'Stop it');
await shows(page, 'what cannot be begun again asks for a reason', /It cannot be begun again/);
await write(page, 'reason', 'the verdict is clear');
await press(page, 'Stop the experiment');
await shows(page, 'an experiment is stopped with a reason', /The experiment trial is stopped; those who were exposed are still followed/);
check('which is written down', (await get('/v1/audit')).acts.some((act) => /experiment stop trial: the verdict is clear/.test(act.what)));
const refused = await post('/v1/experiments/nobody/stop', { reason: 'in vain' }, `Bearer ${token}`);
check('what was refused is not', refused.status === 404 && !(await get('/v1/audit')).acts.some((act) => /in vain/.test(act.what)));
check('and somebody has to decide by it', (await get('/v1/overview?days=31')).needs.some((need) => need.kind === 'experiment' && need.name === 'trial'));

// ---- a model with all that speaks for it, and a plan

await go(page, '#/models/churn');
await shows(page, 'a model is judged by calibration, lift and cost', /Leaderboard[\s\S]*Calibration[\s\S]*Lift, and cost by threshold[\s\S]*What it leans on/);
await shows(page, 'its drift and its card are reckoned meanwhile', /Reckoned (just now|\d+ \w+ ago)/);
await lookOver(page, 'model', 1280);
await picture(page, 'model');
await go(page, '#/plan');
await shows(page, 'a shop without a plan is told how to begin', /No plan was made yet/);
await write(page, 'budget', '100');
await press(page, 'Make a plan');
await shows(page, 'where nothing was drawn by lot before it is a pilot', /First a pilot[\s\S]*People in each[\s\S]*Who is left alone/);
await lookOver(page, 'plan', 1280);
await picture(page, 'plan');
await press(page, 'Start the pilot');
await shows(page, 'before it is sent it says to how many', /\d+ customers get a message or a task[\s\S]*Type \d+ to go on/);
await press(page, 'Cancel');

await go(page, '#/forecast');
await shows(page, 'the next weeks are foretold, with how far off such words were', /Expected in 8 weeks[\s\S]* to [\s\S]*Said before, and what came/);

// ---- what a plan brings when its numbers are not known

await go(page, '#/plan');
await shows(page, 'a scenario is drawn', /in the middle; 9 of 10 times [\s\S]* a loss in [\d.]+[\s\S]*Lift/);
await write(page, 'lift-low', '9');
const wrong = await shows(page, 'numbers in the wrong order are told', /The least comes first/);
check('and nothing is told of those before', !/of 20,000 draws/.test(wrong), wrong);
await write(page, 'lift-low', '-0.2');
await shows(page, 'and right ones drawn anew', /a loss in [3-9]\d\s*%/);
await write(page, 'scenario-name', 'no help');
await press(page, 'Keep');
await shows(page, 'one is kept beside others', /Chance of a loss[\s\S]*no help/);

// ---- one page for a board, and one for a wall

await go(page, '#/overview');
await settle(page);
await shows(page, 'what the revenue came from is said', /What the revenue came from[\s\S]*Customers known before\s+[\d,]+/);
const pdf = Buffer.from((await page.send('Page.printToPDF', { paperWidth: 8.27, paperHeight: 11.69, preferCSSPageSize: true })).data, 'base64').toString('latin1');
check('the overview is one page of A4', (pdf.match(/\/Type\s*\/Page[^s]/g) ?? []).length === 1);
await page.send('Emulation.setDeviceMetricsOverride', { width: 1920, height: 1080, deviceScaleFactor: 1, mobile: false });
await press(page, 'Wall screen');
let wall;
check('a wall screen shows all of it at once', await until(async () => {        // once it is laid out anew
    wall = await page.run(() => ({ height: document.documentElement.scrollHeight,
        links: document.querySelector('.board-nav').offsetParent !== null }));
    return wall.height <= 1080 && !wall.links;
}), wall);
await picture(page, 'page-wall');
await page.key('Escape', 'Escape', 27);
await shows(page, 'Escape ends it', /Period\s[\s\S]*Compared with/);
await holds(page, 'and the address is as before', () => location.hash === '#/overview');
await page.send('Emulation.setDeviceMetricsOverride', { width: 1280, height: 900, deviceScaleFactor: 1, mobile: false });

// ---- by keyboard

const now_s = Date.now() / 1000;
await page.key('g', 'KeyG', 71, now_s);
await page.key('m', 'KeyM', 77, now_s + .1);
await shows(page, 'g m leads to the models', /Leaderboard|AUC on held-out customers/);
await page.send('Input.dispatchKeyEvent', { type: 'keyDown', key: 'k', code: 'KeyK', windowsVirtualKeyCode: 75, modifiers: 2 });
await shows(page, 'Ctrl K opens the palette', /Arrow keys choose, Enter goes there/);
await page.send('Input.insertText', { text: first });
await shows(page, 'which finds a customer', new RegExp(`${first}\\s+a customer`));
await page.key('Enter', 'Enter', 13);
await shows(page, 'and goes there', /Why the model thinks so/);
await page.key('?', 'Slash', 191);
await shows(page, '? lists the keys', /Everywhere[\s\S]*this list/);
await page.key('Escape', 'Escape', 27);

// ---- every page

const titles = await page.run(() => [...document.querySelectorAll('.board-nav a')].map((one) => [one.textContent, one.getAttribute('href')]));
check('there is a list of pages', titles.length >= 5, titles);
for (const [title, place] of titles) {
    await go(page, place);
    await lookOver(page, `${title}, at 1280`, 1280);
    await picture(page, `page-${title.toLowerCase()}`);
}
await go(page, '#/privacy');
await shows(page, 'a request says who asks for what', /export\s+C\d+\s+waiting/);
await press(page, 'Mark as done');
await shows(page, 'and is done once a person says so', /export\s+C\d+\s+done/);
await go(page, '#/nothing');
await shows(page, 'a wrong address says so', /There is no such page/);
await press(page, 'Sign out');
await shows(page, 'signing out ends it', /Sign in/);
await holds(page, 'the token is gone', () => sessionStorage.length === 0);
check('nothing was asked of anybody else', page.requests.every((one) => one.startsWith(address)), page.requests.filter((one) => !one.startsWith(address)));
check('no fault in the console', faults(page).length === 0, faults(page));
await page.close();

// ---- on a phone, dark, each role

const ROLES = isWhole ? ['viewer', 'marketer', 'success', 'analyst', 'engineer', 'privacy', 'lead', 'admin'] : ['viewer', 'admin'];
for (const role of ROLES) {
    const made = await post('/v1/keys', { kind: 'token', name: `page ${role}`, role }, `Bearer ${token}`).then((got) => got.json());
    const hand = await browser.page(address + '/', { width: 390, height: 800, dark: true });
    await hand.run((secret) => sessionStorage.setItem('holdfast-token', secret), made.secret);
    await hand.reload();
    await shows(hand, `${role}: a home is there`, /Find anything|Overview/);
    await settle(hand);
    const places = await hand.run(() => [...document.querySelectorAll('.board-nav a')].map((one) => [one.textContent, one.getAttribute('href')]));
    check(`${role}: it has pages`, places.length >= 3, places);
    if (role === 'viewer') check('nobody is shown to whom may not see customers', places.every(([title]) => title !== 'Customers'), places);
    for (const [title, place] of places) {
        await go(hand, place);
        await lookOver(hand, `${role}: ${title}, on a phone, dark`, 390);
        if (role === 'admin') await picture(hand, `phone-${title.toLowerCase()}`);
    }
    await go(hand, `#/customer/${first}`);
    await lookOver(hand, `${role}: a customer, on a phone, dark`, 390);
    if (role === 'viewer') await shows(hand, 'whose role does not see a page is told', /may\s+not see this page/);
    check(`${role}: no fault in the console of the phone`, faults(hand).length === 0, faults(hand));
    await hand.close();
}

// ---- a session that ends

await post('/v1/people', { name: 'vera', role: 'viewer', password: 'correct horse battery' }, `Bearer ${token}`);
const person = await browser.page(address + '/#/segments');
await shows(person, 'she is asked who she is', /Sign in/);
await holds(person, 'the first field has the focus', () => document.activeElement.id === 'name');
await write(person, 'name', 'vera');
await write(person, 'password', 'correct horse battery');
await submit(person, 'name');
await shows(person, 'a right password opens what the address names', /Customers enter and leave a segment/);
check('the session is hidden from scripts', await person.run(() => document.cookie) === '');
const { people } = await get('/v1/people');
await fetch(`${address}/v1/people/${people[0].id}`, { method: 'DELETE', headers: { authorization: `Bearer ${token}` } });
await go(person, '#/overview');
await shows(person, 'a session that has ended leads back to the door', /The session has ended: sign in again/);
await person.close();
await server.stop();

// ---- an empty shop, and a server that is gone

const empty = await serve(program, 'empty.holdfast'), start = await browser.page(empty.address + '/');
await write(start, 'token', empty.token);
await submit(start, 'token');
await shows(start, 'an administrator begins with the settings here too', /Kill switch/);
await go(start, '#/overview');
await shows(start, 'an empty shop says how to send the first event', /No event has come yet[\s\S]*curl -u/);
for (const [title, place] of await start.run(() => [...document.querySelectorAll('.board-nav a')].map((one) => [one.textContent, one.getAttribute('href')]))) {
    await go(start, place);
    await lookOver(start, `${title}, of an empty shop`, 1280);
}
await go(start, '#/customers');
await shows(start, 'nobody is valued yet', /Nobody has been valued yet/);

// ---- a file brought in through the page

const rows = Array.from({ length: 300 }, (_, i) => `I${i};${String((i % 28) + 1).padStart(2, '0')}/0${(i % 9) + 1}/2025;C${i % 40};S${i % 7};2;${i % 20 + 1},50\n`);
writeFileSync(join(pictures, 'orders.csv'), 'invoice;when;client;sku;n;price\n' + rows.join('') + 'I300;soon;C1;S1;1;2,00\n');
await go(start, '#/data');
await shows(start, 'files can be brought in', /Bring in a file/);
await settle(start);
async function give(name) {
    await until(() => start.run(() => document.querySelector('#customer-file:enabled') !== null));
    const { result } = await start.send('Runtime.evaluate', { expression: "document.querySelector('#customer-file')" });
    await start.send('DOM.setFileInputFiles', { objectId: result.objectId, files: [join(pictures, name)] });
}
await give('orders.csv');
await shows(start, 'what is wrong is said with line and column, before anything is imported', /302\s+when\s+"soon" is not a time[\s\S]*Import 300 rows/);
await lookOver(start, 'a file that is looked at', 1280);
await until(() => start.run(() => {
    const choice = [...document.querySelectorAll('main label')].find((one) => one.textContent === 'What n is')?.control;
    if (!choice) return false;
    choice.value = 'quantity';
    choice.dispatchEvent(new Event('change', { bubbles: true }));
    return true;
}));
await shows(start, 'a column is said to be another', /What n is[\s\S]*?As asked/);
await picture(start, 'page-data-import');
await press(start, 'Import 300 rows');
await shows(start, 'all of it is imported', /orders\.csv is in the history[\s\S]*Rows taken\s+300/);
await shows(start, 'and is what the last file was', /The last file[\s\S]*orders\.csv: 300 rows taken/);
writeFileSync(join(pictures, 'items.csv'), 'item,title,price\nS1,Soap,2.50\nS2,Salt,1.50\n');
await give('items.csv');
await shows(start, 'a list of items is looked at as any file', /What item is/);
await write(start, 'shape', 'items');
await press(start, 'Look again');
await shows(start, 'but may be a catalogue', /Import the catalogue/);
await press(start, 'Import the catalogue');
await shows(start, 'whose items are told', /items\.csv is in the catalogue[\s\S]*Items\s+2\s+New\s+2/);
const half = await (await fetch(empty.address + '/v1/uploads', { method: 'POST', body: '{"name": "half.csv", "bytes": 9000000}',
    headers: { authorization: `Bearer ${empty.token}`, 'content-type': 'application/json' } })).json();
await go(start, `#/data?file=${half.id}`);
await shows(start, 'a file that came by half may be gone on with', /0 kB of 9\.0 MB came of half\.csv/);
await press(start, 'Leave it');
await shows(start, 'or be left', /Removed half\.csv from the server/);
check('no fault in the console of the empty shop', faults(start).length === 0, faults(start));
await empty.stop();
await go(start, '#/segments');
await shows(start, 'a server that is gone is told, with what to do', /server cannot be reached[\s\S]*Try again/);
await start.close();
await browser.close();
conclude('board_page');
