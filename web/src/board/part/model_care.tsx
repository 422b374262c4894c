/* model_care.tsx - looking after a model: its versions and which is in force, how it has drifted, whom it treats how, and
 * its card. What takes long is reckoned by the server meanwhile, and asked for again. */
import type { ComponentChildren as Children } from "preact";
import { useEffect, useState } from "preact/hooks";
import { formatCount, formatDecimal, formatQuantity, formatShare, plural } from "../../page/format.ts";
import { sentence } from "../../page/prose.ts";
import type {
    GetV1ModelsQuestionCard,
    GetV1ModelsQuestionChallenge,
    GetV1ModelsQuestionVersions,
    PostV1ModelsQuestionPromote,
} from "../answers.ts";
import { ask, encode } from "../ask.ts";
import { tell } from "../notice.tsx";
import { look, usePlace } from "../place.ts";
import { useMay } from "../session.ts";
import { useAnswer, useDoing } from "../use_answer.ts";
import { Facts, Part, Tag } from "../../part/block.tsx";
import { Age, Shown, Trouble } from "./basic.tsx";
import { Button } from "./button.tsx";
import { Field, Reasoned } from "./form.tsx";
import { estimate, type Estimate } from "./model_evidence.tsx";
import { BarCell, Whisker } from "../../part/plot.tsx";
import { Table } from "../../part/table.tsx";

/* An answer that the server reckons meanwhile: asked for again every two seconds until it is there. */
function Wanted<T>({ path, children }: { path: string; children: (answer: T) => Children }) {
    const isOver = (told: GetV1ModelsQuestionCard | null): boolean => told?.state === "done" || told?.state === "failed",
        answer = useAnswer<GetV1ModelsQuestionCard>(path, (told) => (isOver(told) ? 0 : 2000));
    return (
        <Shown answer={answer}>
            {(told) =>
                told.state === "failed" ? (
                    <p class="callout is-empty">{sentence(told.problem ?? "")}</p>
                ) : told.answer ? (
                    <>
                        {children(told.answer as T)}
                        <p class="note">
                            Reckoned <Age at_ms={told.at_ms} />.
                        </p>
                    </>
                ) : (
                    <p class="note" role="status">
                        The server reckons it: this takes from a second to some minutes.
                    </p>
                )
            }
        </Shown>
    );
}

/* ---- versions ---- */

type Version = GetV1ModelsQuestionVersions["versions"][number];

function Moving({
    question,
    version,
    close,
    again,
}: {
    question: string;
    version: Version | null;
    close: () => void;
    again: () => void;
}) {
    const action = version ? "promote" : "rollback";
    return (
        <Reasoned
            title={version ? `Put version ${version.version} in force` : "Roll back"}
            words="Scores, segments and journeys follow it from now on. What was decided before stays as it was."
            button={version ? "Put it in force" : "Roll back"}
            work={async (reason) => {
                const moved = await ask<PostV1ModelsQuestionPromote>(
                    "POST",
                    `/v1/models/${encode(question)}/${action}`,
                    version ? { version: version.version, reason } : { reason },
                );
                tell(sentence(moved.sentence));
                again();
            }}
            close={close}
        />
    );
}

/* A challenger in training: asked for until it is over, and then the versions again. */
function Challenge({ question, again }: { question: string; again: () => void }) {
    const [isRunning, set] = useState(true),
        answer = useAnswer<GetV1ModelsQuestionChallenge>(
            `/v1/models/${encode(question)}/challenge`,
            isRunning ? 2000 : 0,
        ),
        doing = useDoing(),
        training = answer.data?.training,
        isBusy = training?.state === "waiting" || training?.state === "running";
    useEffect(() => {
        if (!answer.data) return;
        set(isBusy);
        again();
    }, [answer.data !== null, training?.state]);
    return (
        <>
            {isBusy && (
                <p class="note" role="status">
                    A challenger is being trained since <Age at_ms={training?.asked_ms} />: it will stand above, beside
                    the model in force.
                </p>
            )}
            {training?.state === "failed" && (
                <p class="callout is-empty">No challenger: {sentence(training.problem ?? "")}</p>
            )}
            <Trouble error={doing.error} />
            <p class="actions">
                <Button
                    type="button"
                    class="button"
                    isOff={isBusy || doing.isDoing}
                    onClick={() =>
                        doing.run(async () => {
                            await ask("POST", `/v1/models/${encode(question)}/challenge`);
                            tell("A challenger is being trained; the model in force stays");
                            answer.again();
                            set(true);
                        })
                    }
                >
                    Train a challenger
                </Button>
            </p>
        </>
    );
}

