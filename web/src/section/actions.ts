/* actions.ts - whom to act on first: the list to work from, to sort, search, copy and export. */
import { h } from "../page/dom.ts";
import { formatDate, formatMoneyWhole, formatShare } from "../page/format.ts";
import { barCell } from "../page/marks.ts";
import { reasonList } from "../page/reasons.ts";
import { body, note, type Section } from "../page/section.ts";
import { table, type TableColumn } from "../page/table.ts";
import { wordsOf } from "../page/words.ts";
import { anyHas, hasMoney, hasRows, type Action, type Report } from "../report.ts";

const FIELDS: (keyof Action)[] = ["customer", "churn", "value_if_stays_cents", "expected_loss_cents",
    "rfm_group", "stage", "last_order", "reasons"];

const LOSS = "Expected loss";

export const actions: Section = {
    id: "actions", group: "act", title: "Whom to act on first",
    draw(report) {
        const data = report.actions;
        if (!data || !hasRows(data.rows)) return null;
        const { rows } = data, fields = FIELDS.filter((field) =>
            field.endsWith("_cents") ? hasMoney(rows, field) : anyHas(rows, field));
        const columns = columnsFor(report, rows);
        const sortedBy = hasMoney(rows, "expected_loss_cents") ? LOSS : wordsOf(report).probability;
        return body(data.sentence,
            table<Action>({
                caption: sortedBy === LOSS ? "Customers by expected loss" : "Customers by chance", noun: "customer",
                step: matchMedia("(max-width: 640px)").matches ? 5 : 10, cards: true, rows,
                columns, start: { column: columns.findIndex((column) => column.label === sortedBy),
                    descending: true },
                filter: (row) => [row.customer, row.rfm_group, row.stage, ...(row.reasons ?? [])].join(" "),
                exported: { name: "whom-to-act-on.csv", header: fields,
                    cells: (row) => fields.map((field) => {
                        const cell = row[field];
                        return Array.isArray(cell) ? cell.join("; ") : cell;
                    }) },
            }),
            note("Every customer with their scores: ", h("code", null, "holdfast export scores"), "."));
    },
};

function columnsFor(report: Report, rows: Action[]): TableColumn<Action>[] {
    const { currency } = report;
    const columns: (TableColumn<Action> | false)[] = [
        { label: "Customer", value: (row) => row.customer, show: (row) => [
            h("span", { class: "customer" }, row.customer)] },
        anyHas(rows, "churn") && { label: wordsOf(report).probability, kind: "number", value: (row) => row.churn,
            show: (row) => wordsOf(report).isSpend ? formatMoneyWhole((row.churn ?? 0) * 100, currency)
                : barCell(formatShare(row.churn), row.churn) },
        hasMoney(rows, "expected_loss_cents") && { label: LOSS, kind: "number",
            value: (row) => row.expected_loss_cents,
            show: (row) => formatMoneyWhole(row.expected_loss_cents, currency) },
        hasMoney(rows, "value_if_stays_cents") && { label: "Value", help: "if they stay", kind: "number",
            value: (row) => row.value_if_stays_cents,
            show: (row) => formatMoneyWhole(row.value_if_stays_cents, currency) },
        anyHas(rows, "last_order") && { label: "Last order", value: (row) => row.last_order,
            show: (row) => h("span", { class: "date" }, formatDate(row.last_order)) },
        anyHas(rows, "reasons") && { label: "Why", wide: true, value: (row) => row.reasons?.[0],
            show: (row) => reasonList(row.reasons ?? []) },
    ];
    return columns.filter((column): column is TableColumn<Action> => column !== false);
}
