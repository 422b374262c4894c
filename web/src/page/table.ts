/* table.ts - tables that can be sorted, filtered, shown piece by piece, copied and exported. */
import { csvText, tabText, type Cell } from "./csv.ts";
import { h, icon, type Child } from "./dom.ts";
import { formatCount, plural } from "./format.ts";
import { copyText, downloadText } from "./handover.ts";
import { scroller } from "./scroller.ts";
import { filterRows, sortRows, type Sortable } from "./sort.ts";

export interface TableColumn<T> {
    label: string;
    value: (row: T) => Sortable;              /* sorts by it; also the cell's text unless `show` is given */
    show?: (row: T) => Child;
    kind?: "text" | "number";                 /* numbers are set right, and sort largest first */
    unit?: string;                            /* "days ago": below the label */
    help?: string;                            /* the same for a term that needs a few words; not on phones */
    wide?: boolean;                           /* may wrap and takes the room that is left */
}

export interface TableOptions<T> {
    caption: string;                          /* read aloud; not shown */
    columns: TableColumn<T>[];
    rows: T[];
    noun?: string;                            /* "customer": for "Showing 10 of 3,900 customers" */
    step?: number;                            /* rows shown at first and added by "Show more"; all when absent */
    filter?: (row: T) => string;              /* the text to search; without it there is no search box */
    exported?: { name: string; header: string[]; cells: (row: T) => Cell[] };
    rowClass?: (row: T) => string | null;
    sorted?: boolean;                         /* false: headers do not sort (the order is the message) */
    narrow?: boolean;                         /* few columns: not drawn across the whole page */
    cards?: boolean;                          /* on a phone each row becomes a card */
    start?: { column: number; descending: boolean };   /* how the rows are already sorted */
}

interface State { column: number; descending: boolean; words: string; shown: number }

export function table<T>(options: TableOptions<T>): HTMLElement {
    const state: State = { column: options.start?.column ?? -1, descending: options.start?.descending ?? false,
        words: "", shown: options.step ?? Infinity };
    const body = h("tbody");
    const count = h("p", { class: "table-count", role: "status" });
    const more = h("button", { type: "button", class: "button", onclick: () => { showMore(); } });
    const headers = options.columns.map((column, index) => header(options, column, () => sortBy(index)));

    function current(): T[] {
        const rows = options.filter ? filterRows(options.rows, options.filter, state.words) : options.rows;
        const column = options.columns[state.column];
        return column ? sortRows(rows, column.value, state.descending) : rows;
    }
    function draw(): void {
        const rows = current();
        body.replaceChildren(...rows.slice(0, state.shown).map((row) => bodyRow(options, row)));
        headers.forEach((cell, index) => cell.setAttribute("aria-sort",
            index !== state.column ? "none" : state.descending ? "descending" : "ascending"));
        drawCount(rows.length);
    }
    function drawCount(n: number): void {
        const shown = Math.min(state.shown, n), noun = options.noun ?? "row";
        count.textContent = n === 0 ? `No ${noun} matches.`
            : shown < n ? `Showing ${formatCount(shown)} of ${plural(n, noun)}` : plural(n, noun);
        more.hidden = shown >= n;
        more.textContent = `Show ${formatCount(Math.min(more50(options), n - shown))} more`;
    }
    function showMore(): void {
        const rows = current(), from = state.shown;
        state.shown += more50(options);
        const added = rows.slice(from, state.shown).map((row) => bodyRow(options, row));
        body.append(...added);
        drawCount(rows.length);
        if (more.hidden) added[0]?.querySelector<HTMLElement>("td")?.focus();
    }
    function sortBy(index: number): void {
        state.descending = state.column === index ? !state.descending : options.columns[index]?.kind === "number";
        state.column = index;
        draw();
    }

    /* The roles keep it a table for screen readers when cards change how it is displayed. */
    const element = h("table", { class: options.cards ? "table cards" : "table", role: options.cards && "table" },
        h("caption", { class: "unseen" }, options.caption),
        h("thead", null, h("tr", null, headers)), body);
    draw();
    const foot = options.step === undefined && !options.filter ? null
        : h("div", { class: "table-foot" }, count, more);
    return h("div", { class: options.narrow ? "table-block narrow" : "table-block" },
        tools(options, state, current, draw, sortBy), scroller(options.caption, element), foot);
}

