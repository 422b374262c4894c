// check.mjs PROGRAM DATABASE PICTURES - serves the database on a free port and uses its page as people do.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brokenNames, lowContrast } from '../../web/test/accessibility.mjs';
import { openBrowser } from '../../web/test/browser.mjs';
import { check, conclude, serve } from '../server.mjs';

const [program, database, pictures] = process.argv.slice(2);

// A page that does not answer ends it too.
setTimeout(() => { console.log('FAILED: it takes longer than three minutes'); process.exit(1); }, 180000).unref();

const server = await serve(program, database), { address, token } = server;
const basic = 'Basic ' + Buffer.from(server.write_key + ':').toString('base64');
const post = (path, body, authorization) => fetch(address + path, { method: 'POST', body: JSON.stringify(body),
    headers: { authorization, 'content-type': 'application/json' } });
let n_sent = 0;
const buy = (userId) => post('/v1/track', { userId, event: 'Order Completed', messageId: `page-${n_sent}`,
    timestamp: new Date().toISOString(), properties: { order_id: `page-${n_sent++}`, revenue: 42.5 } }, basic);

const browser = await openBrowser(pictures);

// What the browser itself notes of an answer that is no success is no fault of the page.
const faults = (page) => page.complaints.filter((text) => !/^Failed to load resource: .* (400|401|404)/.test(text));

// Until the page says so, for at most ten seconds; what it says instead.
async function shows(page, what, pattern) {
    let text = '';
    for (const end = Date.now() + 10000; Date.now() < end;) {
        text = await page.run(() => document.body?.innerText ?? '');
        if (pattern.test(text)) { check(what, true); return text; }
        await new Promise((resolve) => setTimeout(resolve, 60));
    }
    check(what, false, text.slice(0, 500));
    return text;
}

const go = (page, view) => page.run((hash) => { location.hash = hash; }, view);
const write = (page, id, text) => page.run((id, text) => {
    const field = document.getElementById(id);
    field.value = text;
    field.dispatchEvent(new Event('input', { bubbles: true }));
}, id, text);
const submit = (page, id) => page.run((id) => document.getElementById(id).form.requestSubmit(), id);
const press = (page, words) => page.run((words) => {
    [...document.querySelectorAll('button')].find((one) => (one.textContent || one.ariaLabel) === words).click();
}, words);
const picture = async (page, name) => writeFileSync(join(pictures, `${name}.png`), await page.picture());

async function signInWithToken(page) {
    await shows(page, 'it asks who one is', /Sign in/);
    await write(page, 'token', token);
    await submit(page, 'token');
    await shows(page, 'a token opens it', /What happens now/);
}

// Names and contrast, and that nothing is wider than the page.
async function lookOver(page, name, width) {
    const broken = (await page.run(brokenNames)).filter((text) => !text.startsWith('leads nowhere'));
    check(`${name}: a screen reader can name everything`, broken.length === 0, broken);
    const low = await page.run(lowContrast);
    check(`${name}: every text can be read`, low.length === 0, low);
    const across = await page.run(() => document.documentElement.scrollWidth);
    check(`${name}: nothing is wider than the page`, across === width, across);
}

// ---- the page itself

const answer = await fetch(address + '/');
check('it is HTML that nobody may frame', answer.status === 200 && answer.headers.get('content-type') === 'text/html; charset=utf-8' &&
      /^default-src 'none'; script-src 'sha256-.*; frame-ancestors 'none'$/.test(answer.headers.get('content-security-policy')),
      [...answer.headers]);
const html = await answer.text();
check('only its own script may run, and connect to its own server', /script-src 'sha256-[^']+'/.test(html) &&
      html.includes("connect-src 'self'") && html.includes("default-src 'none'"));

// ---- now

