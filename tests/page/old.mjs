// old.mjs PROGRAM DATABASE PICTURES - a history that ended years ago: served and exported as of its end, asked once, on the
// page, whether time goes on from there.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openBrowser } from '../../web/test/browser.mjs';
import { check, conclude, endSometime, serve } from '../server.mjs';
import { handOf } from './hand.mjs';

const [program, database, pictures] = process.argv.slice(2);
endSometime();

const rows = () => execFileSync(program, ['export', 'scores', '--db', database, '--out', 'old.csv']) &&
    execFileSync('cut', ['-d,', '-f1-8', 'old.csv']).toString();
const before = rows(), column = before.split('\n')[0].split(',').indexOf('churn_probability');
const browser = await openBrowser(pictures);
let server = await serve(program, database);
const ask = async (path, method = 'GET', body) => {
    const answer = await fetch(server.address + path, { method, headers: { authorization: `Bearer ${server.token ?? token}` },
        body: body && JSON.stringify(body) });
    return { status: answer.status, as_of: answer.headers.get('x-as-of'), json: await answer.json() };
};
const token = server.token;

const list = await ask('/v1/customers?limit=200');
const end = new Date(list.json.as_of_ms).toISOString();
check('the customers are there', list.json.customers.length > 50, list.json.customers.length);
check('as of the end of the history', /^2020-02-0/.test(end) && list.as_of === end.slice(0, 19) + 'Z', [end, list.as_of]);
check('each as of then', list.json.customers.every((one) => one.scored_ms === list.json.as_of_ms));
const { json: model } = await ask('/v1/models/churn');
const asked = model.spread.reduce((sum, one) => sum + one, 0);
check('everybody who was asked is drawn', asked === before.trim().split('\n').slice(1).filter((row) => row.split(',')[column] !== '').length, asked);
const { json: first } = await ask('/v1/as-of');
check('somebody is asked', first.is_asked && !first.is_still && first.as_of === null, first);

const page = await browser.page(server.address + '/');
await page.run((token) => { sessionStorage.setItem('holdfast-token', token); localStorage.setItem('holdfast-signed-in', 'yes'); }, token);
await page.reload();
const { shows, press, go } = handOf(page, pictures);
await shows('the page asks whether time goes on', /The history ends on \d February 2020/);
writeFileSync(join(pictures, 'old.png'), await page.picture());
await press('Stay at');
await shows('at the last event nothing is sent, and it says so', /As of \d February 2020\. Time stands at the last event: nothing is sent/);
for (const [view, pattern] of [['customers', /Who has most at stake/], ['segments', /Make a segment/],
                               [`customer/${list.json.customers[0].customer}`, /What they did/]]) {
    await go(`#/${view}`);
    await shows(`${view} is drawn`, pattern);
    await shows(`and ${view.split('/')[0]} says as of when`, /As of \d February 2020\. Time stands at the last event/);
}
await server.stop();
check('the exported rows are as they were', rows() === before);

server = await serve(program, database);
const { json: again } = await ask('/v1/as-of');
check('it is asked once', !again.is_asked && again.is_still && again.as_of === 'last-event', again);
await server.stop();
server = await serve(program, database, '--as-of', 'now');
const { json: now, as_of } = await ask('/v1/as-of');
check('--as-of now: time goes on', now.as_of === 'now' && !now.is_still && Date.now() - now.as_of_ms < 60000 && as_of === null, now);
const { json: kept } = await ask('/v1/customers?limit=200');
check('and imported scores stay, each as of when it is', kept.customers.length === list.json.customers.length &&
      kept.customers.every((one) => one.scored_ms === list.json.as_of_ms), kept.customers.length);
const wrong = await ask('/v1/as-of', 'PUT', { as_of: 'yesterday' });
check('anything else is refused', wrong.status === 400 && /want now or last-event/.test(wrong.json.message), wrong);
await server.stop();
await page.close();
await browser.close();
conclude('old');
