/* format.ts - numbers, money, shares and dates as people read them. What is not known is shown as a dash. */
import type { Maybe } from "../report.ts";

const LOCALE = "en-GB";
export const UNKNOWN = "–";

/* Numbers below zero have a minus sign, as wide as a plus, that a line's end does not part from its digits. */
export const MINUS = "−\u2060";
const withMinus = (text: string): string => text.replace("-", MINUS);

const number = (digits: number, least = 0) => {
    const format = new Intl.NumberFormat(LOCALE, { maximumFractionDigits: digits, minimumFractionDigits: least });
    return { format: (value: number) => withMinus(format.format(value)) };
};
const whole = number(0);
const PERCENT = "\u202f%";                    /* a narrow space that does not break */

/* Three digits and k, M or B. Not Intl's compact notation: its letters differ from browser to browser. */
function scaled(size: number): { size: string; letter: string } {
    const [factor, letter] = size >= 999.5e6 ? [1e9, "B"] : size >= 999.5e3 ? [1e6, "M"] : [1e3, "k"];
    const digits = size / factor;
    return { size: number(digits >= 100 ? 0 : digits >= 10 ? 1 : 2).format(digits), letter: String(letter) };
}

function known(value: Maybe<number>): value is number {
    return typeof value === "number" && Number.isFinite(value);
}

/* 4,371 */
export function formatCount(value: Maybe<number>): string {
    return known(value) ? whole.format(value) : UNKNOWN;
}

/* 9,730 below ten thousand, 12.3k and 1.23M above */
export function formatCompact(value: Maybe<number>): string {
    if (!known(value)) return UNKNOWN;
    const magnitude = Math.abs(value);
    if (magnitude < 9_999.5) return number(magnitude < 10 ? 2 : 0).format(value);
    const { size, letter } = scaled(magnitude);
    return (value < 0 ? MINUS : "") + size + letter;
}

/* Numbers along an axis, all of one kind: 0, 500, 1k, 1.5k, 2M */
export function formatTick(value: number): string {
    const magnitude = Math.abs(value);
    if (magnitude < 999.5) return formatQuantity(value);
    const { size, letter } = scaled(magnitude);
    return (value < 0 ? MINUS : "") + size + letter;
}

/* A number with `digits` decimals, always that many: 0.801 */
export function formatDecimal(value: Maybe<number>, digits = 3): string {
    return known(value) ? number(digits, digits).format(value) : UNKNOWN;
}

/* A quantity of unknown size, with about three significant digits: 0.243, 12.4, 9,582 */
export function formatQuantity(value: Maybe<number>): string {
    if (!known(value)) return UNKNOWN;
    const size = Math.abs(value);
    if (size >= 100 || Number.isInteger(value)) return whole.format(value);
    if (size >= 10) return number(1).format(value);
    if (size >= 1) return number(2).format(value);
    if (size < 1e-6) return "almost 0";
    return withMinus(new Intl.NumberFormat(LOCALE, { maximumSignificantDigits: 3 }).format(value));
}

/* 0.4312 -> 43 %; 0.0312 -> 3.1 %; more digits when asked for */
export function formatShare(value: Maybe<number>, digits?: number): string {
    if (!known(value)) return UNKNOWN;
    const size = Math.abs(value);
    const decimals = digits ?? (size !== 0 && size < 0.0995 ? 1 : 0);
    if (size > 0 && size < 0.0005 && digits === undefined) return "<0.1" + PERCENT;
    return number(decimals, decimals).format(value * 100) + PERCENT;
}

const moneyFormats = new Map<string, Intl.NumberFormat>();

function moneyFormat(currency: string, decimals: number): Intl.NumberFormat {
    const key = `${currency} ${decimals}`, known = moneyFormats.get(key);
    if (known) return known;
    const options = { minimumFractionDigits: decimals, maximumFractionDigits: decimals };
    let format = new Intl.NumberFormat(LOCALE, options);
    try {
        if (currency) format = new Intl.NumberFormat(LOCALE,
            { ...options, style: "currency", currency, currencyDisplay: "narrowSymbol" });
    } catch { /* not an ISO 4217 code: the number alone */ }
    moneyFormats.set(key, format);
    return format;
}

