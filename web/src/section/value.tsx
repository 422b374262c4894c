/* value.tsx - how many are still customers, what they will spend, and how well the models of both fit. */
import {
    formatCompact,
    formatCount,
    formatDate,
    formatMoney,
    formatQuantity,
    formatShare,
    formatTick,
    plural,
} from "../page/format.ts";
import { Bars } from "../part/bars.tsx";
import { Figures } from "../part/block.tsx";
import { Curve } from "../part/curve.tsx";
import { Legend } from "../part/plot.tsx";
import { Table } from "../part/table.tsx";
import { hasRows, type Maybe, type Report, type Value } from "../report.ts";
import { Folded, Lead, Note, Paragraph, Within, type Section } from "./section.tsx";

export const value: Section = {
    id: "value",
    group: "understand",
    title: "What they are worth",
    draw(report) {
        const data = report.value;
        if (!data || !(data.bgnbd || data.total_cents || hasRows(data.tracking) || data.refused)) return null;
        return (
            <>
                <Lead text={data.sentence} />
                <Paragraph text={data.refused} kind="callout" />
                <Totals data={data} currency={report.currency} />
                <Paragraph text={data.model_note} kind="note" />
                <Paragraph text={data.spend_missing} kind="note" />
                {hasRows(data.p_alive_histogram) && (
                    <>
                        <Alive rows={data.p_alive_histogram} />
                        <Note>
                            By Pareto/NBD, in which a customer may leave at any time. BG/NBD, which the spend rests
                            on, lets a customer leave only after a repeat order and cannot say this.
                        </Note>
                    </>
                )}
                <Fit report={report} data={data} />
                <Parameters data={data} />
            </>
        );
    },
};

function Totals({ data, currency }: { data: Value; currency: Maybe<string> }) {
    const over = data.horizon_days ? `over the next ${plural(data.horizon_days, "day")}` : "";
    return data.total_cents || data.total_orders ? (
        <Figures
            items={[
                data.total_cents
                    ? {
                          label: "Expected spend of all customers",
                          number: formatMoney(data.total_cents, currency),
                          meaning: `${over}, discounted`,
                      }
                    : null,
                data.total_orders
                    ? {
                          label: "Expected order days",
                          number: formatCompact(Math.round(data.total_orders)),
                          meaning: over,
                      }
                    : null,
            ]}
        />
    ) : null;
}

function Alive({ rows }: { rows: NonNullable<Value["p_alive_histogram"]> }) {
    const name = (row: (typeof rows)[number]): string =>
        `${Math.round(row.from * 100)} to ${formatShare(row.to, 0)}`;
    return (
        <Bars
            title="Customers by the probability that they have not left for good"
            label="Customers by the probability that they have not left for good"
            scale={formatTick}
            bars={rows.map((row) => ({ name: name(row), size: row.customers }))}
            head={["Not left for good:", "Customers"]}
            rows={rows.map((row) => [name(row), formatCount(row.customers)])}
        />
    );
}

function Fit({ report, data }: { report: Report; data: Value }) {
    const { tracking, by_frequency } = data;
    return hasRows(tracking) || hasRows(by_frequency) ? (
        <Within title="Does the model hold?" lead={data.holdout_note}>
            <div class="pair">
                {hasRows(tracking) && <Tracking data={data} rows={tracking} from={report.import?.from} />}
                {hasRows(by_frequency) && <ByFrequency rows={by_frequency} />}
            </div>
        </Within>
    ) : null;
}

const UNIT_DAYS: Record<string, number> = { day: 1, week: 7, month: 30.4375 };

/* Where the data that the model was fitted on ends: to its right the model has seen nothing. */
function fitEnds(data: Value, from: Maybe<string>): number | null {
    const days = UNIT_DAYS[data.unit ?? ""];
    if (!days || !data.calibration_end || !from) return null;
    const day = (date: string): number => Date.parse(date.slice(0, 10)) / 86_400_000;
    const period = (day(data.calibration_end) - day(from)) / days;
    return Number.isFinite(period) ? period : null;
}

