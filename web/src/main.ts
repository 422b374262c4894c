/* main.ts - reads the report that the program put into the page and draws it. */
import "./style/page.css";
import "./style/table.css";
import "./style/chart.css";
import { h, icon } from "./page/dom.ts";
import { formatDate, formatSeconds, sentenceCase } from "./page/format.ts";
import { navigation, type Entry } from "./page/navigation.ts";
import type { Section } from "./page/section.ts";
import { startTheme, themeButton } from "./page/theme.ts";
import type { Report } from "./report.ts";
import { GROUPS, SECTIONS } from "./section/list.ts";
import { provenance, summary } from "./section/summary.ts";

const LOGO = "M12 2v9M12 11c0 4-2 5-4 6.500S5 20 4 22M12 11c0 4 2 5 4 6.500S19 20 20 22M12 11v11M12 " +
    "5.500c2.500 0 4-1.200 5-3M12 8.500c-2.500 0-4-1.200-5-3";
const PRINT = "M7 8V3h10v5M7 17H4v-7a2 2 0 0 1 2-2h12a2 2 0 0 1 2 2v7h-3M7 14h10v7H7z";

startTheme();
const page = document.getElementById("page") ?? document.body.appendChild(h("div"));
const report = read();
if (report) draw(report);
else page.replaceChildren(h("main", { id: "content", class: "empty" }, h("h1", null, "This page holds no report."),
    h("p", null, "Make one from a file: ", h("code", null, "holdfast run orders.csv"))));

function read(): Report | null {
    try {
        return JSON.parse(document.getElementById("holdfast-data")?.textContent ?? "null") as Report | null;
    } catch (error) {
        console.error("the data in this page is not JSON", error);
        return null;
    }
}

function draw(data: Report): void {
    if (data.title) document.title = `${data.title} · Holdfast`;
    const entries: Entry[] = [];
    for (const one of SECTIONS) {
        const element = drawSection(one, data);
        if (element) entries.push({ id: one.id, title: one.title, group: GROUPS[one.group], element });
    }
    page.replaceChildren(
        h("header", { class: "masthead" },
            h("div", { class: "masthead-inner" },
                h("a", { class: "brand", href: "#summary" }, icon(LOGO, 26), h("span", null, "Holdfast")),
                h("span", { class: "provenance" }, provenance(data, formatDate(data.as_of))),
                h("span", { class: "masthead-buttons" },
                    h("button", { type: "button", class: "button quiet print", "aria-label": "Print",
                        title: "Print",
                        onclick: () => print() }, icon(PRINT)),
                    themeButton()))),
        h("div", { class: "layout" }, navigation(entries),
            h("main", { id: "content", tabindex: "-1" }, guarded("summary", () => summary(data)),
                grouped(entries))),
        footer(data));
    if (location.hash.length > 1) document.getElementById(location.hash.slice(1))?.scrollIntoView();
}

function drawSection(one: Section, data: Report): HTMLElement | null {
    const body = guarded(one.id, () => one.draw(data));
    return body ? h("section", { id: one.id, class: "section", "aria-labelledby": `${one.id}-title` },
        h("h2", { id: `${one.id}-title` }, one.title), body) : null;
}

/* A part that cannot be drawn does not take the others with it. */
function guarded(id: string, draw: () => HTMLElement | null | undefined): HTMLElement | null | undefined {
    try {
        return draw();
    } catch (error) {
        console.error(`section ${id}`, error);
        return h("p", { class: "callout" }, "This part could not be drawn: the data is not as expected.");
    }
}

function grouped(entries: Entry[]): HTMLElement[] {
    return Object.values(GROUPS).map((group) =>
        ({ group, held: entries.filter((entry) => entry.group === group) }))
        .filter(({ held }) => held.length > 0)
        .map(({ group, held }) => h("div", { class: "group" },
            h("p", { class: "group-title", "aria-hidden": "true" }, group), held.map((entry) => entry.element)));
}

function footer(data: Report): HTMLElement {
    const seconds = Object.entries(data.seconds ?? {}).filter(([, value]) => typeof value === "number");
    return h("footer", { class: "footer" },
        seconds.length ? h("p", null, "Made in ", seconds.map(([name, value], index) =>
            [index ? ", " : "", name === "total" ? h("strong", null, `${formatSeconds(value)} in all`)
                : `${sentenceCase(name).toLowerCase()} ${formatSeconds(value)}`]), ".") : null,
        h("p", null, "Intervals hold 95 times in 100. Made by Holdfast; nothing was sent anywhere, and this " +
            "page loads nothing from a network."));
}
