/* journey_text.ts - a journey's text as lists of steps, and what the builder does to it: each change is a cut into the
 * text itself, so that comments, order and whatever nobody touched stay as they were written. */
import {
    isMap,
    isScalar,
    isSeq,
    parseDocument,
    stringify,
    type Node,
    type Pair,
    type YAMLMap,
    type YAMLSeq,
} from "yaml";

interface Branch {
    words: string;
    list: List;
}
interface Scalar {
    name: string;
    value: string;
    from: number;
    until: number;
}
export interface StepAt {
    id: string;
    kind: string;
    from: number /* of its value in the text */;
    until: number;
    line: number /* of its beginning, from 1 */;
    lastLine: number;
    list: List;
    index: number;
    branches: Branch[];
    scalars: Scalar[];
}
export interface List {
    steps: StepAt[];
    isFlow: boolean;
    isThere: boolean /* false: the key that holds it is not written yet */;
    from: number;
    until: number;
    indent: number;
    depth: number;
    make?: string /* what is written into the step at `from` to make it: "otherwise" */;
}
export interface JourneyText {
    text: string;
    top: List;
    steps: StepAt[] /* of all lists, in the order of the text */;
    problem: string | null /* why the text cannot be read */;
    line: number;
}

const KINDS = [
    "delay",
    "until",
    "window",
    "wait",
    "split",
    "random",
    "decide",
    "experiment",
    "send",
    "task",
    "coupon",
    "set",
    "raise",
    "exit",
];

const lineStart = (text: string, at: number): number => text.lastIndexOf("\n", at - 1) + 1;
const lineEnd = (text: string, at: number): number => {
    const end = text.indexOf("\n", at);
    return end < 0 ? text.length : end;
};

const rangeOf = (node: Node | null | undefined): [number, number] => [
    node?.range?.[0] ?? 0,
    node?.range?.[1] ?? 0,
];

function pairOf(map: YAMLMap, name: string): Pair<Node, Node | null> | undefined {
    return map.items.find((pair) => isScalar(pair.key) && pair.key.value === name) as
        Pair<Node, Node | null> | undefined;
}

/* The list under a key of a map: of steps, an empty one, or one that is not written yet. */
function listAt(read: Reading, map: YAMLMap, name: string, depth: number): List {
    const pair = pairOf(map, name),
        value = pair?.value ?? null;
    if (pair && isSeq(value)) return readList(read, value, depth);
    const [from, until] = rangeOf(value ?? map);
    return {
        steps: [],
        isFlow: true,
        isThere: pair !== undefined && value !== null,
        from,
        until,
        indent: 0,
        depth,
        make: name,
    };
}

interface Reading {
    text: string;
    starts: number[] /* of lines */;
    steps: StepAt[];
}

/* The line of a place, from 1. */
function lineOf(read: Reading, at: number): number {
    let low = 0,
        high = read.starts.length;
    while (high - low > 1) {
        const middle = (low + high) >> 1;
        if ((read.starts[middle] ?? 0) <= at) low = middle;
        else high = middle;
    }
    return low + 1;
}

function branchesOf(read: Reading, map: YAMLMap, kind: string, depth: number): Branch[] {
    const value = pairOf(map, kind)?.value ?? null;
    if (kind === "wait") return [{ words: "time is over", list: listAt(read, map, "otherwise", depth) }];
    if ((kind === "split" || kind === "random") && isSeq(value))
        return value.items.filter(isMap).map((one): Branch => {
            const isOther = pairOf(one, "otherwise") !== undefined,
                words = pairOf(one, kind === "split" ? "when" : "share")?.value;
            return {
                words: isOther ? "otherwise" : isScalar(words) ? String(words.value) : "",
                list: listAt(read, one, isOther ? "otherwise" : "steps", depth),
            };
        });
    const named = pairOf(map, kind === "decide" ? "candidates" : "arms")?.value;
    if ((kind === "decide" || kind === "experiment") && isMap(named))
        return named.items.map((pair): Branch => {
            const name = isScalar(pair.key) ? String(pair.key.value) : "";
            return { words: name, list: listAt(read, named, name, depth) };
        });
    return [];
}

