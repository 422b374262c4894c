// hostile.mjs PROGRAM PICTURES - what bad input gets on the dashboard: hostile names as everything that has one, answers that
// are refused, cut off or missing, two tabs, no storage, foreign links.  See marketer_day_test.sh.
import { openBrowser } from '../../web/test/browser.mjs';
import { check, conclude, endSometime, serve } from '../server.mjs';
import { faults, handOf } from './hand.mjs';
import { settle } from './look_over.mjs';

const [program, pictures] = process.argv.slice(2);
endSometime();

const server = await serve(program, 'hostile.holdfast'), { address, token } = server;
const call = (method, path, body, authorization = `Bearer ${token}`) => fetch(address + path, { method, body: body && JSON.stringify(body),
    headers: { authorization, 'content-type': 'application/json' } }).then(async (got) => ({ status: got.status, ...(await got.json()) }));
const send = (path, body) => call('POST', path, body, 'Basic ' + Buffer.from(server.write_key + ':').toString('base64'));
const browser = await openBrowser(pictures), page = await browser.page(address + '/', { width: 390 }), hand = handOf(page, pictures);

// ---- hostile names

const EVIL = ['<script>alert(1)</script>', '<img src=x onerror=alert(1)>', '"><b>bold</b>', 'x'.repeat(120), '\u202eright to left\u202c', '😀👨‍👩‍👧', "'; DROP TABLE x; --", '{{ customer.id }}', '=1+1'];
for (const [i, name] of EVIL.entries()) {
    await send('/v1/identify', { userId: name, traits: { name, nickname: name, [name.slice(0, 60)]: name } });
    await send('/v1/track', { userId: name, event: name, properties: { [name.slice(0, 60)]: name, order_id: `${i}` } });
    await send('/v1/track', { userId: name, event: 'Order Completed', properties: { order_id: `o${i}`, revenue: 10 } });
    await call('POST', '/v1/notes', { about: 'customer', subject: name, words: name });
    await call('POST', '/v1/segments', { name: `${name} ${i}`, expression: 'order_count >= 1', description: name });
    await call('POST', '/v1/tasks', { customer: name, task: name });
}
// Names that are no journey's or experiment's are refused in words; what is one is shown as text. Templates have it in their words.
const quoted = (text) => JSON.stringify(text), journeyName = (i) => `j ${EVIL[i].slice(0, 40)}`;
for (const [i, name] of EVIL.entries()) {
    const journey = await call('PUT', `/v1/journeys/${encodeURIComponent(`j${i}`)}`, { version: 0,
        yaml: `journey: j${i}\ntrigger: {event: order}\nsteps:\n  - {id: m, send: email, subject: ${quoted(name)}, body: ${quoted(name)}}\n  - {id: t, task: ${quoted(name)}}\n` });
    check(`a step in the words of ${name.slice(0, 20)} is taken or told why not`, journey.status === 200 || (journey.status === 400 && journey.message.length > 10), journey);
    const named = await call('PUT', `/v1/journeys/${encodeURIComponent(journeyName(i))}`, { version: 0, yaml: `journey: ${quoted(journeyName(i))}\ntrigger: {event: order}\nsteps: []\n` });
    check(`a journey called ${name.slice(0, 20)}, too`, named.status === 200 || (named.status === 400 && named.message.length > 10), named);
    const trial = await call('POST', '/v1/experiments', { definition: `experiments:\n  - {name: ${quoted(name)}, control: ${quoted(name)}, arms: {${quoted(name)}: .5, mail: .5}, start: 2020-01-01, exposure: call, primary: kept, ` +
        'metrics: [{name: kept, event: order, kind: any, window: 7d}]}\n' });
    check(`an experiment called ${name.slice(0, 20)}, too`, trial.status === 200 || (trial.status === 400 && trial.message.length > 10), trial);
}
await hand.signIn(token);
const harmless = async (what) => {
    await settle(page);
    const found = await page.run(() => ({ scripts: document.querySelectorAll('main script, main img, main b').length, across: document.documentElement.scrollWidth }));
    check(`${what}: no name becomes an element`, found.scripts === 0, found);
    check(`${what}: nothing is wider than a phone`, found.across === 390, found);
};
for (const name of EVIL) {
    await hand.go(`#/customer/${encodeURIComponent(name)}`);
    await hand.shows(`the page of ${name.slice(0, 20)}`, /Who this is/);
    await harmless(`customer ${name.slice(0, 20)}`);
}
for (const [place, pattern] of [['#/segments', /order_count/], ['#/queue', /How to reach them/], ['#/customers?order=customer', /Customer/], ['#/messages', /No message/],
    ['#/journeys', /j0/], ['#/journey/j0', /Begins: event order/], ['#/journey/j1?view=text', /This is a journey of 2 steps/], [`#/experiment/${encodeURIComponent(EVIL[1])}`, /onerror/], ['#/experiments', /onerror/],
    ['#/privacy', /Consent ledger/], ['#/settings', /Destinations/]]) {
    await hand.go(place);
    await hand.shows(`${place} with such names`, pattern);
    await harmless(place);
}
const long = await call('POST', '/v1/notes', { about: 'customer', subject: EVIL[0], words: 'x'.repeat(10000) });
check('ten thousand letters are refused with the limit', long.status === 400 && /4000/.test(long.message), long);
check('nothing is refused, too', (await call('POST', '/v1/tasks', { customer: EVIL[0], task: ' ' })).status === 400);

