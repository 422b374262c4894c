/* models.tsx - the question, and the models that competed to answer it, each with its interval. */
import {
    formatCount,
    formatDate,
    formatDecimal,
    formatInterval,
    formatSeconds,
    formatShare,
    plural,
    sentenceCase,
} from "../page/format.ts";
import { prose } from "../page/prose.ts";
import { wordsOf, type Words } from "../page/words.ts";
import { Facts, Prose, Tag } from "../part/block.tsx";
import { Whisker } from "../part/plot.tsx";
import { Table, type Column } from "../part/table.tsx";
import { hasRows, type Estimate, type Maybe, type Model, type Question, type Report } from "../report.ts";
import { Folded, Lead, Note, Within, type Section } from "./section.tsx";

type Key =
    | "over_rule"
    | "deviance"
    | "auc"
    | "pr_auc"
    | "log_loss"
    | "brier"
    | "ece"
    | "precision"
    | "recall"
    | "f1"
    | "rmse"
    | "mae"
    | "r2"
    | "spearman";
interface Metric {
    key: Key;
    title: string;
    under: string;
    isMore?: boolean; /* among the further measures */
}
const METRICS: Metric[] = [
    { key: "auc", title: "AUC", under: "higher is better" },
    { key: "spearman", title: "Spearman", under: "higher is better" },
    { key: "over_rule", title: "Over the rule", under: "above 0 beats it" },
    { key: "pr_auc", title: "PR-AUC", under: "higher is better" },
    { key: "log_loss", title: "Log loss", under: "lower is better" },
    { key: "brier", title: "Brier", under: "lower is better", isMore: true },
    { key: "ece", title: "ECE", under: "lower is better", isMore: true },
    { key: "precision", title: "Precision", under: "at the threshold", isMore: true },
    { key: "recall", title: "Recall", under: "at the threshold", isMore: true },
    { key: "f1", title: "F1", under: "at the threshold", isMore: true },
    { key: "rmse", title: "RMSE", under: "lower is better" },
    { key: "mae", title: "MAE", under: "lower is better" },
    { key: "deviance", title: "Deviance", under: "lower is better" },
    { key: "r2", title: "R²", under: "higher is better" },
];

export const models: Section = {
    id: "models",
    group: "trust",
    title: "The question and the models",
    draw(report) {
        const { question, models: rows } = report;
        if (!question && !hasRows(rows)) return null;
        return (
            <>
                <Lead text={question?.sentence ? sentenceCase(question.sentence) : null} />
                {question && <Asked report={report} question={question} />}
                {hasRows(rows) && (
                    <Within title="Which model answers it" lead={question?.chosen_because ?? verdict(rows)}>
                        <Leaderboard rows={rows} />
                        <Note>
                            {"The line is the 95\u202f% interval; the thin mark is the simple rule. The simplest model " +
                                "within noise of the best is chosen."}
                        </Note>
                    </Within>
                )}
            </>
        );
    },
};

function Asked({ report, question }: { report: Report; question: Question }) {
    const cutoffs = question.cutoffs ?? [],
        told = (text: Maybe<string>) => (text ? <Prose text={prose(text)} /> : null);
    return (
        <Facts
            rows={[
                ["Why this question", told(question.why)],
                ["Learned from", question.rows ? learnedFrom(question, wordsOf(report)) : null],
                ["As of", hasRows(cutoffs) ? cutoffs.map(formatDate).join(", ") : null],
                [
                    "Judged by",
                    question.validation
                        ? prose(sentenceCase(question.validation)) +
                          (question.test_at
                              ? `: what was known on ${formatDate(question.test_at)} against what came after`
                              : "")
                        : null,
                ],
            ]}
        />
    );
}

function learnedFrom(question: Question, words: Words): string {
    const examples = `${plural(question.rows, "example")}, of which ${formatCount(question.positives)}`;
    return words.isSpend
        ? `${examples} spent anything`
        : `${examples} (${formatShare(question.rows ? (question.positives ?? 0) / question.rows : null)}) ${words.past}`;
}

