/* actions.tsx - whom to act on first: the list to work from, to sort, search, copy and export. */
import { formatDate, formatMoneyWhole } from "../page/format.ts";
import { wordsOf } from "../page/words.ts";
import { Reasons } from "../part/block.tsx";
import { Table, type Column } from "../part/table.tsx";
import { anyHas, hasMoney, hasRows, type Action, type Report } from "../report.ts";
import { Chance } from "./chance.tsx";
import { Lead, Note, type Section } from "./section.tsx";

const FIELDS: (keyof Action)[] = [
    "customer",
    "churn",
    "value_if_stays_cents",
    "expected_loss_cents",
    "rfm_group",
    "stage",
    "last_order",
    "reasons",
];
const LOSS = "Expected loss",
    N_SHOWN = 10,
    N_SHOWN_PHONE = 5;

export const actions: Section = {
    id: "actions",
    group: "act",
    title: "Whom to act on first",
    draw(report) {
        const data = report.actions;
        if (!data || !hasRows(data.rows)) return null;
        return (
            <>
                <Lead text={data.sentence} />
                <List report={report} rows={data.rows} />
                <Note>
                    Every customer with their scores: <code>holdfast export scores</code>.
                </Note>
            </>
        );
    },
};

function List({ report, rows }: { report: Report; rows: Action[] }) {
    const fields = FIELDS.filter((field) => (field.endsWith("_cents") ? hasMoney(rows, field) : anyHas(rows, field)));
    const isByLoss = hasMoney(rows, "expected_loss_cents"),
        by = isByLoss ? LOSS : wordsOf(report).probability;
    return (
        <Table
            caption={isByLoss ? "Customers by expected loss" : "Customers by chance"}
            noun="customer"
            rows={rows}
            columns={columnsFor(report, rows)}
            step={matchMedia("(max-width: 640px)").matches ? N_SHOWN_PHONE : N_SHOWN}
            begins={{ by, isFalling: true }}
            search={(row) => [row.customer, row.rfm_group, row.stage, ...(row.reasons ?? [])].join(" ")}
            csv="whom-to-act-on"
            given={{
                header: fields,
                cells: (row) =>
                    fields.map((field) => {
                        const cell = row[field];
                        return Array.isArray(cell) ? cell.join("; ") : cell;
                    }),
            }}
        />
    );
}

function columnsFor(report: Report, rows: Action[]): (Column<Action> | false)[] {
    const { currency } = report;
    return [
        {
            title: "Customer",
            kind: "name",
            value: (row) => row.customer,
            cell: (row) => <span class="customer">{row.customer}</span>,
        },
        anyHas(rows, "churn") && {
            title: wordsOf(report).probability,
            kind: "number",
            value: (row) => row.churn,
            cell: (row) => <Chance report={report} value={row.churn} />,
        },
        hasMoney(rows, "expected_loss_cents") && {
            title: LOSS,
            kind: "number",
            value: (row) => row.expected_loss_cents,
            cell: (row) => formatMoneyWhole(row.expected_loss_cents, currency),
        },
        hasMoney(rows, "value_if_stays_cents") && {
            title: "Value",
            under: "if they stay",
            kind: "number",
            value: (row) => row.value_if_stays_cents,
            cell: (row) => formatMoneyWhole(row.value_if_stays_cents, currency),
        },
        anyHas(rows, "last_order") && {
            title: "Last order",
            value: (row) => row.last_order,
            cell: (row) => <span class="date">{formatDate(row.last_order)}</span>,
        },
        anyHas(rows, "reasons") && {
            title: "Why",
            kind: "wide",
            value: (row) => row.reasons?.[0],
            cell: (row) => <Reasons reasons={row.reasons} />,
        },
    ];
}
