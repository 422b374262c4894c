/* journey_builder.tsx - building a journey: its graph, its outline and its text are three views of one document. */
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { plural } from "../../page/format.ts";
import { sentence } from "../../page/prose.ts";
import type { GetV1JourneysName, PostV1JourneysCheck } from "../answers.ts";
import { ask, encode, Refusal } from "../ask.ts";
import {
    addStep,
    copyStep,
    moveStep,
    nextOf,
    readJourney,
    removeStep,
    waysOf,
    type JourneyText,
    type Spot,
    type StepAt,
} from "../journey_text.ts";
import { isTyping } from "../keys.tsx";
import { tell } from "../notice.tsx";
import { useMay } from "../session.ts";
import { isRefusal, useDoing, useDraft, useStill } from "../use_answer.ts";
import { Trouble } from "./basic.tsx";
import { Button } from "./button.tsx";
import { Compared } from "./compared.tsx";
import { JourneyGraph, type Graph, type GraphStep } from "./journey_graph.tsx";
import { keyOf, keysOf, NewStep, OutlineList, wordsOf, type Outlined } from "./journey_outline.tsx";
import { alongList, useRoving } from "./roving.ts";
import { Preview, Simulation, type Seen } from "./journey_try.tsx";

type Journey = GetV1JourneysName;

/* What the text is, asked once typing rests. */
function useCheck(yaml: string): { check: PostV1JourneysCheck | null; graph: Graph | null; error: unknown } {
    const still = useStill(yaml, 300),
        [state, set] = useState<{ check: PostV1JourneysCheck | null; error: unknown }>({
            check: null,
            error: null,
        }),
        last = useRef<Graph | null>(null);
    useEffect(() => {
        const ending = new AbortController();
        ask<PostV1JourneysCheck>("POST", "/v1/journeys/check", { yaml: still }, ending.signal).then(
            (check) => {
                if (!ending.signal.aborted) set({ check, error: null });
            },
            (error: unknown) => {
                if (!ending.signal.aborted) set((before) => ({ ...before, error }));
            },
        );
        return () => ending.abort();
    }, [still]);
    if (state.check?.is_good && state.check.graph) last.current = state.check.graph as unknown as Graph;
    return { ...state, graph: last.current };
}

/* The innermost step that stands at a line of the text. */
const stepAtLine = (journey: JourneyText, line: number): StepAt | null =>
    journey.steps
        .filter((step) => step.line <= line && line <= step.lastLine)
        .sort((a, b) => a.lastLine - a.line - (b.lastLine - b.line) || b.from - a.from)[0] ?? null;

/* A step's key in a text that has changed: its own, or that of the one which stands in its place where nothing but its id is
 * another; null: it is gone. */
function keyNow(key: string, before: string[], now: string[]): string | null {
    if (now.includes(key)) return key;
    const place = before.indexOf(key),
        isRenamed = before.length === now.length && now.every((one, i) => i === place || one === before[i]);
    return (isRenamed && now[place]) || null;
}

/* ---- the text ---- */

function TextView({
    text,
    write,
    wrongLine,
    mayWrite,
    at,
}: {
    text: string;
    write: (text: string) => void;
    wrongLine: number;
    mayWrite: boolean;
    at: StepAt | null;
}) {
    const box = useRef<HTMLTextAreaElement>(null),
        lines = text.split("\n");
    useLayoutEffect(() => {
        if (at && document.activeElement !== box.current) box.current?.setSelectionRange(at.from, at.until);
    }, [at?.from, at?.until]);
    return (
        <div class="editor">
            <div class="editor-lines" aria-hidden="true">
                {lines.map((_, i) => (
                    <span
                        key={i}
                        class={
                            i + 1 === wrongLine
                                ? "is-wrong"
                                : at && i + 1 >= at.line && i + 1 <= at.lastLine
                                  ? "is-chosen"
                                  : undefined
                        }
                    >
                        {i + 1}
                    </span>
                ))}
            </div>
            <textarea
                ref={box}
                aria-label="The journey's text"
                name="yaml"
                spellcheck={false}
                wrap="off"
                rows={Math.max(12, lines.length)}
                value={text}
                aria-invalid={wrongLine > 0 ? true : undefined}
                readOnly={!mayWrite}
                onInput={(event) => write(event.currentTarget.value)}
            />
        </div>
    );
}

/* ---- undo without end ---- */

const TYPING_MS = 800;

function useHistory(text: string, set: (text: string) => void) {
    const past = useRef<string[]>([]),
        future = useRef<string[]>([]),
        written_ms = useRef(0);
    const turn = (from: string[], into: string[]): void => {
        const next = from.pop();
        if (next === undefined) return;
        into.push(text);
        written_ms.current = 0;
        set(next);
    };
    return {
        write: (next: string, isTyped = false): void => {
            if (next === text) return;
            const now = Date.now();
            if (!isTyped || now - written_ms.current > TYPING_MS) past.current.push(text);
            written_ms.current = isTyped ? now : 0;
            future.current = [];
            set(next);
        },
        undo: () => turn(past.current, future.current),
        redo: () => turn(future.current, past.current),
        canUndo: past.current.length > 0,
        canRedo: future.current.length > 0,
    };
}

