// marketer_day.mjs PROGRAM DATABASE PICTURES - see marketer_day_test.sh.
import { readdirSync, readFileSync } from 'node:fs';
import { openBrowser } from '../../web/test/browser.mjs';
import { check, conclude, endSometime, serve, until } from '../server.mjs';
import { faults, handOf } from './hand.mjs';
import { lookOver } from './look_over.mjs';

const [program, database, pictures] = process.argv.slice(2);
endSometime();

const server = await serve(program, database, '--campaigns', 'c'), { address, token } = server;
const call = (method, path, body, authorization = `Bearer ${token}`) => fetch(address + path, { method, body: body && JSON.stringify(body),
    headers: { authorization, 'content-type': 'application/json' } }).then(async (got) => ({ status: got.status, ...(await got.json()) }));
const send = (path, body) => call('POST', path, body, 'Basic ' + Buffer.from(server.write_key + ':').toString('base64'));
for (const [id, says] of [['c1', true], ['c2', false], ['c3', null]]) {
    await send('/v1/identify', { userId: id, traits: { email: `${id}@example.com`, name: `Ada ${id}` } });
    if (says !== null) await call('PUT', `/v1/customers/${id}/consent`, { offers: says });
}
const tokenOf = async (role, name) => (await call('POST', '/v1/keys', { kind: 'token', name, role })).secret;
const browser = await openBrowser(pictures), page = await browser.page(address + '/', { width: 1440 }), hand = handOf(page, pictures);
await hand.signIn(await tokenOf('marketer', 'the marketer'));
await hand.shows('a marketer begins with the journeys', /Journeys[\s\S]*There is none yet/);

// ---- a segment

await hand.go('#/segments');
await hand.write('name', 'Came back');
await hand.write('expression', 'order_count >= 2');
await hand.shows('its size follows', /12 customers of 12/);
await hand.press('Make the segment');
await hand.shows('the segment is made', /Segment Came back has \d+ customers?|12 customers in it/);

// ---- a journey, by graph, outline and text

