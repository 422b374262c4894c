// look_over.mjs - whether a page of the dashboard can be read by everybody: names, contrast, what axe-core finds, its width.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { brokenNames, lowContrast } from '../../web/test/accessibility.mjs';
import { check, until } from '../server.mjs';

const axe = readFileSync(createRequire(new URL('../../web/package.json', import.meta.url)).resolve('axe-core/axe.min.js'), 'utf8');

export async function settle(page) {
    await until(() => page.look(() => document.querySelector('main h1') !== null && document.querySelector('.waiting, [aria-busy=true]') === null));
}

// Names, contrast, what axe-core finds, and that nothing is wider than the page.
export async function lookOver(page, name, width) {
    await settle(page);
    const broken = (await page.run(brokenNames)).filter((text) => !text.startsWith('leads nowhere'));
    check(`${name}: a screen reader can name everything`, broken.length === 0, broken);
    const low = await page.run(lowContrast);
    check(`${name}: every text can be read`, low.length === 0, low);
    const across = await page.run(() => document.documentElement.scrollWidth);
    check(`${name}: nothing is wider than the page`, across === width, across);
    const cut = await page.run(() => [...document.querySelectorAll('.table-scroll')].filter((one) => one.scrollWidth > one.clientWidth + 1)
        .map((one) => `${one.ariaLabel}: ${one.scrollWidth} in ${one.clientWidth}`));
    check(`${name}: no table hides a column`, cut.length === 0, cut);
    await page.send('Runtime.evaluate', { expression: `globalThis.axe ?? (() => { ${axe} })()` });
    const found = await page.run(async () => (await axe.run(document, { resultTypes: ['violations'], rules: { 'color-contrast': { enabled: false } } }))
        .violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.html.slice(0, 120)).slice(0, 2).join(' | ')}`));
    check(`${name}: axe-core finds nothing`, found.length === 0, found);
    if (/\bundefined\b|NaN|\[object/.test(await page.run(() => document.querySelector('main').innerText)))
        check(`${name}: no gaps in the text`, false, (await page.run(() => document.querySelector('main').innerText)).slice(0, 600));
}
