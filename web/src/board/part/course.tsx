/* course.tsx - a curve over time, beside that of the period before. */
import { Curve } from "../../part/curve.tsx";
import { dayWords } from "../../part/plot.tsx";
import { formatDay, formatInstant } from "../clock.ts";

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
            cell={(ms) => (ms % 86_400_000 === 0 ? formatDay(ms) : formatInstant(ms))}
            heads={["When", unit]}
        />
    );
}
