/* experiment_looks.tsx - how an experiment's numbers are told, and the difference of each arm from its control on the first
 * metric, as it was known day by day. */
import { formatDate, formatInterval, formatQuantity, formatShare } from "../page/format.ts";
import type { ExperimentLook, ExperimentResult, Maybe } from "../report.ts";
import { Curve } from "./curve.tsx";
import { dayWords } from "./plot.tsx";

type Results = Maybe<Pick<ExperimentResult, "metric" | "kind">[]>;

/* A metric that is a share is told in per cent, and its change in points of them: 3.5 % → 12 %, 8.56 points. */
const inPoints = (value: Maybe<number>): string => formatQuantity(typeof value === "number" ? value * 100 : value);
export function metricWords(results: Results, metric: string | undefined) {
    const isShare = results?.find((one) => one.metric === metric)?.kind === "proportion";
    return {
        level: isShare ? formatShare : formatQuantity,
        change: isShare ? inPoints : formatQuantity,
        unit: isShare ? " points" : "",
    };
}

interface LooksOptions {
    looks: Maybe<ExperimentLook[]>;
    control: string;
    results: Results;
}

export function ExperimentLooks({ looks, control, results }: LooksOptions) {
    const metric = results?.[0]?.metric,
        { change: words, unit } = metricWords(results, metric);
    const known = (looks ?? []).filter((look) => typeof look.absolute?.value === "number"),
        arms = [...new Set(known.map((look) => look.arm))];
    return (
        <>
            {arms.map((arm) => {
                const rows = known.filter((look) => look.arm === arm),
                    last = rows.at(-1);
                return rows.length < 2 ? null : (
                    <Curve
                        key={arm}
                        title={`${arm} against ${control} in ${metric ?? "the first metric"}, as it was known day by day`}
                        label={`By ${formatDate(last?.day)} ${words(last?.absolute?.value)}${unit}, ${
                            formatInterval(last?.always_valid?.low, last?.always_valid?.high, words) || "–"
                        } at any look`}
                        heads={["Day", `Difference${unit && `, in${unit}`}`]}
                        words={words}
                        places={dayWords}
                        cell={(ms) => formatDate(new Date(ms).toISOString())}
                        isTime
                        name="difference"
                        band="the interval that holds at any look"
                        points={rows.map((look) => ({
                            x: Date.parse(look.day),
                            value: look.absolute?.value ?? 0,
                            low: look.always_valid?.low,
                            high: look.always_valid?.high,
                        }))}
                    />
                );
            })}
        </>
    );
}
