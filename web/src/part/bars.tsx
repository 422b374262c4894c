/* bars.tsx - bars from a common floor, one beside the other: each may carry another on its top or at its side, and the
 * interval of its size. */
import type { ComponentChildren as Children } from "preact";
import { Drawing, percent, Scale, scaleOf, Ticks, type Tick } from "./plot.tsx";
import { Reading } from "./reading.tsx";

interface Bar {
    name: string;
    size: number;
    words?: string;
    isPale?: boolean;
    above?: number | null | undefined; /* stands on its top */
    beside?: number | null | undefined; /* stands at its side */
    low?: number | null | undefined;
    high?: number | null | undefined;
}
const ROOM = 180,
    BAR_ROOM = 112,
    NUMBER_ROOM = 20,
    TICKS_MOST = 8,
    SHORT = 4; /* letters of names of which twice as many have room */

const ticksOf = (bars: Bar[], hasWords: boolean): Tick[] => {
    const isShort = hasWords || bars.every((bar) => bar.name.length <= SHORT),
        step = Math.ceil(bars.length / (isShort ? 2 * TICKS_MOST : TICKS_MOST));
    return bars
        .map((bar, i) => ({ at: 0.04 + (0.92 * (i + 0.5)) / bars.length, words: bar.name }))
        .filter((_, i) => i % step === 0);
};

function Interval({ x, y, low, high }: { x: string; y: (value: number) => number; low: number; high: number }) {
    return (
        <svg x={x} overflow="visible" class="bar-interval">
            <path d={`M0 ${y(low)}V${y(high)}M-3 ${y(low)}H3M-3 ${y(high)}H3`} />
        </svg>
    );
}

interface OneOptions {
    bar: Bar;
    from: number; /* where it begins, as a share of the width */
    step: number;
    y: (value: number) => number;
    hasWords: boolean;
}

function One({ bar, from, step, y, hasWords }: OneOptions) {
    const isPair = typeof bar.beside === "number",
        width = (isPair ? 0.4 : 0.84) * step,
        floor = y(0);
    const rect = (left: number, low: number, high: number, kind: string) => (
        <rect
            x={percent(from + left)}
            width={percent(width)}
            y={Math.min(y(low), y(high))}
            height={high === low ? 0 : Math.max(2, Math.abs(y(high) - y(low)))}
            rx={2}
            class={kind}
        />
    );
    return (
        <g>
            {rect(0.08 * step, 0, bar.size, bar.isPale ? "bar is-pale" : "bar")}
            {bar.above ? rect(0.08 * step, bar.size, bar.size + bar.above, "bar is-pale") : null}
            {isPair && rect(0.5 * step, 0, bar.beside ?? 0, "bar is-pale")}
            {typeof bar.low === "number" && typeof bar.high === "number" && (
                <Interval x={percent(from + 0.5 * step)} y={y} low={bar.low} high={bar.high} />
            )}
            {hasWords && (
                <text x={percent(from + 0.5 * step)} y={Math.min(floor, y(bar.size)) - 6} text-anchor="middle">
                    {bar.words}
                </text>
            )}
        </g>
    );
}

interface BarsOptions {
    title: string;
    label: string;
    bars: Bar[];
    ticks?: Tick[];
    unit?: string;
    scale?: (value: number) => string; /* the words of an axis, where the bars do not say their own */
    reference?: number; /* a line across, to compare with */
    legend?: Children;
    head?: string[];
    rows?: (string | number)[][];
}

export function Bars({ title, label, bars, ticks, unit = "", scale, reference, legend, head, rows }: BarsOptions) {
    const most = Math.max(
        1e-9,
        reference ?? 0,
        ...bars.map((bar) => Math.max(bar.size + (bar.above ?? 0), bar.beside ?? 0, bar.high ?? 0)),
    );
    const marks = scale ? scaleOf(0, most) : [],
        top = scale ? (marks.at(-1) ?? most) : most,
        height = scale ? ROOM : BAR_ROOM + NUMBER_ROOM,
        room = scale ? ROOM - 12 : BAR_ROOM;
    const y = (value: number): number => height - (scale ? 6 : 0) - (room * value) / top;
    const heads = head ?? ["", unit || title],
        cells = rows ?? bars.map((bar) => [bar.name, bar.words ?? bar.size]);
    return (
        <Drawing title={title} label={label} legend={legend} head={heads} rows={cells}>
            <div class={scale ? "plot-field" : "plot-field is-flush"}>
                {scale && <Scale marks={marks} y={y} words={scale} />}
                <svg width="100%" height={height} aria-hidden="true">
                    {marks.map((mark) => (
                        <line key={mark} x1="0" x2="100%" y1={y(mark)} y2={y(mark)} class="lane" />
                    ))}
                    {bars.map((bar, i) => (
                        <One
                            key={bar.name}
                            bar={bar}
                            from={i / bars.length}
                            step={1 / bars.length}
                            y={y}
                            hasWords={!scale && bar.words !== undefined && bars.length <= 14}
                        />
                    ))}
                    {reference !== undefined && (
                        <line x1="0" x2="100%" y1={y(reference)} y2={y(reference)} class="stands" />
                    )}
                </svg>
                <Reading at={bars.map((_, i) => (i + 0.5) / bars.length)} head={heads} rows={cells} />
            </div>
            <div class={scale ? "plot-ticks" : undefined}>
                <Ticks ticks={ticks ?? ticksOf(bars, !scale)} />
            </div>
        </Drawing>
    );
}
