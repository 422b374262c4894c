/* backtest_level.ts - how far off the numbers said on earlier days were, in words. */
import { formatDate, formatShare } from "../page/format.ts";
import { type Backtest } from "../report.ts";

/* Whether a level that was off was the season or a trend shows only where the same time of year was seen twice. */
const SEASON = " All of it lies within one year, which cannot show whether such a difference is the season's or lasts: " +
    "nothing is corrected by it, the ranges are widened.";
const DAY = 86_400_000;

/* How far the numbers themselves were off; "" where no day can tell. */
export function levelOf(rows: Backtest[]): string {
    const off = rows.map(offBy).filter((one) => one !== "");
    return off.length > 0 ? ` The number said was ${off.join(", ")}.` + (isWithinAYear(rows) ? SEASON : "") : "";
}

function isWithinAYear(rows: Backtest[]): boolean {
    const days = rows.map((row) => Date.parse(row.as_of)).filter((time) => !Number.isNaN(time));
    return days.length > 0 && Math.max(...days) - Math.min(...days) < 365 * DAY;
}

function offBy(row: Backtest): string {
    const value = row.expected_leavers?.value, actual = row.actual_leavers;
    if (typeof value !== "number" || typeof actual !== "number" || actual <= 0) return "";
    const off = value / actual - 1, when = `as of ${formatDate(row.as_of)}`;
    return off === 0 ? `right ${when}` : `${formatShare(Math.abs(off))} too ${off < 0 ? "low" : "high"} ${when}`;
}
