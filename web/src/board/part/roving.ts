/* roving.ts - many buttons as one stop of Tab: the arrow keys go from one to the next, and the one that was last on stays
 * the stop. */
import { useLayoutEffect, useRef } from "preact/hooks";
import type { RefObject } from "preact";

/* Which of the others an arrow leads to from one; undefined: none. */
type Toward = (items: HTMLElement[], from: HTMLElement, key: string) => HTMLElement | undefined;

/* Up and down a list. */
export const alongList: Toward = (items, from, key) => {
    const at = items.indexOf(from);
    if (key === "ArrowDown") return items[at + 1];
    if (key === "ArrowUp") return items[at - 1];
    if (key === "Home") return items[0];
    return key === "End" ? items.at(-1) : undefined;
};

const ACROSS_COSTS = 3; /* how much less is liked what lies beside the way than what lies on it */

/* To the nearest on that side, on a drawing. */
export const onDrawing: Toward = (items, from, key) => {
    const centre = (one: HTMLElement): [number, number] => [
        one.offsetLeft + one.offsetWidth / 2,
        one.offsetTop + one.offsetHeight / 2,
    ];
    const [x, y] = centre(from);
    let best: HTMLElement | undefined,
        least = Infinity;
    for (const one of items) {
        const [u, v] = centre(one),
            ahead = { ArrowRight: u - x, ArrowLeft: x - u, ArrowDown: v - y, ArrowUp: y - v }[key],
            beside = key === "ArrowRight" || key === "ArrowLeft" ? Math.abs(v - y) : Math.abs(u - x);
        if (ahead === undefined || ahead < 1) continue;
        const cost = ahead + ACROSS_COSTS * beside;
        if (cost < least) {
            least = cost;
            best = one;
        }
    }
    return best;
};

/* Of what the selector finds in the box exactly one can be reached by Tab.  Where the one in focus is removed, the one
 * that takes its place gets the focus in the same turn: no key that is pressed next goes to nobody. */
export function useRoving<T extends HTMLElement>(selector: string, toward: Toward): RefObject<T | null> {
    const box = useRef<T>(null),
        stop = useRef<HTMLElement | null>(null),
        index = useRef(0),
        hadFocus = useRef(false);
    const itemsOf = (): HTMLElement[] => [...(box.current?.querySelectorAll<HTMLElement>(selector) ?? [])];
    const settle = (items: HTMLElement[], one: HTMLElement | undefined): void => {
        for (const item of items) {
            const wanted = item === one ? 0 : -1;
            if (item.tabIndex !== wanted || !item.hasAttribute("tabindex")) item.tabIndex = wanted;
        }
        stop.current = one ?? null;
        index.current = one ? items.indexOf(one) : 0;
    };
    useLayoutEffect(() => {
        const items = itemsOf(),
            isThere = stop.current !== null && items.includes(stop.current);
        const one = isThere ? (stop.current ?? undefined) : items[Math.min(index.current, items.length - 1)];
        settle(items, one);
        if (!isThere && hadFocus.current && document.activeElement === document.body) one?.focus();
    });
    useLayoutEffect(() => {
        const here = box.current;
        if (!here) return undefined;
        const onItem = (target: EventTarget | null): HTMLElement | null =>
            target instanceof HTMLElement ? target.closest<HTMLElement>(selector) : null;
        const focused = (event: FocusEvent): void => {
            const one = onItem(event.target);
            hadFocus.current = one !== null;
            if (one) settle(itemsOf(), one);
        };
        const left = (event: FocusEvent): void => {
            if (event.relatedTarget !== null) hadFocus.current = false;
        };
        const pressed = (event: KeyboardEvent): void => {
            const from = onItem(event.target);
            if (!from || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
            const next = toward(itemsOf(), from, event.key);
            if (!next) return;
            event.preventDefault();
            next.focus();
        };
        here.addEventListener("focusin", focused);
        here.addEventListener("focusout", left);
        here.addEventListener("keydown", pressed);
        return () => {
            here.removeEventListener("focusin", focused);
            here.removeEventListener("focusout", left);
            here.removeEventListener("keydown", pressed);
        };
    }, []);
    return box;
}
