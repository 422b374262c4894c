/* plot.tsx - the drawings of pages and reports, in plain SVG: their frame and scales, lanes of events, the waterfall of a
 * prediction, and small marks in a line or a cell. Widths are in per cent and colours are the page's variables, so that
 * nothing has to follow the window or the theme; each drawing carries its numbers as a table. */
import { formatDate, MINUS } from "../page/format.ts";
import type { ComponentChildren as Children } from "preact";
import { Scroller } from "./scroller.tsx";

/* A table of more is one card a row on a phone, where its last columns would be out of sight. */
const COLUMNS_OF_A_PHONE = 4;

export const percent = (share: number): string => `${(Math.min(1, Math.max(0, share)) * 100).toFixed(2)}%`;

export interface Tick {
    at: number;
    words: string;
}

export const Ticks = ({ ticks }: { ticks: Tick[] }) => (
    <div class="ticks" aria-hidden="true">
        {ticks.map(({ at, words }) => (
            <span
                key={at}
                class={at > 0.96 ? "is-last" : at < 0.04 ? "is-first" : undefined}
                style={{ "--at": percent(at) }}
            >
                {words}
            </span>
        ))}
    </div>
);

/* A number in a table, with a bar below it as long as its share of the most; the number alone where none is known. */
export const BarCell = ({ words, share }: { words: string; share: number | null | undefined }) => (
    <span class="bar-cell">
        <span class="bar-text">{words}</span>
        {typeof share === "number" && (
            <span class="bar-track" aria-hidden="true">
                <span class="bar-fill" style={{ "--share": percent(share) }} />
            </span>
        )}
    </span>
);

/* What an axis says, beside the drawing. */
export const Scale = ({
    marks,
    y,
    words,
}: {
    marks: number[];
    y: (value: number) => number;
    words: (value: number) => string;
}) => (
    <div class="plot-scale" aria-hidden="true">
        {marks.map((mark) => (
            <span key={mark} style={{ top: `${y(mark)}px` }}>
                {words(mark)}
            </span>
        ))}
    </div>
);

export type LegendMark = "fill" | "rock" | "line" | "dashed" | "band" | "dot";

export const Legend = ({ items }: { items: [LegendMark, string][] }) => (
    <>
        {items.map(([mark, words]) => (
            <span class="legend-item" key={words}>
                <span class={`legend-mark ${mark}`} aria-hidden="true" />
                {words}
            </span>
        ))}
    </>
);

/* `title` names what is drawn with its unit; `label` says it to who cannot see it. */
export function Drawing({
    title,
    label,
    legend,
    head,
    rows,
    children,
}: {
    title: string;
    label: string;
    legend?: Children;
    head?: string[];
    rows?: (string | number)[][];
    children: Children;
}) {
    return (
        <figure class="chart">
            <figcaption>
                <span class="chart-title">{title}</span>
                {legend && <span class="legend">{legend}</span>}
            </figcaption>
            <div class="drawing" role="img" aria-label={label}>
                {children}
            </div>
            {head && rows && rows.length > 0 && (
                <details class="as-table">
                    <summary>Show as table</summary>
                    <Scroller label={title}>
                        <table class={head.length > COLUMNS_OF_A_PHONE ? "table cards" : "table"} role="table">
                            <caption class="unseen">{title}</caption>
                            <thead role="rowgroup">
                                <tr role="row">
                                    {head.map((one) => (
                                        <th key={one} scope="col" role="columnheader">
                                            <span class="header-label">{one}</span>
                                        </th>
                                    ))}
                                </tr>
                            </thead>
                            <tbody role="rowgroup">
                                {rows.map((row, i) => (
                                    <tr key={i} role="row">
                                        {row.map((cell, j) => (
                                            <td
                                                key={j}
                                                class={j > 0 ? "number" : undefined}
                                                role="cell"
                                                data-label={head[j]}
                                            >
                                                {cell}
                                            </td>
                                        ))}
                                    </tr>
                                ))}
                            </tbody>
                        </table>
                    </Scroller>
                </details>
            )}
        </figure>
    );
}

export function dayWords(ms: number, span_ms: number): string {
    const at = new Date(ms),
        DAY_MS = 86_400_000;
    if (span_ms < 3 * DAY_MS)
        return at.toLocaleString("en-GB", { weekday: "short", hour: "2-digit", minute: "2-digit" });
    const day = formatDate(at.toISOString()); /* as all days of a history, by the clock that it is written in */
    return span_ms < 300 * DAY_MS ? day.replace(/ \d+$/, "") : day.replace(/^\d+ /, "");
}

/* Steps of one, two or five that hold a range: about `n` of them. */
export function scaleOf(low: number, high: number, n = 3): number[] {
    const rough = Math.max(1e-12, (high - low) / n),
        power = 10 ** Math.floor(Math.log10(rough));
    const step = [1, 2, 5, 10].map((one) => one * power).find((one) => one >= rough) ?? rough;
    const from = Math.floor(low / step),
        to = Math.ceil(high / step);
    return Array.from({ length: to - from + 1 }, (_, i) => (from + i) * step);
}

interface Mark {
    at_ms: number;
    hint: string;
    amount_cents: number;
    kind?: string;
}
export interface Lane {
    name: string;
    marks: Mark[];
}
const LANE_PX = 30,
    N_TICKS = 4;

/* One line for each kind of event between two instants. A mark is the larger the more money it is about, hollow where
 * money went back. */
