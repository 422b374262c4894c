/* month.ts - months on an axis of time. */
import { formatMonth } from "./format.ts";

export const monthMs = (month: string): number => Date.parse(`${month}-01T00:00:00Z`);

/* The month that is nearest to an instant. */
export function monthWords(ms: number): string {
    const HALF_MONTH_MS = 15 * 86_400_000;
    const near = new Date(ms + HALF_MONTH_MS);
    return formatMonth(near.toISOString().slice(0, 7));
}
