/* risk_value.ts - the matrix of risk and value: where the expected loss sits. */
import { h } from "../page/dom.ts";
import { formatCount, formatMoney, sentenceCase } from "../page/format.ts";
import { scroller } from "../page/scroller.ts";
import { body, note, type Section } from "../page/section.ts";
import { wordsOf } from "../page/words.ts";
import { hasMoney, hasRows, type RiskValue } from "../report.ts";

export const riskValue: Section = {
    id: "risk-value", group: "act", title: "Where the loss sits",
    draw(report) {
        const data = report.risk_value;
        if (!data || !hasRows(data.cells)) return null;
        return body(data.sentence, matrix(data, report.currency ?? "", wordsOf(report).probability),
            note("Each cell: customers, and the loss expected from them. The stronger the tint, the larger " +
                "the loss."));
    },
};

function matrix(data: RiskValue, currency: string, risk: string): HTMLElement {
    const risks = data.risk_bands ?? ["low", "medium", "high"],
        values = data.value_bands ?? ["low", "medium", "high"];
    const cells = data.cells ?? [], isMoney = hasMoney(cells, "expected_loss_cents");
    const loss = (cell?: (typeof cells)[number]) => (isMoney ? cell?.expected_loss_cents : cell?.customers) ?? 0;
    const largest = Math.max(...cells.map(loss), 1);
    const row = (value: number) => h("tr", null,
        h("th", { scope: "row" }, h("span", { class: "matrix-axis" }, "Value "),
            sentenceCase(values[value] ?? "")),
        risks.map((_, index) => {
            const cell = cells.find((one) => one.risk === index && one.value === value);
            return h("td", { class: "heat", vars: { "--heat": (loss(cell) / largest).toFixed(3) } },
                h("span", { class: "matrix-customers" }, formatCount(cell?.customers ?? 0)),
                !isMoney || typeof cell?.expected_loss_cents !== "number" ? null
                    : h("span", { class: "matrix-loss" }, formatMoney(cell.expected_loss_cents, currency)));
        }));
    return scroller("Risk and value",
        h("table", { class: "matrix" },
            h("caption", { class: "unseen" }, "Customers and expected loss by risk and value"),
            h("thead", null, h("tr", null, h("td", null), risks.map((name) =>
                h("th", { scope: "col" }, h("span", { class: "matrix-axis" }, `${risk} `), sentenceCase(name))))),
            h("tbody", null, values.map((_, index) => row(values.length - 1 - index)))));
}
