/* models.tsx - what is predicted and how well; one question with its evidence; training anew. */
import { useState } from "preact/hooks";
import { formatCount, formatDecimal, formatShare, plural, sentenceCase } from "../../page/format.ts";
import { sentence } from "../../page/prose.ts";
import type { GetV1Models, GetV1ModelsQuestion } from "../answers.ts";
import { ask, encode } from "../ask.ts";
import { tell } from "../notice.tsx";
import { Age, Empty, Figures, Head, Part, Shown, Tag, Trouble } from "../part/basic.tsx";
import { Choice } from "../part/form.tsx";
import { Bars, Whisker } from "../part/plot.tsx";
import { Table } from "../part/table.tsx";
import { to } from "../place.ts";
import { useMay } from "../session.ts";
import { useAnswer, useDoing } from "../use_answer.ts";
import type { ViewProps } from "../views.ts";

type Models = GetV1Models;
type Estimate = { value?: number | null; low?: number | null; high?: number | null } | null | undefined;

const estimate = (one: Estimate): string =>
    typeof one?.value !== "number"
        ? "–"
        : formatDecimal(one.value) +
          (typeof one.low === "number" && typeof one.high === "number"
              ? ` (${formatDecimal(one.low)} to ${formatDecimal(one.high)})`
              : "");

function Learning({ models, again }: { models: Models; again: () => void }) {
    const { state, since_ms, problem, next } = models.learning,
        may = useMay(),
        doing = useDoing(),
        [question, set] = useState("");
    const questions = [["", "churn"], ...models.models.map((one) => [one.question, one.question])].filter(
        ([name], i, all) => all.findIndex(([other]) => other === name) === i,
    ) as [string, string][];
    return (
        <Part
            title="Training"
            lead={
                state !== "idle" ? (
                    <>
                        {sentenceCase(state)} since <Age at_ms={since_ms} />.
                    </>
                ) : (
                    <>
                        {problem ? `${sentence(`The last attempt gave nothing: ${problem}`)} ` : ""}
                        {next.at_ms !== null && (
                            <>
                                Next training: <Age at_ms={next.at_ms} />.{" "}
                            </>
                        )}
                        {next.why}
                    </>
                )
            }
        >
            {may("POST /v1/models/train") && (
                <p class="actions">
                    <Choice label="Question" isHidden value={question} set={set} options={questions} />
                    <button
                        type="button"
                        class="button"
                        disabled={doing.isDoing || state !== "idle"}
                        onClick={() =>
                            doing.run(async () => {
                                await ask("POST", "/v1/models/train", question ? { question } : {});
                                tell("Training has begun: events and decisions go on meanwhile");
                                again();
                            })
                        }
                    >
                        Train now
                    </button>
                </p>
            )}
            <Trouble error={doing.error} />
        </Part>
    );
}

interface Row {
    name: string;
    chosen?: boolean;
    auc?: Estimate;
    pr_auc?: Estimate;
    brier?: Estimate;
    log_loss?: Estimate;
    seconds?: number;
}
interface Driver {
    feature: string;
    meaning?: string;
    importance?: number;
    share?: number;
}
interface Bin {
    mean_prediction?: number;
    predicted?: number;
    observed?: number;
    low?: number;
    high?: number;
    n?: number;
}

