/* journey_graph.tsx - a journey as it is walked: laid out, not arranged by hand; each step says who is at it.  Where it is
 * built, each arrow has a plus, and a step can be dragged to one. */
import { useMemo, useState } from "preact/hooks";
import { formatCount } from "../../page/format.ts";
import type { GetV1JourneysName } from "../answers.ts";
import { boxX, boxY, layOut, pathOf, TALL, type Link } from "../journey_layout.ts";
import type { Spot } from "../journey_text.ts";
import { Button } from "./button.tsx";
import { dragFrom } from "./dragging.ts";
import { onDrawing, useRoving } from "./roving.ts";

export type Step = GetV1JourneysName["steps"][number];
export type Graph = Pick<GetV1JourneysName, "journey" | "trigger" | "filter" | "goal" | "first" | "steps">;

export interface GraphStep {
    key: string;
    id: string;
    kind: string;
    words: string;
    inside?: number;
    held?: number;
    late?: number /* of those here, who should have gone on */;
    note?: string /* a line of its own: what passed, or where a preview is */;
    isWrong?: boolean;
    isPast?: boolean;
}

/* Where one may go on from a step. */
const after = (step: Step): { words: string; to: string | null }[] => {
    if (step.branches.length === 0) return [{ words: "", to: step.next }];
    if (step.kind === "wait") return [{ words: "it happened", to: step.next }, ...step.branches];
    const isWhole = step.kind !== "split" || step.branches.some((one) => one.words === "otherwise");
    return isWhole ? step.branches : [...step.branches, { words: "otherwise", to: step.next }];
};

export const outcomeWords = (step: Pick<Step, "outcomes">): string =>
    Object.entries(step.outcomes ?? {})
        .map(([name, n]) => `${formatCount(n)} ${name}`)
        .join(", ");

/* "12 here: 3 held by quiet hours, 1 stuck" */
export function placeWords(step: Step): string {
    const why = [
        ...Object.entries(step.held_by).map(([rule, n]) => `${formatCount(n)} held by ${rule.replaceAll("_", " ")}`),
        ...(step.late > 0 ? [`${formatCount(step.late)} stuck: due more than a minute ago`] : []),
    ];
    return `${formatCount(step.inside)} here${why.length > 0 ? `: ${why.join(", ")}` : ""}`;
}

/* The server's graph as it is drawn. */
export function drawnOf(graph: Graph): { steps: GraphStep[]; links: Link<Spot | null>[] } {
    const link = (from: string | null, to: string | null, words: string): Link<Spot | null> => ({
        from,
        to,
        words,
        spot: null,
    });
    return {
        steps: graph.steps.map((step) => ({
            key: step.id,
            id: step.id,
            kind: step.kind,
            words: step.words,
            inside: step.inside,
            held: step.held,
            late: step.late,
            note: outcomeWords(step),
        })),
        links: [
            link(null, graph.first, ""),
            ...graph.steps.flatMap((step) =>
                step.kind === "exit" ? [] : after(step).map((way) => link(step.id, way.to, way.words)),
            ),
        ],
    };
}

const ZOOMS = [0.5, 0.7, 0.85, 1, 1.25];

interface Building {
    add: (spot: Spot) => void;
    move: (key: string, spot: Spot) => void;
    remove: (key: string) => void;
    copy: (key: string) => void;
}

