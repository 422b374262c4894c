/* sort.ts - the order of table rows. */

type Sortable = string | number | null | undefined;

/* Negative when a comes first. Numbers by size, texts as people read them (item 2 before item 10). */
export function compare(a: Sortable, b: Sortable): number {
    if (typeof a === "number" && typeof b === "number") return a - b;
    return collator.compare(String(a), String(b));
}
const collator = new Intl.Collator("en", { numeric: true, sensitivity: "base" });

/* A sorted copy; equal rows keep their order, and what is unknown comes last in either direction. */
export function sortRows<T>(rows: readonly T[], value: (row: T) => Sortable, descending: boolean): T[] {
    const isUnknown = (cell: Sortable) => cell === null || cell === undefined || cell === "" || Number.isNaN(cell);
    return rows.map((row) => ({ row, cell: value(row) }))
        .sort((a, b) => {
            const unknown = Number(isUnknown(a.cell)) - Number(isUnknown(b.cell));
            if (unknown !== 0 || isUnknown(a.cell)) return unknown;
            return descending ? compare(b.cell, a.cell) : compare(a.cell, b.cell);
        })
        .map((entry) => entry.row);
}

/* The rows in which every word of `words` occurs in some text of the row. */
export function filterRows<T>(rows: readonly T[], text: (row: T) => string, words: string): T[] {
    const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
    return wanted.length === 0 ? [...rows] : rows.filter((row) => {
        const held = text(row).toLowerCase();
        return wanted.every((word) => held.includes(word));
    });
}