const page = await browser.page(address + '/');
await shows(page, 'it asks who one is', /Sign in/);
await write(page, 'token', 'hf_wrong');
await submit(page, 'token');
await shows(page, 'in words', /token[\s\S]*Use this token\s+\S+ .*\./i);
check('and nothing opens', await page.run(() => document.querySelector('.views') === null));
await signInWithToken(page);
await shows(page, 'it says how old the oldest score is', /No score is older than \d+ (second|minute|hour|day)/);
await shows(page, 'and of the model how good it is', /0\.\d{3} \(0\.\d{3} to 0\.\d{3}\)/);
await lookOver(page, 'now', 1280);
await buy('C000003');
await shows(page, 'a purchase is told as it happens', /C000003 order of 42\.50/);
await shows(page, 'and the score that follows', /C000003 scored anew: \d/);
await shows(page, 'how fast events come is drawn', /At most [\d.]+ a second in the last two minutes/);
const high = await page.run(() => [...document.querySelectorAll('.drawing .bar')].filter((bar) => bar.height.baseVal.value > 0).length);
check('with a bar where one came', high >= 1, high);
await lookOver(page, 'now, with its drawing', 1280);
await picture(page, 'now');

// ---- items

await go(page, '#/items');
await shows(page, 'which items come next: first a leaderboard, or what to do for one', /How well models foretold[\s\S]*holdfast recommend/);
await shows(page, 'then one customer, and what is bought together', /One customer[\s\S]*Bought together/);
await lookOver(page, 'items', 1280);
await picture(page, 'items');

// ---- customers

await go(page, '#/customers');
await shows(page, 'the most at stake come first', /Customer\s+Likely to leave\s+Expected loss/);
await shows(page, 'above them everybody is drawn', /Of \d+ customers about \d+ \(\d+ to \d+\) will have no order/);
const drawn = await page.run(() => [...document.querySelectorAll('.drawing text')].map((one) => Number(one.textContent)));
const { models: [model] } = await fetch(address + '/v1/models', { headers: { authorization: `Bearer ${token}` } }).then((got) => got.json());
const { spread } = await fetch(`${address}/v1/models/${model.question}`, { headers: { authorization: `Bearer ${token}` } }).then((got) => got.json());
const all = spread.reduce((sum, one) => sum + one, 0);
check('each once, in ten bars', drawn.length === 10 && spread.length === 10 && all > 100 && all <= 300 &&
      drawn.reduce((sum, one) => sum + one, 0) === all, [drawn, spread]);
const first = await page.run(() => document.querySelector('td.customer a').textContent);
await picture(page, 'customers');
await lookOver(page, 'customers', 1280);
await write(page, 'search', 'C00000');
await shows(page, 'a search finds ids by their beginning', /Found by/);
await write(page, 'search', 'nobody-has-this-id');
await shows(page, 'and says when nobody is found', /Nobody was found/);
await go(page, `#/customer/${first}`);
await shows(page, 'a customer has a score and its age', /Likely to leave\n+\d[\s\S]*scored (just now|\d+ seconds? ago)/i);
const exact = await page.run(() => document.querySelector('.figure time.age').title);
check('the exact instant is a hover away', /\d{2}\/\d{2}\/\d{4}, \d{2}:\d{2}:\d{2}/.test(exact), exact);
await shows(page, 'with reasons in words', /Why the model thinks so[\s\S]+ /);
await shows(page, 'and what they did, with how long ago', /What they did\s+[\s\S]*The last \w+ was \d+ \w+ ago/);
const told = await page.run(() => [...document.querySelectorAll('.lanes circle title')].map((one) => one.textContent));
check('drawn on an axis of time, each event once', told.length > 5 && told.every((text) => /\d{2}\/\d{2}\/\d{4}/.test(text)), told.length);
check('and read aloud where it cannot be seen', /order: \d+, the last .* ago/.test(await page.run(() =>
    document.querySelector('.drawing').getAttribute('aria-label'))));