interface Compared {
    sentence: string;
    verdict: string;
    n: number;
    champion: { version: number; unseen: boolean; auc: Estimate };
    challenger: { version: number; unseen: boolean; auc: Estimate };
    difference: Estimate;
}

/* The one in force and another, of the same people. */
function Comparison({ question, version }: { question: string; version: number }) {
    return (
        <Wanted<Compared> path={`/v1/models/${encode(question)}/compare?version=${version}`}>
            {(told) => (
                <>
                    <p class="lead">{sentence(told.sentence)}</p>
                    <Facts
                        rows={[
                            [`In force, version ${told.champion.version}`, `AUC ${estimate(told.champion.auc)}`],
                            [`Version ${told.challenger.version}`, `AUC ${estimate(told.challenger.auc)}`],
                            ["Difference, of the same people", estimate(told.difference)],
                            ["Judged on", plural(told.n, "customer")],
                        ]}
                    />
                </>
            )}
        </Wanted>
    );
}

export function Versions({ question }: { question: string }) {
    const answer = useAnswer<GetV1ModelsQuestionVersions>(`/v1/models/${encode(question)}/versions`),
        [moving, set] = useState<Version | "back" | null>(null),
        compared = Number(usePlace().asked.get("compare") ?? 0),
        may = useMay();
    const canMove = may("POST /v1/models/{question}/promote"),
        rows = answer.data?.versions ?? [];
    return (
        <Part
            title="Versions"
            lead="Each training makes one, which is in force from then on; a challenger waits beside it. Compare it with the one in force, then put it there, with a reason that is written down."
            actions={
                canMove && rows.length > 1 ? (
                    <button type="button" class="button" onClick={() => set("back")}>
                        Roll back
                    </button>
                ) : null
            }
        >
            <Shown answer={answer}>
                {(told) => (
                    <Table
                        caption="Versions of the model"
                        noun="version"
                        csv="model-versions"
                        id={(row) => row.version}
                        rows={told.versions}
                        columns={[
                            {
                                title: "Version",
                                kind: "name",
                                cell: (row) => (
                                    <>
                                        {row.version}
                                        {row.in_force && <Tag kind="chosen">in force</Tag>}
                                        {row.shadow && <Tag>challenger</Tag>}
                                        {row.overdue && <Tag kind="is-alert">review overdue</Tag>}
                                    </>
                                ),
                                value: (row) => row.version,
                            },
                            { title: "Learner", cell: (row) => row.learner, value: (row) => row.learner },
                            {
                                title: "AUC",
                                kind: "number",
                                cell: (row) => formatDecimal(row.auc),
                                value: (row) => row.auc,
                            },
                            {
                                title: "Learned up to",
                                cell: (row) => row.trained_until ?? "–",
                                value: (row) => row.trained_until,
                            },
                            { title: "Review", cell: (row) => row.review ?? "–", value: (row) => row.review },
                            {
                                title: "Instead",
                                cell: (row) =>
                                    row.in_force ? null : (
                                        <span class="row-actions">
                                            <button
                                                type="button"
                                                class="button"
                                                aria-pressed={compared === row.version}
                                                onClick={() =>
                                                    look({ compare: compared === row.version ? null : row.version })
                                                }
                                            >
                                                Compare
                                            </button>
                                            {canMove && (
                                                <button type="button" class="button" onClick={() => set(row)}>
                                                    Put in force
                                                </button>
                                            )}
                                        </span>
                                    ),
                            },
                        ]}
                    />
                )}
            </Shown>
            {compared > 0 && <Comparison key={compared} question={question} version={compared} />}
            {may("POST /v1/models/{question}/challenge") && <Challenge question={question} again={answer.again} />}
            {moving && (
                <Moving
                    question={question}
                    version={moving === "back" ? null : moving}
                    close={() => set(null)}
                    again={() => {
                        look({ compare: null }, false); /* it was with the one that was in force */
                        answer.again();
                    }}
                />
            )}
        </Part>
    );
}

