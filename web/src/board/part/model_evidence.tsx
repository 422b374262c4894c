/* model_evidence.tsx - what speaks for a model on customers it did not learn from: the learners that were tried, whether
 * what it says comes true, what acting on its ranking would cost, and what it leans on. */
import { useState } from "preact/hooks";
import { formatCount, formatDecimal, formatQuantity, formatShare, plural } from "../../page/format.ts";
import { sentence } from "../../page/prose.ts";
import type { GetV1ModelsQuestion } from "../answers.ts";
import { Part, Tag } from "./basic.tsx";
import { Curve } from "./curve.tsx";
import { Field } from "./form.tsx";
import { BarCell, Bars, Whisker } from "./plot.tsx";
import { Table } from "./table.tsx";

export type Estimate = { value?: number | null; low?: number | null; high?: number | null } | null | undefined;
interface Learner {
    name: string;
    settings?: string;
    chosen?: boolean;
    refused?: string | null;
    auc?: Estimate;
    pr_auc?: Estimate;
    brier?: Estimate;
    log_loss?: Estimate;
    mae?: Estimate;
    seconds?: number;
}
interface Bin {
    predicted: number;
    observed: number;
    low: number;
    high: number;
    n: number;
}
interface Decile {
    decile: number;
    n: number;
    predicted: number;
    observed: number;
    lift: number;
    low: number;
    high: number;
    captured: number;
}
interface Driver {
    feature: string;
    meaning?: string;
    importance: number;
    direction?: string | null;
    curve?: { value: number | null; effect: number; low: number; high: number; n: number }[] | null;
}
export interface Evidence {
    models?: Learner[];
    question?: {
        why?: string;
        chosen_because?: string;
        judged?: number;
        base_rate?: number;
        horizon_days?: number;
    };
    calibration?: { sentence?: string; bins?: Bin[] };
    deciles?: { sentence?: string; rows?: Decile[] };
    drivers?: { sentence?: string; rows?: Driver[] };
}

export const estimate = (one: Estimate): string =>
    typeof one?.value !== "number"
        ? "–"
        : formatDecimal(one.value) +
          (typeof one.low === "number" && typeof one.high === "number"
              ? ` (${formatDecimal(one.low)} to ${formatDecimal(one.high)})`
              : "");

export function Leaderboard({ evidence }: { evidence: Evidence }) {
    const rows = evidence.models ?? [],
        measure = rows.some((row) => row.auc) ? "auc" : "mae";
    const ends = rows.flatMap((row) => [row[measure]?.low, row[measure]?.high]).filter((one) => one != null);
    const from = Math.min(measure === "auc" ? 0.5 : 0, ...ends),
        until = Math.max(...ends, from + 0.01);
    return rows.length === 0 ? null : (
        <Part
            title="Leaderboard"
            lead={sentence(
                evidence.question?.chosen_because ??
                    "Judged on customers that none of them learned from. Where intervals overlap the simplest is taken",
            )}
        >
            <Table
                caption="Learners"
                noun="learner"
                csv="leaderboard"
                id={(row) => row.name}
                rows={rows}
                columns={[
                    {
                        title: "Learner",
                        kind: "name",
                        cell: (row) => (
                            <>
                                {row.name}
                                {row.chosen && <Tag kind="chosen">in use</Tag>}
                                {row.refused && <span class="interval-line">{sentence(row.refused)}</span>}
                            </>
                        ),
                        value: (row) => row.name,
                    },
                    {
                        title: measure === "auc" ? "AUC (95 %)" : "Mean error (95 %)",
                        kind: "number",
                        cell: (row) => estimate(row[measure]),
                        value: (row) => row[measure]?.value,
                    },
                    {
                        title: "Interval",
                        cell: (row) =>
                            typeof row[measure]?.value === "number" ? (
                                <Whisker
                                    value={row[measure].value}
                                    low={row[measure].low}
                                    high={row[measure].high}
                                    from={from}
                                    to={until}
                                />
                            ) : null,
                    },
                    {
                        title: "PR-AUC",
                        kind: "number",
                        cell: (row) => formatDecimal(row.pr_auc?.value),
                        value: (row) => row.pr_auc?.value,
                    },
                    {
                        title: "Brier",
                        kind: "number",
                        cell: (row) => formatDecimal(row.brier?.value),
                        value: (row) => row.brier?.value,
                    },
                    {
                        title: "Seconds",
                        kind: "number",
                        cell: (row) => formatQuantity(row.seconds),
                        value: (row) => row.seconds,
                    },
                ]}
            />
        </Part>
    );
}

