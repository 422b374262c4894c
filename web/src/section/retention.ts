/* retention.ts - the share of customers still there after so many days, with its interval. */
import { chart } from "../chart/chart.ts";
import { band, baseAxis, frame, line, tooltip, valueAxis } from "../chart/parts.ts";
import { formatCount, formatInterval, formatShare, plural } from "../page/format.ts";
import { body, note, type Section } from "../page/section.ts";
import { table } from "../page/table.ts";
import { hasRows, type RetentionPoint } from "../report.ts";

export const retention: Section = {
    id: "retention", group: "understand", title: "How long they stay",
    draw(report) {
        if (!hasRows(report.retention?.rows)) return null;
        const lapse = report.retention.lapse_days;
        return body(report.retention.sentence, curve(report.retention.rows),
            lapse ? note(`A customer has stopped at an order that no other followed within ` +
                `${plural(lapse, "day")}. `,
                "Those still within that time count as far as they have been seen (Kaplan-Meier).") : null);
    },
};

function curve(rows: RetentionPoint[]): HTMLElement {
    const first = rows[0], last = rows.at(-1);
    const share = (value: number) => formatShare(value, 0);
    const interval = (row?: RetentionPoint) => formatInterval(row?.low, row?.high,
        (value) => formatShare(value, 1));
    const bands = rows.filter((row) => typeof row.low === "number" && typeof row.high === "number")
        .map((row): [number, number, number] => [row.day, row.low ?? 0, row.high ?? 0]);
    return chart({
        title: "Share of customers retained, by days since their first order",
        legend: [{ label: "estimate", mark: "line" }, { label: "95\u202f% interval", mark: "band" }],
        label: `Retention falls from ${formatShare(first?.share)} at day ${first?.day} to ` +
            `${formatShare(last?.share)} at day ${last?.day}`,
        option: (colours) => ({
            grid: frame(),
            xAxis: { ...baseAxis(colours, { format: (value) => formatCount(value), name: "days" }),
                max: "dataMax" },
            yAxis: valueAxis(colours, { format: share, min: 0, max: 1, interval: 0.25 }),
            tooltip: tooltip(colours, "axis", (index) => ({ heading: `Day ${formatCount(rows[index]?.day)}`,
                lines: [["retained", formatShare(rows[index]?.share, 1)],
                    ["95\u202f% interval", interval(rows[index])]] })),
            series: [line(colours.accent, rows.map((row) => [row.day, row.share])), band(colours, bands)],
        }),
        table: table<RetentionPoint>({ caption: "Retention by day", rows, noun: "day", columns: [
            { label: "Day", kind: "number", value: (row) => row.day, show: (row) => formatCount(row.day) },
            { label: "Retained", kind: "number", value: (row) => row.share,
                show: (row) => formatShare(row.share, 1) },
            { label: "95\u202f% interval", kind: "number", value: (row) => row.low, show: interval }] }),
    });
}
