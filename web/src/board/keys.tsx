/* keys.tsx - what the keyboard does everywhere: Ctrl+K, ?, and g with a letter. */
import { useLayoutEffect, useRef } from "preact/hooks";
import { Dialog } from "./part/form.tsx";
import { go, to } from "./place.ts";
import { may, usePerson } from "./session.ts";
import { VIEWS } from "./views.ts";

export const isTyping = (target: EventTarget | null): boolean =>
    target instanceof HTMLElement &&
    (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));

/* Enter is theirs: it presses or opens them. */
const hasEnter = (target: EventTarget | null): boolean =>
    target instanceof HTMLElement && target.closest("a, button, summary") !== null;

/* Keys of the page, while nobody types and no dialog is open. */
export function useKeys(keys: Record<string, () => void>): void {
    useLayoutEffect(() => {
        const pressed = (event: KeyboardEvent): void => {
            if (
                event.ctrlKey ||
                event.metaKey ||
                event.altKey ||
                isTyping(event.target) ||
                document.querySelector("dialog[open]")
            )
                return;
            const work = keys[event.key];
            if (!work || (event.key === "Enter" && hasEnter(event.target))) return;
            event.preventDefault();
            work();
        };
        addEventListener("keydown", pressed);
        return () => removeEventListener("keydown", pressed);
    });
}

const G_MS = 1200;

export function useGlobalKeys(openPalette: () => void, openHelp: () => void): void {
    const person = usePerson();
    const g = useRef(-Infinity); /* when g was pressed last, by the events' clock */
    /* As soon as the page is seen: a key pressed then is heard. */
    useLayoutEffect(() => {
        const pressed = (event: KeyboardEvent): void => {
            if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
                event.preventDefault();
                return openPalette();
            }
            if (
                event.ctrlKey ||
                event.metaKey ||
                event.altKey ||
                isTyping(event.target) ||
                document.querySelector("dialog[open]")
            )
                return;
            if (event.key === "?") return openHelp();
            if (event.key === "/") {
                event.preventDefault();
                return openPalette();
            }
            if (event.key === "g") {
                g.current = event.timeStamp;
                return;
            }
            const view =
                event.timeStamp - g.current < G_MS
                    ? VIEWS.find((one) => one.key === event.key && may(person, one.needs))
                    : undefined;
            g.current = -Infinity;
            if (!view) return;
            event.stopImmediatePropagation();
            event.preventDefault();
            go(to(view.name));
        };
        addEventListener("keydown", pressed, true);
        return () => removeEventListener("keydown", pressed, true);
    });
}

const QUEUE_KEYS: [string, string][] = [
    ["j, k", "the next, the one before"],
    ["t", "take it"],
    ["d", "done: say what came of it"],
    ["z", "put it off for a day"],
    ["n", "write a note"],
    ["Enter", "open the customer"],
];

export function KeyHelp({ close }: { close: () => void }) {
    const person = usePerson();
    const row = ([key, words]: [string, string]) => (
        <div key={key}>
            <dt>
                <kbd>{key}</kbd>
            </dt>
            <dd>{words}</dd>
        </div>
    );
    return (
        <Dialog title="Keys" close={close}>
            <h3>Everywhere</h3>
            <dl class="facts keys">
                {(
                    [
                        ["Ctrl K or /", "find a page, a customer, a segment, and go there"],
                        ["?", "this list"],
                        ["Escape", "close"],
                    ] as [string, string][]
                ).map(row)}
                {VIEWS.filter((one) => one.key && may(person, one.needs)).map((one) =>
                    row([`g ${one.key}`, one.title]),
                )}
            </dl>
            {may(person, "GET /v1/tasks") && (
                <>
                    <h3>In the queue</h3>
                    <dl class="facts keys">{QUEUE_KEYS.map(row)}</dl>
                </>
            )}
        </Dialog>
    );
}
