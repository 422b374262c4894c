/* tornado.tsx - what moves an outcome most: each input at both ends, the others at their middle. */
import type { Swing } from "../report.ts";
import { Whisker } from "./plot.tsx";
import { Table } from "./table.tsx";

interface TornadoOptions {
    caption: string;
    rows: Swing[];
    middle: number;
    ends: [string, string]; /* what the two ends are called */
    between: string;
    words: (value: number) => string;
    name?: (input: string) => string;
    csv?: string;
}

export function Tornado({ caption, rows, middle, ends, between, words, name, csv }: TornadoOptions) {
    const all = [middle, ...rows.flatMap((row) => [row.low, row.high])],
        from = Math.min(...all),
        until = Math.max(...all);
    return rows.length === 0 ? null : (
        <Table
            caption={caption}
            noun="input"
            csv={csv}
            isBare={!csv}
            id={(row) => row.input}
            rows={rows}
            columns={[
                {
                    title: "Input",
                    kind: "name",
                    cell: (row) => name?.(row.input) ?? row.input.replaceAll("_", " "),
                    value: (row) => row.input,
                },
                { title: ends[0], kind: "number", cell: (row) => words(row.low), value: (row) => row.low },
                { title: ends[1], kind: "number", cell: (row) => words(row.high), value: (row) => row.high },
                {
                    title: between,
                    cell: (row) => (
                        <Whisker
                            value={middle}
                            low={Math.min(row.low, row.high)}
                            high={Math.max(row.low, row.high)}
                            from={from}
                            to={until}
                            reference={middle}
                        />
                    ),
                },
            ]}
        />
    );
}
