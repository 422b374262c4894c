/* marks.ts - small drawings in a line of text or a table cell: a bar, a dot with its interval, a tag. */
import { h, type Child } from "./dom.ts";
import type { Estimate, Maybe } from "../report.ts";

const percent = (share: number) => `${(Math.min(1, Math.max(0, share)) * 100).toFixed(2)}%`;

/* A number with a bar below it as long as its share of the largest. */
export function barCell(text: string, share: Maybe<number>): HTMLElement {
    if (share === null || share === undefined) return h("span", null, text);
    return h("span", { class: "bar-cell" }, h("span", { class: "bar-text" }, text),
        h("span", { class: "bar-track", "aria-hidden": "true" },
            h("span", { class: "bar-fill", vars: { "--share": percent(share) } })));
}

/* A bar as long as a share of 1, with a thin mark at another share to compare with; nothing when not known. */
export function shareBar(share: Maybe<number>, reference?: Maybe<number>): HTMLElement | null {
    if (share === null || share === undefined) return null;
    return h("span", { class: "whisker", "aria-hidden": "true" },
        h("span", { class: "whisker-share", vars: { "--to": percent(share) } }),
        typeof reference === "number" ? h("span",
            { class: "whisker-reference", vars: { "--at": percent(reference) } }) : null);
}

export interface Scale { from: number; to: number; reference?: Maybe<number> }

/* A dot at the value and a line from low to high, on a scale shared by the rows; a thin mark at the reference. */
export function whisker(estimate: Estimate, scale: Scale): HTMLElement {
    const place = (value: number) => (value - scale.from) / (scale.to - scale.from || 1);
    const { value, low, high } = estimate;
    const marks: Child[] = [];
    if (scale.reference !== null && scale.reference !== undefined)
        marks.push(h("span", { class: "whisker-reference", vars: { "--at": percent(place(scale.reference)) } }));
    if (low !== null && low !== undefined && high !== null && high !== undefined)
        marks.push(h("span", { class: "whisker-line",
            vars: { "--at": percent(place(low)), "--to": percent(place(high)) } }));
    if (value !== null && value !== undefined)
        marks.push(h("span", { class: "whisker-dot", vars: { "--at": percent(place(value)) } }));
    return h("span", { class: "whisker", "aria-hidden": "true" }, marks);
}

/* A scale that holds all estimates with a little air at both ends. */
export function scaleOf(estimates: Maybe<Estimate>[], reference?: Maybe<number>): Scale {
    const ends = estimates.flatMap((estimate) => [estimate?.value, estimate?.low,
        estimate?.high]).concat(reference)
        .filter((end): end is number => typeof end === "number");
    const from = Math.min(...ends), to = Math.max(...ends), air = (to - from) * 0.06 || 0.01;
    return { from: from - air, to: to + air, reference };
}

export function tag(text: string, kind = ""): HTMLElement {
    return h("span", { class: `tag ${kind}`.trim(), title: text.length > 24 ? text : null }, text);
}
