/* actions.ts - whom to act on first: the list to work from, to sort, search, copy and export. */
import { h } from "../page/dom.ts";
import { formatCount, formatDate, formatDecimal, formatMoneyWhole, formatShare } from "../page/format.ts";
import { barCell, tag } from "../page/marks.ts";
import { prose } from "../page/prose.ts";
import { body, note, type Section } from "../page/section.ts";
import { table, type TableColumn } from "../page/table.ts";
import { wordsOf } from "../page/words.ts";
import { anyHas, hasMoney, hasRows, type Action, type Report } from "../report.ts";

const FIELDS: (keyof Action)[] = ["customer", "churn", "value_cents", "expected_loss_cents", "p_alive",
    "expected_orders",
    "rfm_group", "stage", "last_order", "reasons"];

const LOSS = "Expected loss";

export const actions: Section = {
    id: "actions", group: "act", title: "Whom to act on first",
    draw(report) {
        const data = report.actions;
        if (!data || !hasRows(data.rows)) return null;
        const { rows } = data, fields = FIELDS.filter((field) =>
            field.endsWith("_cents") ? hasMoney(rows, field) : anyHas(rows, field));
        const total = data.total ?? rows.length, columns = columnsFor(report, rows);
        const sortedBy = hasMoney(rows, "expected_loss_cents") ? LOSS : wordsOf(report).probability;
        return body(data.sentence,
            table<Action>({
                caption: "Customers by expected loss", noun: "customer",
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
            wordsOf(report).isChurn &&
                rows.some((row) => row.reasons?.some((reason) => reason.startsWith("against: ")))
                ? note("A full dot speaks for leaving, a hollow one against it.") : null,
            note(total > rows.length ? `The ${formatCount(rows.length)} most pressing of ` +
                `${formatCount(total)}; ` : "",
                "every customer with its scores: ", h("code", null, "holdfast export scores"), "."));
    },
};

/* What speaks against leaving is marked by the program, and set apart here. */
function reasonItem(reason: string, isChurn: boolean): HTMLElement {
    const against = /^against: /.exec(reason)?.[0];
    if (against && !isChurn) return h("li", null, prose(reason.slice(against.length)));
    return against ? h("li", { class: "against" }, h("span", { class: "unseen" }, against),
        prose(reason.slice(against.length)))
        : h("li", null, prose(reason));
}

function columnsFor(report: Report, rows: Action[]): TableColumn<Action>[] {
    const { currency } = report, { isChurn } = wordsOf(report);
    const columns: (TableColumn<Action> | false)[] = [
        { label: "Customer", value: (row) => row.customer, show: (row) => [
            h("span", { class: "customer" }, row.customer),
            row.rfm_group || row.stage ? h("span", { class: "tags" },
                row.rfm_group ? tag(row.rfm_group) : null, row.stage ? tag(row.stage) : null) : null] },
        anyHas(rows, "churn") && { label: wordsOf(report).probability, kind: "number", value: (row) => row.churn,
            show: (row) => wordsOf(report).isSpend ? formatMoneyWhole((row.churn ?? 0) * 100, currency)
                : barCell(formatShare(row.churn), row.churn) },
        hasMoney(rows, "expected_loss_cents") && { label: LOSS, kind: "number",
            value: (row) => row.expected_loss_cents,
            show: (row) => formatMoneyWhole(row.expected_loss_cents, currency) },
        hasMoney(rows, "value_cents") && { label: "Value",
            help: anyHas(rows, "expected_orders") ? "orders expected" : undefined, kind: "number",
            value: (row) => row.value_cents,
            show: (row) => [formatMoneyWhole(row.value_cents, currency), typeof row.expected_orders === "number"
                ? h("span", { class: "description" }, `${formatDecimal(row.expected_orders, 1)} orders`)
                    : null] },
        anyHas(rows, "last_order") && { label: "Last order",
            help: anyHas(rows, "p_alive") ? "still active" : undefined, value: (row) => row.last_order,
            show: (row) => [h("span", { class: "date" }, formatDate(row.last_order)),
                typeof row.p_alive === "number"
                ? h("span", { class: "description" }, `${formatShare(row.p_alive)} active`) : null] },
        anyHas(rows, "reasons") && { label: "Why", wide: true, value: (row) => row.reasons?.[0],
            show: (row) => h("ul", { class: "reasons" },
                             (row.reasons ?? []).map((reason) => reasonItem(reason, isChurn))) },
    ];
    return columns.filter((column): column is TableColumn<Action> => column !== false);
}
