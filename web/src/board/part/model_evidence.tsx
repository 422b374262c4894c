/* model_evidence.tsx - what speaks for a model on customers it did not learn from: the learners that were tried, whether
 * what it says comes true, what acting on its ranking would cost, and what it leans on. */
import { useState } from "preact/hooks";
import { formatCount, formatDecimal, formatQuantity, formatShare, plural } from "../../page/format.ts";
import { sentence } from "../../page/prose.ts";
import type { GetV1ModelsQuestion } from "../answers.ts";
import { Part, Tag } from "../../part/block.tsx";
import { Curve } from "../../part/curve.tsx";
import { Field } from "./form.tsx";
import { Bars } from "../../part/bars.tsx";
import { BarCell, Whisker } from "../../part/plot.tsx";
import { CalibrationDots, cameHead, EffectCurve, knownPoints, LiftBars, saidWords } from "../../part/model_curves.tsx";
import { Table, type Column } from "../../part/table.tsx";
import type { CalibrationBin, Decile, EffectPoint } from "../../report.ts";

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
interface Driver {
    feature: string;
    meaning?: string;
    importance: number;
    direction?: string | null;
    curve?: EffectPoint[] | null;
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
    calibration?: { sentence?: string; bins?: CalibrationBin[] };
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

/* What it answers is an amount, not a chance: nothing is ranked as yes and no. */
export const isOfAmounts = ({ models = [] }: Evidence): boolean =>
    models.some((row) => row.mae) && !models.some((row) => row.auc);

/* A measure of chances, which an amount has none of. */
const chanceColumn = (title: string, of: (row: Learner) => Estimate): Column<Learner> => ({
    title,
    kind: "number",
    cell: (row) => formatDecimal(of(row)?.value),
    value: (row) => of(row)?.value,
});

export function Leaderboard({ evidence }: { evidence: Evidence }) {
    const rows = evidence.models ?? [],
        measure = isOfAmounts(evidence) ? "mae" : "auc";
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
                    ...(measure === "auc"
                        ? [chanceColumn("PR-AUC", (row) => row.pr_auc), chanceColumn("Brier", (row) => row.brier)]
                        : []),
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
    const isAmount = isOfAmounts(evidence);
    return (
        <Part
            title="Calibration"
            lead={
                evidence.calibration?.sentence ??
                "Of those given a chance, how many it came true for. The dashed line is where both agree."
            }
        >
            <CalibrationDots
                title={
                    isAmount ? "The mean of what came, by the amount said" : "What came true, by the chance that was given"
                }
                bins={bins}
                words={saidWords(isAmount, "")}
            />
        </Part>
    );
}

/* What contacting the likeliest costs, with those who are missed: by how far down the ranking one goes. */
function costsOf(rows: Decile[], contact: number, loss: number): { x: number; value: number }[] {
    const n = rows.reduce((sum, row) => sum + (row.n ?? 0), 0),
        all = rows.reduce((sum, row) => sum + (row.n ?? 0) * (row.observed ?? 0), 0);
    let contacted = 0,
        reached = 0;
    const points = [{ x: 0, value: all * loss }];
    for (const row of rows) {
        contacted += row.n ?? 0;
        reached += (row.n ?? 0) * (row.observed ?? 0);
        points.push({ x: contacted / n, value: contacted * contact + (all - reached) * loss });
    }
    return points;
}

/* Of a yes or no: who is missed is one who would have been reached, which an amount cannot say. */
function CostByThreshold({ rows }: { rows: Decile[] }) {
    const [contact, setContact] = useState("1"),
        [loss, setLoss] = useState("20");
    const costs = costsOf(rows, Number(contact) || 0, Number(loss) || 0),
        best = costs.reduce((a, b) => (b.value < a.value ? b : a)),
        index = costs.indexOf(best),
        threshold = rows[index - 1]?.predicted;
    return (
        <>
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
                {typeof threshold === "number" && `, from a chance of about ${formatShare(threshold)} on`}. It takes for
                granted that a contact keeps who would leave: whether it does, only an experiment shows.
            </p>
        </>
    );
}

export function Lift({ evidence }: { evidence: Evidence }) {
    const rows = [...(evidence.deciles?.rows ?? [])].sort((a, b) => a.decile - b.decile),
        isAmount = isOfAmounts(evidence),
        words = saidWords(isAmount, "");
    if (rows.length === 0) return null;
    return (
        <Part title={isAmount ? "Lift" : "Lift, and cost by threshold"} lead={evidence.deciles?.sentence}>
            <LiftBars rows={rows} isAmount={isAmount} currency="" />
            <Table
                caption="Tenths of customers by what was said"
                noun="tenth"
                csv="lift"
                id={(row) => row.decile}
                rows={rows}
                columns={[
                    { title: "Tenth", kind: "number", cell: (row) => row.decile, value: (row) => row.decile },
                    {
                        title: "Said",
                        kind: "number",
                        cell: (row) => words(row.predicted),
                        value: (row) => row.predicted,
                    },
                    {
                        title: cameHead(isAmount),
                        kind: "number",
                        cell: (row) => words(row.observed),
                        value: (row) => row.observed,
                    },
                    {
                        title: "Lift (95 %)",
                        kind: "number",
                        cell: (row) =>
                            `${formatDecimal(row.lift, 2)} (${formatDecimal(row.low, 2)} to ${formatDecimal(row.high, 2)})`,
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
            {!isAmount && <CostByThreshold rows={rows} />}
        </Part>
    );
}

function DriverCurve({ row, unit }: { row: Driver; unit: string }) {
    const points = knownPoints(row.curve),
        missing = (row.curve ?? []).find((one) => one.value === null);
    if (points.length < 2) return null;
    return (
        <details class="fold">
            <summary>{row.meaning ?? row.feature}</summary>
            <EffectCurve title={`Push to the ${unit}, by the value`} points={points} unit={unit} />
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
                <DriverCurve key={row.feature} row={row} unit={isOfAmounts(evidence) ? "spend" : "log-odds"} />
            ))}
        </Part>
    );
}
