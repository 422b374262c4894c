/* groups.ts - who the customers are: RFM groups, clusters, and the stages of a customer's life. */
import { h } from "../page/dom.ts";
import { formatCount, formatDecimal, formatMoneyWhole, formatQuantity, formatShare,
    sentenceCase } from "../page/format.ts";
import { barCell } from "../page/marks.ts";
import { prose } from "../page/prose.ts";
import { body, note, part, type Section } from "../page/section.ts";
import { table, type TableColumn } from "../page/table.ts";
import { wordsOf } from "../page/words.ts";
import { anyHas, hasMoney, hasRows, type Cluster, type Report, type RfmGroup, type Groups,
    type Stage } from "../report.ts";

export const groups: Section = {
    id: "groups", group: "understand", title: "Who they are",
    draw(report) {
        const data = report.groups;
        if (!data || !(hasRows(data.rfm) || hasRows(data.clusters?.rows) || hasRows(data.stages)
            || data.clusters?.refused)) return null;
        return body(data.sentence,
            hasRows(data.rfm) ? part("Groups by recency, frequency and money", null, rfm(report, data.rfm))
                : null,
            hasRows(data.stages) ? part("Stages of a customer's life", null, stages(report, data.stages)) : null,
            hasRows(data.clusters?.rows) ? clusters(report, data.clusters, data.clusters.rows)
                : data.clusters?.refused ? part("Groups found in the data", data.clusters.refused) : null);
    },
};

interface Named { name: string; description?: string | null | undefined }

function nameColumn<T extends Named>(label: string): TableColumn<T> {
    return { label, wide: true, value: (row) => row.name, show: (row) => [
        h("span", { class: "name" }, sentenceCase(row.name)),
        row.description ? h("span", { class: "description" }, prose(row.description)) : null] };
}

function shareColumns<T extends { customers?: number | null | undefined;
    share?: number | null | undefined }>(rows: T[]): TableColumn<T>[] {
    const largest = Math.max(...rows.map((row) => row.share ?? 0), 1e-9);
    return [{ label: "Customers", kind: "number", value: (row) => row.customers,
        show: (row) => barCell(`${formatCount(row.customers)} · ${formatShare(row.share)}`,
            (row.share ?? 0) / largest) }];
}

function rfm(report: Report, rows: RfmGroup[]): HTMLElement {
    const money = (cents: number | null | undefined) => formatMoneyWhole(cents, report.currency);
    const columns: (TableColumn<RfmGroup> | false)[] = [
        nameColumn("Segment"), ...shareColumns(rows),
        hasMoney(rows, "revenue_cents") && { label: "Revenue", kind: "number", value: (row) => row.revenue_cents,
            show: (row) => money(row.revenue_cents) },
        anyHas(rows, "churn") && { label: wordsOf(report).probability, kind: "number", value: (row) => row.churn,
            show: (row) => barCell(formatShare(row.churn), row.churn) },
        anyHas(rows, "recency_days") && { label: "Last order", unit: "days ago", kind: "number",
            value: (row) => row.recency_days, show: (row) => formatCount(row.recency_days) },
        anyHas(rows, "frequency") && { label: "Orders", unit: "each", kind: "number",
            value: (row) => row.frequency,
            show: (row) => formatQuantity(row.frequency) },
        hasMoney(rows, "monetary_cents") && { label: "Money", unit: "each", kind: "number",
            value: (row) => row.monetary_cents, show: (row) => money(row.monetary_cents) }];
    return table({ caption: "RFM groups", rows, noun: "group", cards: true,
        columns: columns.filter((column): column is TableColumn<RfmGroup> => column !== false) });
}

function stages(report: Report, rows: Stage[]): HTMLElement {
    const columns: TableColumn<Stage>[] = [nameColumn("Stage"), ...shareColumns(rows)];
    if (hasMoney(rows, "revenue_cents")) columns.push({ label: "Revenue", kind: "number",
        value: (row) => row.revenue_cents, show: (row) => formatMoneyWhole(row.revenue_cents, report.currency) });
    return table({ caption: "Lifecycle stages", rows, noun: "stage", columns, narrow: true, cards: true });
}

function clusters(report: Report, data: NonNullable<Groups["clusters"]>, rows: Cluster[]): HTMLElement {
    const columns: TableColumn<Cluster>[] = [nameColumn("Group"), ...shareColumns(rows)];
    if (anyHas(rows, "churn")) columns.push({ label: wordsOf(report).probability, kind: "number",
        value: (row) => row.churn, show: (row) => barCell(formatShare(row.churn), row.churn) });
    if (hasMoney(rows, "value_cents")) columns.push({ label: "Value", kind: "number",
        value: (row) => row.value_cents, show: (row) => formatMoneyWhole(row.value_cents, report.currency) });
    const quality = [
        data.silhouette ? `silhouette ${formatDecimal(data.silhouette, 2)} (1 is cleanly apart, 0 is no ` +
            `structure)` : "",
        data.stability ? `${formatShare(data.stability)} of customers fall into the same group when the data ` +
            `is drawn again` : "",
    ].filter(Boolean).join("; ");
    return part("Groups found in the data", `${formatCount(data.k ?? rows.length)} groups by k-means.`,
        table({ caption: "Clusters", rows, noun: "group", columns, narrow: true, cards: true }),
        quality ? note(sentenceCase(quality) + ".") : null);
}
