/* plot.ts - the small drawings of the live page: bars, and events on a time axis. Plain SVG instead of web/src/chart:
 * they are drawn anew every few seconds, and the page stays a fifteenth of its size, so that it is there at once.
 * Widths are in per cent and colours are the page's variables: nothing has to follow the window or the theme. */
import { h, type Child } from "../page/dom.ts";

type Attributes = Record<string, string | number>;

function svg(tag: string, attributes: Attributes, ...children: Element[]): SVGElement {
    const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
    element.append(...children);
    return element;
}

/* What a pointer that rests on a mark is told. */
function hint(words: string): SVGElement {
    const title = svg("title", {});
    title.textContent = words;
    return title;
}

const percent = (share: number): string => `${(share * 100).toFixed(2)}%`;

function tick(at: number, words: string): HTMLElement {
    return h("span", { class: at > 0.96 ? "is-last" : at < 0.04 ? "is-first" : null, vars: { "--at": percent(at) } }, words);
}

/* `title` names what is drawn with its unit; `label` says it to who cannot see it. */
function figure(title: string, label: string, legend: string | null, ...drawn: Child[]): HTMLElement {
    return h("figure", { class: "chart" }, h("figcaption", null, h("span", { class: "chart-title" }, title),
        legend ? h("span", { class: "legend" }, legend) : null),
        h("div", { class: "drawing", role: "img", "aria-label": label }, drawn));
}

export interface Bar { size: number; hint: string; number?: string; isMarked?: boolean }
export interface Tick { at: number; words: string }

const BAR_ROOM = 112, NUMBER_ROOM = 20;

/* Bars from a common floor, one beside the other; ticks lie between 0 (left) and 1 (right) under them. */
export function bars(title: string, label: string, rows: Bar[], ticks: Tick[]): HTMLElement {
    const most = Math.max(...rows.map((row) => row.size)), step = 1 / rows.length, height = BAR_ROOM + NUMBER_ROOM;
    const drawn = rows.flatMap((row, i) => {
        const tall = row.size > 0 ? Math.max(2, row.size / most * BAR_ROOM) : 0;
        const bar = svg("rect", { x: percent((i + 0.08) * step), width: percent(0.84 * step), y: height - tall,
            height: tall, rx: 2, class: row.isMarked === false ? "bar is-pale" : "bar" }, hint(row.hint));
        if (!row.number) return [bar];
        const number = svg("text", { x: percent((i + 0.5) * step), y: height - tall - 6, "text-anchor": "middle" });
        number.textContent = row.number;
        return [bar, number];
    });
    return figure(title, label, null, svg("svg", { width: "100%", height, "aria-hidden": "true" }, ...drawn),
        h("div", { class: "ticks", "aria-hidden": "true" }, ticks.map((one) => tick(one.at, one.words))));
}

export interface Mark { at_ms: number; hint: string; amount_cents: number }
export interface Lane { name: string; marks: Mark[] }

const DAY_MS = 86_400_000, LEAST_MS = DAY_MS, N_TICKS = 4, LANE_PX = 30;

function instantWords(ms: number, span_ms: number): string {
    const at = new Date(ms);
    if (span_ms < 3 * DAY_MS) return at.toLocaleString("en-GB", { weekday: "short", hour: "2-digit", minute: "2-digit" });
    return at.toLocaleDateString("en-GB", span_ms < 300 * DAY_MS ? { day: "numeric", month: "short" }
        : { month: "short", year: "numeric" });
}

/* One line for each kind, until an instant and what that is called; a mark is the larger the more money it is about, and
 * hollow where money went back. */
export function lanes(title: string, label: string, rows: Lane[], until_ms: number, until: string): HTMLElement {
    const all = rows.flatMap((row) => row.marks);
    const first_ms = Math.min(until_ms - LEAST_MS, ...all.map((mark) => mark.at_ms)), span_ms = until_ms - first_ms;
    const most = Math.max(1, ...all.map((mark) => Math.abs(mark.amount_cents)));
    const place = (ms: number): number => 0.012 + 0.976 * Math.min(1, (ms - first_ms) / span_ms);
    const lane = (row: Lane): Child[] => [h("span", { class: "lane-name", title: row.name }, row.name),
        svg("svg", { width: "100%", height: LANE_PX }, svg("line", { x1: 0, x2: "100%", y1: LANE_PX / 2,
            y2: LANE_PX / 2, class: "lane" }), ...row.marks.map((mark) => svg("circle", { cx: percent(place(mark.at_ms)),
            cy: LANE_PX / 2, r: mark.amount_cents ? 4 + 6 * Math.sqrt(Math.abs(mark.amount_cents) / most) : 3.5,
            class: mark.amount_cents < 0 ? "mark is-back" : mark.amount_cents ? "mark is-money" : "mark" },
            hint(mark.hint))))];
    const ticks = Array.from({ length: N_TICKS }, (_, i) => first_ms + span_ms * i / N_TICKS);
    return figure(title, label, all.some((mark) => mark.amount_cents) ? "a larger dot is more money, a hollow one money back"
        : null, h("div", { class: "lanes" }, rows.map(lane), h("span"), h("div", { class: "ticks", "aria-hidden": "true" },
        ticks.map((ms) => tick(place(ms), instantWords(ms, span_ms))), tick(1, until))));
}
