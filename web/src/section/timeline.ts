/* timeline.ts - the business month by month: revenue, and who bought for the first time or again. */
import { chart } from "../chart/chart.ts";
import { categoryAxis, frame, tooltip, valueAxis } from "../chart/parts.ts";
import { h } from "../page/dom.ts";
import { formatCount, formatMoneyTick, formatMoneyWhole, formatMonth, formatTick } from "../page/format.ts";
import { body, note, type Section } from "../page/section.ts";
import { table } from "../page/table.ts";
import { anyHas, hasMoney, hasRows, type Month } from "../report.ts";

export const timeline: Section = {
    id: "timeline", group: "understand", title: "Month by month",
    draw(report) {
        if (!hasRows(report.timeline?.rows)) return null;
        const { rows, sentence } = report.timeline, currency = report.currency ?? "";
        const numbers = monthTable(rows, currency);
        return body(sentence, h("div", { class: "pair" },
            hasMoney(rows, "revenue_cents") ? revenue(rows, currency) : null,
            anyHas(rows, "customers") ? customers(rows) : null),
            rows.some((row) => row.partial) ? note("Hollow and pale months are not complete in the data.") : null,
            h("details", { class: "as-table" }, h("summary", null, "Show as table"), numbers));
    },
};

const months = (rows: Month[]) => rows.map((row) => formatMonth(row.month));
const again = (row: Month) => Math.max(0, (row.customers ?? 0) - (row.new_customers ?? 0));

function revenue(rows: Month[], currency: string): HTMLElement {
    const last = rows.at(-1);
    return chart({
        title: "Revenue per month", height: 260,
        label: `Revenue per month from ${formatMonth(rows[0]?.month)} to ${formatMonth(last?.month)}`,
        option: (colours) => ({
            grid: frame(), xAxis: categoryAxis(colours, months(rows)),
            yAxis: valueAxis(colours, { format: (value) => formatMoneyTick(value, currency) }),
            tooltip: tooltip(colours, "axis", (index) => ({ heading: formatMonth(rows[index]?.month), lines: [
                ["revenue", formatMoneyWhole(rows[index]?.revenue_cents, currency)],
                ["orders", formatCount(rows[index]?.orders)]] })),
            series: [{ type: "bar", barMaxWidth: 28, data: rows.map((row) => ({ value: row.revenue_cents,
                itemStyle: row.partial ? { color: "transparent", borderColor: colours.fill, borderWidth: 1.5 }
                    : { color: colours.fill } })), emphasis: { disabled: true } }],
        }),
    });
}

function customers(rows: Month[]): HTMLElement {
    return chart({
        title: "Customers per month", height: 260,
        legend: [{ label: "bought before", mark: "fill" }, { label: "first order", mark: "rock" }],
        label: `Customers per month: those who bought before, and first orders`,
        option: (colours) => {
            const bars = (colour: string, value: (row: Month) => number | null | undefined) => ({
                type: "bar", stack: "customers", barMaxWidth: 28, emphasis: { disabled: true },
                data: rows.map((row) => ({ value: value(row),
                    itemStyle: { color: colour, opacity: row.partial ? 0.45 : 1 } })) });
            return { grid: frame(), xAxis: categoryAxis(colours, months(rows)),
                yAxis: valueAxis(colours, { format: formatTick }),
                tooltip: tooltip(colours, "axis", (index) => {
                    const row = rows[index];
                    return row ? { heading: formatMonth(row.month),
                        lines: [["bought before", formatCount(again(row))],
                        ["first order", formatCount(row.new_customers)]] } : null;
                }),
                series: [bars(colours.fill, again), bars(colours.rock, (row) => row.new_customers)] };
        },
    });
}

function monthTable(rows: Month[], currency: string): HTMLElement {
    return table<Month>({ caption: "Month by month", rows, noun: "month", columns: [
        { label: "Month", value: (row) => row.month,
            show: (row) => formatMonth(row.month) + (row.partial ? " (part)" : "") },
        { label: "Orders", kind: "number", value: (row) => row.orders, show: (row) => formatCount(row.orders) },
        { label: "Customers", kind: "number", value: (row) => row.customers,
            show: (row) => formatCount(row.customers) },
        { label: "First order", kind: "number", value: (row) => row.new_customers,
            show: (row) => formatCount(row.new_customers) },
        { label: "Revenue", kind: "number", value: (row) => row.revenue_cents,
            show: (row) => formatMoneyWhole(row.revenue_cents, currency) }] });
}
