/* journey.tsx - one journey: its graph with who is where, its outline and its text, which are one document; its versions;
 * and starting and stopping it. */
import { useMemo, useState } from "preact/hooks";
import { formatCount, formatDecimal, formatShare, MINUS } from "../../page/format.ts";
import { sentence } from "../../page/prose.ts";
import type { GetV1JourneysName, PostV1JourneysSimulate } from "../answers.ts";
import { ask, encode } from "../ask.ts";
import { tell } from "../notice.tsx";
import { Facts, Figures, Part, Tag } from "../../part/block.tsx";
import { Age, Empty, Head, Shown, Trouble } from "../part/basic.tsx";
import { Compared } from "../part/compared.tsx";
import { Choice, Dialog, Sure } from "../part/form.tsx";
import { JourneyBuilder } from "../part/journey_builder.tsx";
import { drawnOf, JourneyGraph, Outline, outcomeWords, placeWords } from "../part/journey_graph.tsx";
import { Simulated } from "../part/journey_try.tsx";
import { Notes } from "../part/notes.tsx";
import { Table } from "../../part/table.tsx";
import { look, to } from "../place.ts";
import { useMay, usePerson } from "../session.ts";
import { isRefusal, useAnswer, useDoing } from "../use_answer.ts";
import type { ViewProps } from "../views.ts";

type Journey = GetV1JourneysName;

const blank = (name: string): string =>
    `journey: ${name}\ntrigger: {event: signup}\nsteps:\n  - {id: a_day, delay: 1d}\n  - {id: call, task: "Call {{ customer.id }}"}\n`;

/* What is approved is what may be expected: it is simulated first, and the number that it may reach is typed. */
function Approve({ one, again, close }: { one: Journey; again: () => void; close: () => void }) {
    const [told, set] = useState<PostV1JourneysSimulate | null>(null),
        doing = useDoing(),
        yaml = one.versions[0]?.yaml ?? "";
    if (!told && !doing.isDoing && !doing.error)
        doing.run(async () =>
            set(await ask<PostV1JourneysSimulate>("POST", "/v1/journeys/simulate", { yaml, days: 30 })),
        );
    if (!told)
        return (
            <Dialog title={`Approve ${one.journey}`} close={close}>
                <p role="status">{doing.error ? "" : "It is simulated on the last 30 days."}</p>
                <Trouble error={doing.error} again={doing.clear} />
            </Dialog>
        );
    return (
        <Sure
            title={`Approve ${one.journey}, version ${one.version}`}
            typed={String(told.busiest_day)}
            button="Approve"
            close={close}
            words={
                <>
                    <Simulated told={told} />
                    From now on it reaches people. On its busiest day{" "}
                    <strong>{formatCount(told.busiest_day)}</strong> would have entered; if many more do, the rest
                    wait for another approval.
                </>
            }
            work={async () => {
                await ask("POST", `/v1/journeys/${encode(one.journey)}/approve`);
                tell(`${one.journey} is approved`);
                again();
            }}
        />
    );
}

function State({ one, again }: { one: Journey; again: () => void }) {
    const may = useMay(),
        person = usePerson(),
        doing = useDoing(),
        [isApproving, approve] = useState(false),
        newest = one.versions[0];
    const change = (verb: string, words: string, back?: string): void =>
        doing.run(async () => {
            await ask("POST", `/v1/journeys/${encode(one.journey)}/${verb}`);
            tell(
                words,
                back
                    ? async () => {
                          await ask("POST", `/v1/journeys/${encode(one.journey)}/${back}`);
                          again();
                      }
                    : undefined,
            );
            again();
        });
    const waits = newest && newest.approved_by === "" && one.state === "draft";
    return (
        <>
            <Tag kind={one.state === "active" ? "chosen" : "is-alert"}>{one.state}</Tag>
            {waits &&
                (newest.written_by === person.name || !may("POST /v1/journeys/{name}/approve") ? (
                    <span class="note">another must approve it</span>
                ) : (
                    <button type="button" class="button primary" onClick={() => approve(true)}>
                        Approve
                    </button>
                ))}
            {may("POST /v1/journeys/{name}/pause") &&
                (one.state === "paused" ? (
                    <button
                        type="button"
                        class="button"
                        onClick={() => change("resume", `${one.journey} goes on`, "pause")}
                    >
                        Resume
                    </button>
                ) : (
                    <button
                        type="button"
                        class="button"
                        onClick={() =>
                            change("pause", `${one.journey} is paused: nobody enters, nothing is sent`, "resume")
                        }
                    >
                        Pause
                    </button>
                ))}
            {may("POST /v1/stop") && (
                <button
                    type="button"
                    class="button danger"
                    onClick={() =>
                        doing.run(async () => {
                            const scope = `journey:${one.journey}`;
                            await ask("POST", "/v1/stop", { scope });
                            tell(`Nothing of ${one.journey} is sent`, async () => {
                                await ask("DELETE", "/v1/stop", { scope });
                            });
                        })
                    }
                >
                    Stop its messages
                </button>
            )}
            <Trouble error={doing.error} />
            {isApproving && <Approve one={one} again={again} close={() => approve(false)} />}
        </>
    );
}

