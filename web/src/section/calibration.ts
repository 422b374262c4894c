/* calibration.ts - whether what is predicted comes: 30 % three times in ten, an amount on average. */
import { chart } from "../chart/chart.ts";
import { baseAxis, frame, reference, tooltip, valueAxis, whiskers } from "../chart/parts.ts";
import { formatCount, formatInterval, formatMoney, formatShare } from "../page/format.ts";
import { body, type Section } from "../page/section.ts";
import { table } from "../page/table.ts";
import { wordsOf } from "../page/words.ts";
import { hasRows, type CalibrationBin, type Maybe } from "../report.ts";

export const calibration: Section = {
    id: "calibration", group: "trust", title: "Can the predictions be believed?",
    draw(report) {
        if (!hasRows(report.calibration?.bins)) return null;
        const isSpend = wordsOf(report).isSpend;
        return body(report.calibration.sentence, plot(report.calibration.bins, isSpend, isSpend
            ? (value) => formatMoney((value ?? NaN) * 100, report.currency) : (value) => formatShare(value)));
    },
};

/* The largest number on both axes, and their step: shares end at 1, amounts where ECharts finds it round. */
function axes(bins: CalibrationBin[], isSpend: boolean): { top: number; step?: number } {
    const most = Math.max(...bins.map((bin) => Math.max(bin.predicted, bin.observed, bin.high ?? 0)));
    if (isSpend) return { top: Math.ceil(most * 1.05) };
    const step = most > 0.5 ? 0.2 : 0.1;
    return { top: Math.min(1, Math.ceil(most / step) * step), step };
}

function plot(bins: CalibrationBin[], isSpend: boolean, format: (value: Maybe<number>) => string): HTMLElement {
    const interval = (bin?: CalibrationBin) => formatInterval(bin?.low, bin?.high, format);
    const ends = bins.filter((bin) => typeof bin.low === "number" && typeof bin.high === "number")
        .map((bin): [number, number, number] => [bin.predicted, bin.low ?? 0, bin.high ?? 0]);
    const { top, step } = axes(bins, isSpend), axis = { format, min: 0, max: top, interval: step };
    return chart({
        title: isSpend ? "Mean spend that came, by predicted spend"
            : "Share that came true, by predicted probability",
        height: 320,
        legend: [{ label: "observed, with 95\u202f% interval", mark: "dot" },
                 { label: "perfect", mark: "dashed" }],
        label: "What was observed by what was predicted, against the diagonal of perfect calibration",
        option: (colours) => ({
            grid: frame(),
            xAxis: baseAxis(colours, { ...axis, name: "predicted" }), yAxis: valueAxis(colours, axis),
            tooltip: tooltip(colours, "item",
                             (index) => ({ heading: `${format(bins[index]?.predicted)} predicted`, lines: [
                ["observed", format(bins[index]?.observed)], ["95\u202f% interval", interval(bins[index])],
                ["customers", formatCount(bins[index]?.n)]] })),
            series: [{ type: "scatter", symbolSize: 10, z: 6, color: colours.accent, itemStyle: { opacity: 1 },
                data: bins.map((bin) => [bin.predicted, bin.observed]) },
                whiskers(colours, ends, colours.accent), reference(colours, [[0, 0], [top, top]])],
        }),
        table: table<CalibrationBin>({ caption: "Calibration", rows: bins, sorted: false, columns: [
            { label: "Predicted", kind: "number", value: (bin) => bin.predicted,
              show: (bin) => format(bin.predicted) },
            { label: "Observed", kind: "number", value: (bin) => bin.observed,
              show: (bin) => format(bin.observed) },
            { label: "95\u202f% interval", kind: "number", value: (bin) => bin.low, show: interval },
            { label: "Customers", kind: "number", value: (bin) => bin.n, show: (bin) => formatCount(bin.n) }] }),
    });
}
