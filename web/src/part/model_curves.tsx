/* model_curves.tsx - a model's evidence as pages and reports draw it: whether what it says comes true, how much better than
 * chance its ranking is, and how a feature moves its answer. */
import {
    formatCount,
    formatDecimal,
    formatInterval,
    formatMoney,
    formatQuantity,
    formatShare,
} from "../page/format.ts";
import type { CalibrationBin, Decile, EffectPoint, Maybe } from "../report.ts";
import { Bars } from "./bars.tsx";
import { Curve } from "./curve.tsx";
import { Legend } from "./plot.tsx";

/* What a model says, and what then came, in words: a chance in per cent, an amount as money. */
type Said = (value: Maybe<number>) => string;
export const saidWords =
    (isAmount: boolean, currency: Maybe<string>): Said =>
    (value) =>
        isAmount ? formatMoney(typeof value === "number" ? value * 100 : value, currency) : formatShare(value);

export function CalibrationDots({
    title,
    bins,
    words,
}: {
    title: string;
    bins: CalibrationBin[];
    words: Said;
}) {
    const rows = [...bins].sort((a, b) => a.predicted - b.predicted),
        ends = [rows[0]?.predicted ?? 0, rows.at(-1)?.predicted ?? 1];
    return (
        <Curve
            title={title}
            label={rows.map((bin) => `${words(bin.predicted)} said, ${words(bin.observed)} seen`).join("; ")}
            heads={["Said", "Seen"]}
            name={"seen, with 95\u202f% interval"}
            words={words}
            places={words}
            isApart
            points={rows.map((bin) => ({ x: bin.predicted, value: bin.observed, low: bin.low, high: bin.high }))}
            beside={[
                { name: "both agree", points: ends.map((end) => ({ x: end, value: end })), isDashed: true },
            ]}
        />
    );
}

const times = (value: Maybe<number>): string =>
    typeof value === "number" ? `${formatDecimal(value, 1)}\u00d7` : formatDecimal(value);

export const cameHead = (isAmount: boolean): string => (isAmount ? "Came" : "Came true");

interface LiftOptions {
    rows: Decile[];
    isAmount: boolean;
    currency: Maybe<string>;
}

export function LiftBars({ rows, isAmount, currency }: LiftOptions) {
    const words = saidWords(isAmount, currency);
    const interval = (row: Decile): string =>
        formatInterval(row.low, row.high, (value) => formatDecimal(value, 2)) || "–";
    return (
        <Bars
            title="Lift by tenth of customers, highest prediction first"
            label={`Lift by tenth: ${times(rows[0]?.lift)} chance in the first`}
            scale={times}
            reference={1}
            bars={rows.map((row) => ({
                name: String(row.decile),
                size: row.lift ?? 0,
                low: row.low,
                high: row.high,
            }))}
            legend={
                <Legend
                    items={[
                        ["fill", "lift, with 95\u202f% interval"],
                        ["dashed", "chance"],
                    ]}
                />
            }
            head={[
                "Tenth",
                "Lift",
                "95\u202f% interval",
                "Said",
                cameHead(isAmount),
                "Of all it holds",
                "Customers",
            ]}
            rows={rows.map((row) => [
                row.decile,
                formatDecimal(row.lift, 2),
                interval(row),
                words(row.predicted),
                words(row.observed),
                formatShare(row.captured),
                formatCount(row.n),
            ])}
        />
    );
}

const signed = (value: number): string => (value > 0 ? "+" : "") + formatDecimal(value, 2);

/* The points at which it is known; the last of a curve may tell of customers for whom it is not. */
export const knownPoints = <T extends { value: Maybe<number> }>(points: Maybe<T[]>): (T & { value: number })[] =>
    (points ?? []).filter((one): one is T & { value: number } => typeof one.value === "number");

interface EffectOptions {
    title: string;
    points: (EffectPoint & { value: number })[];
    unit: string; /* of the effect */
    range?: [number, number];
    isSmall?: boolean;
}

export function EffectCurve({ title, points, unit, range, isSmall }: EffectOptions) {
    const isYesNo = points.every((point) => point.value === 0 || point.value === 1),
        words = isYesNo ? (value: number) => (value === 1 ? "yes" : "no") : formatQuantity;
    return (
        <Curve
            title={title}
            label={`From ${signed(points[0]?.effect ?? 0)} at ${words(points[0]?.value ?? 0)} to ${signed(
                points.at(-1)?.effect ?? 0,
            )} at ${words(points.at(-1)?.value ?? 0)} in ${unit}`}
            heads={["Value", `Effect (${unit})`]}
            words={signed}
            places={words}
            band="the middle half of customers"
            isApart={isYesNo}
            {...(isYesNo ? { ticks: points.map((one): [number, string] => [one.value, words(one.value)]) } : {})}
            {...(range ? { range } : {})}
            {...(isSmall ? { isSmall } : {})}
            points={points.map((one) => ({ x: one.value, value: one.effect, low: one.low, high: one.high }))}
        />
    );
}
