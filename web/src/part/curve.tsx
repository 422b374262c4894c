/* curve.tsx - a curve over numbers or over time: its interval is a band, what it is compared with are pale lines, and
 * where one stands on it is a mark. */
import { Drawing, Legend, percent, Scale, scaleOf, Ticks, type LegendMark, type Tick } from "./plot.tsx";
import { Reading } from "./reading.tsx";

interface CurvePoint {
    x: number;
    value: number;
    low?: number | null | undefined;
    high?: number | null | undefined;
}
interface Beside {
    name: string;
    points: { x: number; value: number }[];
    isDashed?: boolean;
}
interface CurveOptions {
    title: string;
    label: string;
    points: CurvePoint[];
    beside?: Beside[];
    words: (value: number) => string; /* of the values */
    scale?: (value: number) => string; /* of the values along the axis, where that is shorter */
    places: (x: number, span: number) => string; /* of where they are */
    cell?: (x: number) => string; /* of where they are, in the table */
    heads: [string, string];
    name?: string; /* of the curve in the legend */
    band?: string; /* what the band is */
    stands?: number | null | undefined; /* where one stands */
    standing?: string; /* what stands there */
    ticks?: [number, string][]; /* marks along the bottom, where round numbers do not say it */
    range?: [number, number]; /* of the values, where several are drawn to one scale */
    hasDots?: boolean;
    isApart?: boolean; /* the points are no course: dots with their intervals, and no line */
    isFromZero?: boolean;
    isTime?: boolean;
    isSmall?: boolean;
}

const ROOM = 180,
    SMALL_ROOM = 110,
    N_STEPS = 5, /* along the bottom, and of a scale that several share */
    AIR = 0.04; /* left and right of points that stand apart */

type Across = (one: { x: number }) => number;
type Up = (value: number) => number;

const bandOf = (points: CurvePoint[], x: Across, y: Up): string => {
    const banded = points.filter((one) => typeof one.low === "number" && typeof one.high === "number");
    if (banded.length < 2) return "";
    const upper = banded.map((one) => `${x(one).toFixed(1)} ${y(one.high ?? 0).toFixed(1)}`),
        lower = [...banded].reverse().map((one) => `${x(one).toFixed(1)} ${y(one.low ?? 0).toFixed(1)}`);
    return `M${[...upper, ...lower].join("L")}Z`;
};

/* The marks of the scale, and what is seen of it. */
function scale({ points, beside = [], isFromZero = true, range }: CurveOptions): {
    marks: number[];
    low: number;
    high: number;
} {
    const values = [
        ...points.flatMap((one) => [one.value, one.low ?? one.value, one.high ?? one.value]),
        ...beside.flatMap((one) => one.points.map((at) => at.value)),
    ];
    const least = Math.min(...(isFromZero ? [0] : []), ...values),
        most = Math.max(...(isFromZero ? [1e-9] : []), ...values);
    const marks = range ? scaleOf(...range, N_STEPS) : scaleOf(least, most);
    const [low, high] = range ?? [marks[0] ?? 0, marks.at(-1) ?? 1];
    return { marks: marks.filter((mark) => mark >= low && mark <= high), low, high };
}

function legendOf(options: CurveOptions, hasBand: boolean): [LegendMark, string][] {
    const { name, band = "95\u202f% interval", isApart, beside = [] } = options;
    return [
        ...(name ? [[isApart ? "dot" : "line", name] as [LegendMark, string]] : []),
        ...(hasBand && !(isApart && name) ? [[isApart ? "line" : "band", band] as [LegendMark, string]] : []),
        ...beside.map((one): [LegendMark, string] => [one.isDashed ? "dashed" : "rock", one.name]),
    ];
}

/* The table: what is compared stands beside where it was told of the same places. */
function tableOf(options: CurveOptions, cell: (x: number) => string, hasBand: boolean) {
    const { points, beside = [], words, heads } = options;
    const same = beside.filter(
        (one) => one.points.length === points.length && one.points.every((at, i) => at.x === points[i]?.x),
    );
    const known = (value: number | null | undefined): string => (typeof value === "number" ? words(value) : "–");
    return {
        head: [...heads, ...(hasBand ? ["Low", "High"] : []), ...same.map((one) => one.name)],
        rows: points.map((one, i) => [
            cell(one.x),
            words(one.value),
            ...(hasBand ? [known(one.low), known(one.high)] : []),
            ...same.map((line) => known(line.points[i]?.value)),
        ]),
    };
}

const Dots = ({ points, x, y, isApart }: { points: CurvePoint[]; x: Across; y: Up; isApart: boolean }) => (
    <>
        {points.map((one) => (
            <svg key={one.x} x={percent(x(one) / 1000)} overflow="visible">
                {isApart && typeof one.low === "number" && typeof one.high === "number" && (
                    <path
                        d={`M0 ${y(one.low)}V${y(one.high)}M-3 ${y(one.low)}H3M-3 ${y(one.high)}H3`}
                        class="dot-interval"
                    />
                )}
                <circle cy={y(one.value)} r={isApart ? 5 : 4} />
            </svg>
        ))}
    </>
);

