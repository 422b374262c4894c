/* experiments.ts - what was tried, whether it helped, and what it earned: with the interval that was planned for, and the one
 * that may be looked at on any day. */
import { formatCount, formatDecimal, formatInterval, formatMoneyWhole, formatMonth } from "../page/format.ts";
import { body, note, paragraph, part, type Section } from "../page/section.ts";
import { table } from "../page/table.ts";
import { hasRows, type Campaign, type Experiment, type ExperimentResult, type Maybe, type Program,
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
                months(program, report.currency ?? "")) : null,
            note("The fixed interval is for one look at the end; the other one holds at every look."));
    },
};

const number = (value: Maybe<number>) => formatDecimal(value, Math.abs(value ?? 0) < 1 ? 4 : 2);

function experiment(one: Experiment): HTMLElement {
    if (!hasRows(one.results)) return part(one.experiment, one.refusal);
    return part(one.experiment, one.verdict?.sentence, paragraph(one.verdict?.would_change),
        (one.health?.warnings ?? []).map((warning) => note(`${warning}.`)),
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
