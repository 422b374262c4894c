/* main.ts - the server's page for people: who is signed in, which view the address names, and the frame around it. */
import "../style/page.css";
import "../style/table.css";
import "../style/chart.css";
import "../style/live.css";
import { h, icon } from "../page/dom.ts";
import { startTheme, themeButton } from "../page/theme.ts";
import { setServerTime, startAges } from "./age.ts";
import { showAsOf } from "./as_of.ts";
import type { GetV1Status } from "./answers.ts";
import { ask, keepToken, mayBeSignedIn, noteSignedIn, Refusal } from "./ask.ts";
import { customer } from "./customer.ts";
import { customers } from "./customers.ts";
import { items } from "./items.ts";
import { overview } from "./overview.ts";
import { segment, segments } from "./segments.ts";
import { signIn } from "./sign_in.ts";
import { may, to, trouble, type Person, type View } from "./view.ts";

const LOGO = "M12 2v9M12 11c0 4-2 5-4 6.500S5 20 4 22M12 11c0 4 2 5 4 6.500S19 20 20 22M12 11v11M12 " +
    "5.500c2.500 0 4-1.200 5-3M12 8.500c-2.500 0-4-1.200-5-3";
const LEAVE = "M9 4H5v16h4M14 8l4 4-4 4M18 12H9";

/* By the first word of the address's hash; `title` is in the list of views, `needs` a right. */
const VIEWS: { name: string; view: View; title?: string; needs?: string; under?: string }[] = [
    { name: "", view: overview, title: "Now" },
    { name: "customers", view: customers, title: "Customers", needs: "customer" },
    { name: "customer", view: customer, needs: "customer", under: "customers" },
    { name: "segments", view: segments, title: "Segments" },
    { name: "items", view: items, title: "Items" },
    { name: "segment", view: segment, needs: "customer", under: "segments" },
];

const page = document.getElementById("page") ?? document.body.appendChild(h("div"));
let person: Person | null = null;
let ending = new AbortController();     /* of the view that is shown */

function navigation(current: string): HTMLElement {
    return h("nav", { class: "views", "aria-label": "Views" }, VIEWS.filter((one) => one.title &&
        (!one.needs || (person && may(person, one.needs)))).map((one) => h("a", { href: to(one.name),
        "aria-current": one.name === current ? "page" : null }, one.title ?? "")));
}

async function signOut(why: string | null): Promise<void> {
    ending.abort();
    person = null;
    if (!why) await ask("DELETE", "/v1/session").catch(() => { /* it has ended by itself */ });
    keepToken(null);
    noteSignedIn(false);
    document.title = "Sign in · Holdfast";
    signIn(page, why, enter);
}

function enter(who: Person): void {
    person = who;
    noteSignedIn(true);
    void show();
}

function frame(current: string, asOf: HTMLElement, main: HTMLElement): void {
    page.replaceChildren(h("header", { class: "masthead" }, h("div", { class: "masthead-inner" },
        h("a", { class: "brand", href: to("") }, icon(LOGO, 26), h("span", null, "Holdfast")), navigation(current),
        h("span", { class: "masthead-buttons" },
            h("span", { class: "provenance person" }, person ? `${person.name}, ${person.role}` : ""), themeButton(),
            h("button", { type: "button", class: "button quiet", "aria-label": "Sign out", title: "Sign out",
                onclick: () => { void signOut(null); } }, icon(LEAVE))))),
        h("div", { class: "live-layout" }, asOf, main));
}

/* What the address names. */
function address(): { one: (typeof VIEWS)[number] | undefined; argument: string } {
    const [name = "", argument = ""] = location.hash.replace(/^#\/?/, "").split("/");
    return { one: VIEWS.find((view) => view.name === name), argument: decodeURIComponent(argument) };
}

async function show(): Promise<void> {
    if (!person) return;
    ending.abort();
    ending = new AbortController();
    const { signal } = ending, { one, argument } = address();
    const place = h("main", { id: "content", tabindex: "-1", "aria-busy": "true" });
    document.title = `${argument || one?.title || "Not found"} · Holdfast`;
    const asOf = h("div");
    frame(one?.under ?? one?.name ?? "", asOf, place);
    try {
        if (!one) throw new Refusal(404, "missing", "There is no such view: choose one above.", null);
        await Promise.all([one.view({ person, place, signal }, argument),
            showAsOf(person, asOf, signal, () => { void show(); })]);
    } catch (error) {
        if (signal.aborted) return;
        if (error instanceof Refusal && error.status === 401)
            return signOut("The session has ended: sign in again.");
        place.replaceChildren(h("h1", null, one?.title ?? "Not found"), trouble(error));
    }
    place.removeAttribute("aria-busy");
}

async function start(): Promise<void> {
    startTheme();
    startAges();
    addEventListener("hashchange", () => { void show().then(() => document.getElementById("content")?.focus()); });
    if (!mayBeSignedIn()) return signIn(page, null, enter);
    try {
        person = await ask<Person>("GET", "/v1/session");
        setServerTime((await ask<GetV1Status>("GET", "/v1/status")).now_ms);
        await show();
    } catch (error) {
        if (error instanceof Refusal && error.status === 401) signIn(page, null, enter);
        else page.replaceChildren(h("main", { id: "content", class: "empty" }, h("h1", null, "Holdfast"), trouble(error)));
    }
}

void start();
