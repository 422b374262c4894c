/* kpi.tsx - who stayed and what they kept spending, month by month; and where the goals stand. */
import {
    formatCount,
    formatDecimal,
    formatInterval,
    formatMoneyWhole,
    formatMonth,
    formatShare,
} from "../page/format.ts";
import { monthMs, monthWords } from "../page/month.ts";
import { Curve } from "../part/curve.tsx";
import { Table } from "../part/table.tsx";
import { hasRows, type Goal, type KpiMonth, type Maybe } from "../report.ts";
import { Folded, Lead, Note, Within, type Section } from "./section.tsx";

export const kpi: Section = {
    id: "kpi",
    group: "understand",
    title: "Who stayed, and what they spend",
    draw(report) {
        const rows = report.kpi?.rows,
            goals = report.kpi?.goals,
            repeat = report.kpi?.repeat_rate;
        if (!hasRows(rows)) return null;
        return (
            <>
                <Lead
                    text={`${formatShare(repeat?.value)} of all customers ordered on two days or more (${formatInterval(repeat?.low, repeat?.high, formatShare)}).`}
                />
                <Retained rows={rows} />
                <Folded title="Show the months as table">
                    <Months rows={rows} currency={report.currency ?? ""} />
                </Folded>
                <Note>
                    Retained: of the month before's active customers, those active again. NRR: what they spend now
                    over what they spent then; GRR the same with nobody counted for more than then.
                    {rows.some((row) => row.partial) && " Months that are not complete stand in the table only."}
                </Note>
                {hasRows(goals) && (
                    <Within title="Goals">
                        <Goals goals={goals} />
                    </Within>
                )}
            </>
        );
    },
};

function Retained({ rows }: { rows: KpiMonth[] }) {
    const whole = rows.filter((row) => !row.partial), /* one that is not over keeps few so far */
        kept = whole.filter((row) => typeof row.retention?.value === "number"),
        paid = whole.filter((row) => typeof row.nrr === "number");
    return kept.length < 2 ? null : (
        <Curve
            title="Share of last month's customers, and of their revenue, that is kept"
            label={`Retention by month from ${formatMonth(kept[0]?.month)} to ${formatMonth(kept.at(-1)?.month)}`}
            heads={["Month", "Customers"]}
            name="customers"
            words={formatShare}
            places={monthWords}
            isTime
            points={kept.map((row) => ({
                x: monthMs(row.month),
                value: row.retention?.value ?? 0,
                low: row.retention?.low,
                high: row.retention?.high,
            }))}
            beside={
                paid.length > 1
                    ? [
                          {
                              name: "revenue (NRR)",
                              points: paid.map((row) => ({ x: monthMs(row.month), value: row.nrr ?? 0 })),
                              isDashed: true,
                          },
                      ]
                    : []
            }
        />
    );
}

function Months({ rows, currency }: { rows: KpiMonth[]; currency: string }) {
    return (
        <Table
            caption="Months"
            noun="month"
            csv="retention"
            isFixed
            rows={rows}
            columns={[
                {
                    title: "Month",
                    value: (row) => row.month,
                    cell: (row) => formatMonth(row.month) + (row.partial ? " so far" : ""),
                },
                {
                    title: "Customers",
                    kind: "number",
                    value: (row) => row.customers,
                    cell: (row) => formatCount(row.customers),
                },
                { title: "New", kind: "number", value: (row) => row.new, cell: (row) => formatCount(row.new) },
                {
                    title: "Retained",
                    kind: "number",
                    value: (row) => row.retention?.value,
                    cell: (row) => formatShare(row.retention?.value),
                },
                {
                    title: "Came back",
                    kind: "number",
                    value: (row) => row.reactivated,
                    cell: (row) => formatCount(row.reactivated),
                },
                {
                    title: "Revenue",
                    kind: "number",
                    value: (row) => row.revenue_cents,
                    cell: (row) => formatMoneyWhole(row.revenue_cents, currency),
                },
                { title: "NRR", kind: "number", value: (row) => row.nrr, cell: (row) => formatShare(row.nrr) },
                { title: "GRR", kind: "number", value: (row) => row.grr, cell: (row) => formatShare(row.grr) },
            ]}
        />
    );
}

const number = (value: Maybe<number>): string => formatDecimal(value, 3);

function Goals({ goals }: { goals: Goal[] }) {
    return (
        <Table
            caption="Goals"
            isFixed
            isNarrow
            isBare
            rows={goals}
            columns={[
                {
                    title: "Goal",
                    value: (goal) => goal.name,
                    cell: (goal) =>
                        `${goal.name.replaceAll("_", " ")} ${goal.side} ${number(goal.target)} by ${goal.by}`,
                },
                {
                    title: "Now",
                    kind: "number",
                    value: (goal) => goal.value?.value,
                    cell: (goal) => number(goal.value?.value),
                },
                {
                    title: "95\u202f% interval",
                    value: (goal) => goal.value?.low,
                    cell: (goal) => formatInterval(goal.value?.low, goal.value?.high, number),
                },
                {
                    title: "Chance",
                    kind: "number",
                    value: (goal) => goal.chance,
                    cell: (goal) => formatShare(goal.chance),
                },
            ]}
        />
    );
}