export function JourneyGraph({
    name,
    steps,
    links,
    chosen,
    choose,
    building,
}: {
    name: string;
    steps: GraphStep[];
    links: Link<Spot | null>[];
    chosen?: string | null;
    choose: (key: string) => void;
    building?: Building;
}) {
    const isBuilt = building !== undefined,
        layout = useMemo(
            () =>
                layOut(
                    steps.map((step) => step.key),
                    links,
                    isBuilt,
                ),
            [steps, links, isBuilt],
        ),
        ids = new Map(steps.map((step) => [step.key, step.id])),
        drawing = useRoving<HTMLDivElement>(".graph-node, .graph-plus", onDrawing),
        [zoom, setZoom] = useState(3),
        [isDragging, setDragging] = useState(false),
        scale = ZOOMS[zoom] ?? 1;
    return (
        <div class="graph-frame">
            <div class="graph-scroll" role="region" aria-label={`The graph of ${name}`}>
                <div
                    ref={drawing}
                    class="graph"
                    style={{ width: `${layout.width}px`, height: `${layout.height}px`, zoom: scale }}
                >
                    <svg width={layout.width} height={layout.height} aria-hidden="true">
                        {layout.ways.map((way, i) => (
                            <path key={i} d={pathOf(way.points)} class="graph-way" />
                        ))}
                        <circle cx={22} cy={boxY(0) + TALL / 2} r={5} class="graph-start" />
                    </svg>
                    {layout.ways.map((way, i) => {
                        const end = way.points[1];
                        return way.words && way.from !== null && end ? (
                            <span
                                key={i}
                                class="graph-words"
                                title={way.words}
                                style={{ left: `${end.x}px`, top: `${end.y - 57}px` }}
                            >
                                {way.words}
                            </span>
                        ) : null;
                    })}
                    {steps.map((step) => {
                        const box = layout.boxes.get(step.key);
                        if (!box) return null;
                        return (
                            <button
                                type="button"
                                key={step.key}
                                class={`graph-node is-${step.kind}${isBuilt ? " is-movable" : ""}${step.isWrong ? " is-wrong" : ""}${step.isPast ? " is-past" : ""}`}
                                aria-pressed={chosen === step.key}
                                onPointerDown={(event) => {
                                    if (!building) return;
                                    dragFrom(event, event.currentTarget, {
                                        begun: () => setDragging(true),
                                        ended: (place) => {
                                            setDragging(false);
                                            const spot = place === null ? undefined : layout.ways[Number(place)]?.spot;
                                            if (spot) building.move(step.key, spot);
                                        },
                                    });
                                }}
                                style={{ left: `${boxX(box.column)}px`, top: `${boxY(box.row)}px` }}
                                onClick={() => choose(step.key)}
                                onKeyDown={(event) => {
                                    if (!building) return;
                                    if (event.key === "Delete") building.remove(step.key);
                                    else if ((event.ctrlKey || event.metaKey) && event.key === "d")
                                        building.copy(step.key);
                                    else return;
                                    event.preventDefault();
                                }}
                            >
                                <span class="graph-kind">
                                    {step.kind || "?"} · {step.id}
                                </span>
                                <span class="graph-does">{step.words}</span>
                                {((step.inside ?? 0) > 0 || (step.held ?? 0) > 0) && (
                                    <span class="graph-inside">
                                        {formatCount(step.inside ?? 0)} here
                                        {(step.held ?? 0) > 0 ? `, ${formatCount(step.held ?? 0)} held` : ""}
                                        {(step.late ?? 0) > 0 ? `, ${formatCount(step.late ?? 0)} stuck` : ""}
                                    </span>
                                )}
                                {step.note && <span class="graph-note">{step.note}</span>}
                            </button>
                        );
                    })}
                    {building &&
                        layout.ways.map((way, i) => {
                            const { spot } = way;
                            if (!spot) return null;
                            const where =
                                way.from === null
                                    ? "at the beginning"
                                    : `after ${ids.get(way.from) ?? ""}${way.words ? `, ${way.words}` : ""}`;
                            return (
                                <button
                                    type="button"
                                    key={i}
                                    class={`graph-plus${isDragging ? " is-open" : ""}`}
                                    data-place={i}
                                    aria-label={`Add a step ${where}`}
                                    title={`Add a step ${where}`}
                                    style={{ left: `${way.plus.x}px`, top: `${way.plus.y}px` }}
                                    onClick={() => building.add(spot)}
                                >
                                    +
                                </button>
                            );
                        })}
                </div>
            </div>
            <p class="graph-tools">
                <span class="note">
                    {isBuilt
                        ? "The arrow keys go along it, Enter opens a step. A step can be dragged to a plus."
                        : "The arrow keys go along it, Enter opens a step."}
                </span>
                <Button
                    type="button"
                    class="button quiet"
                    aria-label="Smaller"
                    isOff={zoom === 0}
                    onClick={() => setZoom(zoom - 1)}
                >
                    −
                </Button>
                <Button
                    type="button"
                    class="button quiet"
                    aria-label="Larger"
                    isOff={zoom === ZOOMS.length - 1}
                    onClick={() => setZoom(zoom + 1)}
                >
                    +
                </Button>
            </p>
        </div>
    );
}

/* The same as a list that reads in order: for the keyboard and for who cannot see the graph. */
export function Outline({ graph, choose }: { graph: Graph; choose: (id: string) => void }) {
    return (
        <ol class="outline">
            {graph.steps.map((step) => (
                <li key={step.id} id={`step-${step.id}`}>
                    <button type="button" class="outline-step" onClick={() => choose(step.id)}>
                        <code>{step.id}</code> {step.words}
                    </button>
                    <span class="note">
                        {" "}
                        {placeWords(step)}
                        {outcomeWords(step) ? `; so far ${outcomeWords(step)}` : ""}
                    </span>
                    {step.branches.length > 0 && (
                        <ul>
                            {after(step).map((way) => (
                                <li key={way.words}>
                                    {way.words}: {way.to ?? "the end"}
                                </li>
                            ))}
                        </ul>
                    )}
                </li>
            ))}
        </ol>
    );
}