/* Whose graph is looked at: the newest's, or an older one that some may still be inside of. */
function ShownVersion({ one }: { one: Journey }) {
    if (one.versions.length < 2) return null;
    return (
        <Choice
            label="Version"
            value={String(one.shown)}
            set={(version) => look({ version: Number(version) === one.version ? null : version })}
            options={one.versions.map((each) => [
                String(each.version),
                `${each.version}${each.version === one.version ? ", the newest" : ""}: ${formatCount(each.inside)} inside`,
            ])}
        />
    );
}

function Walk({ one }: { one: Journey }) {
    const [id, choose] = useState<string | null>(null),
        drawn = useMemo(() => drawnOf(one), [one]),
        step = one.steps.find((each) => each.id === id);
    return (
        <>
            <ShownVersion one={one} />
            <JourneyGraph name={one.journey} {...drawn} chosen={id} choose={choose} />
            {step && (
                <div class="callout">
                    <strong>
                        {step.id}: {step.words}
                    </strong>
                    <Facts
                        rows={[
                            ["Here now", placeWords(step)],
                            step.since_ms !== null && ["The first of them since", <Age at_ms={step.since_ms} />],
                            ["So far", outcomeWords(step) || "nobody came to it"],
                            ["In the text", `line ${step.line}`],
                        ]}
                    />
                    {step.held > 0 && (
                        <p>
                            <a href={to("messages", null, { journey: one.journey })}>Why messages are held</a>
                        </p>
                    )}
                </div>
            )}
            <details class="as-table">
                <summary>Show as outline</summary>
                <Outline graph={one} choose={choose} />
            </details>
        </>
    );
}

function Versions({ one }: { one: Journey }) {
    return (
        <Part title="Versions" lead="Who is inside finishes on theirs, unless the text says edit: move.">
            <Table
                caption="Versions of the journey"
                noun="version"
                csv="versions"
                id={(row) => row.version}
                rows={one.versions}
                columns={[
                    { title: "Version", kind: "number", cell: (row) => row.version, value: (row) => row.version },
                    {
                        title: "Written",
                        cell: (row) => (
                            <>
                                {row.written_by}, <Age at_ms={row.made_ms} />
                            </>
                        ),
                        value: (row) => row.written_by,
                    },
                    {
                        title: "Approved by",
                        cell: (row) => row.approved_by || "–",
                        value: (row) => row.approved_by,
                    },
                    {
                        title: "Entered",
                        kind: "number",
                        cell: (row) => formatCount(row.entered),
                        value: (row) => row.entered,
                    },
                    {
                        title: "Inside",
                        kind: "number",
                        cell: (row) => formatCount(row.inside),
                        value: (row) => row.inside,
                    },
                    {
                        title: "Met the goal",
                        kind: "number",
                        cell: (row) =>
                            row.entered
                                ? `${formatCount(row.goal)} (${formatShare(row.goal / row.entered)})`
                                : "–",
                        value: (row) => row.goal,
                    },
                    {
                        title: "More than the control group",
                        cell: (row) =>
                            row.lift?.difference
                                ? `${pointsOf(row.lift.difference.value)} (${liftWords(row.lift)})`
                                : row.lift
                                  ? sentence(row.lift.refused ?? "")
                                  : "There is no control group.",
                        value: (row) => row.lift?.difference?.value,
                    },
                    {
                        title: "Changed",
                        cell: (row) => {
                            const before = one.versions.find((other) => other.version === row.version - 1);
                            return before ? (
                                <details>
                                    <summary>Compare with {before.version}</summary>
                                    <Compared before={before.yaml} after={row.yaml} />
                                </details>
                            ) : (
                                "the first"
                            );
                        },
                    },
                    {
                        title: "Text",
                        cell: (row) => (
                            <details>
                                <summary>Show</summary>
                                <pre class="command" tabIndex={0} aria-label={`Version ${row.version}`}>
                                    <code>{row.yaml}</code>
                                </pre>
                            </details>
                        ),
                    },
                ]}
            />
        </Part>
    );
}