await lookOver(page, 'customer', 1280);
await picture(page, 'customer');
await new Promise((resolve) => setTimeout(resolve, 4500));
const later = await page.run(() => document.querySelector('.figure time.age').textContent);
check('the age grows while one looks', /^\d+ seconds? ago$/.test(later), later);
await press(page, 'Look again');
await shows(page, 'looking again scores again', /scored just now/);

const evil = '<img src=x onerror=alert(1)>';
await buy(evil);
await go(page, `#/customer/${encodeURIComponent(evil)}`);
await shows(page, 'a name stays text', /<img src=x onerror=alert\(1\)>/);
check('and makes no element', await page.run(() => document.querySelectorAll('img, main script').length) === 0);
await go(page, '#/customer/nobody');
await shows(page, 'an unknown customer is told in the words of the server', /Nobody is known by this id/);

// ---- segments

await go(page, '#/segments');
await shows(page, 'there is no segment yet', /There is none yet/);
await write(page, 'expression', 'order_recency_day > 30');
await submit(page, 'expression');
await shows(page, 'a wrong condition is told with what was meant', /did you mean 'order_recency_days'/);
check('at its field', await page.run(() => document.getElementById('expression').hasAttribute('aria-invalid')));
await write(page, 'expression', 'order_recency_days > 30');
await submit(page, 'expression');
await shows(page, 'a preview says how many', /\d+ of \d+ customers \(\d+.%\) would be in it/);
await press(page, 'Save the segment');
await shows(page, 'without a name it is not kept', /name/i);
await write(page, 'segment-name', 'Away for a month');
await press(page, 'Save the segment');
await shows(page, 'with one it is', /Saved/);
await shows(page, 'and is in the list', /Away for a month\s+\d+/);
await shows(page, 'and once everybody was looked at the number is final, without looking again', /Away for a month\s+\d+\s+order_recency/);
await lookOver(page, 'segments', 1280);
await picture(page, 'segments');
await press(page, 'Preview');
await page.run(() => document.querySelector('td.name a').click());
await shows(page, 'its members are listed', /In it since/);
const member = await page.run(() => document.querySelector('td.customer a').textContent);
await go(page, `#/customer/${member}`);
await shows(page, 'a member shows it', /Away for a month/);
await go(page, '#/nothing');
await shows(page, 'a wrong address says so', /There is no such view/);
await press(page, 'Sign out');
await shows(page, 'signing out ends it', /Sign in/);
check('the token is gone', await page.run(() => sessionStorage.length) === 0);
check('no fault in the console', faults(page).length === 0, faults(page));
await page.close();

// ---- a person with a password, who may only look

const made = await post('/v1/people', { name: 'vera', role: 'viewer', password: 'correct horse battery' }, `Bearer ${token}`);
check('a person is added', made.status === 200, await made.text());
const person = await browser.page(address + '/#/segments', { width: 360, height: 780, dark: true });
await shows(person, 'she is asked who she is', /Sign in/);
check('the first field has the focus', await person.run(() => document.activeElement.id) === 'name');
await lookOver(person, 'sign in, on a phone, dark', 360);
await write(person, 'name', 'vera');
await write(person, 'password', 'wrong horse battery');
await submit(person, 'password');
await shows(person, 'a wrong password is told', /the name or the password is wrong/i);
await write(person, 'password', 'correct horse battery');
await submit(person, 'password');
await shows(person, 'a right one opens what the address names', /Away for a month/);
check('the session is hidden from scripts', await person.run(() => document.cookie) === '');
check('nobody is shown to whom may not see customers', await person.run(() =>
    [...document.querySelectorAll('.views a')].every((one) => one.textContent !== 'Customers')));