export function Spread({ model }: { model: GetV1ModelsQuestion }) {
    const counts = model.spread ?? [],
        n = counts.reduce((sum, one) => sum + one, 0);
    if (n === 0) return null;
    const from = (i: number): string =>
        `${Math.round((i * 100) / counts.length)} to ${Math.round(((i + 1) * 100) / counts.length)}\u202f%`;
    return (
        <Part title="How likely everybody is" lead={model.headline ?? undefined}>
            <Bars
                title="Customers by the answer"
                unit="Customers"
                label={counts.map((one, i) => `${from(i)}: ${formatCount(one)}`).join("; ")}
                bars={counts.map((one, i) => ({
                    name: from(i),
                    size: one,
                    words: formatCount(one),
                    isPale: i < counts.length / 2,
                }))}
                ticks={[0, 0.25, 0.5, 0.75, 1].map((at) => ({ at, words: `${at * 100}\u202f%` }))}
            />
        </Part>
    );
}

export function Calibration({ evidence }: { evidence: Evidence }) {
    const bins = evidence.calibration?.bins ?? [];
    if (bins.length === 0) return null;
    const ends = [Math.min(...bins.map((bin) => bin.predicted)), Math.max(...bins.map((bin) => bin.predicted))];
    return (
        <Part
            title="Calibration"
            lead={
                evidence.calibration?.sentence ??
                "Of those given a chance, how many it came true for. The pale line is where both agree."
            }
        >
            <Curve
                title="What came true, by the chance that was given"
                label={bins
                    .map((bin) => `${formatShare(bin.predicted)} said, ${formatShare(bin.observed)} seen`)
                    .join("; ")}
                heads={["Said", "Seen"]}
                words={(one) => formatShare(one)}
                places={(one) => formatShare(one)}
                cell={(one) => formatShare(one, 1)}
                hasDots
                points={[...bins]
                    .sort((a, b) => a.predicted - b.predicted)
                    .map((bin) => ({ x: bin.predicted, value: bin.observed, low: bin.low, high: bin.high }))}
                beside={[{ name: "said and seen agree", points: ends.map((end) => ({ x: end, value: end })) }]}
            />
        </Part>
    );
}

/* What contacting the likeliest costs, with those who are missed: by how far down the ranking one goes. */
function costsOf(rows: Decile[], contact: number, loss: number): { x: number; value: number }[] {
    const n = rows.reduce((sum, row) => sum + row.n, 0),
        all = rows.reduce((sum, row) => sum + row.n * row.observed, 0);
    let contacted = 0,
        reached = 0;
    const points = [{ x: 0, value: all * loss }];
    for (const row of rows) {
        contacted += row.n;
        reached += row.n * row.observed;
        points.push({ x: contacted / n, value: contacted * contact + (all - reached) * loss });
    }
    return points;
}

