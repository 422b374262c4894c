// trying.mjs PROGRAM - see trying_test.sh.
import { check, conclude, serve } from './server.mjs';

const server = await serve(process.argv[2], 'shop.holdfast', '--campaigns', 'c');
const call = async (method, path, body, authorization = `Bearer ${server.token}`) => {
    const answer = await fetch(server.address + path, { method, headers: { authorization, 'content-type': 'application/json' },
        body: body && JSON.stringify(body) });
    return { status: answer.status, ...(await answer.json()) };
};
const send = (path, body) => call('POST', path, body, 'Basic ' + Buffer.from(server.write_key + ':').toString('base64'));
const DAY = 86400000;
for (const id of ['ada', 'bob', 'eve']) await send('/v1/identify', { userId: id, traits: { email: `${id}@example.com` } });
check('she says yes', (await call('PUT', '/v1/customers/ada/consent', { email: true, offers: true })).status === 200);

const yaml = `journey: thanks
topic: offers
trigger: {event: order}
filter: "event.amount > 10"
goal: {event: order}
again: always
steps:
  - {id: settle, delay: 2d}
  - {id: back, wait: {event: signup}, at_most: 5d}
  - {id: mail, send: email, subject: "Hello"}
`;
const preview = (more) => call('POST', '/v1/journeys/preview', { yaml, customer: 'ada', ...more });
const steps = (told) => told.entries[0]?.steps.map((one) => `${one.step} ${one.outcome}`);
let told = await preview({ event: { amount: 50 } });
check('they go through it to its end', JSON.stringify(steps(told)) === '["settle waited","back waited","mail sent"]' && told.entries[0].end === 'finished', told);
check('in the time that it takes', told.entries[0]?.steps.at(-1).at_ms - told.from_ms === 7 * DAY, told);
told = await preview({ event: { amount: 50 }, days: 3 });
check('for so many days', told.entries[0]?.end === null && steps(told).length === 1, told);
told = await preview({ event: { amount: 5 } });
check('who does not match does not enter, and it is said what was looked at', told.entries.length === 0 && told.not_entered[0].rule === 'filter', told);
told = await preview({ event: { amount: 50 }, happenings: [{ event: 'signup', after_hours: 72 }] });
check('what is thought to happen ends a wait', steps(told)[1] === 'back waited' && told.entries[0].steps.at(-1).at_ms - told.from_ms === 3 * DAY, told);
told = await preview({ event: { amount: 50 }, happenings: [{ event: 'order', after_hours: 24, properties: { amount: 3 } }] });
check('and meets the goal', told.entries.length === 1 && told.entries[0].end === 'goal', told);
told = await preview({ customer: 'bob', event: { amount: 50 } });
check('who has not said yes gets nothing', steps(told)?.at(-1) === 'mail skipped' && told.entries[0].steps.at(-1).rule === 'consent', told);
check('nothing of it is written', (await call('GET', '/v1/messages')).messages.length === 0);
for (const [words, body, field] of [['nobody', { customer: 'nobody' }, 'customer'], ['no journey', { yaml: 'x' }, 'yaml'],
    ['no number of days', { days: 0 }, 'days'], ['what happens is no event', { happenings: [{ event: 3 }] }, 'happenings']]) {
    told = await preview(body);
    check(`${words}: refused at its field`, told.status >= 400 && told.status < 500 && told.field === field, told);
}

told = await call('POST', '/v1/journeys/simulate', { yaml, days: 30 });
check('everybody who bought would have entered', told.people === 3 && told.entered === 3 && told.busiest_day === 3 &&
    told.daily.reduce((sum, n) => sum + n, 0) === 3, told);
check('with what became of them at each step', told.steps.settle?.waited === 3 && told.inside === 3 && told.violation === null, told);
told = await call('POST', '/v1/journeys/simulate', { yaml: yaml.replace('at_most: 5d', 'at_most: 1d'), days: 30 });
check('and what they would have got, and not', told.sent.email === 1 && told.held.consent === 2, told);

const put = (body) => call('PUT', '/v1/journeys/thanks', body);
check('a new journey is made from none', (await put({ yaml, version: 0 })).version === 1);
told = await put({ yaml: yaml + '# mine\n', version: 0 });
check('what another changed meanwhile is not written over', told.status === 409 && /changed 'thanks' meanwhile/.test(told.message), told);
told = await put({ yaml: yaml + '# mine\n', version: '1' });
check('a version that is no number is no change of another', told.status === 400 && told.field === 'version' && !/meanwhile/.test(told.message), told);
check('what was made from the newest is', (await put({ yaml: yaml + '# mine\n', version: 1 })).version === 2);