await shows(person, 'she cannot make segments and is told', /Your role may look, but not make segments/);
await lookOver(person, 'segments, on a phone, dark', 360);
await go(person, '#/');
await shows(person, 'the start is there for her', /Oldest score/);
check('without the stream of customers', !/What happens now/.test(await person.run(() => document.body.innerText)));
await lookOver(person, 'now, on a phone, dark', 360);
check('and without a way to what she may not see', await person.run(() => document.querySelector('a[href="#/customers"]') === null));
await picture(person, 'now-phone-dark');
const hand = await browser.page(address + '/', { width: 360, height: 780, dark: true });
await hand.run((token) => sessionStorage.setItem('holdfast-token', token), token);
await hand.run(() => localStorage.setItem('holdfast-signed-in', 'yes'));
await hand.run(() => location.reload());
await shows(hand, 'on a phone the drawing is there too', /What happens now/);
await go(hand, `#/customer/${first}`);
await shows(hand, 'a customer, on a phone', /What they did/);
await lookOver(hand, 'a customer, on a phone, dark', 360);
await picture(hand, 'customer-phone-dark');
await go(hand, '#/customers');
await shows(hand, 'the list, on a phone', /How likely everybody is/);
await lookOver(hand, 'customers, on a phone, dark', 360);
await picture(hand, 'customers-phone-dark');
await hand.close();
const again = await browser.page(address + '/');
await shows(again, 'the session is there in another tab', /Oldest score/);
await again.key('Tab', 'Tab', 9);
check('the first tab leads past the frame', await again.run(() => document.activeElement.className) === 'skip');
await again.close();
await fetch(address + '/v1/people', { headers: { authorization: `Bearer ${token}` } }).then((got) => got.json())
    .then(({ people }) => fetch(`${address}/v1/people/${people[0].id}`, { method: 'DELETE', headers: { authorization: `Bearer ${token}` } }));
await go(person, '#/segments');
await shows(person, 'a session that has ended leads back to the door', /The session has ended: sign in again/);
check('no fault in the console of the phone', faults(person).length === 0, faults(person));
await person.close();
await server.stop();

// ---- an empty shop

const empty = await serve(program, 'empty.holdfast'), start = await browser.page(empty.address + '/');
await write(start, 'token', empty.token);
await submit(start, 'token');
await shows(start, 'an empty shop says how to send the first event', /No event has come yet[\s\S]*curl -u/);
await go(start, '#/customers');
await shows(start, 'and that nobody is valued yet', /Nobody has been valued yet/);
await go(start, '#/segments');
await shows(start, 'and which conditions hold for nobody', /No model is trained yet: churn, value_12m_cents and p_alive are empty/);
const sent = await fetch(empty.address + '/v1/track', { method: 'POST', headers: { authorization: 'Basic ' +
    Buffer.from(empty.write_key + ':').toString('base64') }, body: JSON.stringify({ userId: 'w'.repeat(200),
    event: 'Order Completed', properties: { revenue: 9 } }) });
check('its first event is taken', sent.status === 200, sent.status);
await go(start, `#/customer/${'w'.repeat(200)}`);
await shows(start, 'its first customer is told why there is no score', /No score yet, because no model is trained[\s\S]*holdfast import/);
await lookOver(start, 'a customer with a long name', 1280);
await picture(start, 'first-customer');
await go(start, '#/segments');
await shows(start, 'the segments are there again', /There is none yet/);
await write(start, 'expression', 'churn > 0.5');
await submit(start, 'expression');
await shows(start, 'a preview names what nobody has a value of', /0 of 1 customer[\s\S]*Nobody has a value of churn yet/);
await lookOver(start, 'a preview of nobody', 1280);
await picture(start, 'nobody');
await go(start, '#/');
await shows(start, 'and the start counts them', /1 customer known, no model yet/);
check('no fault in the console of the empty shop', faults(start).length === 0, faults(start));
await empty.stop();
await shows(start, 'a server that is gone is told', /The server does not answer/);
await new Promise((resolve) => setTimeout(resolve, 4500));
check('once, not at every try', await start.run(() => document.querySelectorAll('[role=alert]').length) === 1);
await picture(start, 'gone');
await start.close();
await browser.close();

conclude('live_page');
