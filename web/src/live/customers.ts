/* customers.ts - who has most at stake, and finding somebody. */
import { h } from "../page/dom.ts";
import { formatCount, formatMoney, formatShare, plural, sentenceCase } from "../page/format.ts";
import { age } from "./age.ts";
import type { GetV1Customers, GetV1Models, GetV1ModelsQuestion } from "./answers.ts";
import { ask, encode } from "./ask.ts";
import { reasonList } from "../page/reasons.ts";
import { bars } from "./plot.ts";
import { customerLink, part, plainTable, trouble, type Stage } from "./view.ts";

type Found = GetV1Customers["customers"][number];

const ROWS = 50, TYPING_MS = 200;

function queue(rows: Found[]): HTMLElement {
    const question = rows[0]?.question ?? "churn";
    return plainTable("Customers by what is at stake", [
        { title: "Customer", className: "customer", cell: (row) => customerLink(row.customer) },
        { title: question === "churn" ? "Likely to leave" : sentenceCase(question.replaceAll("_", " ")),
            className: "number", cell: (row) => formatShare(row.prediction) },
        { title: "Expected loss", className: "number", cell: (row) => formatMoney(row.expected_loss_cents, "") },
        { title: "Value if they stay", className: "number", cell: (row) => formatMoney(row.value_if_stays_cents, "") },
        { title: "Why", className: "wide", cell: (row) => row.reasons?.length ? reasonList(row.reasons) : "–" },
        { title: "Scored", cell: (row) => row.scored_ms ? age(row.scored_ms) : "–" },
    ], rows);
}

function hits(rows: Found[]): HTMLElement {
    return plainTable("Customers found", [
        { title: "Customer", className: "customer", cell: (row) => customerLink(row.customer) },
        { title: "Found by", cell: (row) => row.matched ?? "–" },
    ], rows);
}

/* Everybody by the chance to leave, as scored now. Nothing where no model is live. */
async function spread(signal: AbortSignal): Promise<HTMLElement | null> {
    const { models } = await ask<GetV1Models>("GET", "/v1/models", undefined,
        signal);
    const live = models.find((one) => one.is_live && one.question === "churn");
    if (!live) return null;
    const { headline, spread: counts } = await ask<GetV1ModelsQuestion>("GET", `/v1/models/${encode(live.question)}`, undefined,
        signal);
    const n = (counts ?? []).reduce((sum, one) => sum + one, 0);
    if (!counts || n === 0) return null;
    const step = 1 / counts.length, half = counts.length / 2;
    const from = (i: number): string => `${Math.round(i * step * 100)} to ${Math.round((i + 1) * step * 100)}\u202f%`;
    return part("How likely everybody is", `${headline ?? ""} Begin with those who have most at stake, listed below.`, bars("Customers by the chance to leave", counts.map((one, i) => `${from(i)}: ${formatCount(one)}`).join("; "),
        counts.map((one, i) => ({ size: one, number: formatCount(one), isMarked: i >= half,
            hint: `${plural(one, "customer")} at ${from(i)}` })),
        [0, 0.25, 0.5, 0.75, 1].map((at) => ({ at, words: `${at * 100}\u202f%` }))));
}

export async function customers({ place, signal }: Stage, search: string): Promise<void> {
    const list = h("div", { "aria-live": "polite" });
    const field = h("input", { id: "search", type: "search", autocomplete: "off", spellcheck: "false",
        placeholder: "an id, or a whole e-mail address", value: search });
    const over = h("div");
    let n_asked = 0;
    const draw = async (): Promise<void> => {
        const nth = ++n_asked, text = field.value.trim();
        const { customers: rows } = await ask<GetV1Customers>("GET",
            `/v1/customers?limit=${ROWS}${text ? "&search=" + encode(text) : ""}`, undefined, signal);
        if (nth !== n_asked) return;
        over.hidden = text !== "";
        if (rows.length > 0) list.replaceChildren(text ? hits(rows) : queue(rows));
        else list.replaceChildren(h("p", { class: "callout" }, text
            ? "Nobody was found. Ids are found by their beginning, addresses only as a whole, because they are sealed."
            : "Nobody has been valued yet: that follows once a model is trained. Search finds everybody."));
    };
    const tell = (error: unknown): void => { if (!signal.aborted) list.replaceChildren(trouble(error)); };
    let typing = 0;
    field.addEventListener("input", () => {
        clearTimeout(typing);
        typing = window.setTimeout(() => { draw().catch(tell); }, TYPING_MS);
    });
    place.replaceChildren(h("div", { class: "summary" }, h("h1", null, "Who has most at stake"),
        h("p", { class: "lead" }, "Expected loss is the chance to leave times what a customer would bring in twelve " +
            "months if they stayed. It says where a conversation may be worth most, not that it will help.")),
        h("form", { class: "search-form", role: "search", onsubmit: (event) => {
            event.preventDefault();
            draw().catch(tell);
        } }, h("label", { for: "search" }, "Find a customer"), field), over, list);
    await Promise.all([draw().catch(tell), spread(signal).then((drawn) => { if (drawn) over.replaceChildren(drawn); }, tell)]);
}
