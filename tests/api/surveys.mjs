// surveys.mjs PROGRAM DATABASE - serves it, sends answers of customers and asks for the net promoter score.
import { execFileSync } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { check, conclude, serve, until } from '../server.mjs';

const [program, database] = process.argv.slice(2);
const { address, token, write_key: key, stop } = await serve(program, database, '--quiet');
const call = (path, body, authorization) => fetch(address + path, { method: body ? 'POST' : 'GET', body: body && JSON.stringify(body),
    headers: { authorization, 'content-type': 'application/json' } }).then((got) => got.json());
const ask = (path, secret = token) => call(path, undefined, `Bearer ${secret}`);

const none = await ask('/v1/surveys');
check('where nobody answered there is no score', none.n === 0 && none.nps === null && none.months.length === 0, none);

const DAY = 86400000, now = Date.now();
let n = 0;
const said = (userId, days, score, reason, event = 'NPS Answered') => ({ type: 'track', userId, event, messageId: `said-${n++}`,
    timestamp: new Date(now - days * DAY).toISOString(), properties: { score, ...(reason ? { reason } : {}) } });
await call('/v1/import', { batch: [
    said('ann', 40, 2, 'slow'), said('ann', 3, 9), said('bob', 5, 10, '<b>very</b> good'), said('cid', 6, 8), said('dan', 7, 6, 'dear'),
    said('eve', 8, 11), said('fay', 9, 'often'), said('gus', 2, 0, '', 'Order Completed'), said('hal', 500, 0) ] },
    'Basic ' + Buffer.from(key + ':').toString('base64'));
const told = await ask('/v1/surveys');
check('of each customer the last answer counts, of 0 to 10, of events that are surveys', told.n === 4 &&
      told.scores.join() === '0,0,0,0,0,0,1,0,1,1,1', told);
check('the score is the share of 9 and 10 less that of 0 to 6, with its interval', Math.abs(told.nps.value - 25) < 1e-9 &&
      told.nps.low < 25 && told.nps.low >= -100 && told.nps.high > 25 && told.nps.high <= 100, told.nps);
const few = await ask('/v1/surveys?days=6');
check('two who are of one mind do not stand for all', few.n === 2 && few.nps.value === 100 && few.nps.low < 50 && few.nps.high === 100, few);
check('months add up what was said in them', told.months.reduce((all, one) => all + one.n, 0) >= 5, told.months);
check('their words come the newest first', told.words.map((one) => one.text).join() === '<b>very</b> good,dear,slow' && told.words[0].customer === 'bob', told.words);
check('a longer time has more', (await ask('/v1/surveys?days=1000')).n === 5);
const long = await ask('/v1/surveys?days=1095'), months = ({ months }) => months.map((one) => `${one.month} ${one.n}`).slice(-2).join();
check('of three years the months until today are told', months(long) === months(told), [long.months, told.months]);
check('a time that is none is refused', (await ask('/v1/surveys?days=0')).field === 'days');
const viewer = (await call('/v1/keys', { kind: 'token', name: 'viewer', role: 'viewer' }, `Bearer ${token}`)).secret;
const hidden = await ask('/v1/surveys', viewer);
check('who may not look at customers is told no words', hidden.n === 4 && hidden.words === null, hidden);

// ---- what the next weeks bring

const early = await ask('/v1/forecast');
check('where little is known nothing is foretold, and why is said', early.ahead.length === 0 && early.total === null &&
      /^8 weeks ahead need 27 whole weeks of orders, and there are \d+; ask for fewer weeks, or wait$|^no whole week of orders is known/.test(early.refused), early);
check('weeks that are none are refused', (await ask('/v1/forecast?weeks=27')).field === 'weeks');
const paid = Array.from({ length: 60 * 7 }, (_, day) => ({ type: 'track', userId: `buyer${day % 9}`, event: 'Order Completed', messageId: `paid-${day}`,
    timestamp: new Date(now - day * DAY - 3600000).toISOString(), properties: { order_id: `o${day}`, total: 10 + (day * 7) % 5, currency: 'EUR',
        products: [{ product_id: 'p1', price: 10 + (day * 7) % 5, quantity: 1 }] } }));
for (let i = 0; i < paid.length; i += 100)
    await call('/v1/import', { batch: paid.slice(i, i + 100) }, 'Basic ' + Buffer.from(key + ':').toString('base64'));
const foretold = await ask('/v1/forecast?weeks=4'), sum = (rows, of) => rows.reduce((all, one) => all + of(one), 0);
check('each week to come has a value within its range, and all of them together', foretold.refused === null && foretold.ahead.length === 4 &&
      foretold.ahead.every((one) => one.low_cents <= one.value_cents && one.value_cents <= one.high_cents) &&
      Math.abs(foretold.total.value_cents - sum(foretold.ahead, (one) => one.value_cents)) <= 4, foretold);
