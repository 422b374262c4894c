/* journey_graph.tsx - a journey as it is walked: laid out, not arranged by hand; each step says who is at it. */
import { formatCount } from "../../page/format.ts";
import type { GetV1JourneysName } from "../answers.ts";

export type Step = GetV1JourneysName["steps"][number];
export type Graph = Pick<GetV1JourneysName, "journey" | "trigger" | "filter" | "goal" | "first" | "steps">;

interface Node {
    step: Step;
    column: number;
    row: number;
}
interface Edge {
    from: Node | null;
    to: Node;
    words: string;
}
const ACROSS = 250,
    DOWN = 118,
    WIDE = 214,
    TALL = 78,
    EDGE = 12;

export const after = (step: Step): { words: string; to: string | null }[] =>
    step.branches.length > 0
        ? [...step.branches, ...(step.kind === "wait" ? [{ words: "it happened", to: step.next }] : [])]
        : [{ words: "", to: step.next }];

/* Columns by how far a step is from the trigger at most; rows so that a way goes on straight. */
function layOut(graph: Graph): { nodes: Map<string, Node>; edges: Edge[]; columns: number; rows: number } {
    const steps = new Map(graph.steps.map((step) => [step.id, step])),
        nodes = new Map<string, Node>(),
        depth = new Map<string, number>();
    const follow = (id: string | null, at: number, path: Set<string>): void => {
        const step = id === null ? undefined : steps.get(id);
        if (!step || path.has(step.id) || (depth.get(step.id) ?? -1) >= at) return;
        depth.set(step.id, at);
        path.add(step.id);
        for (const way of after(step)) follow(way.to, at + 1, path);
        path.delete(step.id);
    };
    follow(graph.first, 0, new Set());
    const taken: number[] = [],
        edges: Edge[] = [];
    const place = (id: string | null, row: number, from: Node | null, words: string): void => {
        const step = id === null ? undefined : steps.get(id);
        if (!step) return;
        const known = nodes.get(step.id);
        if (known) {
            edges.push({ from, to: known, words });
            return;
        }
        const column = depth.get(step.id) ?? 0,
            free = Math.max(row, taken[column] ?? 0),
            node = { step, column, row: free };
        taken[column] = free + 1;
        nodes.set(step.id, node);
        edges.push({ from, to: node, words });
        after(step).forEach((way, i) => place(way.to, free + i, node, way.words));
    };
    place(graph.first, 0, null, "");
    return {
        nodes,
        edges,
        columns: Math.max(0, ...depth.values()) + 1,
        rows: Math.max(1, ...[...nodes.values()].map((node) => node.row + 1)),
    };
}

const x = (column: number): number => EDGE + column * ACROSS,
    y = (row: number): number => EDGE + row * DOWN;

function Way({ edge }: { edge: Edge }) {
    const x1 = edge.from ? x(edge.from.column) + WIDE : x(0) - EDGE,
        y1 = (edge.from ? y(edge.from.row) : y(edge.to.row)) + TALL / 2;
    const x2 = x(edge.to.column),
        y2 = y(edge.to.row) + TALL / 2,
        bend = Math.max(18, (x2 - x1) / 2);
    return <path d={`M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`} class="graph-way" />;
}

export const outcomeWords = (step: Step): string =>
    Object.entries(step.outcomes ?? {})
        .map(([name, n]) => `${formatCount(n)} ${name}`)
        .join(", ");

export function JourneyGraph({
    graph,
    chosen,
    choose,
}: {
    graph: Graph;
    chosen?: string | null;
    choose: (id: string) => void;
}) {
    const { nodes, edges, columns, rows } = layOut(graph),
        width = 2 * EDGE + (columns - 1) * ACROSS + WIDE,
        height = 2 * EDGE + (rows - 1) * DOWN + TALL;
    return (
        <div class="graph-scroll" role="region" aria-label={`The graph of ${graph.journey}`} tabIndex={0}>
            <div class="graph" style={{ width: `${width}px`, height: `${height}px` }}>
                <svg width={width} height={height} aria-hidden="true">
                    {edges.map((edge, i) => (
                        <Way key={i} edge={edge} />
                    ))}
                </svg>
                {edges
                    .filter((edge) => edge.words && edge.from)
                    .map((edge, i) => (
                        <span
                            key={i}
                            class="graph-words"
                            title={edge.words}
                            style={{ left: `${x(edge.to.column)}px`, top: `${y(edge.to.row) - 17}px` }}
                        >
                            {edge.words}
                        </span>
                    ))}
                {[...nodes.values()].map(({ step, column, row }) => (
                    <button
                        type="button"
                        key={step.id}
                        class={`graph-node is-${step.kind}`}
                        aria-pressed={chosen === step.id}
                        style={{ left: `${x(column)}px`, top: `${y(row)}px` }}
                        onClick={() => choose(step.id)}
                    >
                        <span class="graph-kind">
                            {step.kind} · {step.id}
                        </span>
                        <span class="graph-does">{step.words}</span>
                        {(step.inside > 0 || step.held > 0) && (
                            <span class="graph-inside">
                                {formatCount(step.inside)} here
                                {step.held > 0 ? `, ${formatCount(step.held)} held` : ""}
                            </span>
                        )}
                    </button>
                ))}
            </div>
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
                        {formatCount(step.inside)} here{step.held > 0 ? `, ${formatCount(step.held)} held` : ""}
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
