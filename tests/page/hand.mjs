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

/* Runs in the page: its text once the pattern is in it, or after some seconds. */
function readUntil(source, flags) {
    const pattern = new RegExp(source, flags);
    return new Promise((done) => {
        const look = (isLast) => {
            const text = document.body?.innerText ?? '', is = pattern.test(text);
            if (!is && !isLast) return;
            observer.disconnect();
            clearTimeout(timer);
            done({ is, text });
        };
        const observer = new MutationObserver(() => look(false)), timer = setTimeout(look, 10000, true);
        observer.observe(document, { subtree: true, childList: true, characterData: true, attributes: true });
        look(false);
    });
}

export function handOf(page, pictures) {
    const hand = {
        /* Until the page says so; what it says then.  It is read in the page at every change: what is said for seconds only is not missed
         * by a test that has to wait for the processor. */
        async shows(what, pattern) {
            let text = '';
            const is = await until(async () => {
                const read = await page.look(readUntil, pattern.source, pattern.flags);
                text = read?.text ?? '';
                return read?.is;
            });
            check(what, is, text.slice(0, 900));
            return text;
        },
        /* Until it is so: look runs in the page. */
        async holds(what, look, ...args) {
            const is = await until(() => page.look(look, ...args));
            check(what, is, is || await page.look(() => document.body?.innerText.slice(0, 600)));
        },
        /* There once the address is taken in and the page before has made room. */
        go: (place) => page.run((hash) => new Promise((done) => {
            const before = location.href;
            addEventListener('hashchange', () => setTimeout(done), { once: true });
            location.hash = hash;
            if (location.href === before) done();
        }), place),
        /* Into the field of that id or name, once it is there. */
        async write(name, text) {
            const is = await until(() => page.look((name, text) => {
                const field = document.getElementById(name) ?? document.querySelector(`dialog[open] [name="${name}"]`) ?? document.querySelector(`main [name="${name}"]`);
                if (!field || field.disabled) return false;
                Object.getOwnPropertyDescriptor(Object.getPrototypeOf(field), 'value').set.call(field, text);
                field.dispatchEvent(new Event('input', { bubbles: true }));
                return true;
            }, name, text));
            if (!is) throw new Error(`there is no field "${name}"`);
        },
        /* Opens what is folded under these words. */
        async unfold(words) {
            const is = await until(() => page.look((words) => {
                const one = [...document.querySelectorAll('details.fold')].find((one) => one.querySelector('summary').textContent.includes(words));
                if (one) one.open = true;
                return one !== undefined;
            }, words));
            if (!is) throw new Error(`nothing is folded under "${words}"`);
        },
        /* The button of these words, or that begins with them, once it can be pressed. */
        async press(words) {
            for (const end = Date.now() + PATIENCE_MS; ;) {
                const said = await page.look((words) => {
                    const inside = document.querySelector('dialog[open]') ?? document;
                    const all = [...inside.querySelectorAll('button')];
                    const one = all.find((button) => button.textContent.trim() === words || button.ariaLabel === words) ??
                        all.find((button) => button.textContent.trim().startsWith(words));
                    if (one && !one.disabled && one.ariaDisabled !== 'true') { one.click(); return null; }
                    return all.map((button) => button.textContent.trim() || button.ariaLabel).join(', ');
                }, words);
                if (said === null) return;
                if (Date.now() > end) throw new Error(`there is no button "${words}": ${said}`);
                await new Promise((resolve) => setTimeout(resolve, 60));
            }
        },
        /* Sends the form that the field stands in. */
        submit: (name) => page.run((name) => (document.getElementById(name) ?? document.querySelector(`dialog[open] [name="${name}"]`)).form.requestSubmit(), name),
        picture: async (name) => writeFileSync(join(pictures, `${name}.png`), await page.picture()),
        async signIn(token) {
            await hand.shows('it asks who one is', /Sign in/);
            await hand.write('token', token);
            await hand.submit('token');
            await hand.shows('a token opens it', /Find anything|Overview/);
        },
    };
    return hand;
}