function readList(read: Reading, seq: YAMLSeq, depth: number): List {
    const [from, until] = rangeOf(seq),
        first = rangeOf(seq.items[0] as Node | undefined)[0],
        dash = read.text.lastIndexOf("-", first - 1);
    const list: List = { steps: [], isFlow: seq.flow === true, isThere: true, from, until, indent: 0, depth };
    if (!list.isFlow) list.indent = dash - lineStart(read.text, dash);
    seq.items.forEach((item) => {
        if (!isMap(item)) return;
        const [begin, end] = rangeOf(item),
            id = pairOf(item, "id")?.value,
            kind = KINDS.find((one) => pairOf(item, one) !== undefined) ?? "";
        const step: StepAt = {
            id: isScalar(id) ? String(id.value) : "",
            kind,
            from: begin,
            until: begin + read.text.slice(begin, end).trimEnd().length,
            line: lineOf(read, begin),
            lastLine: 0,
            list,
            index: list.steps.length,
            branches: [],
            scalars: item.items.flatMap((pair): Scalar[] => {
                if (!isScalar(pair.key) || !isScalar(pair.value)) return [];
                const [a, b] = rangeOf(pair.value);
                return [
                    {
                        name: String(pair.key.value),
                        value: pair.value.value === null ? "" : String(pair.value.value),
                        from: a,
                        until: b,
                    },
                ];
            }),
        };
        step.lastLine = lineOf(read, step.until);
        list.steps.push(step);
        read.steps.push(step);
        step.branches = branchesOf(read, item, kind, depth + 1);
    });
    return list;
}

function startsOf(text: string): number[] {
    const starts = [0];
    for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
    return starts;
}

export function readJourney(text: string): JourneyText {
    const document = parseDocument(text, { strict: false, uniqueKeys: false, logLevel: "silent" }),
        wrong = document.errors[0],
        root = document.contents,
        read: Reading = { text, starts: startsOf(text), steps: [] };
    const none: List = {
        steps: [],
        isFlow: false,
        isThere: false,
        from: text.length,
        until: text.length,
        indent: 2,
        depth: 0,
        make: "steps",
    };
    if (wrong || !isMap(root))
        return {
            text,
            top: none,
            steps: [],
            problem: wrong?.message.split("\n")[0] ?? "There is nothing in it yet",
            line: wrong?.linePos?.[0].line ?? 0,
        };
    const pair = pairOf(root, "steps");
    const top = isSeq(pair?.value) ? readList(read, pair.value, 0) : { ...none, isThere: false };
    return { text, top, steps: read.steps, problem: null, line: 0 };
}

/* ---- cuts ---- */

const cut = (text: string, from: number, until: number, put: string): string =>
    text.slice(0, from) + put + text.slice(until);

