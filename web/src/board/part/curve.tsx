/* curve.tsx - a curve over numbers or over time: its interval is a band, what it is compared with are pale lines, and
 * where one stands on it is a mark. */
import { formatInstant } from "../clock.ts";
import { dayWords, Drawing, scaleOf, Ticks } from "./plot.tsx";

export interface CurvePoint {
    x: number;
    value: number;
    low?: number | null | undefined;
    high?: number | null | undefined;
}
interface Beside {
    name: string;
    points: { x: number; value: number }[];
}
interface CurveOptions {
    title: string;
    label: string;
    points: CurvePoint[];
    beside?: Beside[];
    words: (value: number) => string; /* of the values */
    places: (x: number, span: number) => string; /* of where they are */
    cell?: (x: number) => string; /* of where they are, in the table */
    heads: [string, string];
    band?: string; /* what the band is */
    stands?: number | null; /* where one stands */
    hasDots?: boolean;
    isFromZero?: boolean;
    isTime?: boolean;
}

const ROOM = 180;

const bandOf = (points: CurvePoint[], x: (one: CurvePoint) => number, y: (value: number) => number): string => {
    const banded = points.filter((one) => typeof one.low === "number" && typeof one.high === "number");
    if (banded.length < 2) return "";
    const upper = banded.map((one) => `${x(one).toFixed(1)} ${y(one.high ?? 0).toFixed(1)}`),
        lower = [...banded].reverse().map((one) => `${x(one).toFixed(1)} ${y(one.low ?? 0).toFixed(1)}`);
    return `M${[...upper, ...lower].join("L")}Z`;
};

function Legend({ band, beside }: { band: string; beside: Beside[] }) {
    return (
        <>
            {band && (
                <span class="legend-item">
                    <span class="legend-mark band" aria-hidden="true" />
                    {band}
                </span>
            )}
            {beside.map((one) => (
                <span class="legend-item" key={one.name}>
                    <span class="legend-mark rock" aria-hidden="true" />
                    {one.name}
                </span>
            ))}
        </>
    );
}

export function Curve(options: CurveOptions) {
    const { title, label, points, beside = [], words, places, heads, stands, isFromZero = true } = options;
    const values = [
            ...points.flatMap((one) => [one.value, one.low ?? one.value, one.high ?? one.value]),
            ...beside.flatMap((one) => one.points.map((at) => at.value)),
        ],
        xs = [...points, ...beside.flatMap((one) => one.points)].map((one) => one.x);
    const marks = scaleOf(
        Math.min(...(isFromZero ? [0] : []), ...values),
        Math.max(...(isFromZero ? [1e-9] : []), ...values),
    );
    const low = marks[0] ?? 0,
        high = marks.at(-1) ?? 1,
        first = Math.min(...xs),
        span = Math.max(1e-9, Math.max(...xs) - first);
    const x = (one: { x: number }): number => (1000 * (one.x - first)) / span;
    const y = (value: number): number => ROOM - 6 - ((ROOM - 12) * (value - low)) / (high - low || 1);
    const line = (rows: { x: number; value: number }[]): string =>
        rows.map((one, i) => `${i ? "L" : "M"}${x(one).toFixed(1)} ${y(one.value).toFixed(1)}`).join("");
    const round = scaleOf(first, first + span).filter((at) => at >= first && at <= first + span);
    const steps = options.isTime || round.length < 3 ? [0, 1 / 3, 2 / 3, 1].map((at) => first + at * span) : round;
    const band = bandOf(points, x, y),
        cell = options.cell ?? ((at: number) => places(at, span));
    return (
        <Drawing
            title={title}
            label={label}
            head={[...heads, ...(band ? ["Low", "High"] : [])]}
            legend={<Legend band={band ? (options.band ?? "95 % interval") : ""} beside={beside} />}
            rows={points.map((one) => [
                cell(one.x),
                words(one.value),
                ...(band ? [one.low, one.high].map((end) => (typeof end === "number" ? words(end) : "–")) : []),
            ])}
        >
            <div class="plot-field">
                <div class="plot-scale" aria-hidden="true">
                    {marks.map((mark) => (
                        <span key={mark} style={{ top: `${y(mark)}px` }}>
                            {words(mark)}
                        </span>
                    ))}
                </div>
                <svg
                    class="plot-lines"
                    width="100%"
                    height={ROOM}
                    viewBox={`0 0 1000 ${ROOM}`}
                    preserveAspectRatio="none"
                    aria-hidden="true"
                >
                    {marks.map((mark) => (
                        <line key={mark} x1="0" x2="1000" y1={y(mark)} y2={y(mark)} class="lane" />
                    ))}
                    {low < 0 && high > 0 && <line x1="0" x2="1000" y1={y(0)} y2={y(0)} class="lane is-zero" />}
                    {band && <path d={band} class="course-band" />}
                    {beside.map((one) => (
                        <path key={one.name} d={line(one.points)} class="course is-pale" />
                    ))}
                    <path d={line(points)} class="course" />
                    {typeof stands === "number" && (
                        <line x1={x({ x: stands })} x2={x({ x: stands })} y1="0" y2={ROOM} class="stands" />
                    )}
                </svg>
                {options.hasDots && (
                    <svg class="plot-dots" width="100%" height={ROOM} aria-hidden="true">
                        {points.map((one) => (
                            <circle key={one.x} cx={`${(x(one) / 10).toFixed(2)}%`} cy={y(one.value)} r="4" />
                        ))}
                    </svg>
                )}
            </div>
            <div class="plot-ticks">
                <Ticks ticks={steps.map((at) => ({ at: (at - first) / span, words: places(at, span) }))} />
            </div>
        </Drawing>
    );
}

export interface Point {
    at_ms: number;
    value: number;
    low?: number | null | undefined;
    high?: number | null | undefined;
}

/* A course over time, beside that of the period before. */
export function Course({
    title,
    label,
    points,
    before,
    words,
    unit,
}: {
    title: string;
    label: string;
    points: Point[];
    before?: Point[];
    words: (value: number) => string;
    unit: string;
}) {
    const placed = (rows: Point[]) => rows.map(({ at_ms, ...rest }) => ({ x: at_ms, ...rest }));
    return (
        <Curve
            title={title}
            label={label}
            points={placed(points)}
            beside={before ? [{ name: "the period before", points: placed(before) }] : []}
            words={words}
            places={dayWords}
            isTime
            cell={formatInstant}
            heads={["When", unit]}
        />
    );
}
