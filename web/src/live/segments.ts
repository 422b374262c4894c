/* segments.ts - which there are, and making one: a condition, a preview of who would be in it, then its name. */
import { h } from "../page/dom.ts";
import { formatCount, formatShare, plural } from "../page/format.ts";
import { age } from "./age.ts";
import type {
    GetV1Models, GetV1Segments, GetV1SegmentsId, GetV1SegmentsIdMembers, PostV1SegmentsPreview,
} from "./answers.ts";
import { ask, Refusal } from "./ask.ts";
import { customerLink, may, part, plainTable, repeat, sentence, to, trouble, type Stage } from "./view.ts";

type Segment = GetV1SegmentsId;
type Preview = PostV1SegmentsPreview;

const COUNT_EVERY_MS = 1000;
const EXAMPLE = "order_recency_days > 60 and churn > 0.6";

function previewed(preview: Preview): HTMLElement {
    const { n_members, n_customers, is_exact, n_seen } = preview;
    const share = n_customers > 0 ? ` (${formatShare(n_members / n_customers)})` : "";
    const overlaps = preview.overlaps.filter((one) => one.n_both > 0);
    return h("div", { class: "preview" },
        h("p", { class: "lead" }, `${is_exact ? "" : "About "}${formatCount(n_members)} of ` +
            `${plural(n_customers, "customer")}${share} would be in it` +
            `${is_exact ? "" : `, by ${formatCount(n_seen)} that were looked at`}.`),
        preview.absent.length ? h("p", null, `Nobody has a value of ${preview.absent.join(", ")} yet.`) : null,
        preview.sample.length ? h("p", null, "For example ", preview.sample.map((id, i) =>
            [i ? ", " : "", customerLink(id)]), ".") : null,
        overlaps.length ? plainTable("Shared with other segments", [
            { title: "Also in", className: "name", cell: (row) => row.name },
            { title: "Both", className: "number", cell: (row) => formatCount(row.n_both) },
            { title: "Of its", className: "number", cell: (row) => formatCount(row.n_members) },
        ], overlaps) : null);
}

/* The server's words at the field they are about. */
function fieldOf(id: string, label: string, help: string, control: HTMLInputElement | HTMLTextAreaElement):
    { box: HTMLElement; tell: (words: string | null) => void } {
    const told = h("p", { class: "field-error", id: `${id}-error`, role: "alert", hidden: true });
    control.setAttribute("aria-describedby", `${id}-help ${id}-error`);
    return {
        box: h("div", { class: "field" }, h("label", { for: id }, label), control,
            h("p", { class: "note", id: `${id}-help` }, help), told),
        tell(words) {
            told.hidden = words === null;
            told.textContent = words ?? "";
            control.toggleAttribute("aria-invalid", words !== null);
        },
    };
}

function maker(signal: AbortSignal, canSave: boolean, saved: () => Promise<void>): HTMLElement {
    const expression = h("textarea", { id: "expression", rows: "3", spellcheck: "false", required: true,
        placeholder: EXAMPLE });
    const name = h("input", { id: "segment-name", autocomplete: "off", maxlength: "100" });
    const condition = fieldOf("expression", "Condition", `Features, scores and traits, such as ${EXAMPLE}. The page ` +
        "of a customer lists the names.", expression);
    const naming = fieldOf("segment-name", "Name", "What others will know it by.", name);
    const outcome = h("div", { "aria-live": "polite" });
    const run = async (work: () => Promise<void>): Promise<void> => {
        condition.tell(null), naming.tell(null);
        outcome.replaceChildren();
        try {
            await work();
        } catch (error) {
            if (signal.aborted) return;
            if (error instanceof Refusal && error.field === "expression") condition.tell(sentence(error.message));
            else if (error instanceof Refusal && error.field === "name") naming.tell(sentence(error.message));
            else outcome.replaceChildren(trouble(error));
        }
    };
    const preview = (): Promise<void> => run(async () => outcome.replaceChildren(previewed(await ask<Preview>("POST",
        "/v1/segments/preview", { expression: expression.value }, signal))));
    const save = (): Promise<void> => run(async () => {
        await ask("POST", "/v1/segments", { name: name.value, expression: expression.value }, signal);
        expression.value = name.value = "";
        outcome.replaceChildren(h("p", { role: "status" }, "Saved. Customers enter and leave it as events come."));
        await saved();
    });
    return h("form", { class: "maker", onsubmit: (event) => { event.preventDefault(); void preview(); } },
        condition.box, h("p", { class: "actions" }, h("button", { type: "submit", class: "button primary" }, "Preview")),
        outcome,
        canSave ? [naming.box, h("p", { class: "actions" }, h("button", { type: "button", class: "button",
            onclick: () => { void save(); } }, "Save the segment"))]
            : h("p", { class: "note" }, "Your role may look, but not make segments."));
}

