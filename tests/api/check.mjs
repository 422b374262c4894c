// check.mjs PROGRAM DATABASE - serves the database on a free port and asks everything a program may ask of it.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { check, conclude, serve } from '../server.mjs';
import { answerProblem } from './schema.mjs';
import { webTypes } from '../../tools/web_types.mjs';

const [program, database] = process.argv.slice(2);

let server = await serve(program, database);
const { write_key: key, token } = server;
const basic = 'Basic ' + Buffer.from(key + ':').toString('base64');

const document = await (await fetch(server.address + '/openapi.json')).json();

// The pages are built with the types of the answers that the program's own document tells of.
const types = new URL('../../web/src/board/answers.ts', import.meta.url);
if (process.env.REWRITE_GOLDEN) writeFileSync(types, webTypes(document));
check('web/src/board/answers.ts is made from the document (make golden T=api)', readFileSync(types, 'utf8') === webTypes(document));

async function ask(method, path, body, authorization = `Bearer ${token}`) {
    const answer = await fetch(server.address + path, {
        method, body: body === undefined ? undefined : JSON.stringify(body),
        headers: { ...(authorization ? { authorization } : {}), 'content-type': 'application/json' },
    });
    const text = await answer.text();
    let json = null;
    try { json = JSON.parse(text); } catch { /* not JSON: the checks say so */ }
    const wrong = answerProblem(document, method, path, answer.status, json);
    if (wrong) check('answers are what openapi.json says', false, wrong);
    return { status: answer.status, json, text };
}

let n_sent = 0;
async function send(...messages) {
    const batch = messages.map((message) => ({ messageId: `m${n_sent++}`, timestamp: new Date().toISOString(), ...message }));
    return ask('POST', '/v1/batch', { batch, sentAt: new Date().toISOString() }, basic);
}

// Asks until the answer is as wanted: what happens in the background takes a moment.
async function until(what, request, is, seconds = 120) {
    let answer;
    for (const end = Date.now() + seconds * 1000; Date.now() < end;) {
        answer = await request();
        if (is(answer)) { check(what, true); return answer; }
        await new Promise((resolve) => setTimeout(resolve, 50));
    }
    check(what, false, answer?.json ?? answer?.text);
    return answer;
}

// The queue of whom to act on, and one of them.
let answer = await ask('GET', '/v1/customers?limit=5');
check('the list has five', answer.status === 200 && answer.json?.customers?.length === 5, answer.text);
const losses = answer.json.customers.map((c) => c.expected_loss_cents);
check('the most at stake comes first', losses.every((loss, i) => i === 0 || loss <= losses[i - 1]), losses);
// Somebody who is not in the control group, whose decisions are all the same.
let id;
for (const { customer } of answer.json.customers) {
    id = customer;
    if ((await ask('POST', '/v1/decide', { customer, placement: 'before', candidates: ['call'] })).json.policy !== 'holdout') break;
}
const exported = readFileSync('scores.csv', 'utf8').split('\n').map((line) => line.replaceAll('"', ''));
check('each says why, as the exported scores do', answer.json.customers.every((c) => c.reasons.length > 0 &&
      exported.some((line) => line.startsWith(`${c.customer},`) && line.endsWith(`,${c.reasons.join('; ').replaceAll('"', '')}`))),
      answer.json.customers);

answer = await ask('GET', `/v1/customers/${id}`);
check('a customer is answered', answer.status === 200, answer.text);
const view = answer.json;
check('with a churn score and its instant', view.scores?.churn?.value > 0 && view.scores.churn.value < 1 && view.scores.churn.scored_ms > 0,
      view.scores);
check('with reasons in words', view.reasons?.length > 0 && view.reasons[0].includes(' '), view.reasons);
check('with features, values and meanings', view.features?.length > 10 && view.features.some((f) => f.name === 'order_recency_days' &&
      f.meaning === 'days since the last order' && f.value > 0), view.features?.slice(0, 3));
check('with a timeline, newest first', view.timeline?.length > 1 && view.timeline[0].time_ms >= view.timeline[1].time_ms, view.timeline);

