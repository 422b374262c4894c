/* notice.tsx - what was just done, in a line at the foot of the page, with Undo where it can be undone. */
import { useLayoutEffect, useState } from "preact/hooks";
import { formatInstant } from "./clock.ts";
import { behindSince, onBehind, Refusal } from "./ask.ts";
import { sentence } from "../page/prose.ts";

interface Notice { id: number; words: string; undo?: (() => Promise<void>) | undefined; isTrouble: boolean }

const SHOWN_MS = 8000;
let notices: Notice[] = [], next_id = 1, redraw: (() => void) | null = null;

function change(list: Notice[]): void {
    notices = list;
    redraw?.();
}

function put(words: string, isTrouble: boolean, undo?: () => Promise<void>): void {
    const id = next_id++;
    change([...notices.slice(-2), { id, words: sentence(words), undo, isTrouble }]);
    setTimeout(() => change(notices.filter((one) => one.id !== id)), undo ? 2 * SHOWN_MS : SHOWN_MS);
}

export const tell = (words: string, undo?: () => Promise<void>): void => put(words, false, undo);
export const tellTrouble = (error: unknown): void =>
    put(error instanceof Refusal ? error.message : "That did not work", true);

export function Notices() {
    const [, set] = useState(0);
    useLayoutEffect(() => {
        redraw = () => set((n) => n + 1);
        onBehind(redraw);
        return () => { redraw = null; onBehind(null); };
    }, []);
    const since_ms = behindSince();
    return <div class="notices" role="status">
        {since_ms !== null && <p key="behind" class="notice">
            <span>Some figures here are as of {formatInstant(since_ms)}. Newer ones are being worked out.</span>
        </p>}
        {notices.map((one) => <p key={one.id} class={one.isTrouble ? "notice is-trouble" : "notice"}>
            <span>{one.words}</span>
            {one.undo && <button type="button" class="button" onClick={() => {
                change(notices.filter((other) => other.id !== one.id));
                one.undo?.().then(() => tell("Undone"), tellTrouble);
            }}>Undo</button>}
        </p>)}
    </div>;
}
