/* overview.ts - how the server is, how old the scores are, which models there are, and what happens now. */
import { h, type Child } from "../page/dom.ts";
import { formatCompact, formatCount, formatDecimal, formatShare, plural, sentenceCase } from "../page/format.ts";
import { figures } from "../page/section.ts";
import { age, formatSpan, serverNow, setServerTime } from "./age.ts";
import { ask } from "./ask.ts";
import { happenings } from "./happenings.ts";
import { may, part, plainTable, repeat, sentence, to, trouble, type Stage } from "./view.ts";

interface Status {
    now_ms: number; started_ms: number; events: number; identities: number;
    since_start: { events: number; accepted: number; refused: number; waiting: number };
    scores: { oldest_ms: number | null; made: number; window_ms: number; pass_share: number };
}
interface Estimate { value?: number; low?: number; high?: number }
interface Models {
    models: { question: string; trained_ms: number; is_live: boolean; asks?: string;
        chosen: { name?: string; auc?: Estimate } | null }[];
    learning: { state: string; since_ms: number; problem: string | null };
}

const WINDOW_MS = 10_000, ASK_EVERY_MS = 2000;

/* Events a second over the last answers. */
function speedometer(): (status: Status) => number {
    const seen: { now_ms: number; n: number }[] = [];
    return (status) => {
        seen.push({ now_ms: status.now_ms, n: status.since_start.events });
        while (seen.length > 2 && status.now_ms - (seen[0]?.now_ms ?? 0) > WINDOW_MS) seen.shift();
        const [first] = seen;
        const ms = first ? status.now_ms - first.now_ms : 0;
        return first && ms > 0 ? (status.since_start.events - first.n) * 1000 / ms : 0;
    };
}

/* The one sentence that matters most now. */
function headline(status: Status, models: Models): string {
    const { oldest_ms, pass_share } = status.scores;
    if (status.events === 0) return "No event has come yet";
    if (models.models.length === 0) return `${plural(status.identities, "customer")} known, no model yet`;
    if (oldest_ms === null) return `Scores are being brought up to date: ${formatShare(pass_share)} done`;
    return `No score is older than ${formatSpan(serverNow() - oldest_ms)}`;
}

function firstEvent(): HTMLElement {
    const body = '{"userId":"ada","event":"Order Completed","properties":{"order_id":"1","revenue":42}}';
    return part("Send the first one", "Any client of Segment, RudderStack, PostHog or Customer.io does, with this " +
        "server as its host. Or by hand, with the write key that the first start printed:",
        h("pre", { class: "command", tabindex: "0", "aria-label": "A command that sends an event" },
            h("code", null, `curl -u "$WRITE_KEY:" -H 'content-type: application/json' \\\n  ${location.origin}` +
            `/v1/track -d '${body}'`)));
}

function learningWords(models: Models): Child {
    const { state, since_ms, problem } = models.learning;
    if (state !== "idle") return [`${sentenceCase(state)} since `, age(since_ms), "."];
    if (models.models.length > 0) return "Trained again by itself as history grows.";
    return problem ? sentence(problem) : "A model is trained by itself once there is enough history.";
}

function aucWords(auc: Estimate | undefined): string {
    if (typeof auc?.value !== "number") return "–";
    const range = typeof auc.low === "number" && typeof auc.high === "number"
        ? ` (${formatDecimal(auc.low)} to ${formatDecimal(auc.high)})` : "";
    return formatDecimal(auc.value) + range;
}

function modelTable(models: Models): HTMLElement | null {
    return models.models.length === 0 ? null : plainTable("Models", [
        { title: "Question", className: "wide", cell: (one) => one.asks ? sentence(one.asks) : one.question },
        { title: "Model", cell: (one) => one.chosen?.name ?? "–" },
        { title: "AUC on held-out customers (95 %)", className: "number", cell: (one) => aucWords(one.chosen?.auc) },
        { title: "Trained", cell: (one) => age(one.trained_ms) },
        { title: "In use", cell: (one) => one.is_live ? "yes" : "no" },
    ], models.models);
}

function trainButton(done: () => Promise<void>): HTMLElement {
    const told = h("span", { class: "note", role: "status" });
    return h("p", { class: "actions" }, h("button", { type: "button", class: "button", onclick: () => {
        ask("POST", "/v1/models/train", {}).then(done, (error: unknown) => told.replaceChildren(trouble(error)));
    } }, "Train now"), told);
}

function drawFigures(status: Status, speed: number): HTMLElement {
    const { since_start: since, scores } = status;
    return figures([
        { label: "Events a second", number: formatCompact(Math.round(speed)),
            meaning: `${formatCount(since.events)} since the start, ${formatCount(status.events)} in all` },
        { label: "Ids known", number: formatCompact(status.identities), meaning: "with events; linked ids are one customer" },
        { label: "Oldest score", number: scores.oldest_ms === null ? "–" : formatSpan(status.now_ms - scores.oldest_ms),
            meaning: `whoever does something is scored at once, everybody else once in ${formatSpan(scores.window_ms)}` },
        { label: "Refused messages", number: formatCompact(since.refused), meaning: since.refused
            ? "kept with their reasons: holdfast rejects" : "since the start" },
    ]);
}

export async function overview({ person, place, signal }: Stage): Promise<void> {
    const title = h("h1", null, "…"), numbers = h("div"), learning = h("div"), start = h("div");
    const speed = speedometer();
    const draw = async (): Promise<void> => {
        const [status, models] = await Promise.all([ask<Status>("GET", "/v1/status", undefined, signal),
            ask<Models>("GET", "/v1/models", undefined, signal)]);
        setServerTime(status.now_ms);
        const words = headline(status, models);
        if (title.textContent !== words) title.textContent = words;
        numbers.replaceChildren(drawFigures(status, speed(status)));
        start.replaceChildren(...(status.events === 0 ? [firstEvent()] : []));
        learning.replaceChildren(h("p", { class: "part-lead" }, learningWords(models)), modelTable(models) ?? "");
    };
    await draw();
    place.replaceChildren(h("div", { class: "summary" }, title, numbers), start,
        may(person, "customer") ? part("What happens now",
            "Events as they come, and what follows from them. The newest is on top.", happenings(signal)) : "",
        part("Models", null, learning,
            may(person, "model") ? trainButton(draw) : null,
            h("p", { class: "note" }, "A score says who is likely to leave, not whom a message would keep: see ",
                h("a", { href: to("customers") }, "who has most at stake"), ".")));
    repeat(ASK_EVERY_MS, signal, () => draw().catch((error: unknown) => {
        if (!signal.aborted) numbers.replaceChildren(trouble(error));
    }));
}
