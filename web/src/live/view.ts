/* view.ts - what every view of the live page is, and the small things they share. */
import { h, type Child } from "../page/dom.ts";
import type { GetV1Session } from "./answers.ts";
import { Refusal } from "./ask.ts";

export type Person = GetV1Session;

/* What a view gets: who looks, where to draw, and a signal that ends with the view. */
export interface Stage { person: Person; place: HTMLElement; signal: AbortSignal }
export type View = (stage: Stage, argument: string) => Promise<void> | void;

export const may = (person: Person, right: string): boolean => person.rights.includes(right);

/* A link to a view of this page. */
export function to(view: string, argument?: string): string {
    return `#/${view}${argument === undefined ? "" : "/" + encodeURIComponent(argument)}`;
}

export const customerLink = (id: string): HTMLElement => h("a", { href: to("customer", id) }, id);

/* A sentence that something went wrong, and what to do. */
export function trouble(error: unknown): HTMLElement {
    const words = error instanceof Refusal ? error.message : "This part could not be drawn.";
    if (!(error instanceof Refusal)) console.error(error);
    return h("p", { class: "callout is-trouble", role: "alert" }, sentence(words));
}

/* The server's words as a sentence. */
export function sentence(words: string): string {
    const text = words.charAt(0).toUpperCase() + words.slice(1);
    return /[.!?]$/.test(text) ? text : text + ".";
}

/* A part of a view: its heading, a sentence on what it shows, and that. */
export function part(title: string, lead: string | null, ...children: Child[]): HTMLElement {
    return h("div", { class: "part" }, h("h2", { class: "part-title" }, title),
        lead ? h("p", { class: "part-lead" }, lead) : null, children);
}

export interface Column<T> { title: string; className?: string; cell: (row: T) => Child }

/* A plain table; on a narrow page it scrolls by itself, on a phone each row is a card. */
export function plainTable<T>(caption: string, columns: Column<T>[], rows: T[]): HTMLElement {
    return h("div", { class: "table-scroll", role: "region", "aria-label": caption, tabindex: "0" },
        h("table", { class: "table cards" }, h("caption", { class: "unseen" }, caption),
            h("thead", null, h("tr", null, columns.map((one) =>
                h("th", { scope: "col", class: one.className }, h("span", { class: "header-label" }, one.title))))),
            h("tbody", null, rows.map((row) => h("tr", null, columns.map((one) =>
                h("td", { class: one.className, "data-label": one.title }, h("span", null, one.cell(row)))))))));
}

/* Calls again and again until the view ends, and not while nobody looks. */
export function repeat(every_ms: number, signal: AbortSignal, work: () => Promise<void>): void {
    const timer = setInterval(() => { if (!document.hidden) void work(); }, every_ms);
    signal.addEventListener("abort", () => clearInterval(timer));
}
