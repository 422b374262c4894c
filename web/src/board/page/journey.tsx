/* journey.tsx - one journey: its graph with who is where, its outline and its text, which are one document; its versions;
 * and starting and stopping it. */
import { useEffect, useRef, useState } from "preact/hooks";
import { formatCount, formatShare, plural } from "../../page/format.ts";
import { sentence } from "../../page/prose.ts";
import type { GetV1JourneysName, PostV1JourneysCheck } from "../answers.ts";
import { ask, encode, Refusal } from "../ask.ts";
import { tell } from "../notice.tsx";
import { Age, Empty, Facts, Figures, Head, Part, Shown, Tag, Trouble } from "../part/basic.tsx";
import { JourneyGraph, Outline, outcomeWords, type Graph } from "../part/journey_graph.tsx";
import { Notes } from "../part/notes.tsx";
import { StepAdder } from "../part/journey_steps.tsx";
import { Table } from "../part/table.tsx";
import { look, to } from "../place.ts";
import { useMay, usePerson } from "../session.ts";
import { isRefusal, useAnswer, useDoing, useDraft, useStill } from "../use_answer.ts";
import type { ViewProps } from "../views.ts";

type Journey = GetV1JourneysName;

const blank = (name: string): string =>
    `journey: ${name}\ntrigger: {event: signup}\nsteps:\n  - {id: a_day, delay: 1d}\n  - {id: call, task: "Call {{ customer.id }}"}\n`;

/* What the text is, asked once typing rests. */
function useCheck(yaml: string): { check: PostV1JourneysCheck | null; graph: Graph | null } {
    const still = useStill(yaml, 300),
        [check, set] = useState<PostV1JourneysCheck | null>(null),
        last = useRef<Graph | null>(null);
    useEffect(() => {
        const ending = new AbortController();
        ask<PostV1JourneysCheck>("POST", "/v1/journeys/check", { yaml: still }, ending.signal).then(set, () => {
            /* the page says so where it saves */
        });
        return () => ending.abort();
    }, [still]);
    if (check?.is_good && check.graph) last.current = check.graph as unknown as Graph;
    return { check, graph: last.current };
}