// ---- answers that are none

const answering = (how) => page.run((how) => {
    window.asked ??= window.fetch;
    const answers = {
        ok: null,
        half: () => new Response('{"segments": [{"id": 1, "na', { status: 200 }),
        gone: () => Promise.reject(new TypeError('Failed to fetch')),
    };
    for (const status of [403, 409, 429, 500]) answers[status] = () => new Response(JSON.stringify({ code: 'x', message: `refused with ${status}`, field: null }), { status });
    const answer = answers[how];
    window.fetch = answer ? (path, ...more) => (String(path).startsWith('/v1/') ? answer() : window.asked(path, ...more)) : window.asked;
}, how);
for (const [how, pattern] of [['half', /Only half of the server's answer came: try again/], ['gone', /cannot be reached: check that it runs/], [403, /refused with 403[\s\S]*Ask an administrator/i],
    [429, /refused with 429[\s\S]*Wait a minute/i], [500, /refused with 500[\s\S]*server's log/i]]) {
    await hand.go('#/overview');
    await answering(how);
    await hand.go('#/segments');
    await hand.shows(`an answer of ${how} is told in words`, pattern);
    await page.run(() => {       // at once, before the page asks again by itself
        window.fetch = window.asked;
        [...document.querySelectorAll('main button')].find((button) => button.textContent === 'Try again').click();
    });
    await hand.shows('and asked again the page is there', /Make a segment/);
}
await hand.write('name', 'Half typed');
await hand.write('expression', 'order_count >= ');
await hand.shows('an unfinished condition says so', /incomplete|unfinished|ends|expected|near/i);
await hand.write('expression', 'order_count >= 1');
await answering(403);
await hand.press('Make the segment');
await hand.shows('a right lost while a form is open is told', /refused with 403/i);
await hand.holds('and what was typed stays', () => document.querySelector('main [name=name]')?.value === 'Half typed');
await answering('ok');

// ---- what is typed, and where one goes, while an answer is on its way

// What is asked with this method waits until it is let go.
const held = (method) => page.run((method) => {
    window.asked ??= window.fetch;
    const waiting = new Promise((done) => { window.letGo = () => { window.fetch = window.asked; done(); }; });
    window.fetch = async (path, asked) => {
        if (asked?.method !== method) return window.asked(path, asked);
        const answer = await window.asked(path, asked);
        window.isHeld = true;
        await waiting;
        return answer;
    };
    window.isHeld = false;
}, method);
const letGo = () => page.run(() => window.letGo());
const isHeld = (what) => hand.holds(what, () => window.isHeld);
const isWritten = (what, name, text) => hand.holds(what, (name, text) => document.querySelector(`main [name="${name}"]`)?.value === text, name, text);

await hand.go('#/journey/j0?view=text');
await hand.shows('a journey is built', /This is a journey of 2 steps/);
const yaml = (await call('GET', '/v1/journeys/j0')).versions[0].yaml;
await hand.write('yaml', `${yaml}# one\n`);
await held('PUT');
await hand.press('Save a version');
await isHeld('it is being saved');
await hand.write('yaml', `${yaml}# one\n# two\n`);
await letGo();
await hand.shows('it is saved', /Version 2 of j0/);
await hand.go('#/journey/j0?view=text');
await isWritten('what was typed meanwhile is there', 'yaml', `${yaml}# one\n# two\n`);
check('and is no part of what was saved', (await call('GET', '/v1/journeys/j0')).versions[0].yaml === `${yaml}# one\n`);
await hand.press('Save a version');
await hand.shows('it is the next version, of nobody else', /Version 3 of j0/);

const { segments: [{ id: segment }] } = await call('GET', '/v1/segments');
await hand.go(`#/segment/${segment}`);
await hand.unfold('Change it');
await hand.write('expression', 'order_count >= 0');
await held('PUT');
await hand.press('Change it');
await isHeld('a segment is being changed');
await hand.write('expression', 'order_count >= 0 OR order_count > 5');
await letGo();
await hand.shows('it is changed', /Version 2, made/);
await hand.unfold('Change it');
await isWritten('what was typed into its form meanwhile is there', 'expression', 'order_count >= 0 OR order_count > 5');
await hand.press('Change it');
await hand.shows('and is its next version', /Version 3, made/);

await hand.write('words', 'first');
await held('POST');
await hand.press('Keep it');
await isHeld('a note is on its way');
await hand.write('words', 'second');
await letGo();
await hand.shows('it is kept', /first/);
await isWritten('and the next one stays', 'words', 'second');

await hand.go('#/segments');
await hand.write('name', 'made and left');
await hand.write('expression', 'order_count >= 1');
await held('POST');
await hand.press('Make the segment');
await isHeld('a segment is being made');
await hand.go('#/experiments');
await letGo();
await hand.shows('it is made', /Segment made and left has/);
await hand.holds('and who has gone elsewhere stays there', () => location.hash === '#/experiments');

// ---- foreign links, two tabs, no storage, a customer erased meanwhile

for (const place of ['#/customer/%E0%A4%A', '#/journey/<script>', '#/segment/999999', '#//', '#/customers?where=%22', '#/customers?after=nothing', '#/messages?status=none']) {
    await hand.go('#/overview');
    await hand.go(place);
    await hand.shows(`${place} is a page with words`, /\S[\s\S]{40}/);
    await hand.holds(`${place}: it has a heading`, () => document.querySelector('main h1, main [role=alert]') !== null);
}
await hand.go(`#/customer/${encodeURIComponent(EVIL[6])}`);
await hand.shows('a customer is looked at', /Who this is/);
await call('DELETE', `/v1/customers/${encodeURIComponent(EVIL[6])}`);
await hand.press('Look again');
await hand.shows('erased meanwhile, it is said', /Nobody is known by this id|erased/i);
check('nothing was asked of anybody else', page.requests.every((one) => one.startsWith(address)));
check('no fault in the console', faults(page).length === 0, faults(page));
await page.close();
const bare = await browser.page(address + '/', {}), other = handOf(bare, pictures);
await bare.run(() => {
    for (const name of ['getItem', 'setItem', 'removeItem']) Storage.prototype[name] = () => { throw new Error('no storage'); };
});
await other.signIn(token);
await other.go('#/segments');
await other.shows('without storage the page is there', /Make a segment/);
await other.write('name', 'Without storage');
await other.shows('without storage it works as long as the page', /Make a segment/);
await other.holds('what is typed is there', () => document.querySelector('main [name=name]')?.value === 'Without storage');
check('without storage nothing is in the console', faults(bare).length === 0, faults(bare));
await bare.close();
await browser.close();
await server.stop();
conclude('hostile');
