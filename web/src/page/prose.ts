/* prose.ts - the program's sentences as a page sets them: readable dates, no line break before a unit. */
import { formatDate, formatMonth } from "./format.ts";

/* "43 % by 2011-11" -> "43 % by Nov 2011", the space before the sign now narrow and unbreakable. */
export function prose(text: string): string {
    return text
        .replace(/\b\d{4}-\d{2}-\d{2}\b/g, formatDate)
        .replace(/\b(?:19|20)\d{2}-(?:0[1-9]|1[0-2])\b(?!-)/g, formatMonth)
        .replace(/(\d) %/g, "$1\u202f%");
}

/* The same as a whole sentence: a capital at its start, a full stop at its end. */
export function sentence(text: string): string {
    const set = prose(text.trim());
    return set && set.charAt(0).toUpperCase() + set.slice(1) + (/[.!?:]$/.test(set) ? "" : ".");
}
