/* customers.ts - who has most at stake, and finding somebody. */
import { h } from "../page/dom.ts";
import { formatMoney, formatShare } from "../page/format.ts";
import { age } from "./age.ts";
import { ask, encode } from "./ask.ts";
import { customerLink, plainTable, trouble, type Stage } from "./view.ts";

interface Found {
    customer: string; matched?: string; scored_ms?: number; prediction?: number | null; value_12m_cents?: number;
    expected_loss_cents?: number; reasons?: string[];
}

const ROWS = 50, TYPING_MS = 200;

function queue(rows: Found[]): HTMLElement {
    return plainTable("Customers by what is at stake", [
        { title: "Customer", className: "customer", cell: (row) => customerLink(row.customer) },
        { title: "Likely to leave", className: "number", cell: (row) => formatShare(row.prediction) },
        { title: "Expected loss", className: "number", cell: (row) => formatMoney(row.expected_loss_cents, "") },
        { title: "Value, 12 months", className: "number", cell: (row) => formatMoney(row.value_12m_cents, "") },
        { title: "Why", className: "wide", cell: (row) => (row.reasons ?? []).slice(0, 2).join("; ") || "–" },
        { title: "Scored", cell: (row) => row.scored_ms ? age(row.scored_ms) : "–" },
    ], rows);
}

function hits(rows: Found[]): HTMLElement {
    return plainTable("Customers found", [
        { title: "Customer", className: "customer", cell: (row) => customerLink(row.customer) },
        { title: "Found by", cell: (row) => row.matched ?? "–" },
    ], rows);
}

export async function customers({ place, signal }: Stage, search: string): Promise<void> {
    const list = h("div", { "aria-live": "polite" });
    const field = h("input", { id: "search", type: "search", autocomplete: "off", spellcheck: "false",
        placeholder: "an id, or a whole e-mail address", value: search });
    let n_asked = 0;
    const draw = async (): Promise<void> => {
        const nth = ++n_asked, text = field.value.trim();
        const { customers: rows } = await ask<{ customers: Found[] }>("GET",
            `/v1/customers?limit=${ROWS}${text ? "&search=" + encode(text) : ""}`, undefined, signal);
        if (nth !== n_asked) return;
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
            "months. It says where a conversation may be worth most, not that it will help.")),
        h("form", { class: "search-form", role: "search", onsubmit: (event) => {
            event.preventDefault();
            draw().catch(tell);
        } }, h("label", { for: "search" }, "Find a customer"), field), list);
    await draw().catch(tell);
}
