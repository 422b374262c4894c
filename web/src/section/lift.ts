/* lift.ts - how much better than chance the list is, tenth by tenth, and the ROC curve behind the AUC. */
import { chart } from "../chart/chart.ts";
import { baseAxis, categoryAxis, frame, line, reference, tooltip, valueAxis, whiskers } from "../chart/parts.ts";
import { h } from "../page/dom.ts";
import { formatCount, formatDecimal, formatInterval, formatShare } from "../page/format.ts";
import { body, type Section } from "../page/section.ts";
import { table } from "../page/table.ts";
import { hasRows, type Decile } from "../report.ts";

export const lift: Section = {
    id: "lift", group: "trust", title: "How much better than chance?",
    draw(report) {
        const rows = report.deciles?.rows, points = report.roc;
        if (!hasRows(rows) && !hasRows(points)) return null;
        return body(report.deciles?.sentence, h("div", { class: "pair" },
            hasRows(rows) ? deciles(rows) : null, hasRows(points) ? roc(points) : null));
    },
};

const times = (value: number) => `${formatDecimal(value, 1)}×`;

function deciles(rows: Decile[]): HTMLElement {
    const interval = (row?: Decile) => formatInterval(row?.low, row?.high, (value) => formatDecimal(value, 2));
    const ends = rows.map((row, index): [number, number, number] | null =>
        typeof row.low === "number" && typeof row.high === "number" ? [index, row.low, row.high] : null)
        .filter((end): end is [number, number, number] => end !== null);
    return chart({
        title: "Lift by tenth of customers, highest prediction first", height: 300,
        legend: [{ label: "lift, with 95\u202f% interval", mark: "fill" }, { label: "chance", mark: "dashed" }],
        label: `Lift by decile: ${formatDecimal(rows[0]?.lift, 1)} times chance in the first tenth`,
        option: (colours) => ({
            grid: frame(), xAxis: categoryAxis(colours, rows.map((row) => String(row.decile)), "tenth"),
            yAxis: valueAxis(colours, { format: times, min: 0 }),
            tooltip: tooltip(colours, "axis", (index) => ({ heading: `Tenth ${rows[index]?.decile}`, lines: [
                ["lift", formatDecimal(rows[index]?.lift, 2)], ["95\u202f% interval", interval(rows[index])],
                ["observed", formatShare(rows[index]?.observed)],
                ["captured so far", formatShare(rows[index]?.captured)]] })),
            series: [{ type: "bar", barMaxWidth: 32, color: colours.fill, emphasis: { disabled: true },
                data: rows.map((row) => row.lift),
                markLine: { silent: true, symbol: "none", label: { show: false },
                    lineStyle: { color: colours.ink, type: [5, 4], width: 1.25 }, data: [{ yAxis: 1 }] } },
                whiskers(colours, ends)],
        }),
        table: table<Decile>({ caption: "Lift by decile", rows, sorted: false, columns: [
            { label: "Tenth", kind: "number", value: (row) => row.decile },
            { label: "Customers", kind: "number", value: (row) => row.n, show: (row) => formatCount(row.n) },
            { label: "Predicted", kind: "number", value: (row) => row.predicted,
                show: (row) => formatShare(row.predicted) },
            { label: "Observed", kind: "number", value: (row) => row.observed,
                show: (row) => formatShare(row.observed) },
            { label: "Lift", kind: "number", value: (row) => row.lift,
              show: (row) => formatDecimal(row.lift, 2) },
            { label: "95\u202f% interval", kind: "number", value: (row) => row.low, show: interval },
            { label: "Captured so far", kind: "number", value: (row) => row.captured,
                show: (row) => formatShare(row.captured) }] }),
    });
}

function roc(points: [number, number][]): HTMLElement {
    const share = (value: number) => formatShare(value, 0);
    return chart({
        title: "Found against false alarms (ROC)", height: 300,
        legend: [{ label: "model", mark: "line" }, { label: "chance", mark: "dashed" }],
        label: "ROC curve: share of those who leave that is found, by share of false alarms",
        option: (colours) => ({
            grid: frame(), xAxis: baseAxis(colours,
                { format: share, name: "false alarms", min: 0, max: 1, interval: 0.25 }),
            yAxis: valueAxis(colours, { format: share, min: 0, max: 1, interval: 0.25 }),
            tooltip: tooltip(colours, "axis", (index) => ({ heading: "Threshold",
                lines: [["found", formatShare(points[index]?.[1])],
                    ["false alarms", formatShare(points[index]?.[0])]] })),
            series: [line(colours.accent, points), reference(colours, [[0, 0], [1, 1]])],
        }),
        table: table({ caption: "ROC curve", rows: points, sorted: false, step: 20, noun: "point", columns: [
            { label: "False alarms", kind: "number", value: ([x]) => x, show: ([x]) => formatShare(x, 1) },
            { label: "Found", kind: "number", value: ([, y]) => y, show: ([, y]) => formatShare(y, 1) }] }),
    });
}