await call('PUT', '/v1/journeys/asked', { yaml: yaml.replace('thanks', 'asked').replace('again:', 'approval: required\nagain:'), version: 0 });
told = (await call('GET', '/v1/find?text=asked')).found;
check('a journey that nobody has approved yet is found as what it is', told.length === 1 && told[0].words === 'draft', told);

const decided = `journey: chosen
trigger: {api: true}
steps:
  - {id: best, decide: home, candidates: {coupon: [{id: mail, send: email, subject: "x", text: told.txt, body: "{{ decision.placement }} {{ decision.action }}"}], call: [{id: later, send: crm, body: "{{ decision.action }}"}]}}
`;
const render = (step) => call('POST', '/v1/messages/render', { yaml: decided.replace(', text: told.txt', ''), step, customer: 'ada' });
check('a message in the branch of a decision shows that decision', (await render('mail')).body === 'home coupon', await render('mail'));
check('and the one in another branch another', (await render('later')).body === 'call', await render('later'));
const refused = async (text) => (await call('PUT', '/v1/journeys/lost', { yaml: `journey: lost\ntrigger: {api: true}\n${text}` })).message;
told = await refused('steps: [{id: a, send: emial, body: hi}]');
check('what leaves by no channel is refused', /^lost:3:9: step 'a': no channel of the settings is called 'emial'; did you mean 'email'/.test(told), told);
told = await refused('topic: ofers\nsteps: []');
check('and what is about no topic', /^lost:3:8: no topic of the settings is called 'ofers'; did you mean 'offers'/.test(told), told);

const contact = (who, more) => call('POST', `/v1/customers/${who}/contact`, { channel: 'post_office', topic: 'offers', subject: 'For {{ customer.email }}',
    text: 'Hello {{ customer.email }}', key: 'a', ...more });
const messages = async () => (await call('GET', '/v1/messages')).messages;
told = await call('GET', '/v1/ways');
check('by which ways a person is written to', told.channels.map((one) => one.name).join() === 'post_office' && told.topics.join() === 'offers,orders', told);
told = await contact('ada', { is_tried: true });
check('a message written by hand is looked at as they get it', told.status === 200 && told.verdict === 'go' && told.subject === 'For ada@example.com' &&
    told.text === 'Hello ada@example.com' && told.address === 'ada@example.com' && told.id === null, told);
check('and nothing is sent by that', (await messages()).length === 0);
told = await contact('ada');
check('sent, it is in the outbox', told.status === 202 && (await messages()).filter((one) => one.id === told.id && one.topic === 'offers').length === 1, told);
check('once, however often it is asked for', (await contact('ada')).id === told.id && (await messages()).length === 1);
check('and written down with who sent it', JSON.stringify(await call('GET', '/v1/audit')).includes('message post_office'));
told = await contact('bob');
check('who has not said yes is not written to', told.status === 409 && /not agreed/.test(told.message), told);
check('unless it is their contract, also under a key that is another customer\'s', (await contact('bob', { topic: 'orders' })).verdict === 'go');
check('the cap counts it', (await contact('ada', { key: 'c' })).status === 202 && (await contact('ada', { key: 'd' })).status === 409);
check('nothing more than that was sent', (await messages()).length === 3, await messages());
for (const [words, body, field] of [['no such channel', { channel: 'crm' }, 'channel'], ['no such topic', { topic: 'ofers' }, 'topic'],
    ['no subject', { subject: '' }, 'subject'], ['no text', { text: '' }, 'text'], ['no key', { key: '' }, 'key'], ['a template that is wrong', { text: '{{ oops' }, 'text'],
    ['what is neither yes nor no', { is_tried: 'yes' }, 'is_tried'], ['what is not known of them', { text: '{{ customer.shoe }}' }, 'text'], ['a text too long', { text: 'x'.repeat(20001) }, 'text']]) {
    told = await contact('ada', { is_tried: true, ...body, ...(words === 'no key' ? { is_tried: false } : {}) });
    check(`${words}: refused at its field`, told.status === 400 && told.field === field, told);
}

const leads_to = Object.fromEntries((await call('GET', '/v1/destinations')).destinations.map((one) => [one.name, one.leads_to]));
check('of where messages go only scheme and host are told, whatever else the address holds', leads_to.crm === 'https://crm.example.com' &&
    leads_to.hook === 'https://hook.example.com' && leads_to.email.endsWith('out.csv'), leads_to);
await server.stop();
conclude('trying');
