/* summary.tsx - what matters most, on one screen: the sentence, the few numbers, and what they rest on. */
import {
    formatCompact,
    formatCount,
    formatDate,
    formatDecimal,
    formatInterval,
    formatMoney,
    formatShare,
    formatUnit,
    plural,
    sentenceCase,
} from "../page/format.ts";
import { prose, sentence } from "../page/prose.ts";
import { wordsOf } from "../page/words.ts";
import { Figures, Prose, type Figure } from "../part/block.tsx";
import { ShareBar, Whisker } from "../part/plot.tsx";
import { hasRows, type Assumption, type Model, type Report } from "../report.ts";
import { Paragraph } from "./section.tsx";

export function Summary({ report }: { report: Report }) {
    const { summary: data, currency } = report;
    return (
        <section class="summary" id="summary" aria-labelledby="headline">
            <h1 id="headline">{sentence(data?.headline ?? "No question could be answered from this file")}</h1>
            <div class="summary-sentences">
                {(data?.sentences ?? []).map((text) => (
                    <Paragraph key={text} text={text} />
                ))}
            </div>
            <Figures items={[revenueAtRisk(report), expected(report), ranking(report.models ?? [])]} />
            {hasRows(report.assumptions) && <Assumptions rows={report.assumptions} currency={currency ?? ""} />}
        </section>
    );
}

function revenueAtRisk(report: Report): Figure | null {
    const risk = report.summary?.at_risk,
        cents = risk?.revenue_cents;
    if (!cents) return null;
    const interval = formatInterval(risk?.low_cents, risk?.high_cents, (value) => formatMoney(value, report.currency));
    return {
        label: "Spend that goes with them",
        number: formatMoney(cents, report.currency),
        mark: interval && (
            <Whisker
                value={cents}
                low={risk?.low_cents}
                high={risk?.high_cents}
                from={0}
                to={Math.max(cents, risk?.high_cents ?? 0) * 1.08}
                reference={null}
            />
        ),
        meaning: interval ? `95\u202f% interval: ${interval}` : null,
    };
}

function expected(report: Report): Figure | null {
    const { summary: data } = report,
        leavers = data?.at_risk?.expected_leavers,
        asked = data?.asked,
        n = leavers?.value ?? data?.expected_yes,
        words = wordsOf(report);
    if (n === null || n === undefined || words.isSpend || !asked) return null;
    const days = report.question?.horizon_days,
        count = (value: number): string => formatCompact(Number(value.toPrecision(3))),
        interval = formatInterval(leavers?.low, leavers?.high, count);
    return {
        label: `Expected to ${words.verb}`,
        number: count(n),
        mark: leavers ? (
            <Whisker {...leavers} value={n} from={0} to={Math.max(asked, leavers.high ?? 0)} reference={null} />
        ) : (
            <ShareBar share={n / asked} />
        ),
        meaning: [
            `${formatShare(n / asked)} of ${plural(asked, "customer")} asked`,
            days ? `, in the next ${plural(days, "day")}` : "",
            interval ? `; 95\u202f% interval: ${interval}` : "",
        ].join(""),
    };
}

function ranking(models: Model[]): Figure | null {
    const chosen = models.find((model) => model.chosen),
        auc = chosen?.auc;
    if (!chosen || auc?.value === null || auc?.value === undefined) return null;
    const rule = models.find((model) => /rule/i.test(model.name) && model !== chosen)?.auc?.value,
        interval = formatInterval(auc.low, auc.high, (value) => formatDecimal(value, 2));
    return {
        label: "Pairs ranked rightly",
        number: formatShare(auc.value),
        mark: <Whisker {...auc} value={auc.value} from={0.5} to={1} reference={rule ?? null} />,
        meaning: [
            `AUC ${formatDecimal(auc.value, 2)}`,
            interval && ` (${interval})`,
            rule ? `; the simple rule ${formatDecimal(rule, 2)}` : "; chance is 0.50",
        ].join(""),
    };
}

function Assumptions({ rows, currency }: { rows: Assumption[]; currency: string }) {
    return (
        <div class="assumptions">
            <h2 class="assumptions-title">What this rests on</h2>
            <ul>
                {rows.map((row) => (
                    <li key={row.name}>
                        <span class="assumption-label">{row.label ?? sentenceCase(row.name)}</span>
                        <span class="assumption-value">{formatUnit(row.value, row.unit, currency)}</span>
                        {row.note && (
                            <span class="assumption-note">
                                <Prose text={prose(row.note)} />
                            </span>
                        )}
                        {row.flag && (
                            <span class="assumption-flag">
                                change with <code>{row.flag}</code>
                            </span>
                        )}
                    </li>
                ))}
            </ul>
        </div>
    );
}

/* The line under the page's name: what was read, and until when it is known. */
export function provenance(report: Report): string {
    const data = report.import;
    const parts = [
        report.title,
        data?.customers ? plural(data.customers, "customer") : null,
        data?.rows ? `${formatCount(data.rows)} rows` : null,
        report.as_of ? `as of ${formatDate(report.as_of)}` : null,
    ];
    return parts.filter(Boolean).join(" · ");
}
