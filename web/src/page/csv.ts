/* csv.ts - a table as CSV (RFC 4180) that is safe to open in a spreadsheet. */

export type Cell = string | number | null | undefined;

/* A cell that begins like a formula gets an apostrophe in front, so that a name such as =HYPERLINK(...) in a
 * customer's file stays text (OWASP: CSV injection). Numbers are ours and stay numbers. */
export function csvCell(cell: Cell): string {
    if (cell === null || cell === undefined) return "";
    if (typeof cell === "number") return Number.isFinite(cell) ? String(cell) : "";
    const text = /^\s*[=+\-@\t\r|]/.test(cell) ? `'${cell}` : cell;
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

export function csvText(header: string[], rows: Cell[][]): string {
    return [header, ...rows].map((row) => row.map(csvCell).join(",")).join("\r\n") + "\r\n";
}

/* Tab-separated, for pasting into a spreadsheet or a mail. */
export function tabText(header: string[], rows: Cell[][]): string {
    const clean = (cell: Cell) => {
        const text = cell === null || cell === undefined ? "" : String(cell).replace(/[\t\r\n]+/g, " ");
        return typeof cell === "string" && /^\s*[=+\-@|]/.test(text) ? `'${text}` : text;
    };
    return [header, ...rows].map((row) => row.map(clean).join("\t")).join("\n") + "\n";
}
