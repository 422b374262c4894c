/* experiments.ts - what was tried, whether it helped, and what it earned: with the interval that was planned for, and the one
 * that may be looked at on any day. */
import { chart } from "../chart/chart.ts";
import { band, categoryAxis, frame, line, reference, tooltip, valueAxis } from "../chart/parts.ts";
import { formatCount, formatDecimal, formatInterval, formatDate, formatMoneyWhole, formatMonth, formatTick } from "../page/format.ts";
import { body, note, paragraph, part, type Section } from "../page/section.ts";
import { table } from "../page/table.ts";
import { hasRows, type Campaign, type Experiment, type ExperimentLook, type ExperimentResult, type Maybe, type Program,
    type ProgramMonth } from "../report.ts";

export const experiments: Section = {
    id: "experiments", group: "trust", title: "What helped, and what it earned",
    draw(report) {
        const tried = report.experiments, campaigns = report.campaigns, program = report.program;
        if (!hasRows(tried) && !hasRows(campaigns) && !program) return null;
        return body(program?.so_far?.sentence ?? "Each against people who were left alone.",
            (tried ?? []).map(experiment),
            hasRows(campaigns) ? part("Money by campaign", null, money(campaigns, report.currency ?? "")) : null,
            program && hasRows(program.months) ? part("Everybody against the control group", null,
                program.months.length > 1 ? soFar(program.months, report.currency ?? "") : null,
                months(program, report.currency ?? "")) : null,
            note("The fixed interval is for one look at the end; the other one holds at every look."));
    },
};

const number = (value: Maybe<number>) => formatDecimal(value, Math.abs(value ?? 0) < 1 ? 4 : 2);

function experiment(one: Experiment): HTMLElement {
    if (!hasRows(one.results)) return part(one.experiment, one.refusal);
    return part(one.experiment, one.verdict?.sentence, paragraph(one.verdict?.would_change),
        (one.health?.warnings ?? []).map((warning) => note(`${warning}.`)),
        arms(one).map((arm) => course(one, arm)),
        table<ExperimentResult>({ caption: one.experiment, rows: one.results, sorted: false, columns: [
            { label: "Metric", value: (row) => row.metric },
            { label: "Arm", value: (row) => row.arm },
            { label: "People", kind: "number", value: (row) => row.n, show: (row) => formatCount(row.n) },
            { label: `Against ${one.control ?? "control"}`, kind: "number", value: (row) => row.absolute?.value,
                show: (row) => number(row.absolute?.value) },
            { label: "Fixed interval", value: (row) => row.absolute?.low,
                show: (row) => formatInterval(row.absolute?.low, row.absolute?.high, number) },
            { label: "At any look", value: (row) => row.always_valid?.low,
                show: (row) => formatInterval(row.always_valid?.low, row.always_valid?.high, number) }] }));
}

const looksOf = (one: Experiment, arm: string) => (one.over_time ?? []).filter((look) => look.arm === arm);
const arms = (one: Experiment) => [...new Set((one.over_time ?? []).map((look) => look.arm))]
    .filter((arm) => looksOf(one, arm).length > 1);
const points = (values: Maybe<number>[]) => values.map((value, index): [number, number | null] => [index, value ?? null]);

function course(one: Experiment, arm: string): HTMLElement {
    const looks = looksOf(one, arm), last = looks.at(-1), metric = one.results?.[0]?.metric ?? "the first metric";
    return chart({
        title: `Difference of ${arm} from ${one.control ?? "control"} in ${metric}, as it was known day by day`, height: 240,
        legend: [{ label: "difference", mark: "line" }, { label: "fixed interval", mark: "band" },
            { label: "interval that holds at any look", mark: "dashed" }],
        label: `By ${formatDate(last?.day)} the difference was ${number(last?.absolute?.value)}, between ${
            number(last?.always_valid?.low)} and ${number(last?.always_valid?.high)} at any look`,
        option: (colours) => ({
            grid: frame(), xAxis: categoryAxis(colours, looks.map((look) => formatDate(look.day))),
            yAxis: valueAxis(colours, { format: formatTick }),
            tooltip: tooltip(colours, "axis", (index) => ({ heading: formatDate(looks[index]?.day), lines: [
                ["people", formatCount(looks[index]?.n)], ["difference", number(looks[index]?.absolute?.value)],
                ["fixed interval", formatInterval(looks[index]?.absolute?.low, looks[index]?.absolute?.high, number)],
                ["at any look", formatInterval(looks[index]?.always_valid?.low, looks[index]?.always_valid?.high, number)]] })),
            series: [
                reference(colours, [[0, 0], [looks.length - 1, 0]]),
                band(colours, looks.map((look, index): [number, number, number] =>
                    [index, look.absolute?.low ?? 0, look.absolute?.high ?? 0])),
                line(colours.accent, points(looks.map((look) => look.absolute?.value))),
                ...[looks.map((look) => look.always_valid?.low), looks.map((look) => look.always_valid?.high)].map((limit) =>
                    line(colours.ink, points(limit), { lineStyle: { width: 1.5, type: [5, 4] } }))],
        }),
        table: table<ExperimentLook>({ caption: `${one.experiment}: ${arm} over time`, rows: looks, sorted: false, columns: [
            { label: "Day", value: (row) => row.day, show: (row) => formatDate(row.day) },
            { label: "People", kind: "number", value: (row) => row.n, show: (row) => formatCount(row.n) },
            { label: "Difference", kind: "number", value: (row) => row.absolute?.value, show: (row) => number(row.absolute?.value) },
            { label: "At any look", value: (row) => row.always_valid?.low,
                show: (row) => formatInterval(row.always_valid?.low, row.always_valid?.high, number) }] }),
    });
}

