/* models.ts - the question, and the models that competed to answer it, each with its interval. */
import { h } from "../page/dom.ts";
import { formatCount, formatDate, formatDecimal, formatInterval, formatSeconds, formatShare, plural,
    sentenceCase } from "../page/format.ts";
import { scaleOf, tag, whisker, type Scale } from "../page/marks.ts";
import { prose } from "../page/prose.ts";
import { body, note, part, type Section } from "../page/section.ts";
import { table, type TableColumn } from "../page/table.ts";
import { wordsOf, type Words } from "../page/words.ts";
import { hasRows, type Estimate, type Maybe, type Model, type Question, type Report } from "../report.ts";

type Metric = "over_rule" | "deviance" | "auc" | "pr_auc" | "log_loss" | "brier" | "ece" | "precision"
    | "recall" | "f1" | "rmse" | "mae" | "r2" | "spearman";
const METRICS: { key: Metric; label: string; help?: string; isMore?: boolean }[] = [
    { key: "auc", label: "AUC", help: "higher is better" },
    { key: "spearman", label: "Spearman", help: "higher is better" },
    { key: "over_rule", label: "Over the rule", help: "above 0 beats it" },
    { key: "pr_auc", label: "PR-AUC", help: "higher is better" },
    { key: "log_loss", label: "Log loss", help: "lower is better" },
    { key: "brier", label: "Brier", help: "lower is better", isMore: true },
    { key: "ece", label: "ECE", help: "lower is better", isMore: true },
    { key: "precision", label: "Precision", help: "at the threshold", isMore: true },
    { key: "recall", label: "Recall", help: "at the threshold", isMore: true },
    { key: "f1", label: "F1", help: "at the threshold", isMore: true },
    { key: "rmse", label: "RMSE", help: "lower is better" },
    { key: "mae", label: "MAE", help: "lower is better" },
    { key: "deviance", label: "Deviance", help: "lower is better" },
    { key: "r2", label: "R²", help: "higher is better" },
];

export const models: Section = {
    id: "models", group: "trust", title: "The question and the models",
    draw(report) {
        if (!report.question && !hasRows(report.models)) return null;
        return body(report.question?.sentence ? sentenceCase(report.question.sentence) : null,
            report.question ? facts(report, report.question) : null,
            hasRows(report.models) ? part("Which model answers it",
                report.question?.chosen_because ?? verdict(report.models), leaderboard(report.models),
                note("The line is the 95\u202f% interval; the thin mark is the simple rule. The simplest " +
                    "model within noise of the best is chosen."))
                : null);
    },
};

function facts(report: Report, question: Question): HTMLElement {
    const words = wordsOf(report), cutoffs = question.cutoffs ?? [];
    const list: [string, Maybe<string>][] = [
        ["Why this question", question.why],
        ["Learned from", question.rows ? learnedFrom(question, words) : null],
        ["As of", hasRows(cutoffs) ? cutoffs.map(formatDate).join(", ") : null],
        ["Judged by", question.validation ? sentenceCase(question.validation) +
            (question.test_at ? `: what was known on ${formatDate(question.test_at)} against what came after`
                : "") : null],
    ];
    return h("dl", { class: "facts" }, list.filter(([, text]) => text).map(([label, text]) =>
        h("div", null, h("dt", null, label), h("dd", null, prose(text ?? "")))));
}

function learnedFrom(question: Question, words: Words): string {
    const examples = `${plural(question.rows, "example")}, of which ${formatCount(question.positives)}`;
    return words.isSpend ? `${examples} spent anything`
        : `${examples} (${formatShare(question.rows ? (question.positives ?? 0) / question.rows : null)}) ${words.past}`;
}

function verdict(rows: Model[]): string | null {
    const chosen = rows.find((row) => row.chosen);
    if (!chosen) return "No model was good enough to be chosen.";
    const refused = rows.filter((row) => row.refused).length;
    return `${sentenceCase(chosen.name)} was chosen among ${rows.length}` +
           (refused ? `; ${refused === 1 ? "one was" : `${refused} were`} refused.` : ".");
}

function leaderboard(rows: Model[]): HTMLElement {
    const isShown = (metric: { key: Metric }) => rows.some((row) => typeof row[metric.key]?.value === "number");
    const scored = METRICS.filter((metric) => !metric.isMore && isShown(metric));
    const more = METRICS.filter((metric) => metric.isMore && isShown(metric));
    const [first, ...others] = scored;
    const columns: TableColumn<Model>[] = [nameColumn()];
    if (first) columns.push(whiskerColumn(rows, first));
    columns.push(...others.map(metricColumn),
        { label: "Time", kind: "number", value: (row) => row.seconds,
          show: (row) => formatSeconds(row.seconds) });
    const rowClass = (row: Model) => row.chosen ? "is-chosen" : row.refused ? "is-refused" : null;
    return h("div", null, table<Model>({ caption: "Models and their scores", rows, noun: "model", columns,
        rowClass, cards: true }),
        more.length === 0 ? null : h("details", { class: "as-table" },
            h("summary", null, "More measures"),
            table<Model>({ caption: "More measures", rows, noun: "model", rowClass, cards: true,
                columns: [nameColumn(),
                ...more.map(metricColumn),
                { label: "Threshold", help: "yes from here on", kind: "number", value: (row) => row.threshold,
                    show: (row) => formatDecimal(row.threshold, 2) }] })));
}

function nameColumn(): TableColumn<Model> {
    return { label: "Model", wide: true, value: (row) => row.name, show: (row) => [
        h("span", { class: "name" }, sentenceCase(row.name)),
        row.chosen ? tag("chosen", "chosen") : row.refused ? tag("refused", "refused") : null,
        row.refused || row.settings ? h("span", { class: "description" },
            prose(row.refused ?? row.settings ?? "")) : null] };
}

function metricColumn(metric: { key: Metric; label: string; help?: string }): TableColumn<Model> {
    return { label: metric.label, help: metric.help, kind: "number", value: (row) => row[metric.key]?.value,
        show: (row) => estimateCell(row[metric.key]) };
}

/* The metric models are chosen by: its intervals side by side on one scale. */
function whiskerColumn(rows: Model[], metric: { key: Metric; label: string; help?: string }): TableColumn<Model> {
    const rule = rows.find((row) => /rule/i.test(row.name));
    const kept = rows.filter((row) => !row.refused);
    const scale = scaleOf((kept.length > 0 ? kept : rows).map((row) => row[metric.key]),
        rule?.[metric.key]?.value);
    return { ...metricColumn(metric), show: (row) => h("span", { class: "with-whisker" },
        whisker(isWithin(row[metric.key]?.value, scale) ? row[metric.key] ?? {} : {}, scale),
            estimateCell(row[metric.key])) };
}

/* A refused model may lie far off the scale of the others; its number says so. */
function isWithin(value: Maybe<number>, scale: Scale): boolean {
    return typeof value === "number" && value >= scale.from && value <= scale.to;
}

function estimateCell(estimate: Maybe<Estimate>): HTMLElement {
    const size = Math.abs(estimate?.value ?? 0), digits = size >= 100 ? 0 : size >= 10 ? 1 : 3;
    const format = (value: number) => formatDecimal(value, digits);
    const interval = formatInterval(estimate?.low, estimate?.high, format);
    return h("span", { class: "estimate" }, formatDecimal(estimate?.value, digits),
        interval ? h("span", { class: "interval" }, interval) : null);
}