export async function segments({ person, place, signal }: Stage): Promise<void> {
    const list = h("div");
    let is_counting = false;    /* a new segment's members: then the numbers grow while one looks */
    const draw = async (): Promise<void> => {
        const { segments: rows } = await ask<GetV1Segments>("GET", "/v1/segments", undefined, signal);
        is_counting = rows.some((row) => !row.is_complete);
        if (rows.length === 0) {
            list.replaceChildren(h("p", { class: "callout" }, "There is none yet. Write a condition below and preview it."));
            return;
        }
        list.replaceChildren(plainTable("Segments", [
            { title: "Segment", className: "name", cell: (row) => may(person, "customer")
                ? h("a", { href: to("segment", String(row.id)) }, row.name) : row.name },
            { title: "Customers", className: "number", cell: (row) => formatCount(row.n_members) +
                (row.is_complete ? "" : " so far") },
            { title: "Condition", className: "wide", cell: (row) => [h("code", null, row.expression),
                row.problem ? h("p", { class: "field-error" }, sentence(row.problem)) : null] },
        ], rows));
    };
    const [{ models }] = await Promise.all([ask<GetV1Models>("GET", "/v1/models", undefined, signal), draw()]);
    place.replaceChildren(h("div", { class: "summary" }, h("h1", null, "Segments"),
        h("p", { class: "lead" }, "Customers enter and leave a segment the moment its condition turns, by an event or by " +
            "time alone.")), list,
        models.length > 0 ? "" : h("p", { class: "callout" }, "No model is trained yet: churn, value_12m_cents and " +
            "p_alive are empty until then, and a condition on them holds for nobody."),
        part("Make a segment", "Preview shows how many it would be, some of them, and what it shares with others.",
            maker(signal, may(person, "segment"), draw)));
    repeat(COUNT_EVERY_MS, signal, async () => { if (is_counting) await draw().catch(() => { /* asked again */ }); });
}

export async function segment({ place, signal }: Stage, id: string): Promise<void> {
    const one = await ask<Segment>("GET", `/v1/segments/${encodeURIComponent(id)}`, undefined, signal);
    const { members } = await ask<GetV1SegmentsIdMembers>("GET", `/v1/segments/${encodeURIComponent(id)}/members?limit=200`, undefined,
        signal);
    place.replaceChildren(h("p", { class: "back" }, h("a", { href: to("segments") }, "All segments")),
        h("div", { class: "summary" }, h("h1", null, one.name), h("p", { class: "lead" }, h("code", null, one.expression)),
            h("p", { class: "lead" }, `${plural(one.n_members, "customer")} in it` +
                `${one.n_members > members.length ? `; the first ${members.length} are listed` : ""}.`)),
        members.length ? plainTable("Members", [
            { title: "Customer", className: "customer", cell: (row) => customerLink(row.customer) },
            { title: "In it since", cell: (row) => age(row.since_ms) },
        ], members) : h("p", { class: "callout" }, "Nobody is in it now."));
}
