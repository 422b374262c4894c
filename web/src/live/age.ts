/* age.ts - how long ago something was, by the server's clock, and kept true while it is looked at. */
import { h } from "../page/dom.ts";
import { formatCount } from "../page/format.ts";

let ahead_ms = 0;       /* the server's clock before this one */

export function setServerTime(now_ms: number): void {
    ahead_ms = now_ms - Date.now();
}

export const serverNow = (): number => Date.now() + ahead_ms;

const UNITS: [number, string][] = [[86_400_000, "day"], [3_600_000, "hour"], [60_000, "minute"], [1000, "second"]];

/* 12 seconds; 3 minutes; 2 days */
export function formatSpan(ms: number): string {
    const [unit, word] = UNITS.find(([size]) => ms >= size) ?? [1000, "second"];
    const n = Math.max(0, Math.floor(ms / unit));
    return `${formatCount(n)} ${word}${n === 1 ? "" : "s"}`;
}

/* 12 seconds ago; in 3 minutes; just now */
export function formatAge(at_ms: number, now_ms = serverNow()): string {
    const ms = now_ms - at_ms;
    if (Math.abs(ms) < 2000) return "just now";
    return ms < 0 ? `in ${formatSpan(-ms)}` : `${formatSpan(ms)} ago`;
}

/* The exact instant is its title. */
export function age(at_ms: number): HTMLElement {
    const instant = new Date(at_ms);
    return h("time", { class: "age", datetime: instant.toISOString(), title: instant.toLocaleString("en-GB"),
        "data-ms": at_ms }, formatAge(at_ms));
}

/* Ages grow quietly: every few seconds, and only what is on the page. */
export function startAges(): void {
    setInterval(() => {
        if (document.hidden) return;
        for (const one of document.querySelectorAll<HTMLElement>("time.age")) {
            const text = formatAge(Number(one.dataset["ms"]));
            if (one.textContent !== text) one.textContent = text;
        }
    }, 2000);
}
