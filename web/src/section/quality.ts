/* quality.ts - what was read and what is wrong with it: findings, how columns were understood, what they hold. */
import { h, icon } from "../page/dom.ts";
import { formatCount, formatDate, formatShare, sentenceCase } from "../page/format.ts";
import { barCell } from "../page/marks.ts";
import { prose, sentence } from "../page/prose.ts";
import { body, figures, part, type Section } from "../page/section.ts";
import { table } from "../page/table.ts";
import { hasRows, type Column, type Finding, type ImportResult, type MappedColumn,
    type Severity } from "../report.ts";

const ORDER: Severity[] = ["problem", "warning", "note", "ok"];
const MARKS: Record<Severity, string> = {
    problem: "M12 3 2.5 20h19zM12 10v5M12 17.6v.1",
    warning: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM12 7.5v5.5M12 16.3v.1",
    note: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM12 11v5.5M12 7.6v.1",
    ok: "M5 12.5l4.5 4.5L19 7.5",
};

export const quality: Section = {
    id: "quality", group: "trust", title: "The data, and what is wrong with it",
    draw(report) {
        const found = report.quality?.findings, columns = report.quality?.columns, data = report.import;
        if (!data && !hasRows(found) && !hasRows(columns)) return null;
        return body(verdict(found ?? []), data ? counts(data) : null,
            hasRows(found) ? findings(found) : null,
            hasRows(data?.mapping) ? part("How the columns were understood",
                "Each guess can be overruled with the flag beside it.", mapping(data.mapping)) : null,
            hasRows(columns) ? part("What the columns hold", null, columnTable(columns)) : null);
    },
};

function verdict(found: Finding[]): string | null {
    const problems = found.filter((one) => one.severity === "problem").length;
    const warnings = found.filter((one) => one.severity === "warning").length;
    if (found.length === 0) return null;
    if (problems > 0) return `${problems === 1 ? "One problem" : `${problems} problems`} should be put right ` +
        `before these numbers are relied on.`;
    if (warnings > 0) return `Nothing forbids using these numbers; ` +
        `${warnings === 1 ? "one thing is" : `${warnings} things are`} worth knowing.`;
    return "Nothing in the data stands in the way of using these numbers.";
}

function counts(data: ImportResult): HTMLElement {
    const share = (n: number) => data.rows ? `${formatShare(n / data.rows)} of the rows` : null;
    const refused = data.rejected ?? 0, anonymous = data.no_customer ?? 0;
    return figures([
        { label: "Rows read", number: formatCount(data.rows),
            meaning: data.from ? `${formatDate(data.from)} to ${formatDate(data.to)}` : null },
        { label: "Customers", number: formatCount(data.customers),
            meaning: data.events ? `${formatCount(data.events)} events` : null },
        { label: "Refused", number: formatCount(refused),
            meaning: refused ? h("span", null, "see ", h("code", null, "holdfast rejects"))
                : "every row could be read" },
        anonymous ? { label: "Without a customer", number: formatCount(anonymous), meaning: share(anonymous) }
            : data.repeated ? { label: "Imported before", number: formatCount(data.repeated),
                meaning: "counted once" } : null]);
}

function findings(found: Finding[]): HTMLElement {
    const sorted = [...found].sort((a, b) => ORDER.indexOf(a.severity) - ORDER.indexOf(b.severity));
    return h("ul", { class: "findings" }, sorted.map((one) => {
        const severity = ORDER.includes(one.severity) ? one.severity : "note";
        return h("li", { class: `finding is-${severity}` },
            h("span", { class: "finding-mark" }, icon(MARKS[severity], 20),
                h("span", { class: "unseen" }, severity)),
            h("div", null, h("p", { class: "finding-title" }, prose(one.title),
                typeof one.share === "number" && one.share > 0
                    ? h("span", { class: "finding-share" }, ` ${formatShare(one.share)}`) : null),
            one.detail ? h("p", { class: "finding-detail" }, sentence(one.detail)) : null));
    }));
}

function mapping(rows: MappedColumn[]): HTMLElement {
    return table<MappedColumn>({ caption: "How the columns were understood", rows, noun: "column", cards: true,
        columns: [
        { label: "Column", value: (row) => row.column, show: (row) => h("span", { class: "name" }, row.column) },
        { label: "Read as", value: (row) => row.role, show: (row) => sentenceCase(row.role ?? "–") },
        { label: "Because", wide: true, value: (row) => row.why, show: (row) =>
            [row.why ?? "–", row.format ? h("span", { class: "description" }, row.format) : null] },
        { label: "Overrule with", value: (row) => row.flag,
            show: (row) => row.flag ? h("code", null, row.flag) : "–" }] });
}

function columnTable(rows: Column[]): HTMLElement {
    return table<Column>({ caption: "What the columns hold", rows, noun: "column", step: 15, cards: true,
        filter: rows.length > 15 ? (row) => `${row.name} ${row.role ?? ""} ${row.kind ?? ""}` : undefined,
        columns: [
            { label: "Column", value: (row) => row.name, show: (row) => h("span", { class: "name" }, row.name) },
            { label: "Kind", value: (row) => row.kind },
            { label: "Missing", kind: "number", value: (row) => row.missing_share,
                show: (row) => row.missing_share ? barCell(formatShare(row.missing_share), row.missing_share)
                    : "none" },
            { label: "Distinct in the sample", kind: "number", value: (row) => row.distinct,
                show: (row) => formatCount(row.distinct) },
            { label: "Example", wide: true, value: (row) => row.example,
                show: (row) => h("span", { class: "example" }, row.example ?? "–") }] });
}