// Lists by a condition, page after page; how the shop did; the names that may be used; what is written down.
async function pages(query) {
    const rows = [];
    for (let after = ''; after !== null; after = answer.json.next) {
        answer = await ask('GET', `/v1/customers?limit=40&${query}${after ? `&after=${encodeURIComponent(after)}` : ''}`);
        if (answer.status !== 200) return answer;
        rows.push(...answer.json.customers);
    }
    return rows;
}
const older = await pages('where=order_recency_days%20%3E%2030&columns=order_recency_days&order=-order_recency_days');
const spans = older.map((row) => row.values.order_recency_days);
const { json: counted } = await ask('POST', '/v1/segments/preview', { expression: 'order_recency_days > 30' });
check('pages by a column hold everybody of whom a condition holds, once and in order', new Set(older.map((row) => row.customer)).size ===
      older.length && older.length === counted.n_members && spans.every((span, i) => span > 30 && (i === 0 || span <= spans[i - 1])),
      [older.length, counted.n_members, spans.slice(0, 4)]);
const lost = await pages('where=order_recency_days%20%3E%2030&order=loss');
check('pages by expected loss too', lost.length > 40 && new Set(lost.map((row) => row.customer)).size === lost.length &&
      lost.every((row, i) => i === 0 || row.expected_loss_cents <= lost[i - 1].expected_loss_cents), lost.length);
answer = await ask('GET', '/v1/customers?order=order_recency_day');
check('a column that is not there is refused by its name', answer.status === 400 && answer.json.field === 'order' &&
      answer.json.message.includes("did you mean 'order_recency_days'"), answer.text);
answer = await ask('GET', '/v1/customers?after=elsewhere&order=customer');
check('and a place that is none', answer.status === 400 && answer.json.field === 'after', answer.text);
const { json: month } = await ask('GET', '/v1/overview?days=30'), revenue = month.kpis.find((kpi) => kpi.name === 'revenue_cents');
check('the steps of a period add up to its revenue', month.points.reduce((sum, one) => sum + one.revenue_cents, 0) === revenue.value &&
      revenue.low < revenue.value && revenue.value < revenue.high, revenue);
const { json: { fields } } = await ask('GET', '/v1/fields');
check('names have a meaning and who has a value', fields.length > 20 && fields.every((one) => one.meaning && one.coverage >= 0 && one.coverage <= 1) &&
      fields.some((one) => one.name === 'churn' && one.kind === 'score' && one.quantiles.length === 5), fields.slice(0, 3));
const worths = [];
for (const one of (await ask('GET', '/v1/customers?limit=10')).json.customers)
    worths.push([(await ask('GET', `/v1/customers/${one.customer}/next`)).json.value, (await ask('GET', `/v1/customers/${one.customer}`)).json.scores.value_12m_cents.value]);
check('a value has an interval about what is expected, and is the one of the customer', worths.some(([of]) => of && of.orders > 1 && of.low_orders < of.orders &&
    of.orders < of.high_orders && of.high_cents > of.cents) && worths.every(([of, value]) => !of || of.cents === Math.round(value)), worths);
answer = await ask('GET', `/v1/find?text=${encodeURIComponent(id)}`);
check('a customer is found by their id', answer.json.found.some((one) => one.kind === 'customer' && one.id === id), answer.text);
answer = await ask('POST', '/v1/notes', { about: 'customer', subject: id, words: '<b>will stay</b>' });
check('a note is kept', answer.status === 201, answer.text);
answer = await ask('GET', `/v1/notes?about=customer&subject=${encodeURIComponent(id)}`);
check('as it was written', answer.json.notes.length === 1 && answer.json.notes[0].words === '<b>will stay</b>', answer.text);
answer = await ask('POST', '/v1/views', { name: 'elsewhere', address: 'https://example.com/' });
check('a saved page is one of this server', answer.status === 400 && answer.json.field === 'address', answer.text);
answer = await ask('GET', '/v1/audit?check=chain');
check('acts are told, and that their chain is whole', answer.json.acts.length > 0 && answer.json.chain.is_whole === true, answer.text);

// A purchase counts at once.
const before = view.features.find((f) => f.name === 'order_recency_days').value;
answer = await send({ type: 'track', userId: id, event: 'Order Completed', properties: { total: 25.5, currency: 'EUR' } });
check('a purchase is taken', answer.status === 200 && answer.text === '{"success":true}', answer.text);
answer = await ask('GET', `/v1/customers/${id}`);
const after = answer.json.features.find((f) => f.name === 'order_recency_days').value;
check('and is seen by the very next question', before > 0.01 && after < 0.01, [before, after]);
check('the prediction has moved', answer.json.scores.churn.value !== view.scores.churn.value, answer.json.scores);
check('the order is on the timeline in cents', answer.json.timeline[0].kind === 'order' && answer.json.timeline[0].amount_cents === 2550,
      answer.json.timeline[0]);

