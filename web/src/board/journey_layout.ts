/* journey_layout.ts - where the steps of a journey stand: columns by how far from the beginning, rows so that each way
 * has its own; a way over several columns keeps its row free on them. */

interface Box {
    key: string;
    column: number;
    row: number;
}
export interface Link<S> {
    from: string | null /* null: the beginning */;
    to: string | null /* null: the end */;
    words: string;
    spot: S;
}
/* A way as it is drawn: through these places, and where its plus stands. */
export interface Drawn<S> extends Link<S> {
    points: { x: number; y: number; isStop: boolean }[];
    plus: { x: number; y: number };
}
interface Layout<S> {
    boxes: Map<string, Box>;
    ways: Drawn<S>[];
    width: number;
    height: number;
}

export const WIDE = 214,
    TALL = 78,
    ACROSS = 290,
    DOWN = 118,
    EDGE = 30,
    START = 54;
export const boxX = (column: number): number => EDGE + START + column * ACROSS;
export const boxY = (row: number): number => EDGE + row * DOWN;

/* How many steps are before each at most. */
function depths<S>(keys: string[], of: Map<string, Link<S>[]>, first: string | null): Map<string, number> {
    const depth = new Map<string, number>();
    const follow = (key: string | null, at: number, path: Set<string>): void => {
        if (key === null || path.has(key) || (depth.get(key) ?? -1) >= at) return;
        depth.set(key, at);
        path.add(key);
        for (const link of of.get(key) ?? []) follow(link.to, at + 1, path);
        path.delete(key);
    };
    follow(first, 0, new Set());
    for (const key of keys) if (!depth.has(key)) follow(key, 0, new Set());
    return depth;
}

/* links: of each step in order, after those of the beginning.  hasEnds: a way to the end is drawn, too. */
export function layOut<S>(keys: string[], links: Link<S>[], hasEnds: boolean): Layout<S> {
    const of = new Map<string, Link<S>[]>();
    for (const link of links) if (link.from !== null) of.set(link.from, [...(of.get(link.from) ?? []), link]);
    const begin = links.filter((link) => link.from === null),
        depth = depths(keys, of, begin[0]?.to ?? null),
        boxes = new Map<string, Box>(),
        free: number[] = [],
        ways: Drawn<S>[] = [];
    const take = (column: number, row: number): number => {
        const at = Math.max(row, free[column] ?? 0);
        free[column] = at + 1;
        return at;
    };
    const draw = (link: Link<S>, from: Box | null, row: number): void => {
        const column = (from?.column ?? -1) + 1,
            points = [
                from
                    ? { x: boxX(from.column) + WIDE, y: boxY(from.row) + TALL / 2, isStop: true }
                    : { x: EDGE, y: boxY(0) + TALL / 2, isStop: true },
            ];
        let at = row;
        if (link.to === null) {
            if (!hasEnds && from) return;
            at = take(column, row);
            points.push({ x: boxX(column) - 8, y: boxY(at) + TALL / 2, isStop: true });
        } else {
            const goal = depth.get(link.to) ?? column;
            for (let passed = column; passed < goal; passed++) {
                at = take(passed, at);
                points.push(
                    { x: boxX(passed), y: boxY(at) + TALL / 2, isStop: false },
                    { x: boxX(passed) + WIDE, y: boxY(at) + TALL / 2, isStop: false },
                );
            }
            const target = place(link.to, at);
            if (goal < column) return; /* nothing leads back */
            points.push({ x: boxX(target.column), y: boxY(target.row) + TALL / 2, isStop: true });
        }
        const [a, b] = points;
        if (a && b)
            ways.push({
                ...link,
                points,
                plus: { x: (a.x + Math.min(b.x, a.x + ACROSS - WIDE)) / 2, y: (a.y + b.y) / 2 },
            });
    };
    const place = (key: string, row: number): Box => {
        const known = boxes.get(key);
        if (known) return known;
        const column = depth.get(key) ?? 0,
            box = { key, column, row: take(column, row) };
        boxes.set(key, box);
        (of.get(key) ?? []).forEach((link, i) => draw(link, box, box.row + i));
        return box;
    };
    for (const link of begin) draw(link, null, 0);
    for (const key of keys) place(key, free[depth.get(key) ?? 0] ?? 0);
    const columns = Math.max(0, ...[...boxes.values()].map((box) => box.column)) + 1,
        rows = Math.max(1, ...free.map((n) => n ?? 0));
    return {
        boxes,
        ways,
        width: boxX(columns - 1) + WIDE + (hasEnds ? ACROSS - WIDE : 0) + EDGE,
        height: boxY(rows - 1) + TALL + EDGE,
    };
}

/* A line through the places that runs level where it stops or passes. */
export function pathOf(points: { x: number; y: number }[]): string {
    return points
        .map((point, i) => {
            const before = points[i - 1];
            if (!before) return `M${point.x} ${point.y}`;
            const bend = Math.max(14, (point.x - before.x) / 2);
            return `C${before.x + bend} ${before.y} ${point.x - bend} ${point.y} ${point.x} ${point.y}`;
        })
        .join("");
}