function more50<T>(options: TableOptions<T>): number {
    return Math.max(50, options.step ?? 50);
}

function header<T>(options: TableOptions<T>, column: TableColumn<T>, sort: () => void): HTMLElement {
    const help = column.unit ?? column.help;
    const label = [h("span", { class: "header-label" }, column.label),
        help ? h("span", { class: "header-help" }, help) : null];
    const attributes = { scope: "col", class: column.kind === "number" ? "number" : null };
    if (options.sorted === false) return h("th", attributes, label);
    return h("th", { ...attributes, "aria-sort": "none" },
        h("button", { type: "button", class: "sort", onclick: sort },
            h("span", { class: "sort-text" }, label), h("span", { class: "sort-mark", "aria-hidden": "true" })));
}

function bodyRow<T>(options: TableOptions<T>, row: T): HTMLElement {
    return h("tr", { class: options.rowClass?.(row), role: options.cards && "row" },
        options.columns.map((column, index) => {
        const content: Child = column.show ? column.show(row) : column.value(row) ?? "–";
        const className = [column.kind === "number" ? "number" : "", column.wide ? "wide" : ""].join(" ").trim();
        const cell = options.cards ? h("div", { class: "cell" }, content) : content;
        const attributes = { class: className || null,
            "data-label": column.unit ? `${column.label} (${column.unit})` : column.label };
        return index === 0 ? h("th", { ...attributes, scope: "row", role: options.cards && "rowheader" }, cell)
            : h("td", { ...attributes, role: options.cards && "cell" }, cell);
    }));
}

/* The line above the table: search, a sort order for phones (where headers are not shown), copy and export. */
function tools<T>(options: TableOptions<T>, state: State, current: () => T[], draw: () => void,
                  sortBy: (index: number) => void): HTMLElement | null {
    const { filter, exported } = options;
    if (!filter && !exported) return null;
    const search = filter && h("label", { class: "search" },
        icon("M11 4a7 7 0 1 1 0 14 7 7 0 0 1 0-14zM16.5 16.5 21 21", 16),
        h("span", { class: "unseen" }, `Search ${options.noun ?? "row"}s`),
        h("input", { type: "search", placeholder: `Search ${options.noun ?? "row"}s`, oninput: (event) => {
            state.words = (event.target as HTMLInputElement).value;
            state.shown = options.step ?? Infinity;
            draw();
        } }));
    const order = options.cards && (filter || exported) && h("label", { class: "sort-choice" }, "Sort by ",
        h("select", { onchange: (event) => {
            const index = Number((event.target as HTMLSelectElement).value);
            state.column = -1;
            sortBy(index);
        } }, options.columns.map((column, index) =>
            h("option", { value: index, selected: index === options.start?.column }, column.label))));
    const cells = () => current().map((row) => exported?.cells(row) ?? []);
    const copy = exported && h("button", { type: "button", class: "button", onclick: (event) => {
        const button = event.currentTarget as HTMLButtonElement;
        void copyText(tabText(exported.header, cells())).then((done) => {
            button.textContent = done ? "Copied" : "Could not copy";
            setTimeout(() => { button.textContent = "Copy"; }, 2000);
        });
    } }, "Copy");
    const save = exported && h("button", { type: "button", class: "button", onclick: () => {
        downloadText(exported.name, "text/csv;charset=utf-8", "\ufeff" + csvText(exported.header, cells()));
    } }, "Export CSV");
    return h("div", { class: "table-tools" }, search, order, h("span", { class: "table-buttons" }, copy, save));
}