answer = await ask('GET', `/v1/customers/${id}/explain`);
const { base, contributions } = answer.json ?? {};
check('the explanation has contributions', contributions?.length > 3 && typeof base === 'number', answer.text);
answer = await ask('GET', `/v1/customers/${id}/timeline?limit=2`);
check('the timeline is limited', answer.json?.timeline?.length === 2, answer.text);
answer = await ask('GET', `/v1/customers?search=${id.slice(0, 4)}&limit=3`);
check('ids are found by their beginning', answer.json?.customers?.length === 3 && answer.json.customers[0].customer.startsWith(id.slice(0, 4)),
      answer.text);
answer = await ask('GET', '/v1/customers/nobody-of-this-name');
check('an unknown customer is 404 with a sentence', answer.status === 404 && answer.json?.code === 'missing' && answer.json.field === 'id' &&
      answer.json.message.includes('nobody'), answer.text);

// Decisions.
const drawn = {};
let n_policy = {};
const everybody = (await ask('GET', '/v1/customers?limit=200&order=value')).json.customers.map((c) => c.customer);
for (const customer of everybody) {
    answer = await ask('POST', '/v1/decide', { customer, placement: 'cart', candidates: ['coupon', { action: 'call' }] });
    if (answer.status !== 200) { check('a decision', false, answer.text); break; }
    const d = answer.json;
    drawn[customer] = d;
    n_policy[d.policy] = (n_policy[d.policy] ?? 0) + 1;
    const sum = d.alternatives.reduce((total, a) => total + a.propensity, 0);
    if (Math.abs(sum - 1) > 1e-9 || d.alternatives.find((a) => a.action === d.action)?.propensity !== d.propensity || !d.reason) {
        check('propensities add up to one and hold for the action', false, d);
        break;
    }
}
check('most are in the pilot, a few are held out', n_policy.pilot > 160 && n_policy.holdout > 0 && n_policy.holdout < 25, n_policy);
const actions = Object.values(drawn).filter((d) => d.policy === 'pilot').map((d) => d.action);
for (const action of ['coupon', 'call', 'nothing']) {
    const n = actions.filter((a) => a === action).length;
    check(`${action} is drawn for about a third`, n > actions.length / 5 && n < actions.length / 2, n);
}
const someone = everybody.find((customer) => drawn[customer].policy === 'pilot');    // the control group gets nothing, whatever is asked
answer = await ask('POST', '/v1/decide', { customer: someone, placement: 'cart', candidates: ['call', 'coupon'] });
check('the same customer gets the decision made before', answer.json?.action === drawn[someone].action && answer.json.sticky === true &&
      answer.json.decision_id === drawn[someone].decision_id && drawn[someone].sticky === false, answer.text);
answer = await ask('POST', '/v1/decide', { customer: someone, placement: 'cart', candidates: ['call', 'coupon', 'gift'] });
check('of other candidates it is another one', answer.json?.sticky === false && answer.json.decision_id !== drawn[someone].decision_id, answer.text);
answer = await ask('POST', '/v1/decide', { customer: someone, placement: 'cart', window: '2w', candidates: ['call', 'coupon'] });
check('so it is in another window', answer.json?.sticky === false && answer.json.window === '14d' && answer.json.policy_version, answer.text);
answer = await ask('POST', '/v1/decide', { customer: someone, placement: 'cart', candidates: ['call', 'coupon'] });
answer = await ask('GET', `/v1/decisions/${answer.json.decision_id}`);
check('a decision is kept with what was known', answer.json?.customer === someone && answer.json.scores && answer.json.alternatives, answer.text);
for (const [field, body] of [
    ['customer', { placement: 'cart', candidates: ['a'] }],
    ['placement', { customer: id, candidates: ['a'] }],
    ['window', { customer: id, placement: 'cart', candidates: ['a'], window: '3 days' }],
    ['window', { customer: id, placement: 'cart', candidates: ['a'], window: 7 }],
    ['candidates', { customer: id, placement: 'cart', candidates: [] }],
    ['candidates', { customer: id, placement: 'cart', candidates: ['a', 'a'] }],
    ['candidates', { customer: id, placement: 'cart', candidates: ['nothing'] }],
    ['candidates', { customer: id, placement: 'cart', candidates: Array.from({ length: 51 }, (_, i) => `a${i}`) }],
]) {
    answer = await ask('POST', '/v1/decide', body);
    check(`a decision without a good ${field} names it`, answer.status === 400 && answer.json?.field === field, answer.text);
}
answer = await ask('POST', '/v1/decide', { customer: id, placement: 'cart', candidates: [{ action: 'a', segment: 'no such' }] });
check('a candidate of no segment is refused', answer.status === 404 && answer.json?.field === 'candidates', answer.text);