/* ---- the whole ---- */

export function JourneyBuilder({
    name,
    saved,
    version,
    places,
    again,
}: {
    name: string;
    saved: string;
    version: number;
    places: Journey | null;
    again: () => void;
}) {
    const [text, set, drop] = useDraft(`journey-${name}`, saved),
        [base, setBase, dropBase] = useDraft(`journey-base-${name}`, String(version));
    const history = useHistory(text, (next) => {
            if (text === saved && sent === null) setBase(String(version));
            set(next);
        }),
        { check, graph, error } = useCheck(text),
        doing = useDoing(),
        may = useMay(),
        rows = useRoving<HTMLDivElement>(".outline-step, .plus", alongList),
        [asked, choose] = useState<string | null>(null),
        [adding, add] = useState<Spot | null>(null),
        [sent, setSent] = useState<string | null>(null) /* what was saved since the page was asked for */,
        [newer, setNewer] = useState<Journey | null>(null),
        [seen, see] = useState<Seen | null>(null),
        wasGood = useRef(false); /* then it can be tried; what is typed there outlasts a text that is wrong for a while */
    if (check?.is_good) wasGood.current = true;
    const journey = useMemo(() => readJourney(text), [text]),
        last = useRef(journey);
    if (!journey.problem) last.current = journey;
    const shown = journey.problem ? last.current : journey,
        mayWrite = may("PUT /v1/journeys/{name}") && !journey.problem,
        isSame = text === (sent ?? saved),
        isBehind = !isSame && Number(base) < version;
    const known = keysOf(shown),
        before = useRef(known),
        chosen = asked === null ? null : keyNow(asked, before.current, known),
        find = (key: string): StepAt | undefined => shown.steps[known.indexOf(key)];
    const wrongLine = journey.problem ? journey.line : check && !check.is_good ? check.line : 0,
        wrongStep = wrongLine > 0 ? stepAtLine(shown, wrongLine) : null,
        problem = journey.problem ?? (check && !check.is_good ? check.problem : null);
    const step = chosen === null ? null : (find(chosen) ?? null);
    const wanted = useRef<string | null>(null);
    const focus = (key: string): void => {
        wanted.current = key;
    };
    const open = (key: string): void => {
        choose(key);
        focus(key);
    };
    /* As it is drawn, and a dialog that goes has given the focus back. */
    useLayoutEffect(() => {
        if (wanted.current === null) return;
        document.getElementById(`outline-${known.indexOf(wanted.current)}`)?.focus();
        wanted.current = null;
    });
    useLayoutEffect(() => {
        before.current = known;
        if (chosen !== asked) choose(chosen);
    });
    const outline: Outlined = {
        journey: shown,
        graph,
        write: (next) => history.write(next),
        choose,
        focus,
        add,
        wrong: wrongStep && problem ? { step: wrongStep, words: sentence(problem) } : null,
    };
    const drawn = useMemo(() => {
        const next = nextOf(shown),
            steps = shown.steps.map((one): GraphStep => {
                const at = places?.steps.find((place) => place.id === one.id),
                    line = seen?.lines.get(one.id);
                return {
                    key: keyOf(shown, one),
                    id: one.id,
                    kind: one.kind,
                    words: wordsOf(shown, one, graph),
                    inside: seen ? 0 : (at?.inside ?? 0),
                    held: seen ? 0 : (at?.held ?? 0),
                    late: seen ? 0 : (at?.late ?? 0),
                    note: line ?? "",
                    isPast: line !== undefined,
                    isWrong: wrongStep === one,
                };
            });
        const key = (one: StepAt | null | undefined): string | null => (one ? keyOf(shown, one) : null);
        const links = [
            { from: null, to: key(shown.top.steps[0]), words: "", spot: { list: shown.top, index: 0 } },
            ...shown.steps.flatMap((one) =>
                waysOf(one, next.get(one) ?? null).map((way) => ({
                    from: key(one),
                    to: key(way.to),
                    words: way.words,
                    spot: way.spot,
                })),
            ),
        ];
        return { steps, links };
    }, [shown, graph, wrongStep, places, seen]);
    const save = (from: number): void =>
        doing.run(async () => {
            try {
                const done = await ask<{ version: number; inside: number; moved: number }>(
                    "PUT",
                    `/v1/journeys/${encode(name)}`,
                    { yaml: text, version: from },
                );
                setBase(String(done.version));
                setSent(text);
                if (drop(text) === null) dropBase();
                setNewer(null);
                tell(
                    `Version ${done.version} of ${name}: ${done.inside} inside, ${done.moved} of them go on in it`,
                );
                again();
            } catch (failure) {
                if (isRefusal(failure, 409)) setNewer(await ask<Journey>("GET", `/v1/journeys/${encode(name)}`));
                throw isRefusal(failure, 409)
                    ? new Refusal(409, failure.code, `${failure.message}. Yours is kept here`, null)
                    : failure;
            }
        });
    /* Wherever on the page the focus is; other fields undo what is typed there by themselves. */
    useLayoutEffect(() => {
        const pressed = (event: KeyboardEvent): void => {
            const { target } = event;
            if (!(event.ctrlKey || event.metaKey) || document.querySelector("dialog[open]")) return;
            if (isTyping(target) && !(target as HTMLElement).closest(".step-form, .editor")) return;
            if (event.key === "z" && !event.shiftKey) history.undo();
            else if (event.key === "y" || (event.key.toLowerCase() === "z" && event.shiftKey)) history.redo();
            else return;
            event.preventDefault();
        };
        addEventListener("keydown", pressed);
        return () => removeEventListener("keydown", pressed);
    });
    return (
        <div>
            <JourneyGraph
                name={name}
                steps={drawn.steps}
                links={drawn.links}
                chosen={chosen}
                choose={open}
                {...(mayWrite
                    ? {
                          building: {
                              add,
                              move: (key: string, spot: Spot) => {
                                  const one = find(key),
                                      next = one ? moveStep(shown, one, spot) : null;
                                  if (next !== null) history.write(next);
                              },
                              remove: (key: string) => {
                                  const one = find(key);
                                  if (one) history.write(removeStep(text, one));
                              },
                              copy: (key: string) => {
                                  const one = find(key);
                                  if (one) history.write(copyStep(shown, one));
                              },
                          },
                      }
                    : {})}
            />
            <p class={problem ? "field-error" : "note"} role="status">
                {problem
                    ? `${wrongLine > 0 ? `Line ${wrongLine}: ` : ""}${sentence(problem)}`
                    : check
                      ? `This is a journey of ${plural(shown.steps.length, "step")}.`
                      : "Looking"}
            </p>
            <Trouble error={error} />
            <p class="actions">
                {may("PUT /v1/journeys/{name}") && (
                    <Button
                        type="button"
                        class="button primary"
                        isOff={doing.isDoing || isSame || !check?.is_good}
                        onClick={() => save(Number(base))}
                    >
                        Save a version
                    </Button>
                )}
                <Button type="button" class="button" isOff={!history.canUndo} onClick={history.undo}>
                    Undo
                </Button>
                <Button type="button" class="button" isOff={!history.canRedo} onClick={history.redo}>
                    Redo
                </Button>
                {!isSame && (
                    <button
                        type="button"
                        class="button"
                        onClick={() => {
                            history.write(sent ?? saved);
                            drop();
                            dropBase();
                        }}
                    >
                        Back to what is saved
                    </button>
                )}
                <span class="note">{isSame ? "" : "Not saved yet: kept in this browser."}</span>
            </p>
            <Trouble error={doing.error} />
            {isBehind && !newer && (
                <p class="callout">
                    This draft was made from version {base}; by now there is version {version}. Saving shows both.
                </p>
            )}
            {newer && (
                <div class="callout">
                    <p>
                        Version {newer.version} is by {newer.versions[0]?.written_by}. What yours changes of it:
                    </p>
                    <Compared before={newer.versions[0]?.yaml ?? ""} after={text} />
                    <p class="actions">
                        <button type="button" class="button" onClick={() => save(newer.version)}>
                            Save mine as the next
                        </button>
                        <button
                            type="button"
                            class="button"
                            onClick={() => {
                                history.write(newer.versions[0]?.yaml ?? "");
                                setBase(String(newer.version));
                                setNewer(null);
                                doing.clear();
                            }}
                        >
                            Take theirs
                        </button>
                    </p>
                </div>
            )}
            <div class="builder-views">
                <section aria-labelledby="outline-title">
                    <h2 class="part-title" id="outline-title">Outline</h2>
                    <p class="note">
                        The arrow keys go from step to step, Enter opens one; Alt and the arrows move it, Ctrl D
                        copies, Delete removes, Ctrl Z undoes.
                    </p>
                    <fieldset class="bare" disabled={!mayWrite}>
                        <div ref={rows}>
                            <OutlineList list={shown.top} where="of the journey" chosen={chosen} doing={outline} />
                        </div>
                    </fieldset>
                </section>
                <section aria-labelledby="text-title">
                    <h2 class="part-title" id="text-title">Text</h2>
                    <TextView
                        text={text}
                        write={(next) => history.write(next, true)}
                        wrongLine={wrongLine}
                        mayWrite={may("PUT /v1/journeys/{name}")}
                        at={journey.problem ? null : step}
                    />
                </section>
            </div>
            {wasGood.current && <Preview yaml={text} graph={graph} see={see} />}
            {wasGood.current && may("POST /v1/journeys/simulate") && <Simulation yaml={text} />}
            {adding && (
                <NewStep
                    close={() => add(null)}
                    put={(kind) => {
                        const made = addStep(shown, kind, adding);
                        history.write(made.text);
                        add(null);
                        open(made.id);
                    }}
                />
            )}
        </div>
    );
}