check('a shop of weeks alike goes on', Math.abs(foretold.ahead[0].value_cents / 8400 - 1) < .05, foretold.ahead);
check('what came is what the past says of the same weeks', foretold.checks.length === 6 && foretold.checks[0].came_cents ===
      sum(foretold.past.slice(-4), (one) => one.revenue_cents) && foretold.held >= 4, foretold.checks);
const { kpis } = await ask('/v1/overview?days=28'), kpi = (name) => kpis.find((one) => one.name === name).value;
check('an order and its lines are one order and its money once', kpi('orders') === 28 && kpi('revenue_cents') ===
      sum(paid.slice(0, 28), (one) => one.properties.total * 100), kpis);
await stop();

// ---- a large shop: what took long to work out is kept

const large = await serve(program, database, '--quiet', '--keep-from', '1');
const look = (path, body, method = body ? 'POST' : 'GET', headers) => fetch(large.address + path, { method, body: body && JSON.stringify(body),
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers } }).then((got) => got.json());
const raw = async (path, headers) => {
    const got = await fetch(large.address + path, { headers: { authorization: `Bearer ${token}`, ...headers } });
    return { text: await got.text(), age: got.headers.get('age'), made: got.headers.get('x-as-of'), coming: got.headers.get('x-newer-coming') };
}, OLD = { 'cache-control': 'max-stale' };
const FIRST = ['/v1/overview?days=30&against=period', '/v1/customers?limit=50&order=loss', '/v1/campaigns', '/v1/forecast?weeks=8',
    '/v1/surveys?days=365', '/v1/sources'];
const isReady = await until(async () => Number(/^holdfast_answers_kept (\d+)$/m.exec((await raw('/metrics')).text)[1]) >= FIRST.length);
const first = await Promise.all(FIRST.map((path) => raw(path)));
check('what pages ask first is there before anybody asks', isReady && first.every(({ age }) => age !== null), first.map(({ age }) => age));
check('and says as of when it is', first.every(({ made, coming }) => Math.abs(Date.parse(made) - Date.now()) < 600000 && coming === null), first);
const asOf = async (path) => (await look(path)).as_of_ms, later = () => new Promise((resolve) => setTimeout(resolve, 5));
const forecast = await asOf('/v1/forecast');
await later();
check('an answer is kept for who asks the same', await asOf('/v1/forecast') === forecast);
check('another question has its own', await asOf('/v1/forecast?weeks=3') > forecast);
check('what is old is worked out anew beside who asks', await until(async () => await asOf('/v1/forecast') > forecast));
await look('/v1/overview');
await look('/v1/stop', { scope: 'all' });
const stopped = ({ text }) => JSON.parse(text).needs.some((one) => one.kind === 'stop');
const old = await raw('/v1/overview', OLD);
check('who takes an answer of before what somebody did gets it, and is told', old.coming === 'true' && !stopped(old), old);
check('what somebody did is in the next answer that tells of it', (await look('/v1/overview')).needs.some((one) => one.kind === 'stop'));
await look('/v1/stop', { scope: 'all', name: '' }, 'DELETE');
await look('/v1/overview?days=9');
await look('/v1/stop', { scope: 'all' });
check('and is worked out anew beside who takes the old one', await until(async () => { const got = await raw('/v1/overview?days=9', OLD); return stopped(got) && got.coming === null; }));
const score = await look('/v1/surveys');
execFileSync(program, ['identity', 'merge', 'bob', 'dan', '--db', database]);
const merged = await look('/v1/surveys');
check('and what somebody did by a command that was handed over', score.n === 4 && merged.n === 3, [score, merged]);
const redact = { shop_domain: 'shop.example', customer: { id: 'ann' } };
await look('/v1/webhooks/shopify/secret', { secret: 'hush' }, 'PUT');
const before = await look('/v1/surveys');
await look('/v1/webhooks/shopify', redact, 'POST', { 'x-shopify-topic': 'customers/redact', 'x-shopify-event-id': 'redact-1',
    'x-shopify-hmac-sha256': createHmac('sha256', 'hush').update(JSON.stringify(redact)).digest('base64') });
const erased = (n) => until(async () => { const { requests } = await look('/v1/privacy/requests'); return requests.length === n && requests.every((one) => one.state === 'done'); });
const isErased = await erased(1);
const after = await look('/v1/surveys');
check('who was erased by a program is told of no more', isErased && before.words.some((one) => one.customer === 'ann') &&
      after.words.length > 0 && after.words.every((one) => one.customer !== 'ann' && one.text !== 'slow'), [before, after]);
const people = await raw('/v1/customers?limit=50&order=loss', OLD), words = await raw('/v1/surveys?days=365', OLD);
check('nor to who takes what is old', !/"ann"/.test(people.text) && !/"ann"/.test(words.text), [people, words]);
await look('/api/v1/customers/bob', undefined, 'DELETE', { authorization: 'Basic ' + Buffer.from(key + ':').toString('base64') });
check('by whichever way', await erased(2) && (await look('/v1/surveys')).words.length === 0);
await large.stop();
conclude('surveys');
