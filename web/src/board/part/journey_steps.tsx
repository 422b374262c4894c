/* journey_steps.tsx - adds, moves, copies and removes steps in a journey's text, whose comments and order stay. */
import { useState } from "preact/hooks";
import { Choice } from "./form.tsx";
import type { Graph } from "./journey_graph.tsx";

/* What a new step of each kind looks like; N is a number that makes its id its own. */
const KINDS: [string, string, string][] = [
    ["delay", "Wait a while", "{id: waitN, delay: 1d}"],
    ["until", "Wait until an hour", '{id: hourN, until: "10:00"}'],
    ["wait", "Wait for an event", "{id: eventN, wait: {event: order}, at_most: 7d}"],
    ["send", "Send a message", '{id: mailN, send: email, subject: "Hello", html: welcome.html}'],
    ["task", "A task for somebody", '{id: taskN, task: "Call {{ customer.id }}"}'],
    ["split", "Split by a condition", '{id: splitN, split: [{when: "order_count >= 5", steps: []}]}'],
    ["random", "Split by lot", "{id: lotN, random: [{share: 50%, steps: []}, {share: 50%, steps: []}]}"],
    ["coupon", "Issue a coupon", "{id: couponN, coupon: WIN10, expires: 14d}"],
    ["raise", "Raise an event", "{id: raiseN, raise: journey_done}"],
    ["exit", "Leave the journey", "{id: leaveN, exit: true}"],
];

interface Item {
    from: number;
    until: number;
    id: string;
} /* lines [from, until) of the text */

/* The steps that stand directly under `steps:`, each with the comments above it. */
export function topSteps(text: string): Item[] {
    const lines = text.split("\n"),
        head = lines.findIndex((line) => /^steps:\s*(#.*)?$/.test(line)),
        items: Item[] = [];
    if (head < 0) return items;
    const dash = /^(\s*)- /,
        indent = dash.exec(lines.slice(head + 1).find((line) => dash.test(line)) ?? "")?.[1]?.length ?? 0;
    let from = head + 1;
    for (let i = head + 1; i <= lines.length; i++) {
        const line = lines[i],
            found = line === undefined ? null : dash.exec(line),
            isTop = found !== null && (found[1]?.length ?? 0) === indent;
        const isOver = line === undefined || (/^\S/.test(line) && !line.startsWith("#") && !isTop);
        const last = items.at(-1);
        if (isTop || isOver) {
            let start = i;
            while (start > from && last && /^\s*#/.test(lines[start - 1] ?? "") && start - 1 > last.from) start--;
            if (last) last.until = isOver ? i : start;
            if (isOver) break;
            items.push({
                from: last ? start : head + 1,
                until: i + 1,
                id: /id:\s*["']?([\w-]+)/.exec(lines.slice(i, i + 3).join(" "))?.[1] ?? String(items.length + 1),
            });
            from = i;
        }
    }
    const end = items.at(-1);
    while (end && end.until > end.from + 1 && (lines[end.until - 1] ?? "").trim() === "") end.until--;
    return items;
}

function moved(text: string, from: number, to: number, doesCopy = false): string {
    const items = topSteps(text),
        lines = text.split("\n"),
        one = items[from],
        first = items[0],
        last = items.at(-1);
    if (!one || !first || !last) return text;
    const pieces = items.map((item) => lines.slice(item.from, item.until)),
        piece = pieces[from] ?? [];
    if (doesCopy)
        pieces.splice(
            to,
            0,
            piece.map((line) =>
                line.replace(
                    /(id:\s*["']?)([\w-]+)/,
                    (_, head: string, id: string) => `${head}${id}_${items.length + 1}`,
                ),
            ),
        );
    else {
        pieces.splice(from, 1);
        if (to >= 0) pieces.splice(to, 0, piece);
    }
    return [...lines.slice(0, first.from), ...pieces.flat(), ...lines.slice(last.until)].join("\n");
}

export function addStep(text: string, kind: string, after: number): string {
    const items = topSteps(text),
        lines = text.split("\n"),
        words = KINDS.find(([name]) => name === kind)?.[2] ?? "";
    let n = 1;
    while (text.includes(words.slice(4, words.indexOf("N")) + n)) n++;
    const line = `  - ${words.replace("N", String(n))}`;
    if (items.length === 0)
        return /^steps:/m.test(text)
            ? text.replace(/^steps:.*$/m, `steps:\n${line}`)
            : `${text.trimEnd()}\nsteps:\n${line}\n`;
    const at = after < 0 ? (items[0]?.from ?? 0) : (items[after]?.until ?? lines.length),
        indent = /^(\s*)- /.exec(lines[items[0]?.until ? items[0].until - 1 : 0] ?? "")?.[1] ?? "  ";
    return [...lines.slice(0, at), line.replace(/^ {2}/, indent), ...lines.slice(at)].join("\n");
}

/* The outline that builds: all of it by keyboard. */
export function StepAdder({
    text,
    graph,
    set,
}: {
    text: string;
    graph: Graph | null;
    set: (text: string) => void;
}) {
    const [kind, setKind] = useState("delay"),
        items = topSteps(text),
        [dragged, drag] = useState<number | null>(null);
    return (
        <details class="fold" open>
            <summary>Outline</summary>
            <div class="controls">
                <Choice
                    label="A new step"
                    value={kind}
                    set={setKind}
                    options={KINDS.map(([name, words]): [string, string] => [name, words])}
                />
            </div>
            <ol class="outline">
                <li>
                    <button
                        type="button"
                        class="button plus"
                        aria-label="Add the step at the beginning"
                        onClick={() => set(addStep(text, kind, -1))}
                    >
                        +
                    </button>
                </li>
                {items.map((item, i) => (
                    <li
                        key={`${item.id}${i}`}
                        draggable
                        onDragStart={() => drag(i)}
                        onDragOver={(event) => event.preventDefault()}
                        onDrop={(event) => {
                            event.preventDefault();
                            if (dragged !== null && dragged !== i) set(moved(text, dragged, i));
                            drag(null);
                        }}
                    >
                        <div class="outline-row">
                            <span>
                                <code>{item.id}</code>{" "}
                                {graph?.steps.find((step) => step.id === item.id)?.words ?? ""}
                            </span>
                            <span class="row-actions">
                                <button
                                    type="button"
                                    class="button"
                                    aria-label={`Move ${item.id} up`}
                                    disabled={i === 0}
                                    onClick={() => set(moved(text, i, i - 1))}
                                >
                                    ↑
                                </button>
                                <button
                                    type="button"
                                    class="button"
                                    aria-label={`Move ${item.id} down`}
                                    disabled={i === items.length - 1}
                                    onClick={() => set(moved(text, i, i + 1))}
                                >
                                    ↓
                                </button>
                                <button
                                    type="button"
                                    class="button"
                                    aria-label={`Copy ${item.id}`}
                                    onClick={() => set(moved(text, i, i + 1, true))}
                                >
                                    Copy
                                </button>
                                <button
                                    type="button"
                                    class="button"
                                    aria-label={`Remove ${item.id}`}
                                    onClick={() => set(moved(text, i, -1))}
                                >
                                    Remove
                                </button>
                            </span>
                        </div>
                        <button
                            type="button"
                            class="button plus"
                            aria-label={`Add the step after ${item.id}`}
                            onClick={() => set(addStep(text, kind, i))}
                        >
                            +
                        </button>
                    </li>
                ))}
            </ol>
        </details>
    );
}
