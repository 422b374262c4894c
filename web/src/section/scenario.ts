/* scenario.ts - what a plan brings when its inputs are not known, and which of them moves it most. */
import { chart } from "../chart/chart.ts";
import { frame, reference, tooltip, valueAxis } from "../chart/parts.ts";
import { formatCount, formatDecimal, formatShare } from "../page/format.ts";
import { body, part, type Section } from "../page/section.ts";
import { table } from "../page/table.ts";
import { hasRows, type Maybe, type Outcome, type Swing } from "../report.ts";

const number = (value: Maybe<number>) => formatDecimal(value, Math.abs(value ?? 0) < 10 ? 3 : 0);

export const scenario: Section = {
    id: "scenario", group: "understand", title: "What a plan may bring",
    draw(report) {
        const outputs = Object.entries(report.scenario?.outputs ?? {}).filter(([, outcome]) => outcome), tornado = report.scenario?.tornado ?? {};
        if (outputs.length === 0) return null;
        return body(`Inputs that nobody knows were drawn ${formatCount(report.scenario?.draws)} times.`,
            outputs.map(([name, outcome]) => part(name, sentence(outcome),
                hasRows(tornado[name]) ? swings(name, outcome, tornado[name]) : null)));
    },
};

function sentence(outcome: Outcome): string {
    return `On average ${number(outcome.mean)}, in nine of ten draws between ${number(outcome.p5)} and ${number(outcome.p95)}; `
        + `below 0 in ${formatShare(outcome.chance_below_zero)}.`;
}

/* Bars from the outcome at the medians; the input that moves it most is on top. */
function swings(name: string, outcome: Outcome, rows: Swing[]): HTMLElement {
    const middle = outcome.at_medians ?? 0, names = rows.map((row) => row.input.replaceAll("_", " "));
    const side = (colour: string, of: (row: Swing) => number) => ({ type: "bar", stack: "swing", barMaxWidth: 26, color: colour,
        data: rows.map((row) => of(row) - middle), emphasis: { disabled: true } });
    return chart({
        title: `${name} with one input at its 10th and 90th percentile, the others at their medians`,
        height: 60 + 44 * rows.length,
        legend: [{ label: "10th percentile", mark: "rock" }, { label: "90th percentile", mark: "fill" }],
        label: `${rows[0]?.input} moves ${name} most, from ${number(rows[0]?.low)} to ${number(rows[0]?.high)}`,
        option: (colours) => ({
            grid: frame(),
            xAxis: { ...valueAxis(colours, { format: (value) => number(value + middle) }) },
            yAxis: { type: "category", inverse: true, data: names, axisTick: { show: false },
                axisLine: { show: false }, axisLabel: { color: colours.ink, fontSize: 12, width: 96, overflow: "break" } },
            tooltip: tooltip(colours, "axis", (index) => ({ heading: names[index] ?? "", lines: [
                ["10th percentile", number(rows[index]?.low)], ["90th percentile", number(rows[index]?.high)]] })),
            series: [side(colours.rock, (row) => row.low), side(colours.fill, (row) => row.high),
                reference(colours, [[0, 0], [0, rows.length - 1]])],
        }),
        table: table<Swing>({ caption: `What moves ${name}`, rows, sorted: false, columns: [
            { label: "Input", value: (row) => row.input },
            { label: "10th percentile", kind: "number", value: (row) => row.low, show: (row) => number(row.low) },
            { label: "90th percentile", kind: "number", value: (row) => row.high, show: (row) => number(row.high) }] }),
    });
}