/* Where things are placed: a thousand units across, pixels up. */
function roomOf(options: CurveOptions) {
    const { points, beside = [], isApart } = options,
        xs = [...points, ...beside.flatMap((one) => one.points)].map((one) => one.x),
        room = options.isSmall ? SMALL_ROOM : ROOM,
        { marks, low, high } = scale(options);
    const width = Math.max(...xs) - Math.min(...xs),
        air = isApart ? AIR * width : 0,
        first = Math.min(...xs) - air,
        span = Math.max(1e-9, width + 2 * air);
    const x: Across = (one) => (1000 * (one.x - first)) / span;
    const y: Up = (value) => room - 6 - ((room - 12) * (value - low)) / (high - low || 1);
    const round = scaleOf(first, first + span, options.isSmall ? 3 : N_STEPS).filter((at) => at >= first && at <= first + span),
        steps = options.isTime || round.length < 3 ? [0, 1 / 3, 2 / 3, 1].map((at) => first + at * span) : round;
    const ticks: Tick[] = (options.ticks ?? steps.map((at): [number, string] => [at, options.places(at, span)])).map(
        ([at, words]) => ({ at: (at - first) / span, words }),
    );
    return { room, marks, low, high, span, x, y, ticks };
}

const isKnown = ({ x, value }: { x: number; value: number }): boolean => Number.isFinite(x) && Number.isFinite(value);

/* What is not known is left out; fewer than two points are no course. */
export function Curve(given: CurveOptions) {
    const options = {
        ...given,
        points: given.points.filter(isKnown),
        beside: (given.beside ?? []).map((one) => ({ ...one, points: one.points.filter(isKnown) })),
    };
    return options.points.length < (options.isApart ? 1 : 2) ? null : <Drawn {...options} />;
}

function Drawn(options: CurveOptions) {
    const { title, label, points, beside = [], words, places, stands, isApart = false, isSmall } = options;
    const { room, marks, low, high, span, x, y, ticks } = roomOf(options);
    const line = (rows: { x: number; value: number }[]): string =>
        rows.map((one, i) => `${i ? "L" : "M"}${x(one).toFixed(1)} ${y(one.value).toFixed(1)}`).join("");
    const band = bandOf(points, x, y),
        { head, rows } = tableOf(options, options.cell ?? ((at) => places(at, span)), band !== "");
    return (
        <Drawing
            title={title}
            label={label}
            head={head}
            rows={rows}
            legend={isSmall ? null : <Legend items={legendOf(options, band !== "")} />}
        >
            <div class={isSmall ? "plot-field is-small" : "plot-field"}>
                <Scale marks={marks} y={y} words={options.scale ?? words} />
                <svg
                    class="plot-lines"
                    width="100%"
                    height={room}
                    viewBox={`0 0 1000 ${room}`}
                    preserveAspectRatio="none"
                    aria-hidden="true"
                >
                    {marks.map((mark) => (
                        <line key={mark} x1="0" x2="1000" y1={y(mark)} y2={y(mark)} class="lane" />
                    ))}
                    {low < 0 && high > 0 && <line x1="0" x2="1000" y1={y(0)} y2={y(0)} class="lane is-zero" />}
                    {band && !isApart && <path d={band} class="course-band" />}
                    {beside.map((one) => (
                        <path
                            key={one.name}
                            d={line(one.points)}
                            class={one.isDashed ? "course is-dashed" : "course is-pale"}
                        />
                    ))}
                    {!isApart && <path d={line(points)} class="course" />}
                    {typeof stands === "number" && (
                        <line x1={x({ x: stands })} x2={x({ x: stands })} y1="0" y2={room} class="stands" />
                    )}
                </svg>
                {(options.hasDots || isApart) && (
                    <svg class="plot-dots" width="100%" height={room} aria-hidden="true">
                        <Dots points={points} x={x} y={y} isApart={isApart} />
                    </svg>
                )}
                {options.standing && typeof stands === "number" && (
                    <div class="standing">
                        <span
                            class={x({ x: stands }) > 500 ? "is-left" : undefined}
                            style={{ "--at": percent(x({ x: stands }) / 1000) }}
                        >
                            {options.standing}
                        </span>
                    </div>
                )}
                <Reading at={points.map((one) => x(one) / 1000)} head={head} rows={rows} />
            </div>
            <div class={isSmall ? "plot-ticks is-small" : "plot-ticks"}>
                <Ticks ticks={ticks} />
            </div>
        </Drawing>
    );
}
