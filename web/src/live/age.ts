/* age.ts - how long ago something was, by the server's clock, and kept true while it is looked at. */
import { h } from "../page/dom.ts";
import { formatCount } from "../page/format.ts";

let ahead_ms = 0;       /* the server's clock before this one */

export function setServerTime(now_ms: number): void {
    ahead_ms = now_ms - Date.now();
}

export const serverNow = (): number => Date.now() + ahead_ms;

/* A unit, its name, and from how many of it on it is used. */
const UNITS: [number, string, number][] = [[31_557_600_000, "year", 2], [2_629_800_000, "month", 3], [86_400_000, "day", 1],
    [3_600_000, "hour", 1], [60_000, "minute", 1], [1000, "second", 1]];

/* 12 seconds; 3 minutes; 2 days; 14 years */
export function formatSpan(ms: number): string {
    const [unit, word] = UNITS.find(([size, , least]) => ms >= least * size) ?? [1000, "second"];
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