await hand.go('#/journeys');
await hand.write('name', 'hello');
await hand.press('Begin');
await hand.shows('a new journey is not saved', /It is not saved yet/);
await hand.write('yaml', '# Who orders is greeted.\njourney: hello\ntopic: offers\ntrigger: {event: order}\nagain: always\napproval: required\ngoal: {event: order}\nsteps: []\n');
await hand.shows('the text is a journey', /This is a journey of 0 steps/);
await hand.press('Add a step at the beginning');
await hand.press('Send a message');
await hand.shows('what is missing is told at its step', /welcome\.html|This is a journey of 1 step/);
await hand.write('step-html', 'hello.html');
await hand.write('step-subject', 'Hello {{ customer.name }}');
await hand.shows('the step is as it was said', /send · mail\s+email: Hello \{\{ customer\.name \}\}/);
await hand.press('Add a step after mail');
await hand.press('Wait for an event');
await hand.shows('the graph has both', /wait · answer/);
const text = () => page.run(() => document.querySelector('[name=yaml]').value);
await hand.holds('the text is the same document, comments kept', () =>
    /^# Who orders is greeted\.\n[\s\S]*\{id: mail, send: email[\s\S]*\{id: answer, wait/.test(document.querySelector('[name=yaml]').value));
const key = (key, code, number, modifiers) => page.send('Input.dispatchKeyEvent', { type: 'rawKeyDown', key, code, windowsVirtualKeyCode: number, modifiers });
const order = async () => readOrder(await text());
const readOrder = (yaml) => [...yaml.matchAll(/id: (\w+)/g)].map(([, id]) => id).join(' ');
const becomes = async (what, wanted) => {
    check(what, await until(async () => await order() === wanted), await text());
};
await page.run(() => document.getElementById('outline-1').focus());
await key('ArrowUp', 'ArrowUp', 38, 1);
await becomes('Alt and an arrow move a step in the text, too', 'answer mail');
await page.run(() => document.getElementById('outline-0').focus());
await key('d', 'KeyD', 68, 2);
await becomes('Ctrl D copies it', 'answer answer_2 mail');
await page.run(() => document.getElementById('outline-0').focus());
await key('Delete', 'Delete', 46, 0);
await becomes('Delete removes it', 'answer_2 mail');
for (const wanted of ['answer answer_2 mail', 'answer mail', 'mail answer']) {
    await page.run(() => document.getElementById('outline-0').focus());
    await key('z', 'KeyZ', 90, 2);
    await becomes('Ctrl Z brings it back, step by step', wanted);
}
await hand.press('Redo');
await becomes('Redo does it again', 'answer mail');
await hand.press('Undo');
await becomes('and Undo undoes that', 'mail answer');

// A step is dragged to the first plus: from the middle of the one to the middle of the other, in the window, where they stand
// once nothing moves any more.
const middles = () => page.run(() => {
    const node = [...document.querySelectorAll('.graph-node')].find((one) => /answer/.test(one.textContent));
    const plus = document.querySelector('[aria-label="Add a step at the beginning"]');
    if (!node || !plus) return null;
    plus.scrollIntoView({ block: 'center', behavior: 'instant' });
    return [node, plus].map((one) => one.getBoundingClientRect()).map(({ x, y, width, height }) => ({ x: x + width / 2, y: y + height / 2 }));
});
async function resting() {
    let before = '', n_same = 0;
    return until(async () => {
        const ends = await middles(), now = JSON.stringify(ends);
        n_same = ends && now === before ? n_same + 1 : 0;
        before = now;
        return n_same >= 8 && ends;
    });
}
async function drag(begin, move, end) {
    await hand.shows('what is dragged was looked at', /This is a journey of 2 steps/);
    const [from, to] = await resting();
    await begin(from);
    for (const part of [.1, .5, 1]) await move({ x: from.x + (to.x - from.x) * part, y: from.y + (to.y - from.y) * part });
    await end(to);
}
const mouse = (type, buttons) => ({ x, y }) => page.send('Input.dispatchMouseEvent', { type, x, y, button: 'left', buttons, clickCount: 1 });
await drag(mouse('mousePressed', 1), mouse('mouseMoved', 1), mouse('mouseReleased', 0));
await becomes('a step goes where the mouse drags it', 'answer mail');
await hand.press('Undo');
await becomes('and back', 'mail answer');
const touch = (type) => ({ x, y }) => page.send('Input.dispatchTouchEvent', { type, touchPoints: type === 'touchEnd' ? [] : [{ x, y }] });
await page.send('Emulation.setTouchEmulationEnabled', { enabled: true });
await drag(touch('touchStart'), touch('touchMove'), touch('touchEnd'));
await page.send('Emulation.setTouchEmulationEnabled', { enabled: false });
await becomes('and where a finger drags it', 'answer mail');
await hand.press('Undo');
await becomes('and back again', 'mail answer');
await page.reload();
await hand.shows('a draft survives a closed tab', /Not saved yet: kept in this browser[\s\S]*This is a journey of 2 steps|This is a journey of 2 steps[\s\S]*Not saved yet/);

// ---- tried on somebody, on a slider of simulated time

await hand.write('customer', 'c1');
await hand.write('days', '0');
await hand.press('Try it');
await hand.shows('a number of days that is none is told at its field', /days must be a whole number from 1 to 366/i);
const before = await text();
await hand.write('yaml', `${before}steps: {\n`);
await hand.shows('a text that is none for a while is told', /Line \d+: /);
await hand.write('yaml', before);
await hand.shows('and is one again', /This is a journey of 2 steps/);
await hand.holds('which takes nothing from who was to be tried', () => document.querySelector('main [name="customer"]')?.value === 'c1');
await hand.write('days', '30');
await hand.press('Try it');
await hand.shows('she would get a mail', /mail\s+sent by email/);
await page.run(() => {
    const slider = document.getElementById('preview-at');
    Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set.call(slider, slider.min);
    slider.dispatchEvent(new Event('input', { bubbles: true }));
});
await hand.shows('at the beginning of the time nothing more has happened', /day 0 of 30(?![\s\S]*did not come)/);
await hand.press('Show the message');
await hand.shows('the message with her name', /Subject\s+Hello Ada c1/);
await hand.holds('as a phone and as a desktop show it', () => {
    const shown = [...document.querySelectorAll('iframe')];
    return shown.length > 0 && shown.every((one) => one.srcdoc.includes('Hello Ada c1'));
});
await hand.write('address', 'me@example.com');
await hand.press('Send the test');
await hand.shows('a test is sent', /A test is on its way to me@example\.com/);
await hand.picture('message-dialog');
await lookOver(page, 'the message as they get it', 1440);
await hand.press('Close');
await lookOver(page, 'a journey that is built', 1440);
await hand.press('Simulate');
await hand.shows('everybody of the last month', /Would enter\s+24\s+of 12 customers in 30 days; at most 12 in one day[\s\S]*Held or left out\s+\d+/);
await hand.picture('marketer-journey');
await hand.press('Save a version');
await hand.shows('it is saved, and waits for another', /Version 1 of hello[\s\S]*another must approve it|another must approve it/);

// ---- approved by another, and another change meanwhile

await hand.go('#/journey/hello?view=text');
await hand.shows('the page has it', /This is a journey of 2 steps/);
await hand.write('yaml', (await text()) + '# mine\n');
const saved = (await call('GET', '/v1/journeys/hello')).versions[0].yaml;
await call('PUT', '/v1/journeys/hello', { yaml: saved + '# theirs\n', version: 1 });
await hand.press('Save a version');
await hand.shows('who was slower is told, and loses nothing', /changed 'hello' meanwhile[\s\S]*Yours is kept here[\s\S]*theirs[\s\S]*mine/);
await hand.press('Take theirs');
const lead = await browser.page(address + '/', { width: 1440 }), other = handOf(lead, pictures);
await other.signIn(await tokenOf('lead', 'irst'));      // not "first", who wrote it
await other.go('#/journey/hello');
await other.press('Approve');
await other.shows('whom it reaches is said before', /Would enter\s+24[\s\S]*Type 12 to go on/);
await lead.run(() => {
    const field = document.querySelector('dialog[open] form > .field input');
    Object.getOwnPropertyDescriptor(Object.getPrototypeOf(field), 'value').set.call(field, '12');
    field.dispatchEvent(new Event('input', { bubbles: true }));
});
await lead.run(() => document.querySelector('dialog[open] form').requestSubmit());
await other.shows('approved', /hello is approved/i);
check('no fault in the console of the lead', faults(lead).length === 0, faults(lead));
await lead.close();

// ---- the mail, and why somebody got none

for (const id of ['c1', 'c2']) await send('/v1/track', { userId: id, event: 'Order Completed', properties: { order_id: `day-${id}`, revenue: 50 } });
const mails = () => readdirSync('mail').map((name) => readFileSync(`mail/${name}`, 'utf8'));
check('the mail is in the mailbox', await until(() => mails().some((mail) => /To: c1@example\.com/.test(mail) && /Hello Ada c1/.test(mail))), mails());
check('who said no got none', !mails().some((mail) => /To: c2@example\.com/.test(mail)));
await hand.go('#/journey/hello');
await hand.shows('who is where', /2 here/);
await hand.go('#/customer/c2');
await hand.shows('their page has the journeys', /hello and this customer/);
await hand.unfold('and this customer');
await hand.shows('why they got none', /mail[\s\S]*\(consent\)/);
await hand.go('#/messages');
await hand.shows('the outbox has it', /hello · mail[\s\S]*sent/);

// ---- somebody who looks after customers writes to one by hand

const success = await browser.page(address + '/', { width: 1440 }), carer = handOf(success, pictures);
const writeTo = async (who, subject) => {
    await carer.go(`#/customer/${who}`);
    await carer.press('Write to them');
    await carer.write('subject', subject);
    await until(() => success.run(() => {       // once the topics are there
        const about = [...document.querySelectorAll('dialog[open] select')].find((one) => [...one.options].some((option) => option.value === 'offers'));
        if (!about) return false;
        about.value = 'offers';
        about.dispatchEvent(new Event('change', { bubbles: true }));
        return true;
    }));
    await carer.press('Look at it first');
};
await carer.signIn(await tokenOf('success', 'who cares'));
await writeTo('c1', 'About your order, {{ customer.name }}');
await carer.shows('whom it reaches is said, and what they get', /It reaches one person, c1, at c1@example\.com[\s\S]*About your order, Ada c1/);
await lookOver(success, 'a message written by hand', 1440);
await carer.picture('message-by-hand');
await carer.press('Send it to c1');
check('it is in the mailbox, once', await until(() => mails().filter((mail) => /Subject: About your order, Ada c1/.test(mail)).length === 1), mails());
await writeTo('c2', 'Hello');
await carer.shows('to who said no nothing goes, and it is said why', /Nothing would be sent: they have not agreed/i);
check('no fault in the console of the carer', faults(success).length === 0, faults(success));
await success.close();

// ---- why she is in the segment; its condition changed by two at once, and taken back

await hand.go('#/customer/c1');
await hand.shows('what to do next is said, and that nobody weighed it yet', /What to do next[\s\S]*No plan has weighed an action for them yet[\s\S]*By email|Best by email/);
await hand.shows('the parts of the condition that hold', /Came back\s+since[\s\S]*holds\s+order_count >= 2/);
const { segments: [segment] } = await call('GET', '/v1/segments');
await hand.go(`#/segment/${segment.id}`);
await hand.shows('what the segment is worth', /Expected spend, 12 months[\s\S]*Who is in it/);
await hand.unfold('Change it');
await hand.write('expression', 'order_count >= 2 AND order_recency_days < 90');
await call('PUT', `/v1/segments/${segment.id}`, { expression: 'order_count >= 3', version: segment.version });
await hand.press('Change it');
await hand.shows('who was slower sees both', /Somebody changed it meanwhile: it is of version 2 now[\s\S]*order_count >= 3[\s\S]*order_recency_days < 90/);
await hand.press('Save mine as the next');
await hand.shows('and hers is the third', /Conditions that it had[\s\S]*3[\s\S]*order_recency_days < 90[\s\S]*order_count >= 3[\s\S]*order_count >= 2/);
await hand.press('Take the condition of version 1 again');
await hand.shows('an older condition comes back', /has that condition again/);
check('as the next version', (await call('GET', `/v1/segments/${segment.id}`)).expression === 'order_count >= 2');

// ---- the lift: of who entered so many met the goal, and that it proves nothing is said

await send('/v1/track', { userId: 'c1', event: 'Order Completed', properties: { order_id: 'again-c1', revenue: 50 } });
await until(async () => (await call('GET', '/v1/journeys/hello')).versions.some((one) => one.goal > 0));
await hand.go('#/journeys');
await hand.shows('how many met the goal, and what would prove it', /hello[\s\S]*1 \(\d+.?%\)|hello[\s\S]*\(33.?%\)/);
await hand.shows('an experiment would', /proves nothing: an experiment in the journey\s+does/);
check('nothing was asked of anybody else', page.requests.every((one) => one.startsWith(address)), page.requests.filter((one) => !one.startsWith(address)));
check('no fault in the console', faults(page).length === 0, faults(page));
await page.close();
await browser.close();
await server.stop();
conclude('marketer_day');
