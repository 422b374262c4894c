// keys.mjs - a person without a pointer: keys, and what is typed into what has the focus.

const CODES = { Tab: 9, Enter: 13, Escape: 27, End: 35, Home: 36, ArrowLeft: 37, ArrowUp: 38, ArrowRight: 39, ArrowDown: 40, Delete: 46 };
const ALT = 1, CTRL = 2, SHIFT = 8;

/* What has the focus, by its name; whether the focus can be seen, and stands in sight. Runs in the page. */
function focused() {
    const one = document.activeElement;
    if (!one || one === document.body) return null;
    const style = getComputedStyle(one), box = one.getBoundingClientRect();
    const label = one.getAttribute('aria-label') ?? (one.labels?.[0]?.textContent || one.textContent.replace(/\s+/g, ' ').trim());
    const x = Math.min(innerWidth - 1, Math.max(0, box.x + Math.min(box.width, 40) / 2)), y = box.y + Math.min(box.height, 24) / 2, over = document.elementFromPoint(x, y);
    const isCovered = over !== null && !one.contains(over) && !over.contains(one);
    return { name: label, tag: one.tagName.toLowerCase(), field: one.id || one.name || '', isRinged: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 1,
             isInSight: box.bottom > 0 && box.top < innerHeight && box.width > 0 && !isCovered };
}

export function keysOf(page) {
    const unseen = new Set();
    // Until the page has drawn what the key did: two frames, for effects run after the first.
    const still = () => page.run(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 20)))));
    const keys = {
        /* modifiers: 1 Alt, 2 Ctrl, 8 Shift. */
        async press(key, modifiers = 0, code = key, at_s = undefined) {
            const number = CODES[key] ?? key.toUpperCase().charCodeAt(0), text = key === 'Enter' ? '\r' : key.length === 1 && !(modifiers & (ALT | CTRL)) ? key : undefined;
            const pressed = { key, code: code.length === 1 ? `Key${code.toUpperCase()}` : code, windowsVirtualKeyCode: number, modifiers, timestamp: at_s };
            const commands = key === 'a' && modifiers === CTRL ? ['selectAll'] : undefined;
            await page.send('Input.dispatchKeyEvent', { type: text ? 'keyDown' : 'rawKeyDown', ...pressed, text, commands });
            await page.send('Input.dispatchKeyEvent', { type: 'keyUp', ...pressed });
            await still();
        },
        /* One after the other within the same tenth of a second, by the events' clock, however slow the machine. */
        async pressBoth(first, second) {
            const now_s = Date.now() / 1000;
            await keys.press(first, 0, first, now_s);
            await keys.press(second, 0, second, now_s + .1);
        },
        type: async (text) => { await page.send('Input.insertText', { text }); await still(); },
        here: async () => (await page.run(focused))?.name ?? '',
        isInDialog: () => page.run(() => document.activeElement.closest('dialog[open]') !== null),
        /* The focus goes back to where a page begins: to a mark there, which goes once something else has the focus. */
        fromTheTop: () => page.run(() => {
            const mark = document.createElement('span');
            mark.tabIndex = -1;
            mark.onblur = () => setTimeout(() => mark.remove());
            document.body.prepend(mark);
            scrollTo(0, 0);
            mark.focus();
        }),
        /* The next stop of Tab; null: past the last. */
        async next(isBack = false) {
            await keys.press('Tab', isBack ? SHIFT : 0);
            const at = await page.run(focused);
            if (!at) return null;
            if (at.tag !== 'main' && !at.isRinged) unseen.add(`${at.tag} "${at.name.slice(0, 60)}" has no ring`);
            if (!at.isInSight) unseen.add(`${at.tag} "${at.name.slice(0, 60)}" is out of sight or covered`);
            return at.name;
        },
        /* Tab until there. */
        async to(name, { isBack = false, orField = null } = {}) {
            const seen = [];
            const is = (at) => at && (name instanceof RegExp ? name.test(at.name) : at.name === name || at.name.startsWith(`${name} `)) || (orField && at?.field === orField);
            while (seen.length < 150) {
                if (is(await page.run(focused))) return;
                seen.push(await keys.next(isBack));
            }
            throw new Error(`Tab never comes to "${name}", but to ${seen.slice(-40).join(' | ')}`);
        },
        unseen: () => [...unseen],
    };
    return keys;
}