export function Lift({ evidence }: { evidence: Evidence }) {
    const rows = [...(evidence.deciles?.rows ?? [])].sort((a, b) => a.decile - b.decile),
        [contact, setContact] = useState("1"),
        [loss, setLoss] = useState("20");
    if (rows.length === 0) return null;
    const costs = costsOf(rows, Number(contact) || 0, Number(loss) || 0),
        best = costs.reduce((a, b) => (b.value < a.value ? b : a)),
        index = costs.indexOf(best),
        threshold = rows[index - 1]?.predicted;
    return (
        <Part title="Lift, and cost by threshold" lead={evidence.deciles?.sentence}>
            <Table
                caption="Tenths of customers by what was said"
                noun="tenth"
                csv="lift"
                id={(row) => row.decile}
                rows={rows}
                columns={[
                    { title: "Tenth", kind: "number", cell: (row) => row.decile, value: (row) => row.decile },
                    {
                        title: "Chance said",
                        kind: "number",
                        cell: (row) => formatShare(row.predicted),
                        value: (row) => row.predicted,
                    },
                    {
                        title: "Came true",
                        kind: "number",
                        cell: (row) => formatShare(row.observed),
                        value: (row) => row.observed,
                    },
                    {
                        title: "Lift (95 %)",
                        kind: "number",
                        cell: (row) => `${row.lift.toFixed(2)} (${row.low.toFixed(2)} to ${row.high.toFixed(2)})`,
                        value: (row) => row.lift,
                    },
                    {
                        title: "Of all it holds",
                        kind: "number",
                        cell: (row) => formatShare(row.captured),
                        value: (row) => row.captured,
                    },
                ]}
            />
            <div class="fields">
                <Field label="A contact costs" name="contact" value={contact} set={setContact} />
                <Field label="One who is missed costs" name="loss" value={loss} set={setLoss} />
            </div>
            <Curve
                title="Cost of contacting the likeliest, by how many are contacted"
                label={`Least at ${formatShare(best.x)} of customers`}
                heads={["Contacted", "Cost"]}
                words={(one) => formatQuantity(one)}
                places={(one) => formatShare(one)}
                points={costs}
                stands={best.x}
                hasDots
            />
            <p class="note">
                Least at {formatShare(best.x)} of these customers
                {threshold !== undefined && `, from a chance of about ${formatShare(threshold)} on`}. It takes for
                granted that a contact keeps who would leave: whether it does, only an experiment shows.
            </p>
        </Part>
    );
}

function DriverCurve({ row }: { row: Driver }) {
    const points = (row.curve ?? []).filter((one) => one.value !== null),
        missing = (row.curve ?? []).find((one) => one.value === null);
    if (points.length < 2) return null;
    return (
        <details class="fold">
            <summary>{row.meaning ?? row.feature}</summary>
            <Curve
                title="Push to the log-odds, by the value"
                label={`From ${formatQuantity(points[0]?.effect)} to ${formatQuantity(points.at(-1)?.effect)}`}
                heads={["Value", "Push"]}
                words={(one) => formatQuantity(one)}
                places={(one) => formatQuantity(one)}
                band="the middle half of customers"
                points={points.map((one) => ({
                    x: one.value ?? 0,
                    value: one.effect,
                    low: one.low,
                    high: one.high,
                }))}
            />
            <p class="note">
                {missing
                    ? `Where it is not known (${plural(missing.n, "customer")}), the push is ${formatQuantity(missing.effect)}.`
                    : "It is known of everybody that was asked about."}
            </p>
        </details>
    );
}

const DIRECTIONS: Record<string, string> = {
    mixed: "depends on the value",
    beside: "has a direction only beside the others",
};

export function Drivers({ evidence }: { evidence: Evidence }) {
    const rows = evidence.drivers?.rows ?? [];
    const most = Math.max(...rows.map((row) => Math.abs(row.importance)), 1e-9);
    return rows.length === 0 ? null : (
        <Part
            title="What it leans on"
            lead={evidence.drivers?.sentence ?? "The mean size of each feature's push. A driver is no cause."}
        >
            <Table
                caption="Drivers"
                noun="driver"
                csv="drivers"
                step={12}
                id={(row) => row.feature}
                rows={rows}
                columns={[
                    {
                        title: "Feature",
                        kind: "wide",
                        cell: (row) => (
                            <>
                                {row.meaning ?? row.feature}
                                <code class="driver-feature">{row.feature}</code>
                            </>
                        ),
                        value: (row) => row.feature,
                    },
                    {
                        title: "More of it",
                        cell: (row) => DIRECTIONS[row.direction ?? ""] ?? row.direction ?? "–",
                        value: (row) => row.direction,
                    },
                    {
                        title: "Weight",
                        kind: "number",
                        cell: (row) => (
                            <BarCell
                                words={formatDecimal(Math.abs(row.importance))}
                                share={Math.abs(row.importance) / most}
                            />
                        ),
                        value: (row) => row.importance,
                    },
                ]}
            />
            {rows.slice(0, 8).map((row) => (
                <DriverCurve key={row.feature} row={row} />
            ))}
        </Part>
    );
}