function Leaderboard({ rows }: { rows: Row[] }) {
    const ends = rows
        .flatMap((row) => [row.auc?.low, row.auc?.high])
        .filter((one): one is number => typeof one === "number");
    const from = Math.min(0.5, ...ends),
        until = Math.max(...ends, from + 0.01);
    return (
        <Part
            title="Leaderboard"
            lead="On customers that none of them learned from. Where intervals overlap the simplest is taken."
        >
            <Table
                caption="Learners"
                noun="learner"
                csv="leaderboard"
                id={(row) => row.name}
                rows={rows}
                columns={[
                    {
                        title: "Learner",
                        kind: "name",
                        cell: (row) => (
                            <>
                                {row.name}
                                {row.chosen && <Tag kind="chosen">in use</Tag>}
                            </>
                        ),
                        value: (row) => row.name,
                    },
                    {
                        title: "AUC (95 %)",
                        kind: "number",
                        cell: (row) => estimate(row.auc),
                        value: (row) => row.auc?.value,
                    },
                    {
                        title: "Interval",
                        cell: (row) =>
                            typeof row.auc?.value === "number" ? (
                                <Whisker
                                    value={row.auc.value}
                                    low={row.auc.low}
                                    high={row.auc.high}
                                    from={from}
                                    to={until}
                                />
                            ) : null,
                    },
                    {
                        title: "PR-AUC",
                        kind: "number",
                        cell: (row) => estimate(row.pr_auc),
                        value: (row) => row.pr_auc?.value,
                    },
                    {
                        title: "Brier",
                        kind: "number",
                        cell: (row) => estimate(row.brier),
                        value: (row) => row.brier?.value,
                    },
                ]}
            />
        </Part>
    );
}

function Spread({ model }: { model: GetV1ModelsQuestion }) {
    const counts = model.spread ?? [],
        n = counts.reduce((sum, one) => sum + one, 0);
    if (n === 0) return null;
    const from = (i: number): string =>
        `${Math.round((i * 100) / counts.length)} to ${Math.round(((i + 1) * 100) / counts.length)}\u202f%`;
    return (
        <Part title="How likely everybody is" lead={model.headline ?? undefined}>
            <Bars
                title="Customers by the answer"
                unit="Customers"
                label={counts.map((one, i) => `${from(i)}: ${formatCount(one)}`).join("; ")}
                bars={counts.map((one, i) => ({
                    name: from(i),
                    size: one,
                    words: formatCount(one),
                    isPale: i < counts.length / 2,
                }))}
                ticks={[0, 0.25, 0.5, 0.75, 1].map((at) => ({ at, words: `${at * 100}\u202f%` }))}
            />
        </Part>
    );
}

function Drivers({ rows }: { rows: Driver[] }) {
    const most = Math.max(...rows.map((row) => Math.abs(row.share ?? row.importance ?? 0)), 1e-9);
    return rows.length === 0 ? null : (
        <Part title="What it leans on" lead="The mean size of each feature's push. A driver is no cause.">
            <Table
                caption="Drivers"
                noun="driver"
                csv="drivers"
                step={12}
                id={(row) => row.feature}
                rows={rows}
                columns={[
                    {
                        title: "Feature",
                        kind: "wide",
                        cell: (row) => (
                            <>
                                {row.meaning ?? row.feature}
                                <code class="driver-feature">{row.feature}</code>
                            </>
                        ),
                        value: (row) => row.feature,
                    },
                    {
                        title: "Weight",
                        kind: "number",
                        cell: (row) => {
                            const size = Math.abs(row.share ?? row.importance ?? 0);
                            return (
                                <span class="bar-cell">
                                    <span class="bar-text">
                                        {row.share != null ? formatShare(row.share) : formatDecimal(size)}
                                    </span>
                                    <span class="bar-track" aria-hidden="true">
                                        <span class="bar-fill" style={{ "--share": `${(100 * size) / most}%` }} />
                                    </span>
                                </span>
                            );
                        },
                        value: (row) => row.share ?? row.importance,
                    },
                ]}
            />
        </Part>
    );
}

function Calibration({ bins }: { bins: Bin[] }) {
    return bins.length === 0 ? null : (
        <Part
            title="Calibration"
            lead="Of those given a chance, how many it came true for. Said and seen should agree within the interval."
        >
            <Table
                caption="Chances said and seen"
                noun="bin"
                csv="calibration"
                id={(row) => bins.indexOf(row)}
                rows={bins}
                columns={[
                    {
                        title: "Said",
                        kind: "number",
                        cell: (row) => formatShare(row.mean_prediction ?? row.predicted),
                        value: (row) => row.mean_prediction ?? row.predicted,
                    },
                    {
                        title: "Seen",
                        kind: "number",
                        cell: (row) => formatShare(row.observed),
                        value: (row) => row.observed,
                    },
                    {
                        title: "95 %",
                        kind: "number",
                        cell: (row) =>
                            row.low != null && row.high != null
                                ? `${formatShare(row.low)} to ${formatShare(row.high)}`
                                : "–",
                    },
                    {
                        title: "Customers",
                        kind: "number",
                        cell: (row) => formatCount(row.n),
                        value: (row) => row.n,
                    },
                ]}
            />
        </Part>
    );
}