function State({ one, again }: { one: Journey; again: () => void }) {
    const may = useMay(),
        person = usePerson(),
        doing = useDoing(),
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
                may("POST /v1/journeys/{name}/approve") &&
                (newest.written_by.endsWith(person.name) ? (
                    <span class="note">another must approve it</span>
                ) : (
                    <button
                        type="button"
                        class="button primary"
                        onClick={() => change("approve", `${one.journey} is approved`)}
                    >
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
        </>
    );
}

function Editor({
    name,
    saved,
    version,
    again,
}: {
    name: string;
    saved: string;
    version: number;
    again: () => void;
}) {
    const [text, set, drop] = useDraft(`journey-${name}`, saved),
        { check, graph } = useCheck(text),
        doing = useDoing(),
        box = useRef<HTMLTextAreaElement>(null);
    const past = useRef<string[]>([]),
        future = useRef<string[]>([]),
        may = useMay(),
        [step, choose] = useState<string | null>(null);
    const write = (next: string): void => {
        if (past.current.at(-1) !== text) past.current.push(text);
        future.current = [];
        set(next);
    };
    const turn = (from: string[], into: string[]): void => {
        const next = from.pop();
        if (next === undefined) return;
        into.push(text);
        set(next);
    };
    const show = (id: string): void => {
        choose(id);
        const line = graph?.steps.find((one) => one.id === id)?.line ?? 1,
            at =
                text
                    .split("\n")
                    .slice(0, line - 1)
                    .join("\n").length + (line > 1 ? 1 : 0);
        box.current?.focus({ preventScroll: true });
        box.current?.setSelectionRange(at, text.indexOf("\n", at) < 0 ? text.length : text.indexOf("\n", at));
    };
    const wrongLine = check && !check.is_good ? check.line : 0,
        isSame = text === saved;
    return (
        <>
            {graph && <JourneyGraph graph={graph} chosen={step} choose={show} />}
            <div class="editor">
                <div class="editor-lines" aria-hidden="true">
                    {text.split("\n").map((_, i) => (
                        <span key={i} class={i + 1 === wrongLine ? "is-wrong" : undefined}>
                            {i + 1}
                        </span>
                    ))}
                </div>
                <textarea
                    ref={box}
                    aria-label="The journey's text"
                    spellcheck={false}
                    wrap="off"
                    rows={Math.max(12, text.split("\n").length)}
                    value={text}
                    aria-invalid={wrongLine > 0 ? true : undefined}
                    readOnly={!may("PUT /v1/journeys/{name}")}
                    onInput={(event) => write(event.currentTarget.value)}
                />
            </div>
            <p class={check && !check.is_good ? "field-error" : "note"} role="status">
                {!check
                    ? "Looking"
                    : check.is_good
                      ? `This is a journey of ${plural(check.graph ? (check.graph as unknown as Graph).steps.length : 0, "step")}.`
                      : `${check.line > 0 ? `Line ${check.line}: ` : ""}${sentence(check.problem)}`}
            </p>
            {may("PUT /v1/journeys/{name}") && (
                <>
                    <StepAdder text={text} graph={graph} set={write} />
                    <p class="actions">
                        <button
                            type="button"
                            class="button primary"
                            disabled={doing.isDoing || isSame || !check?.is_good}
                            onClick={() =>
                                doing.run(async () => {
                                    const newest = await ask<Journey>("GET", `/v1/journeys/${encode(name)}`).catch(
                                        (error: unknown) => {
                                            if (error instanceof Refusal && error.status === 404) return null;
                                            throw error;
                                        },
                                    );
                                    if (newest && newest.version !== version)
                                        throw new Refusal(
                                            409,
                                            "refused",
                                            `${newest.versions[0]?.written_by ?? "somebody"} wrote version ${newest.version} meanwhile: open it in another tab and bring the two together; yours is kept here`,
                                            null,
                                        );
                                    const done = await ask<{ version: number; inside: number; moved: number }>(
                                        "PUT",
                                        `/v1/journeys/${encode(name)}`,
                                        { yaml: text },
                                    );
                                    drop();
                                    tell(
                                        `Version ${done.version} of ${name}: ${done.inside} inside, ${done.moved} of them go on in it`,
                                    );
                                    again();
                                })
                            }
                        >
                            Save a version
                        </button>
                        <button
                            type="button"
                            class="button"
                            disabled={past.current.length === 0}
                            onClick={() => turn(past.current, future.current)}
                        >
                            Undo
                        </button>
                        <button
                            type="button"
                            class="button"
                            disabled={future.current.length === 0}
                            onClick={() => turn(future.current, past.current)}
                        >
                            Redo
                        </button>
                        {!isSame && (
                            <button
                                type="button"
                                class="button"
                                onClick={() => {
                                    write(saved);
                                    drop();
                                }}
                            >
                                Back to what is saved
                            </button>
                        )}
                        <span class="note">{isSame ? "" : "Not saved yet: kept in this browser."}</span>
                    </p>
                    <Trouble error={doing.error} />
                </>
            )}
        </>
    );
}

function Walk({ one }: { one: Journey }) {
    const [id, choose] = useState<string | null>(null),
        step = one.steps.find((each) => each.id === id);
    return (
        <>
            <JourneyGraph graph={one} chosen={id} choose={choose} />
            {step && (
                <div class="callout">
                    <strong>
                        {step.id}: {step.words}
                    </strong>
                    <Facts
                        rows={[
                            [
                                "Here now",
                                `${formatCount(step.inside)}${step.held ? `, ${formatCount(step.held)} held by a rule` : ""}`,
                            ],
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

export default function JourneyPage({ argument: name, asked }: ViewProps) {
    const answer = useAnswer<Journey>(`/v1/journeys/${encode(name)}`),
        may = useMay(),
        isText = asked.get("view") === "text";
    if (isRefusal(answer.error, 404))
        return (
            <>
                <Head title={name} back={[to("journeys"), "All journeys"]} lead="It is not saved yet." />
                {may("PUT /v1/journeys/{name}") ? (
                    <Editor
                        name={name}
                        saved={blank(name)}
                        version={0}
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
                    newest = one.versions[0];
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
                                    meaning: `version ${one.version}`,
                                },
                                {
                                    label: "Held",
                                    number: formatCount(one.steps.reduce((sum, step) => sum + step.held, 0)),
                                    meaning: "by a rule of contact",
                                    href: to("messages", null, { journey: name }),
                                },
                                {
                                    label: "Entered",
                                    number: formatCount(newest?.entered ?? 0),
                                    meaning: "this version",
                                },
                                {
                                    label: "Met the goal",
                                    number: newest?.entered ? formatShare(newest.goal / newest.entered) : "–",
                                    meaning: "of who entered; no proof that the journey did it",
                                },
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
                            <Editor
                                key={one.version}
                                name={name}
                                saved={newest?.yaml ?? ""}
                                version={one.version}
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
