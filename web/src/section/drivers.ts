/* drivers.ts - what the model looks at: how much each feature moves the answer, and in which direction. */
import { chart, type Option } from "../chart/chart.ts";
import { band, baseAxis, categoryAxis, frame, line, tooltip, valueAxis, whiskers } from "../chart/parts.ts";
import { h } from "../page/dom.ts";
import { formatDecimal, formatQuantity, formatShare, sentenceCase } from "../page/format.ts";
import { barCell, tag } from "../page/marks.ts";
import { prose } from "../page/prose.ts";
import { body, note, part, type Section } from "../page/section.ts";
import { table } from "../page/table.ts";
import type { Colours } from "../page/theme.ts";
import { wordsOf, type Words } from "../page/words.ts";
import { hasRows, type Driver, type EffectPoint } from "../report.ts";

const N_CURVES = 6;

export const drivers: Section = {
    id: "drivers", group: "understand", title: "What drives it",
    draw(report) {
        if (!hasRows(report.drivers?.rows)) return null;
        const words = wordsOf(report);
        const rows = [...report.drivers.rows].sort((a, b) => b.importance - a.importance);
        const isBeside = (row: Driver) => row.direction === "beside";
        const curves = rows.filter((row) => (row.curve?.length ?? 0) > 1 && !isBeside(row)).slice(0, N_CURVES);
        return body(report.drivers.sentence, importances(rows, words),
            note("A driver is what the model reads from, not a lever: changing it need not change the outcome." +
                (rows.some(isBeside) ? " Where drivers go together a model leans one against another: by itself such a one " +
                    "has no direction." : "")),
            curves.length > 0 ? part("How each one moves the answer",
                `Above the line a customer with this value is more likely to ${words.verb}, below it less. ` +
                "All are drawn to one scale; the band holds the middle half of the customers.",
                h("div", { class: "small-multiples" }, curves.map((row) => curve(row, curves, words)))) : null);
    },
};

const meaning = (row: Driver) => sentenceCase(row.meaning ?? row.feature);

function importances(rows: Driver[], words: Words): HTMLElement {
    const largest = rows[0]?.importance || 1;
    const direction = (row: Driver) => row.direction === "raises" ? sentenceCase(words.raises)
        : row.direction === "lowers" ? sentenceCase(words.lowers) : row.direction === "mixed"
            ? "Depends on the value" : row.direction === "beside" ? "Only beside the others" : "–";
    return table<Driver>({
        caption: "Drivers by importance", rows, noun: "driver", step: 10, narrow: true, cards: true,
        columns: [
            { label: "Driver", wide: true, value: meaning,
                show: (row) => [h("span", { class: "driver-meaning" }, meaning(row)),
                    row.meaning ? h("code", { class: "driver-feature" }, row.feature) : null] },
            { label: "Importance", kind: "number", value: (row) => row.importance,
                show: (row) => barCell(row.importance <= 1 ? formatShare(row.importance)
                    : formatQuantity(row.importance),
                    row.importance / largest) },
            { label: "Direction", value: direction, show: (row) => tag(direction(row), row.direction ?? "") },
        ],
    });
}

function curve(row: Driver, all: Driver[], words: Words): HTMLElement {
    const points = row.curve ?? [], title = meaning(row), unit = words.isSpend ? "effect" : "log-odds";
    const effects = all.flatMap((one) =>
        (one.curve ?? []).flatMap((point) => [point.effect, point.low ?? 0, point.high ?? 0]));
    const reach = Math.max(...effects.map(Math.abs), 0.1) * 1.1;
    const spread = points.filter((point) => typeof point.low === "number" && typeof point.high === "number")
        .map((point): [number, number, number] => [point.value, point.low ?? 0, point.high ?? 0]);
    const signed = (value: number) => (value > 0 ? "+" : "") + formatDecimal(value, 2);
    return chart({
        title: prose(title), height: 150,
        label: `Effect of ${title}: from ${signed(points[0]?.effect ?? 0)} at ` +
            `${formatQuantity(points[0]?.value)} to ` +
               `${signed(points.at(-1)?.effect ?? 0)} at ${formatQuantity(points.at(-1)?.value)} in ${unit}`,
        option: (colours) => isYesNo(points) ? yesNo(colours, points, reach, signed) : ({
            grid: frame({ right: 16 }),
            xAxis: { ...baseAxis(colours, { format: formatQuantity, splitNumber: 3 }), min: "dataMin",
                max: "dataMax",
                axisLabel: { color: colours.muted, fontSize: 12, formatter: formatQuantity, hideOverlap: true,
                    showMinLabel: false, showMaxLabel: false },
                axisLine: { onZero: false, lineStyle: { color: colours.line } } },
            yAxis: { ...valueAxis(colours, { min: -reach, max: reach }), splitLine: { show: false },
                axisLabel: { show: false } },
            tooltip: tooltip(colours, "axis", (index) => ({ heading: title, lines: [
                ["value", formatQuantity(points[index]?.value)], [unit, signed(points[index]?.effect ?? 0)]] })),
            series: [band(colours, spread),
                line(colours.accent, points.map((point) => [point.value, point.effect]),
                    { markLine: zero(colours) })],
        }),
        table: table({ caption: `Effect of ${title}`, rows: points, sorted: false, columns: [
            { label: "Value", kind: "number", value: (point) => point.value,
                show: (point) => formatQuantity(point.value) },
            { label: "Effect", unit, kind: "number", value: (point) => point.effect,
                show: (point) => signed(point.effect) }] }),
    });
}

const isYesNo = (points: EffectPoint[]) => points.every((point) => point.value === 0 || point.value === 1);

const zero = (colours: Colours) => ({ silent: true, symbol: "none", label: { show: false },
    lineStyle: { color: colours.rock, type: "solid", width: 1 }, data: [{ yAxis: 0 }] });

/* A feature that holds or does not: two dots with their spread instead of a line between them. */
function yesNo(colours: Colours, points: EffectPoint[], reach: number,
               signed: (value: number) => string): Option {
    const names = points.map((point) => point.value === 1 ? "yes" : "no");
    return {
        grid: frame({ right: 16 }),
        xAxis: { ...categoryAxis(colours, names),
            axisLine: { onZero: false, lineStyle: { color: colours.line } } },
        yAxis: { ...valueAxis(colours, { min: -reach, max: reach }), splitLine: { show: false },
            axisLabel: { show: false } },
        tooltip: tooltip(colours, "axis", (index) => ({ heading: names[index] ?? "",
            lines: [["log-odds", signed(points[index]?.effect ?? 0)]] })),
        series: [{ type: "scatter", symbolSize: 10, z: 6, color: colours.accent, itemStyle: { opacity: 1 },
            markLine: zero(colours),
            data: points.map((point) => point.effect) },
            whiskers(colours, points.map((point, index) => [index, point.low ?? point.effect,
                point.high ?? point.effect]), colours.accent)],
    };
}
