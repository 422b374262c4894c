/* items.ts - which items next: how well each model foretold, one customer's list with its reasons, and what is bought
 * together. */
import { h } from "../page/dom.ts";
import { formatCount, formatShare } from "../page/format.ts";
import type { GetV1ItemsIdAlso, GetV1Recommend, GetV1RecommendModels } from "./answers.ts";
import { ask, encode, Refusal } from "./ask.ts";
import { customerLink, may, part, plainTable, sentence, trouble, type Stage } from "./view.ts";

type Model = GetV1RecommendModels["models"][number];

const number = (value: number, digits: number): string => value.toFixed(digits);
const range = ([value = 0, low = 0, high = 0]: number[]): string =>
    `${number(value, 3)} (${number(low, 3)} to ${number(high, 3)})`;

function board(told: GetV1RecommendModels): HTMLElement {
    const refused = told.models.filter((one) => one.refused);
    return h("div", null, h("p", { class: "lead" }, sentence(told.sentence)), plainTable<Model>("Models", [
        { title: "Model", className: "name", cell: (row) => row.chosen ? h("strong", null, `${row.name}, in force`) : row.name },
        { title: "nDCG@10", className: "number", cell: (row) => range(row.ndcg_10) },
        { title: "Precision", className: "number", cell: (row) => range(row.precision_10) },
        { title: "Recall", className: "number", cell: (row) => range(row.recall_10) },
        { title: "Customers with a hit", className: "number", cell: (row) => formatShare(row.hit_10[0] ?? 0) },
        { title: "Items that come up", className: "number", cell: (row) => formatShare(row.coverage) },
        { title: "Gini", className: "number", cell: (row) => number(row.gini, 2) },
    ], told.models), refused.map((one) => h("p", { class: "note" }, `${one.name}: ${one.refused ?? ""}.`)));
}

function listed(list: GetV1Recommend): HTMLElement {
    return h("div", null, h("p", { class: "lead" }, list.customer ? ["For ", customerLink(list.customer), ", by "] : "By ",
        list.model, list.note ? `: ${list.note}.` : "."), list.items.length === 0 ? null : plainTable("What comes next", [
        { title: "", className: "number", cell: (row) => String(row.rank) },
        { title: "Item", className: "name", cell: (row) => row.title ? `${row.title} (${row.item})` : row.item },
        { title: "Why", className: "wide", cell: (row) => row.reason },
        { title: "Drawn with", className: "number", cell: (row) => formatShare(row.propensity) },
    ], list.items));
}

function together(beside: GetV1ItemsIdAlso): HTMLElement {
    if (beside.also.length === 0) return h("p", { class: "callout" }, "No other item was had by 5 customers who had this one.");
    return plainTable(`What customers had together with ${beside.item}`, [
        { title: "Item", className: "name", cell: (row) => row.item },
        { title: "Had both", className: "number", cell: (row) => formatCount(row.customers) },
        { title: "Times as often as by chance", className: "number",
            cell: (row) => `${number(row.lift, 1)} (${number(row.low, 1)} to ${number(row.high, 1)})` },
        { title: "Of who had the first", className: "number", cell: (row) => formatShare(row.forward) },
        { title: "Of who had the other", className: "number", cell: (row) => formatShare(row.backward) },
    ], beside.also);
}

/* A field, a button, and what is answered under them. */
function asker(id: string, label: string, signal: AbortSignal, answer: (typed: string) => Promise<HTMLElement>): HTMLElement {
    const field = h("input", { id, autocomplete: "off", required: true }), outcome = h("div", { "aria-live": "polite" });
    const run = async (): Promise<void> => {
        try {
            outcome.replaceChildren(await answer(encode(field.value.trim())));
        } catch (error) {
            if (!signal.aborted) outcome.replaceChildren(trouble(error));
        }
    };
    return h("form", { class: "maker", onsubmit: (event) => { event.preventDefault(); void run(); } },
        h("div", { class: "field" }, h("label", { for: id }, label), field),
        h("p", { class: "actions" }, h("button", { type: "submit", class: "button primary" }, "Show")), outcome);
}

export async function items({ person, place, signal }: Stage): Promise<void> {
    let judged: HTMLElement;
    try {
        judged = board(await ask<GetV1RecommendModels>("GET", "/v1/recommend/models", undefined, signal));
    } catch (error) {
        if (!(error instanceof Refusal) || error.status !== 404) throw error;
        judged = h("p", { class: "callout" }, sentence(error.message));
    }
    place.replaceChildren(h("div", { class: "summary" }, h("h1", null, "Items"), h("p", { class: "lead" },
        "Which item comes next, for whom, and why. A list follows every event of its customer.")),
    part("How well models foretold", "Each learned from before a day and was judged on what customers did after it.", judged));
    if (!may(person, "decide")) return;
    place.append(part("One customer", "What they would be shown now, and why. It is written down as any list is.",
        asker("items-customer", "Customer", signal, async (typed) => listed(await ask<GetV1Recommend>("GET",
            `/v1/recommend?customer=${typed}&placement=page`, undefined, signal)))),
    part("Bought together", "What customers had together with an item, the surest first.",
        asker("items-item", "Item", signal, async (typed) => together(await ask<GetV1ItemsIdAlso>("GET",
            `/v1/items/${typed}/also`, undefined, signal)))));
}
