/* section.ts - one part of the page: a heading, the sentence that says what it shows, and what is drawn. */
import { h, type Child } from "./dom.ts";
import { sentence } from "./prose.ts";
import type { Maybe, Report } from "../report.ts";

export type Group = "act" | "understand" | "trust";

export interface Section {
    id: string;                                   /* also the address: report.html#drivers */
    group: Group;
    title: string;
    draw: (report: Report) => Maybe<HTMLElement>; /* nothing when the report has no such part */
}

/* A paragraph of the program's words, or nothing when there are none. */
export function paragraph(text: Maybe<string>, className?: string): HTMLElement | null {
    return text ? h("p", { class: className }, sentence(text)) : null;
}

/* A section's body: the lead sentence, then whatever follows. */
export function body(lead: Maybe<string>, ...children: Child[]): HTMLElement {
    return h("div", { class: "section-body" }, paragraph(lead, "lead"), children);
}

/* A part within a section. */
export function part(title: string, lead: Maybe<string>, ...children: Child[]): HTMLElement {
    return h("div", { class: "part" }, h("h3", null, title), paragraph(lead, "part-lead"), children);
}

/* A small note on how to read what is above. */
export function note(...children: Child[]): HTMLElement {
    return h("p", { class: "note" }, children);
}

/* Large numbers in a row: each with a label above and what it means below. */
export function figures(items: Maybe<{ label: string; number: string; mark?: Maybe<HTMLElement>;
    meaning?: Child }>[]): HTMLElement {
    return h("dl", { class: "figures" }, items.map((item) => item && h("div", { class: "figure" },
        h("dt", null, item.label),
        h("dd", { class: "figure-number" }, item.number),
        item.mark ? h("dd", { class: "figure-mark" }, item.mark) : null,
        item.meaning ? h("dd", { class: "figure-meaning" }, item.meaning) : null)));
}