/* ---- drift ---- */

interface DriftTold {
    columns: { column: string; psi: number | null; drifted: boolean; missing: { before: number; now: number } }[];
    drifted: number;
    sentence: string;
    accuracy?: Record<"then" | "now", { as_of: string; n: number; auc?: Estimate } | null> | null;
}

export function DriftPart({ question }: { question: string }) {
    return (
        <Part
            title="Drift"
            lead="How far what it sees, says and is asked about has moved since it learned. From a stability index of 0.2 on find out what changed, and train again once it can learn from newer days."
        >
            <Wanted<DriftTold> path={`/v1/models/${encode(question)}/drift`}>
                {(told) => {
                    const rows = [...told.columns].sort((a, b) => (b.psi ?? 0) - (a.psi ?? 0)),
                        most = Math.max(0.2, ...rows.map((row) => row.psi ?? 0));
                    return (
                        <>
                            <p class="lead">{sentence(told.sentence)}</p>
                            <Facts
                                rows={(["then", "now"] as const).map((when) => {
                                    const one = told.accuracy?.[when];
                                    return one
                                        ? [
                                              when === "then" ? "It ranked with an AUC of" : "It ranks now with",
                                              `${estimate(one.auc)}, by ${plural(one.n, "customer")} asked on ${one.as_of}`,
                                          ]
                                        : null;
                                })}
                            />
                            <Table
                                caption="Features by how far they moved"
                                noun="feature"
                                csv="drift"
                                step={8}
                                id={(row) => row.column}
                                rows={rows}
                                columns={[
                                    {
                                        title: "Feature",
                                        kind: "name",
                                        cell: (row) => (
                                            <>
                                                <code>{row.column}</code>
                                                {row.drifted && <Tag kind="is-alert">moved</Tag>}
                                            </>
                                        ),
                                        value: (row) => row.column,
                                    },
                                    {
                                        title: "Stability index",
                                        kind: "number",
                                        cell: (row) => (
                                            <BarCell
                                                words={formatDecimal(row.psi)}
                                                share={(row.psi ?? 0) / most}
                                            />
                                        ),
                                        value: (row) => row.psi,
                                    },
                                    {
                                        title: "Not known then",
                                        kind: "number",
                                        cell: (row) => formatShare(row.missing.before),
                                        value: (row) => row.missing.before,
                                    },
                                    {
                                        title: "Not known now",
                                        kind: "number",
                                        cell: (row) => formatShare(row.missing.now),
                                        value: (row) => row.missing.now,
                                    },
                                ]}
                            />
                        </>
                    );
                }}
            </Wanted>
        </Part>
    );
}

/* ---- fairness ---- */

interface Fair {
    groups: { group: string; n: number; selection_rate: Estimate; tpr: Estimate; fpr: Estimate }[];
    demographic_parity: { difference: number; low: number; high: number };
    four_fifths: { ratio: number; holds: boolean };
    warnings: string[];
    note?: string | null;
}

