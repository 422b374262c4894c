/* customer.ts - all that is known of one customer, with reasons, and how old each score is. */
import { h, type Child } from "../page/dom.ts";
import { formatCount, formatMoney, formatQuantity, formatShare, plural, sentenceCase } from "../page/format.ts";
import { reasonList } from "../page/reasons.ts";
import { figures } from "../page/section.ts";
import { age, formatAge, serverNow } from "./age.ts";
import { formatDate } from "./as_of.ts";
import type { GetV1CustomersId } from "./answers.ts";
import { ask, encode } from "./ask.ts";
import { lanes } from "./plot.ts";
import { part, plainTable, sentence, to, trouble, type Stage } from "./view.ts";

type Customer = GetV1CustomersId;
type Score = Customer["scores"][string];
type Feature = NonNullable<Customer["features"]>[number];
type Event = NonNullable<Customer["timeline"]>[number];
type Decision = Customer["decisions"][number];

const VALUE = "value_12m_cents", EVENTS_ASKED = 300, ROWS_SHOWN = 50, LANES_MOST = 8, DAY_MS = 86_400_000;

/* A question that does not ask this customer has no score. */
function scored(score: Score | null): Child {
    if (!score) return "not asked of this customer";
    return score.scored_ms ? ["scored ", age(score.scored_ms)] : "not scored yet";
}

/* A question about spend is answered in units of the currency, any other by a chance. */
function answer(score: Score | null, value: number | null | undefined): string {
    return score?.kind === "spend" ? formatMoney(value == null ? value : 100 * value, "") : formatShare(value);
}

/* The model's question first, in the order in which people ask. */
const LABELS: Record<string, string> = { churn: "Likely to leave", [VALUE]: "Expected spend, 12 months" };
const AFTER = [VALUE];

function scoreFigures(one: Customer): HTMLElement {
    const scores = Object.entries(one.scores).filter(([name]) => name !== "p_alive").sort(([a], [b]) => AFTER.indexOf(a) - AFTER.indexOf(b));
    const rows = scores.map(([name, score]) => ({
        label: LABELS[name] ?? sentenceCase(name.replaceAll("_", " ")),
        number: name === VALUE ? formatMoney(score?.value, "") : answer(score, score?.value),
        meaning: [scored(score), typeof score?.base_rate === "number" ? `; average ${answer(score, score.base_rate)}` : "",
            score?.model ? `; by ${score.model}` : ""] as Child,
    }));
    /* What is known of them is no visit. */
    const did = (one.timeline ?? []).filter((event) => event.kind !== "traits").map((event) => event.time_ms);
    const seen = did.length ? Math.max(...did) : one.last_known_ms;
    return figures([...rows, seen
        ? { label: "Last seen", number: new Date(seen).toLocaleDateString("en-GB", { day: "numeric", month: "short" }),
            meaning: [`${new Date(seen).getFullYear()}, `, age(seen)] }
        : { label: "Last seen", number: "never", meaning: null }]);
}

function facts(entries: [string, Child][]): HTMLElement | null {
    return entries.length === 0 ? null : h("dl", { class: "facts" }, entries.map(([name, value]) =>
        h("div", null, h("dt", null, sentenceCase(name)), h("dd", null, value))));
}

const texts = (values: Record<string, unknown>): [string, Child][] => Object.entries(values).map(([name, value]) =>
    [name, typeof value === "object" && value !== null ? JSON.stringify(value) : String(value)]);

function who(one: Customer): HTMLElement {
    const ids = one.identities.map((id) => `${id.id} (${id.kind})`).join(", ");
    const groups: [string, string | null][] = [["Group", one.rfm_group], ["Cluster", one.cluster], ["Stage", one.stage]];
    return part("Who this is", one.is_suppressed ? "Asked not to be measured or contacted." : null,
        facts([["Ids", ids], ...groups.filter(([, name]) => name !== null), ...texts(one.personal), ...texts(one.traits),
            ...Object.entries(one.consent).map(([purpose, said]): [string, Child] =>
                [`Consent to ${purpose}`, texts({ said })[0]?.[1] ?? ""])]));
}

const details = (row: Event): Child => row.properties ? Object.entries(row.properties)
    .map(([name, value]) => `${name}: ${String(value)}`).join(", ") : "–";

/* What is about money first, then what happened most. */
function kindsOf(events: Event[]): [string, Event[]][] {
    const kinds = new Map<string, Event[]>();
    for (const event of events) kinds.set(event.kind, [...kinds.get(event.kind) ?? [], event]);
    const money = (rows: Event[]): number => rows.reduce((sum, row) => sum + Math.abs(row.amount_cents ?? 0), 0);
    return [...kinds].sort(([, a], [, b]) => money(b) - money(a) || b.length - a.length).slice(0, LANES_MOST);
}