function Question({ name }: { name: string }) {
    const answer = useAnswer<GetV1ModelsQuestion>(`/v1/models/${encode(name)}`);
    return (
        <Shown answer={answer}>
            {(model) => {
                const evidence = (model.evidence ?? {}) as {
                    models?: Row[];
                    drivers?: Driver[];
                    calibration?: Bin[] | { bins?: Bin[] };
                };
                const bins = Array.isArray(evidence.calibration)
                    ? evidence.calibration
                    : (evidence.calibration?.bins ?? []);
                return (
                    <>
                        <Head
                            title={model.asks ? sentence(model.asks) : model.question}
                            name={model.question}
                            back={[to("models"), "All questions"]}
                        />
                        <Figures
                            items={[
                                {
                                    label: "In use",
                                    number: (model.chosen as { name?: string } | null)?.name ?? "–",
                                    meaning: model.is_live ? "scores move with each event" : "not live",
                                },
                                { label: "Learned from data until", number: <Age at_ms={model.trained_ms} /> },
                            ]}
                        />
                        <Spread model={model} />
                        {evidence.models && <Leaderboard rows={evidence.models} />}
                        <Drivers rows={evidence.drivers ?? []} />
                        <Calibration bins={bins} />
                        <p class="note">A score says who is likely to leave, not whom a message would keep.</p>
                    </>
                );
            }}
        </Shown>
    );
}

export default function ModelsPage({ argument }: ViewProps) {
    const answer = useAnswer<Models>(argument ? null : "/v1/models", 5000);
    if (argument) return <Question name={argument} />;
    return (
        <>
            <Head
                title="Models"
                lead="What is asked of the data, which learner answers, and how well it did on customers it had not seen."
            />
            <Shown answer={answer}>
                {(models) => (
                    <>
                        {models.models.length === 0 ? (
                            <Empty>
                                None is trained yet. Once there is some history, churn is asked by itself; or train
                                now.
                            </Empty>
                        ) : (
                            <Table
                                caption="Models"
                                noun="question"
                                csv="models"
                                id={(one) => one.question}
                                rows={models.models}
                                columns={[
                                    {
                                        title: "Question",
                                        kind: "wide",
                                        cell: (one) => (
                                            <a href={to("models", one.question)}>
                                                {one.asks ? sentence(one.asks) : one.question}
                                            </a>
                                        ),
                                        value: (one) => one.question,
                                    },
                                    {
                                        title: "Learner",
                                        cell: (one) => one.chosen?.name ?? "–",
                                        value: (one) => one.chosen?.name,
                                    },
                                    {
                                        title: "AUC on held-out customers (95 %)",
                                        kind: "number",
                                        cell: (one) => estimate(one.chosen?.auc),
                                        value: (one) => one.chosen?.auc?.value,
                                    },
                                    {
                                        title: "Trained",
                                        cell: (one) => <Age at_ms={one.trained_ms} />,
                                        value: (one) => one.trained_ms,
                                    },
                                    {
                                        title: "In use",
                                        cell: (one) => (one.is_live ? "yes" : "no"),
                                        value: (one) => (one.is_live ? "yes" : "no"),
                                    },
                                ]}
                            />
                        )}
                        <Learning models={models} again={answer.again} />
                        <p class="note">
                            {plural(models.models.length, "question")}. A score says who is likely to leave, not
                            whom a message would keep.
                        </p>
                    </>
                )}
            </Shown>
        </>
    );
}
