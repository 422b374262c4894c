/* compared.tsx - two texts, line by line: what went, what came, and a little of what stayed around it. */
interface Line {
    kind: "same" | "gone" | "new";
    words: string;
}

const AROUND = 2,
    LINES_MOST = 2000;

/* The fewest lines that turn one text into the other. */
function compareLines(before: string, after: string): Line[] {
    const a = before.replace(/\n$/, "").split("\n").slice(0, LINES_MOST),
        b = after.replace(/\n$/, "").split("\n").slice(0, LINES_MOST),
        width = b.length + 1,
        common = new Uint16Array((a.length + 1) * width);
    for (let i = a.length - 1; i >= 0; i--)
        for (let k = b.length - 1; k >= 0; k--)
            common[i * width + k] =
                a[i] === b[k]
                    ? (common[(i + 1) * width + k + 1] ?? 0) + 1
                    : Math.max(common[(i + 1) * width + k] ?? 0, common[i * width + k + 1] ?? 0);
    const lines: Line[] = [];
    let i = 0,
        k = 0;
    while (i < a.length || k < b.length) {
        if (i < a.length && k < b.length && a[i] === b[k]) {
            lines.push({ kind: "same", words: a[i] ?? "" });
            i++;
            k++;
        } else if (
            k >= b.length ||
            (i < a.length && (common[(i + 1) * width + k] ?? 0) >= (common[i * width + k + 1] ?? 0))
        )
            lines.push({ kind: "gone", words: a[i++] ?? "" });
        else lines.push({ kind: "new", words: b[k++] ?? "" });
    }
    return lines;
}

export function Compared({ before, after }: { before: string; after: string }) {
    const lines = compareLines(before, after);
    if (lines.every((line) => line.kind === "same")) return <p class="note">The two are the same.</p>;
    const isNear = (at: number): boolean =>
        lines.slice(Math.max(0, at - AROUND), at + AROUND + 1).some((line) => line.kind !== "same");
    return (
        <div class="compared" role="group" aria-label="What differs">
            {lines.map((line, i) =>
                isNear(i) ? (
                    <div key={i} class={`compared-line is-${line.kind}`}>
                        <span>{line.kind === "gone" ? "−" : line.kind === "new" ? "+" : " "}</span>
                        <code>
                            {line.kind !== "same" && (
                                <span class="unseen">{line.kind === "gone" ? "gone: " : "new: "}</span>
                            )}
                            {line.words}
                        </code>
                    </div>
                ) : i > 0 && isNear(i - 1) ? (
                    <div key={i} class="compared-line is-left-out">
                        <span />
                        <code>…</code>
                    </div>
                ) : null,
            )}
        </div>
    );
}
