/* as_of.ts - as of when the server answers, said above every view where that is not now, and asked once where the
 * history has ended. */
import { h, type Child } from "../page/dom.ts";
import type { GetV1AsOf } from "./answers.ts";
import { ask } from "./ask.ts";
import { may, trouble, type Person } from "./view.ts";

export type AsOf = GetV1AsOf;

/* 9 December 2011 */
export const formatDate = (ms: number): string => new Date(ms).toLocaleDateString("en-GB",
    { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" });

function choice(words: string, as_of: string, isFirst: boolean, told: HTMLElement, done: () => void): HTMLElement {
    return h("button", { type: "button", class: isFirst ? "button primary" : "button", onclick: () => {
        ask("PUT", "/v1/as-of", { as_of }).then(done, (error: unknown) => told.replaceChildren(trouble(error)));
    } }, words);
}

/* What stands above every view; null where everything is as of now. */
function banner(person: Person, one: AsOf, done: () => void): HTMLElement | null {
    const { history_end_ms: end_ms, is_asked, is_still } = one;
    if (end_ms === null && !is_still) return null;
    const date = end_ms === null ? "" : formatDate(end_ms - 1), told = h("span", { role: "status" });
    const may_choose = may(person, "model");
    const say = (words: Child, ...buttons: HTMLElement[]): HTMLElement => h("aside", { class: "as-of callout",
        "aria-label": "As of when" }, h("p", null, words), may_choose && buttons.length
        ? h("p", { class: "actions" }, buttons, told) : null);
    const go_on = (isFirst: boolean): HTMLElement => choice("Go on from today", "now", isFirst, told, done);
    if (is_asked) return say([h("strong", null, `The history ends on ${date}. `), "Everything here is as of then, but " +
        "for customers who have done something since. Is this a shop that is open, or a history to look at? From today " +
        "on, time passes for everybody; answers as of then stay until better ones replace them. At the last event, time " +
        "stands still, nothing is sent and no timer of a person runs.", may_choose ? "" : " Whoever may train models " +
        "says which."], go_on(true), choice(`Stay at ${date}`, "last-event", false, told, done));
    if (is_still) return say([h("strong", null, end_ms === null ? "Time stands still. " : `As of ${date}. `), "Time stands " +
        "at the last event: nothing is sent, and no timer of a person runs."], go_on(false));
    return say(`Time goes on from today. The history that was imported ends on ${date}: scores as of then say so, and stay ` +
        "until better ones replace them.", choice(`Go back to ${date}`, "last-event", false, told, done));
}

/* Keeps `place` true; `changed` is called once somebody has chosen. */
export async function showAsOf(person: Person, place: HTMLElement, signal: AbortSignal, changed: () => void): Promise<void> {
    const one = await ask<AsOf>("GET", "/v1/as-of", undefined, signal);
    place.replaceChildren(banner(person, one, changed) ?? "");
}
