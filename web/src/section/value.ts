/* value.ts - how many are still customers, what they will spend, and how well the models of both fit. */
import { chart } from "../chart/chart.ts";
import { baseAxis, categoryAxis, frame, line, tooltip, valueAxis } from "../chart/parts.ts";
import { h } from "../page/dom.ts";
import { formatCompact, formatCount, formatDate, formatMoney, formatQuantity, formatShare, formatTick,
    plural } from "../page/format.ts";
import { body, figures, note, paragraph, part, type Section } from "../page/section.ts";
import { table } from "../page/table.ts";
import type { Colours } from "../page/theme.ts";
import { hasRows, type Maybe, type Value } from "../report.ts";

export const value: Section = {
    id: "value", group: "understand", title: "What they are worth",
    draw(report) {
        const data = report.value;
        if (!data || !(data.bgnbd || data.total_cents || hasRows(data.tracking) || data.refused)) return null;
        const over = data.horizon_days ? `over the next ${plural(data.horizon_days, "day")}` : "";
        return body(data.sentence,
            data.refused ? paragraph(data.refused, "callout") : null,
            data.total_cents || data.total_orders ? figures([
                data.total_cents ? { label: "Expected spend of all customers",
                    number: formatMoney(data.total_cents, report.currency), meaning: `${over}, discounted` }
                    : null,
                data.total_orders ? { label: "Expected order days",
                    number: formatCompact(Math.round(data.total_orders)),
                    meaning: over } : null]) : null,
            data.model_note ? paragraph(data.model_note, "note") : null,
            data.spend_missing ? paragraph(data.spend_missing, "note") : null,
            hasRows(data.p_alive_histogram) ? [alive(data.p_alive_histogram),
                note("By Pareto/NBD, in which a customer may leave at any time. BG/NBD, which the spend rests on, " +
                    "lets a customer leave only after a repeat order and cannot say this.")] : null,
            hasRows(data.tracking) || hasRows(data.by_frequency) ? part("Does the model hold?", data.holdout_note,
                h("div", { class: "pair" },
                    hasRows(data.tracking) ? tracking(data, data.tracking, report.import?.from) : null,
                    hasRows(data.by_frequency) ? byFrequency(data.by_frequency) : null)) : null,
            parameters(data));
    },
};

function alive(rows: NonNullable<Value["p_alive_histogram"]>): HTMLElement {
    const names = rows.map((row) => `${Math.round(row.from * 100)}–${formatShare(row.to, 0)}`);
    return chart({
        title: "Customers by the probability that they have not left for good", height: 240,
        label: "Customers by the probability that they have not left for good",
        option: (colours) => ({
            grid: frame(), xAxis: categoryAxis(colours, names),
            yAxis: valueAxis(colours, { format: formatTick }),
            tooltip: tooltip(colours, "axis", (index) => ({ heading: `${names[index]} not left for good`,
                lines: [["customers", formatCount(rows[index]?.customers)]] })),
            series: [{ type: "bar", barCategoryGap: "12%", color: colours.fill, emphasis: { disabled: true },
                data: rows.map((row) => row.customers) }],
        }),
        table: table({ caption: "Customers by P(alive)", rows, sorted: false, columns: [
            { label: "Not left for good", value: (row) => `${formatShare(row.from, 0)} to ${formatShare(row.to, 0)}` },
            { label: "Customers", kind: "number", value: (row) => row.customers,
                show: (row) => formatCount(row.customers) }] }),
    });
}

const pairColumns = <T extends { actual?: Maybe<number>; expected?: Maybe<number> }>() => [
    { label: "Actual", kind: "number" as const, value: (row: T) => row.actual,
        show: (row: T) => formatQuantity(row.actual) },
    { label: "Expected", kind: "number" as const, value: (row: T) => row.expected,
        show: (row: T) => formatQuantity(row.expected) }];

function tracking(data: Value, rows: NonNullable<Value["tracking"]>, from: Maybe<string>): HTMLElement {
    const unit = data.unit ?? "period";
    return chart({
        title: `Repeat orders per ${unit}`,
        legend: [{ label: "actual", mark: "rock" }, { label: "expected by the model", mark: "line" }],
        label: `Actual and expected repeat orders per ${unit}` +
               (data.calibration_end ? `; fitted on data until ${formatDate(data.calibration_end)}` : ""),
        option: (colours) => ({
            grid: frame(),
            xAxis: { ...baseAxis(colours, { format: (value) => formatCount(value), name: unit }),
                min: "dataMin", max: "dataMax" },
            yAxis: valueAxis(colours, { format: formatTick, min: 0 }),
            tooltip: tooltip(colours, "axis",
                             (index) => ({ heading: `${unit} ${formatCount(rows[index]?.period)}`,
                lines: [["actual", formatQuantity(rows[index]?.actual)],
                    ["expected", formatQuantity(rows[index]?.expected)]] })),
            series: [line(colours.rock, rows.map((row) => [row.period, row.actual]),
                          fitEnds(colours, data, from)),
                line(colours.accent, rows.map((row) => [row.period, row.expected]))],
        }),
        table: table({ caption: `Repeat orders per ${unit}`, rows, sorted: false, columns: [
            { label: unit, kind: "number", value: (row) => row.period },
            ...pairColumns<(typeof rows)[number]>()] }),
    });
}

