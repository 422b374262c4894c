/* models.tsx - what is predicted and how well; one question with its evidence; training anew. */
import { useState } from "preact/hooks";
import { formatCount, plural, sentenceCase } from "../../page/format.ts";
import { sentence } from "../../page/prose.ts";
import type { GetV1Models, GetV1ModelsQuestion } from "../answers.ts";
import { ask, encode } from "../ask.ts";
import { formatDay, isDated } from "../clock.ts";
import { tell } from "../notice.tsx";
import { Figures, Part } from "../../part/block.tsx";
import { Age, Empty, Head, Shown, Trouble } from "../part/basic.tsx";
import { Button } from "../part/button.tsx";
import { Choice } from "../part/form.tsx";
import {
    Calibration,
    Drivers,
    estimate,
    isOfAmounts,
    Leaderboard,
    Lift,
    Spread,
    type Evidence,
} from "../part/model_evidence.tsx";
import { CardPart, DriftPart, FairnessPart, Versions } from "../part/model_care.tsx";
import { saidWords } from "../../part/model_curves.tsx";
import { Table } from "../../part/table.tsx";
import { to } from "../place.ts";
import { useMay } from "../session.ts";
import { useAnswer, useDoing } from "../use_answer.ts";
import type { ViewProps } from "../views.ts";

type Models = GetV1Models;
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
                        {sentenceCase(state)}; it began <Age at_ms={since_ms} />.
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
                    <Button
                        type="button"
                        class="button"
                        isOff={doing.isDoing || state !== "idle"}
                        onClick={() =>
                            doing.run(async () => {
                                await ask("POST", "/v1/models/train", question ? { question } : {});
                                tell("Training has begun: events and decisions go on meanwhile");
                                again();
                            })
                        }
                    >
                        Train now
                    </Button>
                </p>
            )}
            <Trouble error={doing.error} />
        </Part>
    );
}

function Question({ name }: { name: string }) {
    const answer = useAnswer<GetV1ModelsQuestion>(`/v1/models/${encode(name)}`);
    return (
        <Shown answer={answer}>
            {(model) => {
                const evidence = (model.evidence ?? {}) as Evidence,
                    { question } = evidence;
                return (
                    <>
                        <Head
                            title={model.asks ? sentence(model.asks) : model.question}
                            name={model.question}
                            back={[to("models"), "All questions"]}
                            lead="What it says of customers, how well it did on those it had not seen, and whether it still holds. A score says what is likely, not whom a message would change."
                        />
                        <Figures
                            items={[
                                {
                                    label: "In use",
                                    number: (model.chosen as { name?: string } | null)?.name ?? "–",
                                    meaning: model.is_live ? "scores move with each event" : "not live",
                                },
                                isDated(model.trained_ms)
                                    ? { label: "Learned up to", number: formatDay(model.trained_ms) }
                                    : { label: "Learned from", number: "a table", meaning: "which knows no days" },
                                question?.judged !== undefined && {
                                    label: "Judged on",
                                    number: formatCount(question.judged),
                                    meaning: "customers it had not seen",
                                },
                                question?.base_rate !== undefined && {
                                    label: isOfAmounts(evidence) ? "Came on average" : "Came true for",
                                    number: saidWords(isOfAmounts(evidence), "")(question.base_rate),
                                    meaning: isOfAmounts(evidence) ? "from each of them" : "of them",
                                },
                            ]}
                        />
                        <Spread model={model} />
                        <Leaderboard evidence={evidence} />
                        <Calibration evidence={evidence} />
                        <Lift evidence={evidence} />
                        <Drivers evidence={evidence} />
                        <Versions question={model.question} />
                        <DriftPart question={model.question} />
                        <FairnessPart question={model.question} />
                        <CardPart question={model.question} />
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
                                None is trained yet. A model learns from what customers did:{" "}
                                <a href={to("data")}>bring in a file</a> or send events, and churn is asked by
                                itself.
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
                                        title: "Learned up to",
                                        cell: (one) => (isDated(one.trained_ms) ? formatDay(one.trained_ms) : "–"),
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