/* Cents as money: pence below 100, whole pounds below 100 thousand, then three digits: £12.50, £1,250, £1.25M.
 * Without a currency only the number is shown. `whole` is the amount from which it is short. */
export function formatMoney(cents: Maybe<number>, currency: Maybe<string>, whole = 99_999.5): string {
    if (!known(cents)) return UNKNOWN;
    const amount = cents / 100, magnitude = Math.abs(amount), code = currency ?? "";
    if (magnitude < whole) return withMinus(moneyFormat(code, magnitude >= 100 || amount === 0 ? 0 : 2).format(amount));
    const { size, letter } = scaled(magnitude);
    return withMinus(moneyFormat(code, 0).formatToParts(Math.sign(amount))
        .map((part) => part.type === "integer" ? size + letter : part.value).join(""));
}

/* Money along an axis: £0, £500, £1k, £1.5M */
export function formatMoneyTick(cents: number, currency: Maybe<string>): string {
    return formatMoney(cents, currency, 999.5);
}

/* Cents as money in whole units, never compact, for columns that are compared line by line: £1,250,310 */
export function formatMoneyWhole(cents: Maybe<number>, currency: Maybe<string>): string {
    if (!known(cents)) return UNKNOWN;
    const amount = cents / 100;
    return withMinus(moneyFormat(currency ?? "", Math.abs(amount) < 10 && amount !== 0 ? 2 : 0).format(amount));
}

/* "0.78 to 0.82", or nothing when an end is unknown */
export function formatInterval(low: Maybe<number>, high: Maybe<number>,
    format: (value: number) => string): string {
    return known(low) && known(high) ? `${format(low)} to ${format(high)}` : "";
}

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/* 2011-12-09 or 2011-12-09T12:50:00Z -> 9 Dec 2011; other text stays as it is */
export function formatDate(text: Maybe<string>): string {
    if (!text) return UNKNOWN;
    const date = /^\d{4}-\d{2}-\d{2}/.test(text) ? new Date(`${text.slice(0, 10)}T00:00:00Z`) : null;
    if (!date || Number.isNaN(date.getTime())) return text;
    return `${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]} ${date.getUTCFullYear()}`;
}

/* 2010-12 -> Dec 2010 */
export function formatMonth(text: Maybe<string>): string {
    if (!text) return UNKNOWN;
    const date = /^\d{4}-\d{2}$/.test(text) ? new Date(`${text}-01T00:00:00Z`) : null;
    if (!date || Number.isNaN(date.getTime())) return text;
    return `${MONTHS[date.getUTCMonth()]} ${date.getUTCFullYear()}`;
}

/* 0.04 s, 1.2 s, 48 s, 2 min 5 s */
export function formatSeconds(value: Maybe<number>): string {
    if (!known(value)) return UNKNOWN;
    if (value < 0.995) return `${number(2, 2).format(value)} s`;
    if (value < 59.5) return `${number(value < 10 ? 1 : 0).format(value)} s`;
    return `${Math.floor(Math.round(value) / 60)} min ${Math.round(value) % 60} s`;
}

/* A value with the unit the program names: share -> 30%, days -> 365 days, cents -> money */
export function formatUnit(value: Maybe<number | string>, unit: Maybe<string>, currency: Maybe<string>): string {
    if (value === null || value === undefined) return UNKNOWN;
    if (typeof value === "string") return value;
    if (unit === "share") return formatShare(value, Number.isInteger(Math.round(value * 1e6) / 1e4) ? 0 : 1);
    if (unit === "cents") return formatMoney(value, currency);
    if (unit === "seconds") return formatSeconds(value);
    return unit ? `${formatQuantity(value)} ${value === 1 ? unit.replace(/s$/, "") : unit}`
        : formatQuantity(value);
}

/* "1 customer", "812 customers" */
export function plural(n: Maybe<number>, noun: string): string {
    return `${formatCount(n)} ${n === 1 ? noun : `${noun}s`}`;
}

/* at_risk -> At risk */
export function sentenceCase(text: Maybe<string>): string {
    if (!text) return UNKNOWN;
    const words = text.replaceAll("_", " ");
    return words.charAt(0).toUpperCase() + words.slice(1);
}