const UNIT_DAYS: Record<string, number> = { day: 1, week: 7, month: 30.4375 };

/* A line where the data that the model was fitted on ends: to its right the model has seen nothing. */
function fitEnds(colours: Colours, data: Value, from: Maybe<string>): Record<string, unknown> {
    const days = UNIT_DAYS[data.unit ?? ""];
    if (!days || !data.calibration_end || !from) return {};
    const day = (date: string) => Date.parse(date.slice(0, 10)) / 86_400_000;
    const period = (day(data.calibration_end) - day(from)) / days;
    return Number.isFinite(period) ? { markLine: { silent: true, symbol: "none",
        label: { formatter: "fit ends", color: colours.muted, fontSize: 12 },
        lineStyle: { color: colours.ink, type: "solid", width: 1 }, data: [{ xAxis: period }] } } : {};
}

function byFrequency(rows: NonNullable<Value["by_frequency"]>): HTMLElement {
    const names = rows.map((row, index) =>
        `${row.frequency}${index === rows.length - 1 && rows.length > 3 ? "+" : ""}`);
    return chart({
        title: "Orders after the fit, by repeat orders before",
        legend: [{ label: "actual", mark: "rock" }, { label: "expected", mark: "fill" }],
        label: "Actual and expected orders per customer after the fit, by the number of repeat orders before",
        option: (colours) => {
            const bars = (colour: string, values: Maybe<number>[]) =>
                ({ type: "bar", color: colour, barMaxWidth: 14, barGap: "15%", emphasis: { disabled: true },
                    data: values });
            return { grid: frame(), xAxis: categoryAxis(colours, names, "repeat orders before"),
                yAxis: valueAxis(colours, { format: formatTick }),
                tooltip: tooltip(colours, "axis",
                    (index) => ({ heading: `${names[index]} repeat orders before`, lines: [
                    ["customers", formatCount(rows[index]?.customers)],
                    ["actual", formatQuantity(rows[index]?.actual)],
                    ["expected", formatQuantity(rows[index]?.expected)]] })),
                series: [bars(colours.rock, rows.map((row) => row.actual)),
                    bars(colours.fill, rows.map((row) => row.expected))] };
        },
        table: table({ caption: "Orders by frequency", rows, sorted: false, columns: [
            { label: "Repeat orders before", kind: "number", value: (row) => row.frequency },
            { label: "Customers", kind: "number", value: (row) => row.customers,
                show: (row) => formatCount(row.customers) },
            ...pairColumns<(typeof rows)[number]>()] }),
    });
}

function parameters(data: Value): HTMLElement | null {
    const rows: { model: string; name: string; value: number; se: Maybe<number> }[] = [];
    const add = (model: string, names: string[], fitted: Maybe<object>) => {
        const values = (fitted ?? {}) as Record<string, unknown>;
        const se = (values["se"] ?? {}) as Record<string, Maybe<number>>;
        for (const name of names) {
            const found = values[name];
            if (typeof found === "number") rows.push({ model, name, value: found, se: se[name] });
        }
    };
    add(data.model ?? "BG/NBD", ["r", "alpha", "a", "b", "log_likelihood"], data.bgnbd);
    add("Gamma-Gamma", ["p", "q", "gamma", "log_likelihood"], data.gamma_gamma);
    if (rows.length === 0) return null;
    return h("details", { class: "as-table" }, h("summary", null, "Parameters of the models"),
        table({ caption: "Parameters", rows, sorted: false, columns: [
            { label: "Model", value: (row) => row.model },
            { label: "Parameter", value: (row) => row.name.replace("_", " ") },
            { label: "Estimate", kind: "number", value: (row) => row.value,
                show: (row) => formatQuantity(row.value) },
            { label: "Standard error", kind: "number", value: (row) => row.se,
                show: (row) => formatQuantity(row.se) }] }),
        note(`BG/NBD: Fader, Hardie and Lee (2005). Gamma-Gamma: Fader and Hardie (2013). Time in ` +
            `${data.unit ?? "period"}s.`));
}