export function FairnessPart({ question }: { question: string }) {
    const [text, set] = useState(""),
        [group, choose] = useState("");
    return (
        <Part title="Fairness" lead="Whether groups of customers are picked, and missed, alike.">
            <form
                class="maker"
                onSubmit={(event) => {
                    event.preventDefault();
                    choose(text.trim());
                }}
            >
                <Field
                    label="Trait whose groups are compared"
                    name="fair-group"
                    value={text}
                    set={set}
                    note="As channel or country."
                    isRequired
                />
                <p class="actions">
                    <button type="submit" class="button">
                        Compare
                    </button>
                </p>
            </form>
            {group && (
                <Wanted<Fair> key={group} path={`/v1/models/${encode(question)}/fairness?group=${encode(group)}`}>
                    {(told) => (
                        <>
                            <p class="lead">
                                Shares picked differ by {formatDecimal(told.demographic_parity.difference)} (
                                {formatDecimal(told.demographic_parity.low)} to{" "}
                                {formatDecimal(told.demographic_parity.high)}); the rule of four fifths{" "}
                                {told.four_fifths.holds ? "holds" : "is broken"}.
                            </p>
                            <Table
                                caption="Groups compared"
                                noun="group"
                                csv="fairness"
                                id={(row) => row.group}
                                rows={told.groups}
                                columns={[
                                    {
                                        title: "Group",
                                        kind: "name",
                                        cell: (row) => row.group,
                                        value: (row) => row.group,
                                    },
                                    {
                                        title: "People",
                                        kind: "number",
                                        cell: (row) => formatCount(row.n),
                                        value: (row) => row.n,
                                    },
                                    {
                                        title: "Picked",
                                        kind: "number",
                                        cell: (row) => estimate(row.selection_rate),
                                        value: (row) => row.selection_rate?.value,
                                    },
                                    {
                                        title: "Interval",
                                        cell: (row) =>
                                            typeof row.selection_rate?.value === "number" ? (
                                                <Whisker
                                                    value={row.selection_rate.value}
                                                    low={row.selection_rate.low}
                                                    high={row.selection_rate.high}
                                                    from={0}
                                                    to={1}
                                                />
                                            ) : null,
                                    },
                                    {
                                        title: "Of those for whom it came true",
                                        kind: "number",
                                        cell: (row) => estimate(row.tpr),
                                        value: (row) => row.tpr?.value,
                                    },
                                    {
                                        title: "Of the others",
                                        kind: "number",
                                        cell: (row) => estimate(row.fpr),
                                        value: (row) => row.fpr?.value,
                                    },
                                ]}
                            />
                            {told.note && <p class="note">{sentence(told.note)}</p>}
                            {told.warnings.slice(0, 6).map((one) => (
                                <p class="note" key={one}>
                                    {sentence(one)}
                                </p>
                            ))}
                        </>
                    )}
                </Wanted>
            )}
        </Part>
    );
}

/* ---- the card ---- */

interface Card {
    version: number;
    data: { until: string | null; features: number; events: number };
    why: string;
    who_is_asked: string;
    intended_use: string;
    owner: string | null;
    review: string;
    overdue: boolean;
    limits: string[];
    by_group: { trait: string; groups: { group: string; n: number; auc: number | null }[] }[];
}

export function CardPart({ question }: { question: string }) {
    return (
        <Part
            title="Model card"
            lead="What it is for, from what it learned, where it ends. Owner and review stand in the settings, under models."
        >
            <Wanted<Card> path={`/v1/models/${encode(question)}/card`}>
                {(card) => (
                    <>
                        <Facts
                            rows={[
                                ["For", sentence(card.intended_use)],
                                ["Asked are", card.who_is_asked],
                                [
                                    "Learned from",
                                    `${plural(card.data.features, "feature")} of ${plural(card.data.events, "event")}${card.data.until ? ` until ${card.data.until}` : ""}`,
                                ],
                                ["Why this question", sentence(card.why)],
                                ["Owner", card.owner ?? "nobody yet"],
                                ["Review", `${card.review}${card.overdue ? ", overdue" : ""}`],
                                ...card.by_group.flatMap(({ trait, groups }) =>
                                    groups.map((one): [string, string] => [
                                        `${trait} ${one.group}`,
                                        `AUC ${formatQuantity(one.auc)}, ${plural(one.n, "customer")}`,
                                    ]),
                                ),
                            ]}
                        />
                        <h3 class="part-title">Limits</h3>
                        <ul class="reasons">
                            {card.limits.map((one) => (
                                <li key={one}>{sentence(one)}</li>
                            ))}
                        </ul>
                    </>
                )}
            </Wanted>
        </Part>
    );
}
