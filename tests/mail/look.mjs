/* look.mjs PROGRAM FOLDER PICTURES - the pages behind links, as serve.mjs kept them in FOLDER/pages, and the templates of examples/,
 * in Chromium: on a phone and wide, light and dark.  axe-core says what it finds; pictures stay, to be looked at. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { openBrowser } from '../../web/test/browser.mjs';

const [program, folder, pictures] = process.argv.slice(2);
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
let passed = 0, failed = 0;
function check(what, found) {
    if (found.length === 0) { passed++; return; }
    failed++;
    console.log(`FAILED: ${what}: ${JSON.stringify(found)}`);
}

const pages = join(folder, 'pages'), templates = 'examples/templates';
mkdirSync(pictures, { recursive: true });
const sample = { customer: { id: 'ada', name: 'Ada Lövelace', renewal: '2027-06-01', language: 'en' }, coupon: { code: 'WIN10-ABC234', expires: '2027-06-30' },
    event: { order_id: 'o1', total: 20 }, recommendation: { items: [] }, unsubscribe: 'https://news.example.com/u/x', preferences: 'https://news.example.com/p/x',
    confirm: { newsletter: 'https://news.example.com/c/x', offers: 'https://news.example.com/c/x' } };
writeFileSync(join(folder, 'sample.json'), JSON.stringify(sample));
for (const name of readdirSync(templates).filter((one) => /^(?!head|foot).*\.html$/.test(one))) {
    const said = JSON.parse(execFileSync(program, ['render', join(templates, name), '--data', join(folder, 'sample.json'), '--json']));
    check(`${name} is as receivers like it`, said.warnings);
    writeFileSync(join(pages, `mail-${name}`), said.html);
}

const browser = await openBrowser(folder);
for (const name of readdirSync(pages)) {
    const isMail = name.startsWith('mail-'), isAlike = isMail && !/winback|confirm/.test(name);      /* one layout is all of theirs */
    for (const width of isAlike ? [390] : [390, isMail ? 600 : 1440])
        for (const dark of isAlike ? [true] : [false, true]) {
            const page = await browser.page(`file://${join(pages, name)}`, { width, height: 844, dark });
            const how = `${name.replace('.html', '')}-${width}-${dark ? 'dark' : 'light'}`;
            await page.send('Runtime.evaluate', { expression: axe });
            /* A message is no page: mailboxes put it within theirs. */
            const rules = isMail ? { region: { enabled: false }, 'landmark-one-main': { enabled: false } } : {};
            check(`${how}: axe-core`, await page.run(async (rules) => (await axe.run(document, { resultTypes: ['violations'], rules })).violations
                .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 80)).join(' | ')}`), rules));
            check(`${how}: nothing is wider than the page`,
                await page.run(() => document.documentElement.scrollWidth > innerWidth ? [document.documentElement.scrollWidth] : []));
            check(`${how}: the console`, page.complaints);
            writeFileSync(join(pictures, `${how}.png`), await page.picture());
            await page.close();
        }
}
await browser.close();
console.log(`looked at: ${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
