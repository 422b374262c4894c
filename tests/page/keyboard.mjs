// keyboard.mjs PROGRAM DATABASE PICTURES - a marketer's day with no pointer at all: only keys are pressed and text typed into
// what has the focus.  At every stop of Tab the focus has to be seen.  See marketer_day_test.sh.
import { openBrowser } from '../../web/test/browser.mjs';
import { check, conclude, endSometime, serve, until } from '../server.mjs';
import { faults, handOf, longJourney } from './hand.mjs';
import { keysOf } from './keys.mjs';
import { settle } from './look_over.mjs';

const [program, database, pictures] = process.argv.slice(2);
endSometime();

const server = await serve(program, database, '--campaigns', 'c'), { address, token } = server;
const call = (method, path, body) => fetch(address + path, { method, body: body && JSON.stringify(body),
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' } }).then((got) => got.json());
const tokenOf = async (role, name) => (await call('POST', '/v1/keys', { kind: 'token', name, role })).secret;
const browser = await openBrowser(pictures), page = await browser.page(address + '/', { width: 1440 });
const hand = handOf(page, pictures), keys = keysOf(page);
const isOn = async (what, pattern) => {
    let name;
    check(what, await until(async () => pattern.test(name = await keys.here())), name);
};

// ---- the door, and the way past the list of pages

await hand.shows('it asks who one is', /Sign in/);
await keys.to('Use a token', { orField: 'token' });
await keys.type(await tokenOf('marketer', 'by keyboard'));
await keys.press('Enter');
await hand.shows('a token typed and Enter open it', /Journeys[\s\S]*There is none yet/);
await keys.fromTheTop();
check('the first stop is the way to the content', await keys.next() === 'Skip to the content');
await keys.press('Enter');
await hand.holds('which leads past the list of pages', () => document.activeElement.id === 'content');
const order = [];
for (let name = await keys.next(); name !== null && order.length < 12; name = await keys.next()) order.push(name);
check('from there the stops are the page\'s, in its order', /^Its name .*Begin/.test(order.join(' ')), order);

// ---- a segment

await keys.pressBoth('g', 's');
await hand.shows('g s leads to the segments', /Make a segment/);
await keys.to('Name');
await keys.type('Came back by keyboard');
await keys.to('Condition');
await keys.type('order_count >= 2');
await hand.shows('its size follows', /12 customers of 12/);
await keys.to('What it is for');
await keys.type('tried without a pointer');
await keys.to('Make the segment');
await keys.press('Enter');
await hand.shows('it is made', /Segment Came back by keyboard has/);
await hand.shows('and its page is there', /Who is in it/);
await hand.holds('a page that is opened has the focus at its beginning', () => document.activeElement.id === 'content');

// ---- a journey: text, graph, outline

await keys.pressBoth('g', 'j');
await hand.shows('g j leads to the journeys', /Build a journey/);
await keys.to('Its name');
await keys.type('keys');
await keys.press('Enter');
await hand.shows('a new journey is not saved', /It is not saved yet/);
await keys.to("The journey's text");
await keys.press('a', 2);
await keys.type('journey: keys\ntopic: offers\ntrigger: {event: order}\nagain: always\napproval: required\ngoal: {event: order}\nsteps:\n  - {id: mail, send: email, subject: "Hello", html: hello.html}\n');
await hand.shows('the text is a journey', /This is a journey of 1 step/);
await keys.next();
await hand.holds('Tab leaves the text, which keeps nobody', () => document.activeElement.name !== 'yaml');
await keys.to(/^send · mail|^Add a step at the beginning/, { isBack: true });
for (let i = 0; i < 3 && !/^Add a step at the beginning/.test(await keys.here()); i++) await keys.press('ArrowLeft');
await isOn('the graph is one stop, and the arrows go along it', /^Add a step at the beginning$/);
await keys.press('Enter');
await hand.shows('Enter asks which step', /A new step/);
check('the dialog has the focus', await until(keys.isInDialog), await keys.here());
for (let i = 0; i < 15; i++) {
    await keys.next();
    if (!await keys.isInDialog() && await keys.here()) check('Tab stays in the dialog', false, await keys.here());
}
await keys.press('Escape');
await isOn('Escape closes it, and the focus is where it was', /^Add a step at the beginning$/);
await keys.press('Enter');
await hand.shows('once more', /A new step/);
await keys.to(/^Wait a while/);
await keys.press('Enter');
await hand.shows('the step is there', /This is a journey of 2 steps/);
await isOn('and the focus is on it in the outline', /^pause/);
await keys.press('ArrowDown');
await isOn('an arrow leads to the next step', /^mail/);
const text = () => page.run(() => document.querySelector('[name=yaml]').value);
const becomes = async (what, pattern) => {
    check(what, await until(async () => pattern.test(await text())), await text());
};
await keys.press('ArrowUp', 1);
await becomes('Alt and an arrow move a step', /mail[\s\S]*pause/);
await keys.press('d', 2);
await becomes('Ctrl D copies it', /mail_2/);
await keys.press('ArrowDown');
await isOn('the copy stands below', /^mail_2/);
// No frame and no timer goes by between a key and the focus that the next key finds.
const next = await page.run(async () => {
    document.activeElement.dispatchEvent(new KeyboardEvent('keydown', { key: 'Delete', bubbles: true, cancelable: true }));
    for (let i = 0; i < 10; i++) await null;
    return [document.querySelectorAll('.outline-step').length, document.activeElement.textContent];
});
check('what is removed gives its focus on in the turn that removes it', next[0] === 2 && /^pause/.test(next[1]), next);
await keys.press('z', 2);
await becomes('which can be undone at once', /mail_2/);
await isOn('and has the focus again', /^mail_2/);
await keys.press('Delete');
await becomes('Delete removes the copy', /^(?![\s\S]*mail_2)/);
await isOn('and the focus stays in the outline', /^pause/);
await keys.press('z', 2);
await becomes('Ctrl Z brings it back', /mail_2/);
await keys.press('y', 2);
await becomes('Ctrl Y does it again', /^(?![\s\S]*mail_2)/);
await keys.press('Home');
await keys.press('Enter');
await keys.to('subject');
await keys.press('a', 2);
await keys.type('Good day');
await becomes('a field of the step is written', /Good day/);
await keys.to('id', { isBack: true });
await keys.press('a', 2);
await keys.type('he');
await becomes('its id is written', /id: he,/);
await keys.type('llo');
await becomes('and goes on being written', /id: hello,/);
await keys.press('z', 2);
await keys.press('z', 2);
await becomes('which is undone', /id: mail,/);
const openStep = () => page.run(() => document.querySelector('.outline-step[aria-expanded=true]')?.textContent ?? '');
check('and it is open still', /^mail/.test(await openStep()), await openStep());
await keys.to(/^mail/, { isBack: true });
await keys.press('ArrowDown', 1);
await becomes('the open step is moved', /pause[\s\S]*id: mail/);
check('and is the one that is open', await until(async () => /^mail/.test(await openStep())), await openStep());
await keys.press('z', 2);
await becomes('and moved back', /id: mail[\s\S]*pause/);
check('as it is after that', await until(async () => /^mail/.test(await openStep())), await openStep());

// ---- tried, simulated, saved

await keys.to('Customer');
await keys.type('c1');
await keys.to('Try it');
await keys.press('Enter');
await hand.shows('it is tried on somebody', /day 30 of 30/);
await isOn('and the button that did it has the focus still', /^Try it$/);
await keys.to(/\d\d:\d\d/);
await keys.press('Home');
await hand.shows('the slider of time goes by key', /day 0 of 30/);
await keys.to('Simulate');
await keys.press('Enter');
await hand.shows('it is simulated', /Would enter\s+24/);
await keys.to('Save a version', { isBack: true });
await keys.press('Enter');
await hand.shows('it is saved, and another must approve it', /another must approve it/);

// ---- the palette, help, and a lead who approves

await keys.press('k', 2);
await hand.shows('Ctrl K opens the palette', /Arrow keys choose, Enter goes there/);
await keys.type('keys');
await hand.shows('it finds the journey, before the pages that only speak of the word', /Find anything\s+×\s+keys\s+\w+\s+journey/);
await keys.press('Escape');
check('Escape closes it', await until(async () => !await keys.isInDialog()));
await keys.fromTheTop();
await keys.press('?', 0, 'Slash');
await hand.shows('? lists the keys', /Everywhere[\s\S]*this list/);
await keys.press('Escape');
check('the browser has nothing to tell', faults(page).length === 0, faults(page));
check('every stop was seen, and in sight', keys.unseen().length === 0, keys.unseen());
await page.close();

const lead = await browser.page(address + '/', { width: 1440 }), other = handOf(lead, pictures), leads = keysOf(lead);
await other.signIn(await tokenOf('lead', 'lead by keyboard'));
await leads.press('k', 2);
await other.shows('the palette', /Arrow keys choose/);
await leads.type('keys');
await other.shows('which finds the journey', /Find anything\s+×\s+keys\s+\w+\s+journey/);
await leads.press('Enter');
await other.shows('and goes there', /Begins: event order/);
await leads.to('Approve');
await leads.press('Enter');
await other.shows('whom it reaches is said before', /Would enter\s+24[\s\S]*Type 12 to go on/);
await leads.to(/^Type 12/);
await leads.type('12');
await leads.press('Enter');
await other.shows('approved', /keys is approved/i);
await other.shows('and it is at work', /keys\s+active/);
await other.holds('the focus is not lost with the button', () => document.activeElement !== document.body);
await leads.pressBoth('g', 'e');
await other.shows('g e leads to the messages, with what may be chosen', /State[\s\S]*Destination\s+any\s+email/);
await leads.to('Destination');
await leads.press('ArrowDown');
await other.holds('a destination is chosen by key, and stands in the address', () => location.hash.includes('channel=email'));
check('every stop of the lead was seen', leads.unseen().length === 0, leads.unseen());
check('the browser has nothing to tell the lead', faults(lead).length === 0, faults(lead));
await lead.close();

// ---- every other page: what one comes for, done by keys alone

await call('POST', '/v1/tasks', { customer: 'c1', task: 'Call about the order' });
await call('POST', '/v1/experiments', { definition: 'experiments:\n  - {name: trial, control: control, arms: {control: .5, mail: .5}, start: 2020-01-01, exposure: call, ' +
    'primary: kept, ramp: [{from: 2020-01-01, share: .1}], metrics: [{name: kept, event: order, kind: any, window: 7d}]}\n' });
const admin = await browser.page(address + '/', { width: 1440 }), all = handOf(admin, pictures), typing = keysOf(admin);
await all.signIn(token);
// The key after g, what the page says, then: a stop of Tab and what is pressed or typed there; what it says in the end.
const DEEDS = [
    ['o', /Overview|at stake|This period/i, [[/^Period|^Compared/, 'ArrowDown']], /./],
    ['q', /Call about the order/, [[/^Take\b/, 'Enter']], /taken/i],
    ['c', /Who has most at stake/, [['Find a customer', 'c3']], /c3/],
    ['x', /trial\s+running/, [['trial', 'Enter']], /10\s% of those who may take part/],
    ['x', /trial\s+running/, [['trial', 'Enter'], ['Let more people in', 'Enter'], ['Share of people, in per cent', 'select', '50'], ['Why', 'no harm so far'], ['Let them in', 'Enter']], /50\s% of those who may take part do[\s\S]*hand/],
    ['l', /No plan was made yet/, [['Budget', '100']], /Budget/],
    ['i', /Items|recommend/i, [], /./],
    ['v', /Surveys|recommend/i, [], /./],
    ['m', /What is predicted|No model|Train/i, [], /./],
    ['d', /What was refused/, [], /./],
    ['p', /One person/, [['Id', 'c5'], ['Suppress', 'Enter']], /Nothing more is taken in of c5/],
    ['t', /Keys and tokens/, [['What it is for', 'by keys alone'], ['Make a key', 'Enter']], /pk_/],
];
for (const [letter, opened, steps, done] of DEEDS) {
    await typing.fromTheTop();
    await typing.pressBoth('g', letter);
    await all.shows(`g ${letter} opens its page`, opened);
    await settle(admin);
    for (const [stop, ...pressed] of steps) {
        await typing.to(stop);
        for (const what of pressed) {
            if (what === 'select') await typing.press('a', 2);
            else if (/^(Enter|Arrow)/.test(what)) await typing.press(what);
            else await typing.type(what);
        }
    }
    if (steps.length === 0) for (let i = 0; i < 25 && await typing.next() !== null; i++);
    await all.shows(`g ${letter}: what one comes for is done by keys`, done);
}
check('every stop of every page is seen, and in sight', typing.unseen().length === 0, typing.unseen());
check('the browser has nothing to tell of them', faults(admin).length === 0, faults(admin));
await admin.close();

// ---- a journey of two hundred steps

await call('PUT', '/v1/journeys/long', { yaml: longJourney(40), version: 0 });
const long = await browser.page(address + '/', { width: 1440 });
await handOf(long, pictures).signIn(token);
const shown = async (what, act, is) => { await long.run(act); check(what, await until(() => long.run(is))); };
await shown('a journey of 200 steps opens', () => { location.hash = '#/journey/long'; }, () => document.querySelectorAll('.graph-node').length === 200);
await shown('and is built', () => { location.hash = '#/journey/long?view=text'; }, () => document.querySelectorAll('.outline-row').length === 200);
await shown('one of its steps opens', () => { document.querySelectorAll('.outline-step')[100].click(); }, () => document.querySelector('.step-form') !== null);
await shown('and moves', () => { document.querySelector('[aria-label="Move w20 down"]').click(); }, () => /Not saved yet/.test(document.querySelector('main').textContent));
await long.close();
await browser.close();
await server.stop();
conclude('keyboard');
