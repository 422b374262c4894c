// lift.mjs PROGRAM DATABASE - serves it with half of everybody in the control group, and asks how those who entered a journey
// did beside it; what was done about one customer; how late what a source sends is here.
import { writeFileSync } from 'node:fs';
import { check, conclude, serve, until } from '../server.mjs';

const [program, database] = process.argv.slice(2), PEOPLE = 200;
writeFileSync('lift.yaml', 'holdout_share: .5\n');
const server = await serve(program, database, '--quiet', '--settings', 'lift.yaml'), basic = 'Basic ' + Buffer.from(server.write_key + ':').toString('base64');
const ask = (path, body, method = body ? 'POST' : 'GET', authorization = `Bearer ${server.token}`) => fetch(server.address + path, { method,
    body: body && JSON.stringify(body), headers: { authorization, 'content-type': 'application/json' } }).then((got) => got.json());
let n = 0;
const send = (batch) => ask('/v1/batch', { batch: batch.map((one) => ({ messageId: `lift-${n++}`, type: 'track', ...one })), sentAt: new Date().toISOString() }, 'POST', basic);
const LATE_MS = 600000, then = () => new Date(Date.now() - LATE_MS).toISOString();

const put = await ask('/v1/journeys/hello', { yaml: 'journey: hello\ntrigger: {event: signup}\ngoal: {event: order}\nsteps:\n  - {id: rest, delay: 30d}\n', version: 0 }, 'PUT');
check('a journey is there', put.version === 1, put);
const lift = async () => (await ask('/v1/journeys/hello')).versions[0].lift;
const none = await lift();
check('before anybody entered nothing is said of it, and why', none.difference === null && /^of the control group 0 entered, of the others 0; \d+ of each are needed$/.test(none.refused), none);
const people = Array.from({ length: PEOPLE }, (_, i) => `p${i}`), buyers = people.filter((_, i) => i % 3 === 0);
await send(people.map((userId) => ({ userId, event: 'signup' })));
await until(async () => (await ask('/v1/journeys/hello')).versions[0].entered === PEOPLE);
const early = await lift();
check('where nobody met the goal, too', early.difference === null && /^0 met the goal and 200 did not/.test(early.refused), early);
await send([...buyers, buyers[0]].map((userId, i) => ({ userId, event: 'Order Completed', properties: { order_id: `o${i}`, revenue: 20 } })));
await until(async () => (await ask('/v1/journeys/hello')).versions[0].goal === buyers.length);
const told = await lift(), share = (met, all) => met / all, control = share(told.control_goal, told.control), treated = share(told.treated_goal, told.treated);
check('everybody who entered is in one of the groups, once', told.control + told.treated === PEOPLE && told.control > 60 && told.treated > 60 &&
      told.control_goal + told.treated_goal === buyers.length, told);
const error = Math.sqrt(control * (1 - control) / (told.control - 1) + treated * (1 - treated) / (told.treated - 1)), { value, low, high } = told.difference;
check('the lift is the difference of their shares, with its interval', told.refused === null && Math.abs(value - (treated - control)) < 1e-12 &&
      Math.abs((high - low) / 2 / error - 1.97) < .02 && Math.abs((high + low) / 2 - value) < 1e-9, [told, error]);

// ---- what was done about somebody

for (const customer of ['p1', 'p2']) await ask('/v1/tasks', { customer, task: `Call ${customer}` });
const [open] = (await ask('/v1/tasks?customer=p1')).tasks;
check('the tasks about one customer are asked for', open.customer === 'p1' && (await ask('/v1/tasks?customer=p1')).tasks.length === 1 && (await ask('/v1/tasks')).tasks.length === 2, open);
await ask(`/v1/tasks/${open.id}/done`, { outcome: 'reached' });
const done = await ask('/v1/tasks?customer=p1&state=done');
check('and what came of them', done.tasks.length === 1 && done.tasks[0].outcome === 'reached' && (await ask('/v1/tasks?customer=p2&state=done')).tasks.length === 0, done);
check('of somebody who is not known there are none, in words', /nobody/.test((await ask('/v1/tasks?customer=nobody')).message), await ask('/v1/tasks?customer=nobody'));

// ---- how late it is here

await send(Array.from({ length: 900 }, (_, i) => ({ userId: `p${i % PEOPLE}`, event: 'Looked', timestamp: then() })));
const [source] = (await ask('/v1/sources')).sources;
check('a source tells how late half of what it sends is at most', source.usual_lag_ms > LATE_MS / 2 && source.usual_lag_ms < 2 * LATE_MS, source);
await server.stop();

writeFileSync('lift.yaml', 'holdout_share: 0\n');
const without = await serve(program, database, '--quiet', '--settings', 'lift.yaml');
const got = await fetch(`${without.address}/v1/journeys/hello`, { headers: { authorization: `Bearer ${server.token}` } }).then((one) => one.json());
check('without a control group there is no lift', got.versions[0].lift === null, got.versions);
await without.stop();
conclude('lift');
