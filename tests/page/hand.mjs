// hand.mjs - what a person does on a page of the dashboard: looks until it says something, writes into fields, presses buttons.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { check, PATIENCE_MS, until } from '../server.mjs';

// What the browser itself notes of an answer that is no success is no fault of the page.
export const faults = (page) => page.complaints.filter((text) => !/^Failed to load resource: .* (400|401|403|404|409|429|500)/.test(text));

// A journey of five steps for each fork.
export const longJourney = (n_forks) => 'journey: long\ntrigger: {event: order}\nsteps:\n' + Array.from({ length: n_forks }, (_, i) =>
    `  - {id: w${i}, delay: 1d}\n  - id: s${i}\n    split:\n      - when: order_count > ${i}\n        steps:\n          - {id: a${i}, delay: 1h}\n` +
    `          - {id: t${i}, task: "Call ${i}"}\n      - otherwise:\n          - {id: b${i}, delay: 2h}\n`).join('');

export function handOf(page, pictures) {
    const hand = {
        // Until the page says so; what it says instead.
        async shows(what, pattern, patience_ms = PATIENCE_MS) {
            let text = '';
            const is = await until(async () => pattern.test(text = await page.run(() => document.body?.innerText ?? '')), patience_ms);
            check(what, is, text.slice(0, 900));
            return text;
        },
        go: (place) => page.run((hash) => { location.hash = hash; }, place),
        write: (name, text) => page.run(async (name, text) => {
            const find = () => document.getElementById(name) ?? document.querySelector(`dialog[open] [name="${name}"]`) ?? document.querySelector(`main [name="${name}"]`);
            for (let i = 0; i < 1200 && !find(); i++) await new Promise((resolve) => setTimeout(resolve, 50));
            const field = find();
            if (!field) throw new Error(`there is no field "${name}"`);
            Object.getOwnPropertyDescriptor(Object.getPrototypeOf(field), 'value').set.call(field, text);
            field.dispatchEvent(new Event('input', { bubbles: true }));
        }, name, text),
        async press(words) {
            for (const end = Date.now() + PATIENCE_MS; ;) {
                const said = await page.run((words) => {
                    const inside = document.querySelector('dialog[open]') ?? document;
                    const all = [...inside.querySelectorAll('button')].filter((button) => !button.disabled);
                    const one = all.find((button) => button.textContent.trim() === words || button.ariaLabel === words) ??
                        all.find((button) => button.textContent.trim().startsWith(words));
                    one?.click();
                    return one ? null : all.map((button) => button.textContent.trim() || button.ariaLabel).join(', ');
                }, words);
                if (said === null) return;
                if (Date.now() > end) throw new Error(`there is no button "${words}": ${said}`);
                await new Promise((resolve) => setTimeout(resolve, 60));
            }
        },
        picture: async (name) => writeFileSync(join(pictures, `${name}.png`), await page.picture()),
        async signIn(token) {
            await hand.shows('it asks who one is', /Sign in/);
            await hand.write('token', token);
            await page.run(() => document.getElementById('token').form.requestSubmit());
            await hand.shows('a token opens it', /Find anything|Overview/);
        },
    };
    return hand;
}
