/* clock.ts - time as people read it, by the server's clock. */
import { formatCount } from "../page/format.ts";

let ahead_ms = 0; /* the server's clock before this one */

export function setServerTime(now_ms: number): void {
    ahead_ms = now_ms - Date.now();
}
export const serverNow = (): number => Date.now() + ahead_ms;

const DAY_MS = 86_400_000;

/* A unit, its name, and from how many of it on it is used. */
const UNITS: [number, string, number][] = [
    [31_557_600_000, "year", 2],
    [2_629_800_000, "month", 3],
    [86_400_000, "day", 1],
    [3_600_000, "hour", 1],
    [60_000, "minute", 1],
    [1000, "second", 1],
];

/* 12 seconds; 3 minutes; 2 days; 14 years */
export function formatSpan(ms: number): string {
    const [unit, word] = UNITS.find(([size, , least]) => ms >= least * size) ?? [1000, "second"];
    const n = Math.max(0, Math.floor(ms / unit));
    return `${formatCount(n)} ${word}${n === 1 ? "" : "s"}`;
}

/* 12 seconds ago; in 3 minutes; just now */
/* Of what is longer ago than a year the day says more: an old history would be "14 years ago" from end to end. */
export function formatAge(at_ms: number, now_ms = serverNow()): string {
    const ms = now_ms - at_ms;
    if (ms > 366 * DAY_MS) return formatDay(at_ms);
    if (Math.abs(ms) < 2000) return "just now";
    return ms < 0 ? `in ${formatSpan(-ms)}` : `${formatSpan(ms)} ago`;
}

/* A table of customers without times is put down on the first day of 1970, which is told of nobody. */
export const isDated = (ms: number): boolean => ms >= 86_400_000;

/* 9 December 2011 */
export const formatDay = (ms: number): string =>
    new Date(ms).toLocaleDateString("en-GB", { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" });

/* 9 Dec 2011, 14:05 */
export const formatInstant = (ms: number): string =>
    new Date(ms)
        .toLocaleString("en-GB", {
            day: "numeric",
            month: "short",
            year: "numeric",
            hour: "2-digit",
            minute: "2-digit",
        })
        .replace("Sept", "Sep"); /* as all months in reports, of three letters */