// Conditions of their own say who is meant, too.
const condition = async (text, customer = id) => ask('POST', '/v1/decide', { customer, placement: 'shelf', candidates: ['call', { action: 'coupon', condition: text }] });
answer = await condition('order_recency_days < 1 and order_count >= 1');
check('an action is open to whom its condition means', answer.status === 200 && answer.json?.alternatives?.[1]?.is_eligible === true, answer.text);
answer = await condition('order_recency_days > 1 and churn >= 0');
check('and closed to others', answer.status === 200 && answer.json?.alternatives?.[1]?.is_eligible === false &&
      answer.json.alternatives[0].is_eligible === true && answer.json.action !== 'coupon', answer.text);
answer = await ask('POST', '/v1/decide', { customer: id, placement: 'shelf', candidates: [{ action: 'coupon', segment: null, condition: 'order_count < 0' }] });
check('nobody meant is no candidate', answer.json?.policy === 'no_candidate' || answer.json?.policy === 'holdout', answer.text);
for (const text of ['order_count >', 'no_such_feature > 1', '1) union select secret from access_key --', '(select 1)', 'load_extension(1)',
                    'count(*)', 'a'.repeat(5000)]) {
    answer = await condition(text);
    check(`a condition that is none is refused with its candidate: ${text.slice(0, 30)}`, answer.status === 400 && answer.json?.field === 'candidates' &&
          answer.json.message.startsWith('candidate 2: '), answer.text);
}
answer = await ask('POST', '/v1/decide', { customer: id, placement: 'shelf', candidates: [{ action: 'coupon', condition: 7 }] });
check('so is one that is no text', answer.status === 400 && answer.json?.field === 'candidates', answer.text);

// A misspelt member would be ignored, and mean everybody.
for (const [field, path, body] of [
    ['candidates[].segmnt', '/v1/decide', { customer: id, placement: 'cart', candidates: ['b', { action: 'a', segmnt: 'quiet' }] }],
    ['purpos', '/v1/decide', { customer: id, placement: 'cart', candidates: ['b'], purpos: 'email' }],
    ['expresion', '/v1/segments', { name: 'x', expresion: 'churn > 0' }],
    ['expires', '/v1/keys', { kind: 'token', name: 'x', role: 'viewer', expires: 5 }],
    ['horizon', '/v1/models/train', { question: 'churn', horizon: 5 }],
]) {
    answer = await ask('POST', path, body);
    check(`${path} refuses ${field} and says so`, answer.status === 400 && answer.json?.field === field && answer.json.message.includes(field), answer.text);
}

// A segment decides who is meant; a purchase moves its members.
answer = await ask('POST', '/v1/segments/preview', { expression: 'churn > 0.5 and order_count >= 2' });
check('a preview counts', answer.status === 200 && answer.json?.n_members > 0, answer.text);
answer = await ask('POST', '/v1/segments', { name: 'quiet', expression: 'order_recency_days > 1' });
check('a segment is made', answer.status < 300, answer.text);
const quiet = answer.json?.id;
const another = everybody.find((customer) => customer !== id && drawn[customer].policy === 'pilot');
await until('a quiet customer enters', () => ask('GET', `/v1/customers/${another}`),
            (a) => a.json?.segments?.some((s) => s.name === 'quiet'));
answer = await ask('POST', '/v1/decide', { customer: another, placement: 'mail', candidates: [{ action: 'mail', segment: 'quiet' }] });
check('the action is open to a member', answer.json?.alternatives?.[0]?.is_eligible === true, answer.text);
await send({ type: 'track', userId: another, event: 'Order Completed', properties: { total: 10 } });
await until('who orders leaves', () => ask('GET', `/v1/customers/${another}`),
            (a) => a.json && !a.json.segments.some((s) => s.name === 'quiet'));
