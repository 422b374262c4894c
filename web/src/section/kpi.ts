/* kpi.ts - who stayed and what they kept spending, month by month; and where the goals stand. */
import { chart } from "../chart/chart.ts";
import { categoryAxis, frame, line, tooltip, valueAxis } from "../chart/parts.ts";
import { formatCount, formatDecimal, formatInterval, formatMoneyWhole, formatMonth, formatShare } from "../page/format.ts";
import { h } from "../page/dom.ts";
import { body, note, part, type Section } from "../page/section.ts";
import { table } from "../page/table.ts";
import { hasRows, type Goal, type KpiMonth, type Maybe } from "../report.ts";

export const kpi: Section = {
    id: "kpi", group: "understand", title: "Who stayed, and what they spend",
    draw(report) {
        const rows = report.kpi?.rows, goals = report.kpi?.goals, repeat = report.kpi?.repeat_rate;
        if (!hasRows(rows)) return null;
        return body(`${formatShare(repeat?.value)} of all customers ordered on two days or more (${
            formatInterval(repeat?.low, repeat?.high, formatShare)}).`,
            rows.length > 1 ? retained(rows) : null,
            h("details", { class: "as-table" }, h("summary", null, "Show as table"), months(rows, report.currency ?? "")),
            note("Retained: of the month before's active customers, those active again. NRR: what they spend now over what they "
                + "spent then; GRR the same with nobody counted for more than then."),
            hasRows(goals) ? part("Goals", null, standing(goals)) : null);
    },
};

const share = (value: Maybe<number>) => typeof value === "number" ? value : null;

function retained(rows: KpiMonth[]): HTMLElement {
    return chart({
        title: "Share of last month's customers, and of their revenue, that is kept", height: 260,
        legend: [{ label: "customers", mark: "line" }, { label: "revenue (NRR)", mark: "dashed" }],
        label: `Retention by month from ${formatMonth(rows[0]?.month)} to ${formatMonth(rows.at(-1)?.month)}`,
        option: (colours) => ({
            grid: frame(), xAxis: categoryAxis(colours, rows.map((row) => formatMonth(row.month))),
            yAxis: valueAxis(colours, { format: (value) => formatShare(value), min: 0 }),
            tooltip: tooltip(colours, "axis", (index) => ({ heading: formatMonth(rows[index]?.month), lines: [
                ["retained", formatShare(rows[index]?.retention?.value)],
                ["95\u202f% interval", formatInterval(rows[index]?.retention?.low, rows[index]?.retention?.high, formatShare)],
                ["NRR", formatShare(rows[index]?.nrr)], ["GRR", formatShare(rows[index]?.grr)]] })),
            series: [
                line(colours.fill, rows.map((row, index): [number, number | null] => [index, share(row.retention?.value)])),
                line(colours.ink, rows.map((row, index): [number, number | null] => [index, share(row.nrr)]),
                    { lineStyle: { width: 1.5, type: [5, 4] } })],
        }),
    });
}

function months(rows: KpiMonth[], currency: string): HTMLElement {
    return table<KpiMonth>({ caption: "Months", rows, sorted: false, columns: [
        { label: "Month", value: (row) => row.month, show: (row) => formatMonth(row.month) + (row.partial ? " so far" : "") },
        { label: "Customers", kind: "number", value: (row) => row.customers, show: (row) => formatCount(row.customers) },
        { label: "New", kind: "number", value: (row) => row.new, show: (row) => formatCount(row.new) },
        { label: "Retained", kind: "number", value: (row) => row.retention?.value,
            show: (row) => formatShare(row.retention?.value) },
        { label: "Came back", kind: "number", value: (row) => row.reactivated, show: (row) => formatCount(row.reactivated) },
        { label: "Revenue", kind: "number", value: (row) => row.revenue_cents,
            show: (row) => formatMoneyWhole(row.revenue_cents, currency) },
        { label: "NRR", kind: "number", value: (row) => row.nrr, show: (row) => formatShare(row.nrr) },
        { label: "GRR", kind: "number", value: (row) => row.grr, show: (row) => formatShare(row.grr) }] });
}

function standing(goals: Goal[]): HTMLElement {
    const number = (value: Maybe<number>) => formatDecimal(value, 3);
    return table<Goal>({ caption: "Goals", rows: goals, sorted: false, narrow: true, columns: [
        { label: "Goal", value: (goal) => goal.name, show: (goal) => `${goal.name.replaceAll("_", " ")} ${goal.side} ${
            number(goal.target)} by ${goal.by}` },
        { label: "Now", kind: "number", value: (goal) => goal.value?.value, show: (goal) => number(goal.value?.value) },
        { label: "95\u202f% interval", value: (goal) => goal.value?.low,
            show: (goal) => formatInterval(goal.value?.low, goal.value?.high, number) },
        { label: "Chance", kind: "number", value: (goal) => goal.chance, show: (goal) => formatShare(goal.chance) }] });
}
