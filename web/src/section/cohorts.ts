/* cohorts.ts - of the customers who came in one month, how many bought again in each month after. */
import { h } from "../page/dom.ts";
import { formatCount, formatMonth, formatShare } from "../page/format.ts";
import { scroller } from "../page/scroller.ts";
import { body, note, type Section } from "../page/section.ts";
import { hasRows, type Cohort } from "../report.ts";

export const cohorts: Section = {
    id: "cohorts", group: "understand", title: "Who comes back, by month of first order",
    draw(report) {
        if (!hasRows(report.cohorts?.rows)) return null;
        return body(report.cohorts.sentence,
            heatmap(report.cohorts.rows.filter((row) => (row.retained?.length ?? 0) > 1)),
            note("Read across a row to follow one month's new customers; read down a column to compare months. ",
                "The stronger the tint, the more came back."));
    },
};

/* A table whose cells are tinted: readable with a keyboard, a screen reader and on paper. The tint spans the
 * shares after month 0, which is 100 % by definition. */
function heatmap(rows: Cohort[]): HTMLElement {
    const n = Math.max(...rows.map((row) => row.retained?.length ?? 0));
    const later = rows.flatMap((row) => (row.retained ?? []).slice(1)).filter((share) =>
        typeof share === "number");
    const largest = Math.max(...later, 0.01);
    const indexes = Array.from({ length: Math.max(0, n - 1) }, (_, index) => index + 1);
    return scroller("Cohorts",
        h("table", { class: "heatmap" },
            h("caption", { class: "unseen" },
                "Share of each month's new customers who bought again, by months since"),
            h("thead", null,
                h("tr", null, h("th", { scope: "col" }, "First order"),
                    h("th", { scope: "col", class: "number" }, "Customers"),
                    indexes.map((index) => h("th", { scope: "col", class: "number" },
                        index === 1 ? [h("span", { class: "unseen" }, "month "), "+1"] : `+${index}`)))),
            h("tbody", null, rows.map((row) => h("tr", null,
                h("th", { scope: "row" }, formatMonth(row.cohort)),
                h("td", { class: "number" }, formatCount(row.customers)),
                indexes.map((index) => {
                    const share = row.retained?.[index];
                    return typeof share !== "number" ? h("td", { class: "empty" })
                        : h("td", { class: "heat number",
                            vars: { "--heat": Math.min(1, share / largest).toFixed(3) } },
                            formatShare(share, 0));
                }))))));
}