answer = await ask('POST', '/v1/decide', { customer: another, placement: 'mail', candidates: [{ action: 'mail', segment: 'quiet' }] });
check('and the action is closed to them', answer.json?.policy !== 'pilot' && answer.json?.action === 'nothing', answer.text);
check('the segment is there', (await ask('GET', `/v1/segments/${quiet}`)).json?.name === 'quiet');

// Who is whom.
await send({ type: 'page', anonymousId: 'dev1', name: 'Home' }, { type: 'page', anonymousId: 'dev2', name: 'Home' },
           { type: 'identify', anonymousId: 'dev1', userId: 'newcomer', traits: { email: 'newcomer@example.com', plan: 'gold' } });
answer = await ask('GET', '/v1/customers/anonymous:dev1');
check('a browser becomes a known customer', answer.json?.customer === 'newcomer', answer.json?.identities);
check('traits are there, the e-mail is there for who may see it', answer.json?.traits?.plan === 'gold' &&
      answer.json?.personal?.email === 'newcomer@example.com', answer.json);
answer = await ask('GET', `/v1/customers?search=${encodeURIComponent('Newcomer@Example.com')}`);
check('a whole e-mail address is found', answer.json?.customers?.[0]?.customer === 'newcomer', answer.text);
answer = await ask('POST', '/v1/identities/merge', { a: 'newcomer', b: 'anonymous:dev2' });
check('two ids are merged by hand', answer.status === 200, answer.text);
answer = await ask('GET', '/v1/customers/anonymous:dev2');
check('and are one', answer.json?.customer === 'newcomer' && answer.json.features.find((f) => f.name === 'event_count')?.value !== 1, answer.json?.customer);
answer = await ask('GET', '/v1/customers/newcomer/links');
check('the links say how', answer.json?.links?.some((l) => l.how === 'manual') && answer.json.links.some((l) => l.how === 'identify'), answer.text);
// As it is between a merge and the next refresh.
const write = (sql) => execFileSync('sqlite3', ['-cmd', '.timeout 10000', database, sql]);
write('INSERT OR IGNORE INTO score (identity, question, as_of_ms, prediction, expected_loss_cents) ' +
      "SELECT value, 'churn', 0, 0.5, 999999999999 FROM identity_link, json_each(json_array(a, b))");
answer = await ask('GET', '/v1/customers?limit=2');
check('a list goes on behind who has joined another customer and still has a score', answer.json?.next !== null &&
      answer.json.is_whole === true, answer.text);
write('DELETE FROM score WHERE expected_loss_cents = 999999999999');
answer = await ask('POST', '/v1/identities/unmerge', { a: 'newcomer', b: 'anonymous:dev2' });
const { links } = (await ask('GET', '/v1/identities/links')).json, [newestLink] = links;
check('links of all customers are told, the newest first, with those that were removed', links.length >= 2 &&
      links.every((one, i) => i === 0 || one.id < links[i - 1].id) && newestLink.how === 'manual' && newestLink.removed_ms !== null &&
      [newestLink.a, newestLink.b].sort().join() === 'anonymous:dev2,newcomer', links);
const olderLinks = (await ask('GET', `/v1/identities/links?limit=1&before=${newestLink.id}`)).json?.links;
check('and page by page', olderLinks.length === 1 && olderLinks[0].id === links[1].id && olderLinks[0].removed_ms === null, olderLinks);
check('and unmerged', answer.status === 200 && (await ask('GET', '/v1/customers/anonymous:dev2')).json?.customer === 'anonymous:dev2', answer.text);

// A person's rights.
answer = await ask('PUT', '/v1/customers/newcomer/consent', { email: false });
check('consent is recorded', answer.status === 200, answer.text);
answer = await ask('POST', '/v1/decide', { customer: 'newcomer', placement: 'mail', purpose: 'email', candidates: ['letter'] });
check('who refused a purpose gets nothing for it', answer.json?.policy === 'suppressed' && answer.json.action === 'nothing' &&
      answer.json.rule === 'consent', answer.text);
