/* calibration.ts - whether a predicted 30 % comes true three times in ten. */
import { chart } from "../chart/chart.ts";
import { baseAxis, frame, reference, tooltip, valueAxis, whiskers } from "../chart/parts.ts";
import { formatCount, formatInterval, formatShare } from "../page/format.ts";
import { body, type Section } from "../page/section.ts";
import { table } from "../page/table.ts";
import { hasRows, type CalibrationBin } from "../report.ts";

export const calibration: Section = {
    id: "calibration", group: "trust", title: "Can the probabilities be believed?",
    draw(report) {
        if (!hasRows(report.calibration?.bins)) return null;
        return body(report.calibration.sentence, plot(report.calibration.bins));
    },
};

function plot(bins: CalibrationBin[]): HTMLElement {
    const interval = (bin?: CalibrationBin) => formatInterval(bin?.low, bin?.high,
        (value) => formatShare(value, 0));
    const share = (value: number) => formatShare(value, 0);
    const ends = bins.filter((bin) => typeof bin.low === "number" && typeof bin.high === "number")
        .map((bin): [number, number, number] => [bin.predicted, bin.low ?? 0, bin.high ?? 0]);
    const most = Math.max(...bins.map((bin) => Math.max(bin.predicted, bin.high ?? bin.observed)));
    const step = most > 0.5 ? 0.2 : 0.1, top = Math.min(1, Math.ceil(most / step) * step);
    return chart({
        title: "Share that came true, by predicted probability", height: 320,
        legend: [{ label: "observed, with 95\u202f% interval", mark: "dot" },
            { label: "perfect", mark: "dashed" }],
        label: "Observed share by predicted probability, against the diagonal of perfect calibration",
        option: (colours) => ({
            grid: frame(),
            xAxis: baseAxis(colours, { format: share, name: "predicted", min: 0, max: top, interval: step }),
            yAxis: valueAxis(colours, { format: share, min: 0, max: top, interval: step }),
            tooltip: tooltip(colours, "item",
                (index) => ({ heading: `${formatShare(bins[index]?.predicted, 1)} predicted`, lines: [
                ["observed", formatShare(bins[index]?.observed, 1)], ["95\u202f% interval", interval(bins[index])],
                ["customers", formatCount(bins[index]?.n)]] })),
            series: [{ type: "scatter", symbolSize: 10, z: 6, color: colours.accent, itemStyle: { opacity: 1 },
                data: bins.map((bin) => [bin.predicted, bin.observed]) },
                whiskers(colours, ends, colours.accent), reference(colours, [[0, 0], [top, top]])],
        }),
        table: table<CalibrationBin>({ caption: "Calibration", rows: bins, sorted: false, columns: [
            { label: "Predicted", kind: "number", value: (bin) => bin.predicted,
                show: (bin) => formatShare(bin.predicted, 1) },
            { label: "Observed", kind: "number", value: (bin) => bin.observed,
                show: (bin) => formatShare(bin.observed, 1) },
            { label: "95\u202f% interval", kind: "number", value: (bin) => bin.low, show: interval },
            { label: "Customers", kind: "number", value: (bin) => bin.n, show: (bin) => formatCount(bin.n) }] }),
    });
}