/* Where a step's lines begin in a list of lines, with the comments above it, and where they end. */
function linesOf(text: string, step: StepAt): [number, number] {
    let from = lineStart(text, step.from);
    for (;;) {
        const before = lineStart(text, from - 1);
        if (from === 0 || !/^\s*#/.test(text.slice(before, from - 1))) break;
        from = before;
    }
    const end = lineEnd(text, step.until);
    return [from, end < text.length ? end + 1 : end];
}

/* Lines that begin `by` columns further left or right; the first is left as it is. */
const shifted = (lines: string, by: number): string =>
    by === 0
        ? lines
        : lines.replace(/\n( *)/g, (_, spaces: string) =>
              by > 0 ? `\n${" ".repeat(by)}${spaces}` : `\n${spaces.slice(Math.min(spaces.length, -by))}`,
          );

/* A step as it stands: in one line if it has to. */
function sourceOf(text: string, step: StepAt, asFlow: boolean): string {
    const source = text.slice(step.from, step.until);
    if (!asFlow || source.startsWith("{")) return source;
    const value: unknown = parseDocument(shifted(source, lineStart(text, step.from) - step.from)).toJS();
    return stringify(value, { collectionStyle: "flow", lineWidth: 0 }).trim();
}

/* A step written into a list before the one of that index. */
function insertSource(text: string, list: List, index: number, source: string, comments = ""): string {
    if (!list.isThere && list.make === "steps" && list.depth === 0) {
        const line = /^steps:[^\n]*\n?/m.exec(text),
            made = `steps:\n  - ${source}\n`;
        return line ? cut(text, line.index, line.index + line[0].length, made) : `${text.trimEnd()}\n${made}`;
    }
    if (!list.isThere && list.make) {
        const body = text.slice(list.from, list.until).trimEnd();
        if (body.startsWith("{") && body.endsWith("}"))
            return cut(text, list.from + body.length - 1, list.from + body.length, `, ${list.make}: [${source}]}`);
        const indent = list.from - lineStart(text, list.from);
        return cut(
            text,
            list.from + body.length,
            list.from + body.length,
            `\n${" ".repeat(indent)}${list.make}: [${source}]`,
        );
    }
    const at = list.steps[index],
        last = list.steps.at(-1);
    if (list.isFlow && !last && list.depth === 0) return cut(text, list.from, list.until, `\n  - ${source}`);
    if (list.isFlow && !last) return cut(text, list.from, list.until, `[${source}]`);
    if (list.isFlow && at) return cut(text, at.from, at.from, `${source}, `);
    if (list.isFlow && last) return cut(text, last.until, last.until, `, ${source}`);
    const pad = " ".repeat(list.indent),
        lines = `${comments}${pad}- ${source}\n`;
    if (at) {
        const [from] = linesOf(text, at);
        return cut(text, from, from, lines);
    }
    const end = last ? linesOf(text, last)[1] : list.until,
        gap = end > 0 && text[end - 1] !== "\n" ? "\n" : "";
    return cut(text, end, end, gap + lines);
}

export function removeStep(text: string, step: StepAt): string {
    const { list } = step;
    if (list.steps.length === 1) {
        if (list.isFlow) return cut(text, list.from, list.until, "[]");
        const [from, until] = linesOf(text, step),
            head = text.slice(0, from).trimEnd();
        return `${head} []\n${text.slice(until)}`;
    }
    if (!list.isFlow) return cut(text, ...linesOf(text, step), "");
    const next = list.steps[step.index + 1],
        before = list.steps[step.index - 1];
    return next ? cut(text, step.from, next.from, "") : cut(text, before?.until ?? step.from, step.until, "");
}

/* The same step found again in a text that was cut elsewhere: by its place in the order of the text. */
const placeOf = (journey: JourneyText, list: List): number =>
    list === journey.top ? -1 : journey.steps.findIndex((step) => step.branches.some((one) => one.list === list));

export interface Spot {
    list: List;
    index: number;
}

const isInside = (step: StepAt, list: List): boolean =>
    list.from >= step.from && list.until <= step.until && list !== step.list;

/* Whether a step can go to a spot: not into itself, nor to where it is. */
export const mayMove = (step: StepAt, to: Spot): boolean =>
    !isInside(step, to.list) &&
    (to.list !== step.list || (to.index !== step.index && to.index !== step.index + 1));

/* A step moved to another spot, with its comments; null: it cannot go there. */
export function moveStep(journey: JourneyText, step: StepAt, to: Spot): string | null {
    const { text } = journey;
    if (!mayMove(step, to)) return null;
    const source = sourceOf(text, step, to.list.isFlow || !to.list.isThere),
        comments =
            step.list.isFlow || to.list.isFlow
                ? ""
                : text.slice(linesOf(text, step)[0], lineStart(text, step.from)),
        moved = to.list.isFlow ? source : shifted(source, to.list.indent - step.list.indent);
    /* The later cut first, so that the earlier one's places still stand. */
    const at = to.list.steps[to.index]?.from ?? to.list.until;
    if (at >= step.until) return removeStep(insertSource(text, to.list, to.index, moved, comments), step);
    const owner = placeOf(journey, to.list),
        branch = journey.steps[owner]?.branches.findIndex((one) => one.list === to.list) ?? 0;
    const without = readJourney(removeStep(text, step)),
        list = owner < 0 ? without.top : without.steps[owner]?.branches[branch]?.list;
    return list ? insertSource(without.text, list, to.index, moved, comments) : null;
}

/* An id that no step has: mail, mail_2, mail_3 ... */
function freshId(journey: JourneyText, id: string): string {
    const base = id.replace(/_\d+$/, "");
    let n = 1,
        fresh = base;
    while (journey.steps.some((step) => step.id === fresh)) fresh = `${base}_${++n}`;
    return fresh;
}

export function copyStep(journey: JourneyText, step: StepAt): string {
    const taken = { ...journey, steps: [...journey.steps] };
    const source = sourceOf(journey.text, step, step.list.isFlow).replace(
        /(\bid:\s*["']?)([\w-]+)/g,
        (_, head: string, id: string) => {
            const fresh = freshId(taken, id);
            taken.steps.push({ ...step, id: fresh });
            return head + fresh;
        },
    );
    return insertSource(journey.text, step.list, step.index + 1, source);
}

/* What a new step of each kind looks like; ID is an id of its own. */
export const NEW_STEPS: [string, string, string][] = [
    ["delay", "Wait a while", "{id: ID, delay: 1d}"],
    ["until", "Wait until an hour", '{id: ID, until: "10:00"}'],
    ["wait", "Wait for an event", "{id: ID, wait: {event: order}, at_most: 7d}"],
    ["send", "Send a message", '{id: ID, send: email, subject: "Hello", html: welcome.html}'],
    ["task", "A task for somebody", '{id: ID, task: "Call {{ customer.id }}"}'],
    ["split", "Split by a condition", '{id: ID, split: [{when: "order_count >= 5", steps: []}, {otherwise: []}]}'],
    ["random", "Split by lot", "{id: ID, random: [{share: 0.5, steps: []}, {share: 0.5, steps: []}]}"],
    ["coupon", "Issue a coupon", "{id: ID, coupon: WIN10, expires: 14d}"],
    ["set", "Set a trait", "{id: ID, set: {tier: gold}}"],
    ["raise", "Raise an event", "{id: ID, raise: journey_done}"],
    ["exit", "Leave the journey", "{id: ID, exit: true}"],
];
const NAMES: Record<string, string> = {
    delay: "pause",
    until: "hour",
    wait: "answer",
    send: "mail",
    task: "call",
    split: "fork",
    random: "lot",
    coupon: "code",
    set: "mark",
    raise: "tell",
    exit: "out",
};

export function addStep(journey: JourneyText, kind: string, to: Spot): { text: string; id: string } {
    const words = NEW_STEPS.find(([name]) => name === kind)?.[2] ?? "{id: ID, delay: 1d}",
        id = freshId(journey, NAMES[kind] ?? kind);
    return { text: insertSource(journey.text, to.list, to.index, words.replace("ID", id)), id };
}

/* One more way of a split: before the last of those by condition. */
export function addBranch(journey: JourneyText, step: StepAt): string {
    const { text } = journey,
        key = new RegExp(`\\b${step.kind}\\s*:\\s*\\[`, "g");
    key.lastIndex = step.from;
    const found = key.exec(text);
    if (!found || found.index > step.until) return text;
    const put = step.kind === "random" ? "{share: 0, steps: []}, " : '{when: "order_count >= 1", steps: []}, ';
    return cut(text, found.index + found[0].length, found.index + found[0].length, put);
}

/* A value written into its place: quoted where it must be. */
export function setScalar(text: string, scalar: Scalar, value: string): string {
    const was = text.slice(scalar.from, scalar.until),
        isPlain = /^[A-Za-z0-9_][\w.@%-]*$/.test(value) && !/^(null|true|false|yes|no|~)$/i.test(value),
        isTruth = /^(true|false)$/.test(value) && /^(true|false)$/.test(was);
    return cut(
        text,
        scalar.from,
        scalar.until,
        (isPlain && !/^["']/.test(was)) || isTruth ? value : JSON.stringify(value),
    );
}

/* ---- the graph ---- */

interface Way {
    words: string;
    to: StepAt | null;
    spot: Spot /* where a step on this way would stand */;
}

/* Where each step may lead, in the order in which it is drawn; `next` of the last of a list is that of its owner. */
export function waysOf(step: StepAt, next: StepAt | null): Way[] {
    const behind = step.list.steps[step.index + 1] ?? next,
        past: Way = { words: "", to: behind, spot: { list: step.list, index: step.index + 1 } };
    if (step.kind === "exit") return [];
    if (step.branches.length === 0) return [past];
    const ways = step.branches.map((one): Way => ({
        words: one.words,
        to: one.list.steps[0] ?? behind,
        spot: { list: one.list, index: 0 },
    }));
    if (step.kind === "wait") return [{ ...past, words: "it happened" }, ...ways];
    const isWhole = step.kind !== "split" || step.branches.some((one) => one.words === "otherwise");
    return isWhole ? ways : [...ways, { ...past, words: "otherwise" }];
}

/* Of each step what follows when its list is over. */
export function nextOf(journey: JourneyText): Map<StepAt, StepAt | null> {
    const all = new Map<StepAt, StepAt | null>();
    const follow = (list: List, next: StepAt | null): void =>
        list.steps.forEach((step, i) => {
            all.set(step, next);
            for (const branch of step.branches) follow(branch.list, list.steps[i + 1] ?? next);
        });
    follow(journey.top, null);
    return all;
}
