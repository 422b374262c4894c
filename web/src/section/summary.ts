/* summary.ts - what matters most, on one screen: the sentence, the few numbers, and what they rest on. */
import { h } from "../page/dom.ts";
import { formatCompact, formatCount, formatDecimal, formatInterval, formatMoney, formatShare, formatUnit,
    plural, sentenceCase } from "../page/format.ts";
import { shareBar, whisker } from "../page/marks.ts";
import { prose, sentence } from "../page/prose.ts";
import { figures, paragraph } from "../page/section.ts";
import { wordsOf } from "../page/words.ts";
import { hasRows, type Assumption, type Model, type Report } from "../report.ts";

type Figure = Parameters<typeof figures>[0][number];

export function summary(report: Report): HTMLElement {
    const { summary: data, currency } = report;
    return h("section", { class: "summary", id: "summary", "aria-labelledby": "headline" },
        h("h1", { id: "headline" }, sentence(data?.headline ?? "No question could be answered from this file")),
        h("div", { class: "summary-sentences" }, (data?.sentences ?? []).map((text) => paragraph(text))),
        figures([revenueAtRisk(report), expected(report), ranking(report.models ?? [])]),
        hasRows(report.assumptions) ? assumptions(report.assumptions, currency ?? "") : null);
}

function revenueAtRisk(report: Report): Figure {
    const risk = report.summary?.at_risk, cents = risk?.revenue_cents;
    if (!cents) return null;
    const money = (value: number) => formatMoney(value, report.currency);
    const interval = formatInterval(risk?.low_cents, risk?.high_cents, money);
    const estimate = { value: cents, low: risk?.low_cents, high: risk?.high_cents };
    return { label: "Spend that goes with them", number: money(cents),
        mark: interval ? whisker(estimate, { from: 0, to: Math.max(cents, risk?.high_cents ?? 0) * 1.08 }) : null,
        meaning: interval ? `95\u202f% interval: ${interval}` : null };
}

function expected(report: Report): Figure {
    const { summary: data } = report, leavers = data?.at_risk?.expected_leavers, asked = data?.asked;
    const n = leavers?.value ?? data?.expected_yes, words = wordsOf(report);
    if (n === null || n === undefined || words.isSpend || !asked) return null;
    const days = report.question?.horizon_days, count = (value: number) => formatCompact(Number(value.toPrecision(3)));
    const interval = formatInterval(leavers?.low, leavers?.high, count);
    return { label: `Expected to ${words.verb}`, number: count(n), mark: leavers
        ? whisker(leavers, { from: 0, to: Math.max(asked, leavers.high ?? 0) }) : shareBar(n / asked),
        meaning: [`${formatShare(n / asked)} of ${plural(asked, "customer")} asked`,
            days ? `, in the next ${plural(days, "day")}` : "", interval ? `; 95\u202f% interval: ${interval}` : ""].join("") };
}

function ranking(models: Model[]): Figure {
    const chosen = models.find((model) => model.chosen), auc = chosen?.auc;
    if (!chosen || auc?.value === null || auc?.value === undefined) return null;
    const rule = models.find((model) => /rule/i.test(model.name) && model !== chosen);
    const interval = formatInterval(auc.low, auc.high, (value) => formatDecimal(value, 2));
    return { label: "Pairs ranked rightly", number: formatShare(auc.value),
        mark: whisker(auc, { from: 0.5, to: 1, reference: rule?.auc?.value }),
        meaning: [`AUC ${formatDecimal(auc.value, 2)}`, interval && ` (${interval})`,
            rule?.auc?.value ? `; the simple rule ${formatDecimal(rule.auc.value, 2)}`
                : "; chance is 0.50"].join("") };
}

function assumptions(rows: Assumption[], currency: string): HTMLElement {
    return h("div", { class: "assumptions" },
        h("h2", { class: "assumptions-title" }, "What this rests on"),
        h("ul", null, rows.map((row) => h("li", null,
            h("span", { class: "assumption-label" }, row.label ?? sentenceCase(row.name)),
            h("span", { class: "assumption-value" }, formatUnit(row.value, row.unit, currency)),
            row.note ? h("span", { class: "assumption-note" }, prose(row.note)) : null,
            row.flag ? h("span", { class: "assumption-flag" }, "change with ", h("code", null, row.flag))
                : null))));
}

/* The line under the page's name: what was read, and until when it is known. */
export function provenance(report: Report, asOf: string): string {
    const data = report.import;
    const parts = [report.title, data?.customers ? plural(data.customers, "customer") : null,
        data?.rows ? `${formatCount(data.rows)} rows` : null, report.as_of ? `as of ${asOf}` : null];
    return parts.filter(Boolean).join(" · ");
}

