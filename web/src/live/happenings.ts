/* happenings.ts - what happens right now: the last lines of the server's stream, newest first. */
import { h, type Child } from "../page/dom.ts";
import { formatMoney, formatShare } from "../page/format.ts";
import { age, serverNow } from "./age.ts";
import type { GetV1SegmentsId } from "./answers.ts";
import { ask, follow, Refusal } from "./ask.ts";
import { customerLink, to, trouble } from "./view.ts";

const MOST_LINES = 25, AGAIN_MS = 3000;

interface Line {
    customer?: string; kind?: string; amount_cents?: number; segment?: number; entered?: boolean;
    question?: string; question_kind?: string; prediction?: number | null; action?: string; placement?: string;
}

const names = new Map<number, string>();

/* A segment's name is asked for when it is met first. */
function segmentLink(id: number): HTMLElement {
    const link = h("a", { href: to("segment", String(id)) }, names.get(id) ?? `segment ${id}`);
    if (!names.has(id)) ask<GetV1SegmentsId>("GET", `/v1/segments/${id}`).then(({ name }) => {
        names.set(id, name);
        link.textContent = name;
    }, () => { /* it may be gone by now */ });
    return link;
}

function words(kind: string, line: Line): Child[] {
    switch (kind) {
    case "event": return [h("strong", null, line.kind ?? "event"),
        line.amount_cents ? ` of ${formatMoney(line.amount_cents, "")}` : ""];
    case "score": return ["scored anew: ", h("strong", null, line.question_kind === "spend" && line.prediction != null
        ? formatMoney(100 * line.prediction, "") : formatShare(line.prediction)), ` ${line.question ?? ""}`];
    case "segment": return [line.entered ? "entered " : "left ", segmentLink(line.segment ?? 0)];
    case "decision": return ["decided: ", h("strong", null, line.action ?? ""), ` at ${line.placement ?? ""}`];
    default: return [kind];
    }
}

export function happenings(signal: AbortSignal): HTMLElement {
    const list = h("ol", { class: "happenings", "aria-label": "What happened last" });
    const still = h("p", { class: "note" }, "Nothing yet since this page was opened.");
    const take = (kind: string, data: string): void => {
        if (kind === "missed") return;
        const line = JSON.parse(data) as Line;
        still.hidden = true;
        list.prepend(h("li", null, h("span", { class: `happening-kind is-${kind}` }, kind),
            h("span", null, line.customer ? customerLink(line.customer) : "somebody", " ", words(kind, line)),
            age(serverNow())));
        while (list.children.length > MOST_LINES) list.lastElementChild?.remove();
    };
    const go = (): void => {
        follow("/v1/events", take, signal).then(() => setTimeout(go, AGAIN_MS), (error: unknown) => {
            if (signal.aborted) return;
            if (error instanceof Refusal) still.replaceChildren(trouble(error)), still.hidden = false;
            else setTimeout(go, AGAIN_MS);
        });
    };
    go();
    return h("div", null, still, list);
}
