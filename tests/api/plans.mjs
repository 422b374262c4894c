// plans.mjs PROGRAM DATABASE SETTINGS - serves a shop in which nothing was drawn by lot yet, and plans over HTTP:
// wanted by one and approved by another.
import { check, conclude, serve } from '../server.mjs';

const [program, database, settings] = process.argv.slice(2);
const server = await serve(program, database, '--settings', settings, '--as-of', 'last-event', '--quiet');
const { address, token } = server;

async function ask(method, path, body, secret = token) {
    const answer = await fetch(address + path, { method, body: body && JSON.stringify(body),
        headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' } });
    return { status: answer.status, json: await answer.json() };
}
async function over(id) {
    for (const end = Date.now() + 600000; Date.now() < end; await new Promise((resolve) => setTimeout(resolve, 100))) {
        const { json } = await ask('GET', `/v1/plans/${id}?limit=100000`);
        if (json.state === 'done' || json.state === 'failed') return json;
    }
    return { state: 'late' };
}
const secretOf = async (role) => (await ask('POST', '/v1/keys', { kind: 'token', name: role, role })).json.secret;

const viewer = await secretOf('viewer'), marketer = await secretOf('marketer'), lead = await secretOf('lead');
check('who may not plan is refused', (await ask('POST', '/v1/plans', {}, viewer)).status === 403);
check('a viewer is told of plans, but not of whom they choose', (await ask('GET', '/v1/plans', undefined, viewer)).status === 200 &&
      (await ask('GET', '/v1/plans/1', undefined, viewer)).status === 403);
const bad = await ask('POST', '/v1/plans', { budget: -5 });
check('a budget below zero is named', bad.status === 400 && bad.json.field === 'budget', bad);
const alone = await ask('POST', '/v1/plans', { max_disparity: .1 });
check('shares that may differ need the trait whose groups they are of', alone.status === 400 && alone.json.field === 'group', alone);
check('what does not exist is missing', (await ask('GET', '/v1/plans/99')).status === 404);

const made = await ask('POST', '/v1/plans', { budget: 100, margin: .4 }, marketer);
check('a plan is begun at once', made.status === 202 && made.json.id > 0, made);
const plan = await over(made.json.id);
check('where nothing was drawn before it is a pilot', plan.state === 'done' && !plan.proposed && plan.pilot.arms === 3 &&
      plan.chosen.every((one) => one.group === 'pilot'), plan);
check('customers are counted by action and group',
      plan.by_action.reduce((n, one) => n + one.n, 0) === plan.chosen_n && plan.chosen.length === plan.chosen_n);
const wrong = await over((await ask('POST', '/v1/plans', { group: 'no_such_trait' })).json.id);
check('why a plan cannot be made is said', wrong.state === 'failed' && /no_such_trait/.test(wrong.problem), wrong);

check('a marketer does not commit', (await ask('POST', `/v1/plans/${plan.id}/commit`, {}, marketer)).status === 403);
const wanted = await over((await ask('POST', `/v1/plans/${plan.id}/commit`, {}, lead)).json.id);
check('above the limits it waits for somebody else', wanted.state === 'done' && !wanted.committed && wanted.approval?.state === 'waiting' &&
      wanted.approval.asked_by === 'http:lead', wanted);
const yes = await over((await ask('POST', `/v1/plans/${plan.id}/commit`, { approve: true })).json.id);
check('somebody else does, and each chosen customer gets a task', yes.committed && yes.approval.approved_by === 'http:first' &&
      yes.queued === yes.chosen.filter((one) => one.group !== 'withheld').length, yes.problem ?? yes.queued);
const { plans } = (await ask('GET', '/v1/plans')).json;
check('all of them are kept, the newest first', plans.length === 4 && plans[0].id === yes.id && plans.at(-1).id === plan.id);
await server.stop();
conclude('plans over HTTP');