function verdict(rows: Model[]): string {
    const chosen = rows.find((row) => row.chosen),
        refused = rows.filter((row) => row.refused).length;
    if (!chosen) return "No model was good enough to be chosen.";
    return (
        `${sentenceCase(chosen.name)} was chosen among ${rows.length}` +
        (refused ? `; ${refused === 1 ? "one was" : `${refused} were`} refused.` : ".")
    );
}

const rowClass = (row: Model): string | undefined => (row.chosen ? "is-chosen" : row.refused ? "is-refused" : undefined);

function Leaderboard({ rows }: { rows: Model[] }) {
    const known = METRICS.filter((metric) => rows.some((row) => typeof row[metric.key]?.value === "number")),
        [first, ...others] = known.filter((metric) => !metric.isMore),
        more = known.filter((metric) => metric.isMore);
    return (
        <>
            <Table
                caption="Models and their scores"
                noun="model"
                isBare
                rows={rows}
                rowClass={rowClass}
                columns={[
                    NAME,
                    first && whiskerColumn(rows, first),
                    ...others.map(metricColumn),
                    {
                        title: "Time",
                        kind: "number",
                        value: (row) => row.seconds,
                        cell: (row) => formatSeconds(row.seconds),
                    },
                ]}
            />
            {more.length > 0 && (
                <Folded title="More measures">
                    <Table
                        caption="More measures"
                        noun="model"
                        isBare
                        rows={rows}
                        rowClass={rowClass}
                        columns={[
                            NAME,
                            ...more.map(metricColumn),
                            {
                                title: "Threshold",
                                under: "yes from here on",
                                kind: "number",
                                value: (row) => row.threshold,
                                cell: (row) => formatDecimal(row.threshold, 2),
                            },
                        ]}
                    />
                </Folded>
            )}
        </>
    );
}

const NAME: Column<Model> = {
    title: "Model",
    kind: "wide",
    value: (row) => row.name,
    cell: (row) => (
        <>
            <span class="name">{sentenceCase(row.name)}</span>
            {row.chosen ? <Tag kind="chosen">chosen</Tag> : row.refused ? <Tag kind="refused">refused</Tag> : null}
            {(row.refused || row.settings) && (
                <span class="description">
                    <Prose text={prose(row.refused ?? row.settings ?? "")} />
                </span>
            )}
        </>
    ),
};

const metricColumn = ({ key, title, under }: Metric): Column<Model> => ({
    title,
    under,
    kind: "number",
    value: (row) => row[key]?.value,
    cell: (row) => <Score estimate={row[key]} />,
});

/* A scale that holds all estimates with a little air at both ends. */
function scaleOf(estimates: Maybe<Estimate>[], reference: Maybe<number>): { from: number; to: number } {
    const ends = [...estimates.flatMap((one) => [one?.value, one?.low, one?.high]), reference].filter(
        (end): end is number => typeof end === "number",
    );
    const from = Math.min(...ends),
        to = Math.max(...ends),
        air = (to - from) * 0.06 || 0.01;
    return { from: from - air, to: to + air };
}

/* The metric models are chosen by: its intervals side by side on one scale. A refused model may lie far off the scale of
 * the others; its number says so. */
function whiskerColumn(rows: Model[], metric: Metric): Column<Model> {
    const kept = rows.filter((row) => !row.refused),
        rule = rows.find((row) => /rule/i.test(row.name))?.[metric.key]?.value;
    const scale = scaleOf((kept.length > 0 ? kept : rows).map((row) => row[metric.key]), rule);
    return {
        ...metricColumn(metric),
        cell: (row) => {
            const one = row[metric.key],
                isWithin = typeof one?.value === "number" && one.value >= scale.from && one.value <= scale.to;
            return (
                <span class="with-whisker">
                    <Whisker value={null} {...(isWithin ? one : {})} {...scale} reference={rule ?? null} />
                    <Score estimate={one} />
                </span>
            );
        },
    };
}

function Score({ estimate }: { estimate: Maybe<Estimate> }) {
    const size = Math.abs(estimate?.value ?? 0),
        digits = size >= 100 ? 0 : size >= 10 ? 1 : 3;
    const interval = formatInterval(estimate?.low, estimate?.high, (value) => formatDecimal(value, digits));
    return (
        <span class="estimate">
            {formatDecimal(estimate?.value, digits)}
            {interval && <span class="interval">{interval}</span>}
        </span>
    );
}
