/* journey_outline.tsx - the outline of a journey: what the graph does with the mouse is done here by keyboard. */
import {
    addBranch,
    copyStep,
    mayMove,
    moveStep,
    NEW_STEPS,
    removeStep,
    setScalar,
    type JourneyText,
    type List,
    type Spot,
    type StepAt,
} from "../journey_text.ts";
import { Button } from "./button.tsx";
import { Dialog, Field } from "./form.tsx";
import type { Graph } from "./journey_graph.tsx";

const keys = new WeakMap<JourneyText, string[]>();

/* What each step is known by, in the order of the text: its id, and of those that share one the how-manieth it is. */
export function keysOf(journey: JourneyText): string[] {
    let all = keys.get(journey);
    if (all) return all;
    const met = new Map<string, number>();
    all = journey.steps.map(({ id }) => {
        const n = met.get(id) ?? 0;
        met.set(id, n + 1);
        return n === 0 ? id : `${id}\n${n}`;
    });
    keys.set(journey, all);
    return all;
}

export const keyOf = (journey: JourneyText, step: StepAt): string =>
    keysOf(journey)[journey.steps.indexOf(step)] ?? "";

/* A step in a few words, as the server says it or as it stands. */
export function wordsOf(journey: JourneyText, step: StepAt, graph: Graph | null): string {
    const known = graph?.steps.find((one) => one.id === step.id && one.kind === step.kind);
    return known?.words ?? journey.text.slice(step.from, step.until).replace(/\s+/g, " ").slice(0, 60);
}

/* What the outline works on, and what it may do. */
export interface Outlined {
    journey: JourneyText;
    graph: Graph | null;
    write: (text: string) => void;
    choose: (key: string | null) => void;
    focus: (key: string) => void /* its row, once it is drawn */;
    add: (spot: Spot) => void;
    wrong: { step: StepAt; words: string } | null;
}

/* Every place where a step may stand, in words. */
function spotsOf(journey: JourneyText): [string, Spot][] {
    const all: [string, Spot][] = [];
    const walk = (list: List, words: string): void => {
        list.steps.forEach((step, index) => {
            all.push([`before ${step.id}`, { list, index }]);
            for (const branch of step.branches) walk(branch.list, `at the end of ${step.id}: ${branch.words}`);
        });
        all.push([words, { list, index: list.steps.length }]);
    };
    walk(journey.top, "at the end");
    return all;
}

function StepForm({ step, doing }: { step: StepAt; doing: Outlined }) {
    const { journey, write } = doing,
        spots = spotsOf(journey);
    return (
        <div class="step-form">
            {step.scalars.map((scalar) => (
                <Field
                    key={scalar.name}
                    label={scalar.name}
                    name={`step-${scalar.name}`}
                    value={scalar.value}
                    set={(value) => write(setScalar(journey.text, scalar, value))}
                />
            ))}
            <p class="field choice">
                <label for="step-to">Move it</label>
                <select
                    id="step-to"
                    value=""
                    onChange={(event) => {
                        const spot = spots[Number(event.currentTarget.value)]?.[1],
                            text = spot ? moveStep(journey, step, spot) : null;
                        if (text !== null) {
                            write(text);
                            doing.focus(keyOf(journey, step));
                        }
                        event.currentTarget.value = "";
                    }}
                >
                    <option value="">where it is</option>
                    {spots.map(([words, spot], i) =>
                        mayMove(step, spot) ? <option value={i}>{words}</option> : null,
                    )}
                </select>
            </p>
            <p class="actions">
                {["split", "random"].includes(step.kind) && (
                    <button type="button" class="button" onClick={() => write(addBranch(journey, step))}>
                        Add a branch
                    </button>
                )}
                <button type="button" class="button" onClick={() => write(copyStep(journey, step))}>
                    Copy
                </button>
                <button
                    type="button"
                    class="button danger"
                    onClick={() => {
                        write(removeStep(journey.text, step));
                        doing.choose(null);
                    }}
                >
                    Remove
                </button>
            </p>
        </div>
    );
}

/* ---- the outline: all of it by keyboard ---- */

function OutlineRow({ step, chosen, doing }: { step: StepAt; chosen: string | null; doing: Outlined }) {
    const { journey, write } = doing,
        key = keyOf(journey, step),
        isOpen = chosen === key;
    const shift = (by: number): void => {
        const text = moveStep(journey, step, { list: step.list, index: by < 0 ? step.index - 1 : step.index + 2 });
        if (text === null) return;
        write(text);
        if (!isOpen) doing.choose(null);
        doing.focus(key);
    };
    return (
        <li>
            <div class={`outline-row${doing.wrong?.step === step ? " is-wrong" : ""}`}>
                <button
                    type="button"
                    class="outline-step"
                    id={`outline-${journey.steps.indexOf(step)}`}
                    aria-expanded={isOpen}
                    aria-keyshortcuts="Alt+ArrowUp Alt+ArrowDown Delete Control+D"
                    onClick={() => doing.choose(isOpen ? null : key)}
                    onKeyDown={(event) => {
                        if (event.altKey && event.key === "ArrowUp") shift(-1);
                        else if (event.altKey && event.key === "ArrowDown") shift(1);
                        else if (event.key === "Delete") write(removeStep(journey.text, step));
                        else if ((event.ctrlKey || event.metaKey) && event.key === "d")
                            write(copyStep(journey, step));
                        else return;
                        event.preventDefault();
                    }}
                >
                    <code>{step.id || "?"}</code> {wordsOf(journey, step, doing.graph)}
                </button>
                <span class="row-actions">
                    <Button
                        type="button"
                        class="button"
                        aria-label={`Move ${step.id} up`}
                        tabIndex={-1}
                        isOff={step.index === 0}
                        onClick={() => shift(-1)}
                    >
                        ↑
                    </Button>
                    <Button
                        type="button"
                        class="button"
                        aria-label={`Move ${step.id} down`}
                        tabIndex={-1}
                        isOff={step.index === step.list.steps.length - 1}
                        onClick={() => shift(1)}
                    >
                        ↓
                    </Button>
                </span>
                {doing.wrong?.step === step && <span class="field-error">{doing.wrong.words}</span>}
                {isOpen && <StepForm step={step} doing={doing} />}
            </div>
            {step.branches.map((branch, i) => (
                <div class="outline-branch" key={i}>
                    <span class="note">{branch.words}</span>
                    <OutlineList
                        list={branch.list}
                        where={`in ${step.id}, ${branch.words}`}
                        chosen={chosen}
                        doing={doing}
                    />
                </div>
            ))}
        </li>
    );
}

export function OutlineList({
    list,
    where,
    chosen,
    doing,
}: {
    list: List;
    where: string;
    chosen: string | null;
    doing: Outlined;
}) {
    return (
        <ol class="outline">
            {list.steps.map((step) => (
                <OutlineRow key={step.index} step={step} chosen={chosen} doing={doing} />
            ))}
            <li>
                <button
                    type="button"
                    class="button plus"
                    aria-label={`Add a step at the end ${where}`}
                    onClick={() => doing.add({ list, index: list.steps.length })}
                >
                    +
                </button>
            </li>
        </ol>
    );
}

export function NewStep({ close, put }: { close: () => void; put: (kind: string) => void }) {
    return (
        <Dialog title="A new step" close={close}>
            <div class="kinds">
                {NEW_STEPS.map(([kind, words]) => (
                    <button type="button" class="button" key={kind} onClick={() => put(kind)}>
                        {words} <span class="note">{kind}</span>
                    </button>
                ))}
            </div>
        </Dialog>
    );
}
