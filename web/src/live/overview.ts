/* overview.ts - how the server is, how old the scores are, which models there are, and what happens now. */
import { h, type Child } from "../page/dom.ts";
import { formatCompact, formatCount, formatDecimal, formatQuantity, formatShare, plural, sentenceCase } from "../page/format.ts";
import { figures } from "../page/section.ts";
import { age, formatSpan, serverNow, setServerTime } from "./age.ts";
import { formatDate } from "./as_of.ts";
import type { GetV1Models, GetV1Status } from "./answers.ts";
import { ask } from "./ask.ts";
import { bars } from "./plot.ts";
import { happenings } from "./happenings.ts";
import { may, part, plainTable, repeat, sentence, to, trouble, type Stage } from "./view.ts";

type Status = GetV1Status;
type Models = GetV1Models;

const WINDOW_MS = 10_000, ASK_EVERY_MS = 2000, BARS = 60, DAY_MS = 86_400_000;

/* Events a second: over the last answers, and between each two of them. */
interface Speed { now: number; between: number[] }

function speedometer(): (status: Status) => Speed {
    const seen: { now_ms: number; n: number }[] = [];
    const rate = (i: number, j: number): number => {
        const from = seen[i], to = seen[j];
        return from && to && to.now_ms > from.now_ms ? (to.n - from.n) * 1000 / (to.now_ms - from.now_ms) : 0;
    };
    return (status) => {
        if (status.since_start.events < (seen.at(-1)?.n ?? 0)) seen.length = 0;     /* it was started anew */
        seen.push({ now_ms: status.now_ms, n: status.since_start.events });
        if (seen.length > BARS + 1) seen.shift();
        const first = seen.findIndex((one) => status.now_ms - one.now_ms <= WINDOW_MS);
        return { now: rate(first, seen.length - 1), between: seen.slice(1).map((_, i) => rate(i, i + 1)) };
    };
}

/* How fast events come, since the page was opened and for two minutes at most. */
function throughput({ between }: Speed): HTMLElement | string {
    const most = Math.max(0, ...between), seconds = BARS * ASK_EVERY_MS / 1000;
    if (most === 0) return "";
    const rows = [...Array<number>(BARS - between.length).fill(0), ...between];
    return part("How fast events come", `At most ${formatQuantity(most)} a second in the last two minutes. A gap while ` +
        "the shop is open says that a client has stopped sending.",
        bars("Events a second", `At most ${formatQuantity(most)} events a second in the last two minutes`,
            rows.map((one) => ({ size: one, hint: `${formatQuantity(one)} events a second` })),
            [{ at: 0, words: `${seconds / 60} minutes ago` }, { at: 0.5, words: `${seconds / 120} minute ago` },
                { at: 1, words: "now" }]));
}

/* Whether scores are as of an instant that is past (as_of.ts). */
const stands = (status: Status): boolean => status.now_ms - status.as_of_ms > DAY_MS;

/* The one sentence that matters most now. */
function headline(status: Status, models: Models): string {
    const { oldest_ms, pass_share } = status.scores;
    if (status.events === 0) return "No event has come yet";
    if (models.models.length === 0) return `${plural(status.identities, "customer")} known, no model yet`;
    if (oldest_ms === null) return `Scores are being brought up to date: ${formatShare(pass_share)} done`;
    if (stands(status)) return `Scores are as of ${formatDate(status.as_of_ms - 1)}`;
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
    const { state, since_ms, problem, next } = models.learning;
    if (state !== "idle") return [`${sentenceCase(state)} since `, age(since_ms), "."];
    const when: Child = next.at_ms === null ? `Next training: ${next.why}`
        : [`Next training${models.models.length > 1 && next.question ? ` (${next.question})` : ""}: `, age(next.at_ms), `. ${next.why}`];
    return [problem ? `The last attempt gave nothing: ${problem}. `.replace("..", ".") : "", when];
}

type Estimate = NonNullable<Models["models"][number]["chosen"]>["auc"];

function aucWords(auc: Estimate): string {
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
        { label: "Events a second", number: formatCompact(speed < 10 ? Math.round(speed * 10) / 10 : Math.round(speed)),
            meaning: `${formatCount(since.events)} since the start, ${formatCount(status.events)} in all` },
        { label: "Ids known", number: formatCompact(status.identities), meaning: "with events; linked ids are one customer" },
        { label: "Oldest score", number: scores.oldest_ms === null ? "–" : formatSpan(status.now_ms - scores.oldest_ms),
            meaning: "whoever does something is scored at once, everybody else " + (stands(status)
                ? `as of ${formatDate(status.as_of_ms - 1)}` : `once in ${formatSpan(scores.window_ms)}`) },
        { label: "Refused messages", number: formatCompact(since.refused), meaning: since.refused
            ? "kept with their reasons: holdfast rejects" : "since the start" },
    ]);
}

export async function overview({ person, place, signal }: Stage): Promise<void> {
    const title = h("h1", null, "…"), numbers = h("div"), drawing = h("div"), learning = h("div"), start = h("div");
    const speed = speedometer();
    let is_gone = false;        /* told once, not every two seconds */
    const draw = async (): Promise<void> => {
        const [status, models] = await Promise.all([ask<Status>("GET", "/v1/status", undefined, signal),
            ask<Models>("GET", "/v1/models", undefined, signal)]);
        setServerTime(status.now_ms);
        const words = headline(status, models);
        if (title.textContent !== words) title.textContent = words;
        const fast = speed(status);
        numbers.replaceChildren(drawFigures(status, fast.now));
        drawing.replaceChildren(throughput(fast));
        is_gone = false;
        start.replaceChildren(...(status.events === 0 ? [firstEvent()] : []));
        learning.replaceChildren(h("p", { class: "part-lead" }, learningWords(models)), modelTable(models) ?? "");
    };
    await draw();
    place.replaceChildren(h("div", { class: "summary" }, title, numbers), start, drawing,
        may(person, "customer") ? part("What happens now",
            "Events as they come, and what follows from them. The newest is on top.", happenings(signal)) : "",
        part("Models", null, learning,
            may(person, "model") ? trainButton(draw) : null,
            h("p", { class: "note" }, "A score says who is likely to leave, not whom a message would keep",
                may(person, "customer") ? [": see ", h("a", { href: to("customers") }, "who has most at stake")] : "", ".")));
    repeat(ASK_EVERY_MS, signal, () => draw().catch((error: unknown) => {
        if (signal.aborted || is_gone) return;
        is_gone = true;
        title.textContent = "The server does not answer";
        numbers.replaceChildren(trouble(error), h("p", { class: "note" }, "This page asks again by itself."));
        drawing.replaceChildren();
    }));
}
