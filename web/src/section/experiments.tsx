/* experiments.tsx - what was tried, whether it helped, and what it earned: with the interval that was planned for, and the
 * one that may be looked at on any day. */
import {
    formatCount,
    formatInterval,
    formatMoneyWhole,
    formatMonth,
    formatQuantity,
} from "../page/format.ts";
import { ExperimentLooks, metricWords } from "../part/experiment_looks.tsx";
import { ProgramCourse } from "../part/program_course.tsx";
import { Table } from "../part/table.tsx";
import { hasRows, type Campaign, type Experiment, type ExperimentResult, type Maybe, type Program } from "../report.ts";
import { Lead, Note, Paragraph, Within, type Section } from "./section.tsx";

export const experiments: Section = {
    id: "experiments",
    group: "trust",
    title: "What helped, and what it earned",
    draw(report) {
        const { experiments: tried, campaigns, program } = report,
            currency = report.currency ?? "";
        if (!hasRows(tried) && !hasRows(campaigns) && !program) return null;
        return (
            <>
                <Lead text={program?.so_far?.sentence ?? "Each against people who were left alone."} />
                {(tried ?? []).map((one) => (
                    <Tried key={one.experiment} one={one} />
                ))}
                {hasRows(campaigns) && (
                    <Within title="Money by campaign">
                        <Money campaigns={campaigns} currency={currency} />
                    </Within>
                )}
                {program && hasRows(program.months) && (
                    <Within title="Everybody against the control group">
                        <ProgramCourse months={program.months} currency={currency} />
                        <Months program={program} currency={currency} />
                    </Within>
                )}
                <Note>The fixed interval is for one look at the end; the other one holds at every look.</Note>
            </>
        );
    },
};

function Tried({ one }: { one: Experiment }) {
    if (!hasRows(one.results)) return <Within title={one.experiment} lead={one.refusal} />;
    const control = one.control ?? "control",
        change = (row: ExperimentResult, value: Maybe<number>): string =>
            metricWords(one.results, row.metric).change(value);
    return (
        <Within title={one.experiment} lead={one.verdict?.sentence}>
            <Paragraph text={one.verdict?.would_change} />
            {(one.health?.warnings ?? []).map((warning) => (
                <Note key={warning}>{warning}.</Note>
            ))}
            <ExperimentLooks looks={one.over_time} control={control} results={one.results} />
            <Table
                caption={one.experiment}
                isFixed
                isBare
                rows={one.results}
                columns={[
                    { title: "Metric", value: (row) => row.metric },
                    { title: "Arm", value: (row) => row.arm },
                    {
                        title: "People",
                        kind: "number",
                        value: (row) => row.n,
                        cell: (row) => formatCount(row.n),
                    },
                    {
                        title: `Against ${control}`,
                        kind: "number",
                        value: (row) => row.absolute?.value,
                        cell: (row) => change(row, row.absolute?.value) + metricWords(one.results, row.metric).unit,
                    },
                    {
                        title: "Fixed interval",
                        value: (row) => row.absolute?.low,
                        cell: (row) => formatInterval(row.absolute?.low, row.absolute?.high, (end) => change(row, end)),
                    },
                    {
                        title: "At any look",
                        value: (row) => row.always_valid?.low,
                        cell: (row) => formatInterval(row.always_valid?.low, row.always_valid?.high, (end) => change(row, end)),
                    },
                ]}
            />
        </Within>
    );
}

function Money({ campaigns, currency }: { campaigns: Campaign[]; currency: string }) {
    const amount = (value: Maybe<number>): string =>
        formatMoneyWhole(typeof value === "number" ? value * 100 : value, currency);
    return (
        <Table
            caption="Money by campaign"
            isFixed
            isBare
            rows={campaigns}
            columns={[
                { title: "Campaign", value: (row) => `${row.campaign}: ${row.arm}` },
                { title: "People", kind: "number", value: (row) => row.n, cell: (row) => formatCount(row.n) },
                {
                    title: "Profit beyond control",
                    kind: "number",
                    value: (row) => row.incremental_profit?.value,
                    cell: (row) => amount(row.incremental_profit?.value),
                },
                {
                    title: "95\u202f% interval",
                    value: (row) => row.incremental_profit?.low,
                    cell: (row) => formatInterval(row.incremental_profit?.low, row.incremental_profit?.high, amount),
                },
                { title: "Cost", kind: "number", value: (row) => row.cost, cell: (row) => amount(row.cost) },
                {
                    title: "ROI",
                    kind: "number",
                    value: (row) => row.roi?.value,
                    cell: (row) => formatQuantity(row.roi?.value),
                },
            ]}
        />
    );
}

function Months({ program, currency }: { program: Program; currency: string }) {
    const amount = (value: Maybe<number>): string => formatMoneyWhole(value, currency);
    return (
        <Table
            caption="The program by month"
            isFixed
            isBare
            rows={program.months ?? []}
            columns={[
                { title: "Month", value: (row) => row.month, cell: (row) => formatMonth(row.month) },
                {
                    title: "Profit beyond control",
                    kind: "number",
                    value: (row) => row.incremental_profit_cents?.value,
                    cell: (row) => amount(row.incremental_profit_cents?.value),
                },
                {
                    title: "95\u202f% interval",
                    value: (row) => row.incremental_profit_cents?.low,
                    cell: (row) =>
                        formatInterval(
                            row.incremental_profit_cents?.low,
                            row.incremental_profit_cents?.high,
                            amount,
                        ),
                },
                {
                    title: "What the control group cost",
                    kind: "number",
                    value: (row) => row.forgone_cents,
                    cell: (row) => amount(row.forgone_cents),
                },
            ]}
        />
    );
}