function drawnTimeline(events: Event[], as_of_ms: number): HTMLElement {
    const kinds = kindsOf(events);
    return lanes("Events, by kind", kinds.map(([kind, rows]) => `${kind}: ${formatCount(rows.length)}, the last ` +
        formatAge(rows[0]?.time_ms ?? 0)).join("; "), kinds.map(([kind, rows]) => ({ name: kind,
        marks: rows.map((row) => ({ at_ms: row.time_ms, amount_cents: row.amount_cents ?? 0,
            hint: `${kind}${row.amount_cents ? ` of ${formatMoney(row.amount_cents, "")}` : ""}, ` +
                new Date(row.time_ms).toLocaleString("en-GB") })) })), as_of_ms, nowWords(as_of_ms));
}

/* As of when the customer is shown: now, as a rule. */
const nowWords = (as_of_ms: number): string => serverNow() - as_of_ms < DAY_MS ? "now" : formatDate(as_of_ms - 1);

/* A sentence on what the drawing shows: how they came back lately. */
function timelineWords(events: Event[], as_of_ms: number): string {
    const [kind, rows] = kindsOf(events)[0] ?? ["", []], last = rows[0];
    const many = events.length < EVENTS_ASKED ? plural(events.length, "event") : `The latest ${events.length} events`;
    const now = nowWords(as_of_ms), last_ms = last?.time_ms ?? 0;
    const when = now === "now" ? formatAge(last_ms) : `on ${formatDate(last_ms)}`;
    return `${many}. The last ${kind} was ${when}: a line that ends far from ${now} says that they have stopped.`;
}

function timeline(events: Event[], as_of_ms: number): HTMLElement | null {
    const shown = events.slice(0, ROWS_SHOWN);
    return events.length === 0 ? null : part("What they did", timelineWords(events, as_of_ms), drawnTimeline(events, as_of_ms),
        h("details", { class: "as-table" }, h("summary", null, "Show as table"), plainTable("What they did", [
            { title: "When", cell: (row) => age(row.time_ms) },
            { title: "What", className: "name", cell: (row) => row.kind },
            { title: "Amount", className: "number",
                cell: (row) => row.amount_cents ? formatMoney(row.amount_cents, "") : "–" },
            ...shown.some((row) => row.properties) ? [{ title: "Details", className: "wide", cell: details }] : [],
        ], shown), shown.length < events.length
            ? h("p", { class: "note" }, `The latest ${shown.length}; /v1/customers/{id}/timeline has all.`) : null));
}

function decisions(rows: Decision[]): HTMLElement | null {
    return rows.length === 0 ? null : part("What was decided", null, plainTable("What was decided", [
        { title: "When", cell: (row) => row.at_ms ? age(row.at_ms) : "–" },
        { title: "Where", cell: (row) => row.placement ?? "–" },
        { title: "Action", className: "name", cell: (row) => row.action ?? "–" },
        { title: "Chance it was drawn", className: "number", cell: (row) => formatShare(row.propensity) },
        { title: "By", className: "wide", cell: (row) => row.rule ? `${row.policy}: ${row.rule}` : row.policy },
    ], rows));
}

function features(rows: Feature[]): HTMLElement | null {
    return rows.length === 0 ? null : h("details", { class: "part" },
        h("summary", null, h("h2", { class: "part-title" }, `All ${rows.length} features`)),
        plainTable("Features", [
            { title: "Meaning", className: "wide", cell: (row) => row.meaning },
            { title: "Value", className: "number", cell: (row) => formatQuantity(row.value) },
            { title: "Unit", cell: (row) => row.unit ?? "" },
            { title: "Name in conditions", cell: (row) => h("code", null, row.name) },
        ], rows));
}

function reasons(one: Customer): HTMLElement | null {
    if (one.missing) return h("p", { class: "callout" }, sentence(one.missing));
    if (one.reasons.length === 0) return null;
    return part("Why the model thinks so", "What weighs most in the prediction; it says what it leans on, not what " +
        "causes anything.", reasonList(one.reasons));
}

export async function customer({ place, signal }: Stage, id: string): Promise<void> {
    const back = h("p", { class: "back" }, h("a", { href: to("customers") }, "All customers"));
    const draw = async (): Promise<void> => {
        const one = await ask<Customer>("GET", `/v1/customers/${encode(id)}?timeline=${EVENTS_ASKED}`, undefined, signal);
        place.replaceChildren(back, h("div", { class: "summary" }, h("h1", { class: one.customer.length > 40 ? "is-long" : null }, one.customer),
            one.segments.length ? h("p", { class: "tags" }, one.segments.map((segment) =>
                h("span", { class: "tag raises", title: "a segment" }, segment.name))) : null,
            scoreFigures(one),
            h("p", { class: "actions" }, h("button", { type: "button", class: "button",
                onclick: () => { draw().catch(tell); } }, "Look again"))),
            ...[reasons(one), timeline(one.timeline ?? [], Math.max(one.as_of_ms, ...(one.timeline ?? []).map((event) => event.time_ms))), decisions(one.decisions), who(one),
                features(one.features ?? [])].filter((part) => part !== null));
    };
    const tell = (error: unknown): void => {
        if (!signal.aborted) place.replaceChildren(back, h("h1", null, id), trouble(error));
    };
    await draw().catch(tell);
}