/* +3.1 points */
const pointsOf = (share: number | null | undefined): string =>
    share == null ? "–" : `${share < 0 ? MINUS : "+"}${formatDecimal(Math.abs(share) * 100, 1)} points`;

/* Of two shares, with how many they are of. */
const liftWords = (lift: NonNullable<Journey["versions"][number]["lift"]>): string =>
    lift.difference
        ? `${pointsOf(lift.difference.low)} to ${pointsOf(lift.difference.high)}: ${formatCount(lift.treated_goal ?? 0)} of ${formatCount(lift.treated ?? 0)} met the goal, and ${formatCount(lift.control_goal ?? 0)} of ${formatCount(lift.control ?? 0)} who are sent nothing, here or anywhere`
        : "";

export default function JourneyPage({ argument: name, asked }: ViewProps) {
    const isText = asked.get("view") === "text",
        version = isText ? null : asked.get("version"),
        answer = useAnswer<Journey>(
            `/v1/journeys/${encode(name)}${version ? `?version=${encode(version)}` : ""}`,
            isText ? 0 : 10_000,
        ),
        may = useMay();
    if (isRefusal(answer.error, 404))
        return (
            <>
                <Head title={name} back={[to("journeys"), "All journeys"]} lead="It is not saved yet." />
                {may("PUT /v1/journeys/{name}") ? (
                    <JourneyBuilder
                        name={name}
                        saved={blank(name)}
                        version={0}
                        places={null}
                        again={() => {
                            look({ view: null });
                            answer.again();
                        }}
                    />
                ) : (
                    <Empty>There is no journey of this name.</Empty>
                )}
            </>
        );
    return (
        <Shown answer={answer}>
            {(one) => {
                const inside = one.steps.reduce((sum, step) => sum + step.inside, 0),
                    late = one.steps.reduce((sum, step) => sum + step.late, 0),
                    newest = one.versions[0],
                    shown = one.versions.find((each) => each.version === one.shown) ?? newest;
                return (
                    <>
                        <Head
                            title={name}
                            back={[to("journeys"), "All journeys"]}
                            actions={<State one={one} again={answer.again} />}
                            lead={
                                <>
                                    Begins: {one.trigger}
                                    {one.filter ? (
                                        <>
                                            , of whom <code>{one.filter}</code>
                                        </>
                                    ) : (
                                        ""
                                    )}
                                    .{" "}
                                    {one.goal
                                        ? `Its goal: ${one.goal}.`
                                        : "It has no goal: say one, and how many met it is counted."}
                                </>
                            }
                        />
                        <Figures
                            items={[
                                {
                                    label: "Inside now",
                                    number: formatCount(inside),
                                    meaning: `version ${one.shown}${late > 0 ? `; ${formatCount(late)} of them stuck` : ""}`,
                                    tone: late > 0 ? "bad" : undefined,
                                },
                                {
                                    label: "Held",
                                    number: formatCount(one.steps.reduce((sum, step) => sum + step.held, 0)),
                                    meaning: "by a rule of contact",
                                    href: to("messages", null, { journey: name }),
                                },
                                {
                                    label: "Entered",
                                    number: formatCount(shown?.entered ?? 0),
                                    meaning: "this version",
                                },
                                {
                                    label: "Met the goal",
                                    number: shown?.entered ? formatShare(shown.goal / shown.entered) : "–",
                                    meaning: "of who entered; no proof that the journey did it",
                                },
                                ...(shown?.lift?.difference
                                    ? [
                                          {
                                              label: "More than the control group",
                                              number: pointsOf(shown.lift.difference.value),
                                              meaning: liftWords(shown.lift),
                                          },
                                      ]
                                    : []),
                            ]}
                        />
                        <div class="tabs" role="group" aria-label="Views of the journey">
                            <button
                                type="button"
                                class="button"
                                aria-pressed={!isText}
                                onClick={() => look({ view: null })}
                            >
                                Who is where
                            </button>
                            <button
                                type="button"
                                class="button"
                                aria-pressed={isText}
                                onClick={() => look({ view: "text" })}
                            >
                                {may("PUT /v1/journeys/{name}") ? "Build" : "Text"}
                            </button>
                        </div>
                        {isText ? (
                            <JourneyBuilder
                                key={one.version}
                                name={name}
                                saved={newest?.yaml ?? ""}
                                version={one.version}
                                places={one}
                                again={answer.again}
                            />
                        ) : (
                            <Walk one={one} />
                        )}
                        <Versions one={one} />
                        <Notes about="journey" subject={name} />
                    </>
                );
            }}
        </Shown>
    );
}