export function Lanes({
    title,
    label,
    lanes,
    from_ms,
    until_ms,
    until,
}: {
    title: string;
    label: string;
    lanes: Lane[];
    from_ms: number;
    until_ms: number;
    until: string;
}) {
    const span_ms = Math.max(1, until_ms - from_ms),
        all = lanes.flatMap((lane) => lane.marks);
    const most = Math.max(1, ...all.map((mark) => Math.abs(mark.amount_cents)));
    const place = (ms: number): number => 0.012 + (0.976 * (ms - from_ms)) / span_ms;
    const ticks = Array.from({ length: N_TICKS }, (_, i) => from_ms + (span_ms * i) / N_TICKS);
    return (
        <Drawing
            title={title}
            label={label}
            legend={
                all.some((mark) => mark.amount_cents)
                    ? "a larger dot is more money, a hollow one money back"
                    : null
            }
        >
            <div class="lanes">
                {lanes.map((lane) => [
                    <span class="lane-name" title={lane.name} key={lane.name}>
                        {lane.name}
                    </span>,
                    <svg width="100%" height={LANE_PX} key={`${lane.name} `}>
                        <line x1="0" x2="100%" y1={LANE_PX / 2} y2={LANE_PX / 2} class="lane" />
                        {lane.marks
                            .filter((mark) => mark.at_ms >= from_ms && mark.at_ms <= until_ms)
                            .map((mark, i) => (
                                <circle
                                    key={i}
                                    cx={percent(place(mark.at_ms))}
                                    cy={LANE_PX / 2}
                                    r={
                                        mark.amount_cents
                                            ? 4 + 6 * Math.sqrt(Math.abs(mark.amount_cents) / most)
                                            : 3.5
                                    }
                                    class={`mark ${mark.kind ?? (mark.amount_cents < 0 ? "is-back" : mark.amount_cents ? "is-money" : "")}`}
                                >
                                    <title>{mark.hint}</title>
                                </circle>
                            ))}
                    </svg>,
                ])}
                <span />
                <Ticks
                    ticks={[
                        ...ticks.map((ms) => ({ at: place(ms), words: dayWords(ms, span_ms) })),
                        { at: 1, words: until },
                    ]}
                />
            </div>
        </Drawing>
    );
}

export interface Push {
    name: string;
    meaning: string;
    value: string;
    push: number;
}

/* How a prediction comes about: from the average, each feature's push up or down, to the answer. */
export function Waterfall({
    title,
    base,
    pushes,
    from,
    to: end,
}: {
    title: string;
    base: number;
    pushes: Push[];
    from: string;
    to: string;
}) {
    const sums: number[] = [base];
    for (const one of pushes) sums.push((sums.at(-1) ?? 0) + one.push);
    const low = Math.min(...sums),
        span = Math.max(1e-9, Math.max(...sums) - low);
    const at = (value: number): number => (value - low) / span;
    const words = (one: Push): string => `${one.push >= 0 ? "+" : MINUS}${Math.abs(one.push).toFixed(2)}`;
    return (
        <Drawing
            title={title}
            label={pushes.map((one) => `${one.meaning} ${words(one)}`).join("; ")}
            legend="to the log-odds; right raises the chance, left lowers it"
            head={["What", "This customer", "Push"]}
            rows={pushes.map((one) => [one.meaning, one.value, words(one)])}
        >
            <div class="waterfall">
                <span class="waterfall-name">{from}</span>
                <span class="waterfall-row">
                    <span class="waterfall-end" style={{ "--at": percent(at(base)) }} />
                </span>
                <span />
                {pushes.map((one, i) => {
                    const a = at(sums[i] ?? 0),
                        b = at(sums[i + 1] ?? 0);
                    return [
                        <span class="waterfall-name" key={one.name} title={one.name}>
                            {one.meaning}
                            {one.value && <em> {one.value}</em>}
                        </span>,
                        <span class="waterfall-row" key={`${one.name}-`}>
                            <span
                                class={one.push >= 0 ? "waterfall-bar is-raising" : "waterfall-bar"}
                                style={{ "--at": percent(Math.min(a, b)), "--to": percent(Math.abs(b - a)) }}
                            />
                        </span>,
                        <span class="waterfall-number" key={`${one.name}+`}>
                            {words(one)}
                        </span>,
                    ];
                })}
                <span class="waterfall-name">
                    <strong>{end}</strong>
                </span>
                <span class="waterfall-row">
                    <span class="waterfall-end" style={{ "--at": percent(at(sums.at(-1) ?? 0)) }} />
                </span>
                <span />
            </div>
        </Drawing>
    );
}

/* An estimate with its interval on a scale that rows share; the thin line is zero, or what it is compared with. */
export function Whisker({
    value,
    low,
    high,
    from,
    to: until,
    reference = 0,
}: {
    value: number | null | undefined;
    low?: number | null | undefined;
    high?: number | null | undefined;
    from: number;
    to: number;
    reference?: number | null | undefined;
}) {
    const at = (x: number): string => percent((x - from) / (until - from || 1));
    return (
        <span class="whisker" aria-hidden="true">
            {typeof reference === "number" && from <= reference && until >= reference && (
                <span class="whisker-reference" style={{ "--at": at(reference) }} />
            )}
            {typeof low === "number" && typeof high === "number" && (
                <span class="whisker-line" style={{ "--at": at(low), "--to": at(high) }} />
            )}
            {typeof value === "number" && <span class="whisker-dot" style={{ "--at": at(value) }} />}
        </span>
    );
}

/* A bar as long as a share of 1. */
export const ShareBar = ({ share }: { share: number }) => (
    <span class="whisker" aria-hidden="true">
        <span class="whisker-share" style={{ "--to": percent(share) }} />
    </span>
);