answer = await ask('GET', '/v1/customers/newcomer/export');
check('everything held is exported', answer.status === 200 && answer.text.includes('newcomer@example.com'), answer.text);
answer = await ask('POST', `/v1/customers/${everybody[1]}/suppress`);
check('suppression is durable', answer.status === 200, answer.text);
const known = (await ask('GET', `/v1/customers/${everybody[1]}`)).json;
await send({ type: 'track', userId: everybody[1], event: 'Order Completed', properties: { total: 1 } });
answer = await ask('GET', `/v1/customers/${everybody[1]}`);
check('nothing more is taken in', answer.json?.is_suppressed && answer.json.last_known_ms === known.last_known_ms, answer.json?.last_known_ms);
answer = await ask('POST', '/v1/decide', { customer: everybody[1], placement: 'cart', candidates: ['coupon'] });
check('and nothing is done', answer.json?.policy === 'suppressed', answer.text);
answer = await ask('DELETE', '/v1/customers/newcomer');
check('a person is erased', answer.status === 200 && answer.json?.identities >= 2, answer.text);
check('and known no more', (await ask('GET', '/v1/customers/newcomer')).status === 404 &&
      (await ask('GET', '/v1/customers/anonymous:dev1')).status === 404);

// What is refused is kept with its reason, and taken in once mended.
await send({ type: 'track', event: 'Order Completed', properties: { total: 7 } });
answer = await ask('GET', '/v1/rejects?limit=1');
const letter = answer.json?.messages?.[0];
check('a refused message is kept with its reason', letter?.reason && letter.raw?.event === 'Order Completed', answer.text);
answer = await ask('POST', '/v1/rejects/replay', { messages: [{ id: letter?.id, raw: { ...letter?.raw, userId: 'mended' } }] });
check('mended it is taken in', answer.json?.taken === 1, answer.text);
check('and its customer is known', (await ask('GET', '/v1/customers/mended')).json?.timeline?.[0]?.amount_cents === 700);
check('and it is refused no more', !(await ask('GET', '/v1/rejects')).json?.messages?.some((m) => m.id === letter?.id));

// Models.
answer = await ask('GET', '/v1/models');
check('the model is live', answer.json?.models?.[0]?.question === 'churn' && answer.json.models[0].is_live, answer.text);
answer = await ask('GET', '/v1/models/churn');
check('with its evidence', answer.json?.evidence?.models?.length > 3 && answer.json.evidence.calibration, answer.text);
const cardOf = async (what) => (await until(what, () => ask('GET', '/v1/models/churn/card'),
                                            (a) => ['done', 'failed'].includes(a.json?.state))).json?.answer;
const card = await cardOf('its card is reckoned');
const asked_ms = Date.now();
answer = await ask('POST', '/v1/models/train', { question: 'churn' });
check('training is begun', answer.status === 202, answer.text);
answer = await until('and ends with a newer model', () => ask('GET', '/v1/models'),
                     (a) => a.json?.learning?.state === 'idle' && (a.json.learning.trained_ms || a.json.learning.problem), 600);
check('without a problem', answer.json?.learning?.problem === null && answer.json.models[0].is_live, answer.json?.learning);
const newer = await cardOf('its card is reckoned, too');
check('and is not that of the model before', newer?.version === card?.version + 1, [card?.version, newer?.version]);
await until('scores are by the new model', () => ask('GET', `/v1/customers/${everybody[2]}`), (a) => a.json?.scores?.churn?.trained_ms >= asked_ms);

// Who may not.
for (const path of ['/v1/customers', '/v1/models', `/v1/customers/${id}`]) {
    check(`${path} is closed to nobody`, (await ask('GET', path, undefined, null)).status === 401);
    check(`${path} is closed to a write key`, [401, 403].includes((await ask('GET', path, undefined, basic)).status));
}

// All of it is there after a restart.
const last = (await ask('GET', `/v1/customers/${id}`)).json;
const status = await server.stop();
check('it stops as it should', status === 0, server.errors().slice(-2000));
check('the log names no customer', !server.errors().includes(id) && !server.errors().includes('newcomer'), server.errors().slice(0, 400));
server = await serve(program, database);
answer = await ask('GET', `/v1/customers/${id}`);
check('a restart knows the same', answer.json?.features?.every((f, i) => f.unit === 'days' || f.unit === 'ratio' || f.value === last.features[i].value ||
      Math.abs(f.value - last.features[i].value) < 1e-3 * Math.abs(f.value)), answer.text);
check('the segment has its members', (await ask('GET', `/v1/segments/${quiet}`)).json?.n_members > 0);
await server.stop();

conclude('api');