interface TrackingOptions {
    data: Value;
    rows: NonNullable<Value["tracking"]>;
    from: Maybe<string>;
}

function Tracking({ data, rows, from }: TrackingOptions) {
    const unit = data.unit ?? "period",
        known = rows.filter((row) => typeof row.expected === "number");
    return known.length < 2 ? null : (
        <Curve
            title={`Repeat orders per ${unit}`}
            label={
                `Actual and expected repeat orders per ${unit}` +
                (data.calibration_end ? `; fitted on data until ${formatDate(data.calibration_end)}` : "")
            }
            heads={[unit, "Expected"]}
            name="expected by the model"
            words={formatTick}
            places={(period) => formatCount(period)}
            stands={fitEnds(data, from)}
            standing="fit ends"
            points={known.map((row) => ({ x: row.period, value: row.expected ?? 0 }))}
            beside={[
                { name: "actual", points: known.map((row) => ({ x: row.period, value: row.actual ?? 0 })) },
            ]}
        />
    );
}

function ByFrequency({ rows }: { rows: NonNullable<Value["by_frequency"]> }) {
    const name = (frequency: number, index: number): string =>
        `${frequency}${index === rows.length - 1 && rows.length > 3 ? "+" : ""}`;
    return (
        <Bars
            title="Orders after the fit, by repeat orders before"
            label="Actual and expected orders per customer after the fit, by the number of repeat orders before"
            scale={formatTick}
            legend={
                <Legend
                    items={[
                        ["fill", "expected"],
                        ["rock", "actual"],
                    ]}
                />
            }
            bars={rows.map((row, i) => ({
                name: name(row.frequency, i),
                size: row.expected ?? 0,
                beside: row.actual,
            }))}
            head={["Repeat orders before:", "Expected", "Actual", "Customers"]}
            rows={rows.map((row, i) => [
                name(row.frequency, i),
                formatQuantity(row.expected),
                formatQuantity(row.actual),
                formatCount(row.customers),
            ])}
        />
    );
}

interface Parameter {
    model: string;
    name: string;
    value: number;
    se: Maybe<number>;
}

function parametersOf(model: string, names: string[], fitted: Maybe<object>): Parameter[] {
    const values = (fitted ?? {}) as Record<string, unknown>,
        se = (values["se"] ?? {}) as Record<string, Maybe<number>>;
    return names.flatMap((name) => {
        const found = values[name];
        return typeof found === "number" ? [{ model, name, value: found, se: se[name] }] : [];
    });
}

function Parameters({ data }: { data: Value }) {
    const rows = [
        ...parametersOf(data.model ?? "BG/NBD", ["r", "alpha", "a", "b", "log_likelihood"], data.bgnbd),
        ...parametersOf("Gamma-Gamma", ["p", "q", "gamma", "log_likelihood"], data.gamma_gamma),
    ];
    return rows.length === 0 ? null : (
        <Folded title="Parameters of the models">
            <Table
                caption="Parameters"
                isFixed
                isBare
                rows={rows}
                columns={[
                    { title: "Model", value: (row) => row.model },
                    { title: "Parameter", value: (row) => row.name.replace("_", " ") },
                    {
                        title: "Estimate",
                        kind: "number",
                        value: (row) => row.value,
                        cell: (row) => formatQuantity(row.value),
                    },
                    {
                        title: "Standard error",
                        kind: "number",
                        value: (row) => row.se,
                        cell: (row) => formatQuantity(row.se),
                    },
                ]}
            />
            <Note>
                BG/NBD: Fader, Hardie and Lee (2005). Gamma-Gamma: Fader and Hardie (2013). Time in{" "}
                {data.unit ?? "period"}s.
            </Note>
        </Folded>
    );
}