function soFar(rows: ProgramMonth[], currency: string): HTMLElement {
    const amount = (value: Maybe<number>) => formatMoneyWhole(value, currency), last = rows.at(-1)?.so_far_cents;
    return chart({
        title: "Profit beyond what the control group's customers bring, so far", height: 240,
        legend: [{ label: "so far", mark: "line" }, { label: "95\u202f% interval", mark: "band" }],
        label: `${amount(last?.value)} by ${formatMonth(rows.at(-1)?.month)}, between ${amount(last?.low)} and ${amount(last?.high)}`,
        option: (colours) => ({
            grid: frame(), xAxis: categoryAxis(colours, rows.map((row) => formatMonth(row.month))),
            yAxis: valueAxis(colours, { format: amount }),
            tooltip: tooltip(colours, "axis", (index) => ({ heading: formatMonth(rows[index]?.month), lines: [
                ["so far", amount(rows[index]?.so_far_cents?.value)],
                ["95\u202f% interval", formatInterval(rows[index]?.so_far_cents?.low, rows[index]?.so_far_cents?.high, amount)]] })),
            series: [reference(colours, [[0, 0], [rows.length - 1, 0]]),
                band(colours, rows.map((row, index): [number, number, number] =>
                    [index, row.so_far_cents?.low ?? 0, row.so_far_cents?.high ?? 0])),
                line(colours.accent, points(rows.map((row) => row.so_far_cents?.value)))],
        }),
    });
}

function money(campaigns: Campaign[], currency: string): HTMLElement {
    const amount = (value: Maybe<number>) => formatMoneyWhole(typeof value === "number" ? value * 100 : value, currency);
    return table<Campaign>({ caption: "Money by campaign", rows: campaigns, sorted: false, columns: [
        { label: "Campaign", value: (row) => `${row.campaign}: ${row.arm}` },
        { label: "People", kind: "number", value: (row) => row.n, show: (row) => formatCount(row.n) },
        { label: "Profit beyond control", kind: "number", value: (row) => row.incremental_profit?.value,
            show: (row) => amount(row.incremental_profit?.value) },
        { label: "95\u202f% interval", value: (row) => row.incremental_profit?.low,
            show: (row) => formatInterval(row.incremental_profit?.low, row.incremental_profit?.high, amount) },
        { label: "Cost", kind: "number", value: (row) => row.cost, show: (row) => amount(row.cost) },
        { label: "ROI", kind: "number", value: (row) => row.roi?.value, show: (row) => number(row.roi?.value) }] });
}

function months(program: Program, currency: string): HTMLElement {
    const amount = (value: Maybe<number>) => formatMoneyWhole(value, currency);
    return table<ProgramMonth>({ caption: "The program by month", rows: program.months ?? [], sorted: false, columns: [
        { label: "Month", value: (row) => row.month, show: (row) => formatMonth(row.month) },
        { label: "Profit beyond control", kind: "number", value: (row) => row.incremental_profit_cents?.value,
            show: (row) => amount(row.incremental_profit_cents?.value) },
        { label: "95\u202f% interval", value: (row) => row.incremental_profit_cents?.low,
            show: (row) => formatInterval(row.incremental_profit_cents?.low, row.incremental_profit_cents?.high, amount) },
        { label: "What the control group cost", kind: "number", value: (row) => row.forgone_cents,
            show: (row) => amount(row.forgone_cents) }] });
}
