/* table.tsx - a table that is a list of cards on a phone, is ordered by its heads, and gives itself as CSV. */
import type { ComponentChildren as Children } from "preact";
import { useState } from "preact/hooks";
import { csvText, type Cell } from "../../page/csv.ts";
import { formatCount, plural } from "../../page/format.ts";
import { downloadText } from "../../page/handover.ts";
import { sortRows } from "../../page/sort.ts";

export interface Column<T> {
    title: string;
    cell: (row: T) => Children;
    value?: (row: T) => Cell; /* orders by it, and stands in the CSV */
    kind?: "number" | "wide" | "name" | undefined;
    help?: string | undefined; /* what it means, told when pointed at */
    order?: string | undefined; /* the server's order of this name */
}

/* A heading that orders: by the server where it says so, else what is here. */
export interface Ordering {
    by: string;
    isFalling: boolean;
    choose: (by: string, isFalling: boolean) => void;
}

interface Options<T> {
    caption: string;
    columns: Column<T>[];
    rows: T[];
    id: (row: T) => string | number;
    noun?: string;
    csv?: string | undefined; /* the file's name */
    step?: number; /* rows shown at first */
    ordering?: Ordering;
    chosen?: { ids: ReadonlySet<string>; set: (ids: Set<string>) => void };
    current?: string | number | null | undefined;
}

/* The byte order mark has spreadsheets read it as UTF-8. */
export const saveCsv = (name: string, header: string[], rows: Cell[][]): void =>
    downloadText(`${name}.csv`, "text/csv;charset=utf-8", "\ufeff" + csvText(header, rows));

function useOrder<T>({ columns, rows, ordering }: Options<T>): {
    rows: T[];
    by: string;
    isFalling: boolean;
    choose: (column: Column<T>) => void;
} {
    const [own, set] = useState<{ by: string; isFalling: boolean }>({ by: "", isFalling: false });
    const { by, isFalling } = ordering ?? own;
    const column = columns.find((one) => one.title === own.by),
        value = column?.value;
    const sorted = ordering || !value ? rows : sortRows(rows, value, own.isFalling);
    return {
        rows: sorted,
        by,
        isFalling,
        choose: (one) => {
            const name = ordering ? (one.order ?? "") : one.title;
            const falling = by === name ? !isFalling : one.kind === "number";
            if (ordering) ordering.choose(name, falling);
            else set({ by: name, isFalling: falling });
        },
    };
}

function HeadCell<T>({
    column,
    by,
    isFalling,
    isServer,
    choose,
}: {
    column: Column<T>;
    by: string;
    isFalling: boolean;
    isServer: boolean;
    choose: (column: Column<T>) => void;
}) {
    const name = isServer ? column.order : column.title,
        orders = isServer ? column.order !== undefined : column.value !== undefined;
    const label = (
        <span class="header-label" title={column.help}>
            {column.title}
        </span>
    );
    const kind = column.kind === "number" ? "number" : undefined;
    if (!orders)
        return (
            <th scope="col" class={kind}>
                {label}
            </th>
        );
    return (
        <th scope="col" class={kind} aria-sort={name !== by ? "none" : isFalling ? "descending" : "ascending"}>
            <button type="button" class="sort" onClick={() => choose(column)}>
                {label}
                <span class="sort-mark" aria-hidden="true" />
            </button>
        </th>
    );
}

export function Table<T>(options: Options<T>) {
    const { caption, columns, id, csv, chosen, current, noun = "row" } = options;
    const [shown, show] = useState(options.step ?? 100);
    const { rows, by, isFalling, choose } = useOrder(options);
    const seen = rows.slice(0, shown),
        all = chosen !== undefined && rows.length > 0 && rows.every((row) => chosen.ids.has(String(id(row))));
    const valued = columns.filter((one) => one.value);
    return (
        <div class="table-block">
            <div class="table-scroll" role="region" aria-label={caption} tabIndex={0}>
                <table class="table cards">
                    <caption class="unseen">{caption}</caption>
                    <thead>
                        <tr>
                            {chosen && (
                                <th scope="col" class="choose">
                                    <input
                                        type="checkbox"
                                        aria-label={`Choose all ${noun}s shown`}
                                        checked={all}
                                        onChange={() =>
                                            chosen.set(
                                                all ? new Set() : new Set(rows.map((row) => String(id(row)))),
                                            )
                                        }
                                    />
                                </th>
                            )}
                            {columns.map((column) => (
                                <HeadCell
                                    key={column.title}
                                    column={column}
                                    by={by}
                                    isFalling={isFalling}
                                    isServer={options.ordering !== undefined}
                                    choose={choose}
                                />
                            ))}
                        </tr>
                    </thead>
                    <tbody>
                        {seen.map((row) => (
                            <tr key={id(row)} class={current === id(row) ? "is-current" : undefined}>
                                {chosen && (
                                    <td class="choose">
                                        <input
                                            type="checkbox"
                                            aria-label={`Choose ${id(row)}`}
                                            checked={chosen.ids.has(String(id(row)))}
                                            onChange={() => {
                                                const ids = new Set(chosen.ids),
                                                    one = String(id(row));
                                                if (!ids.delete(one)) ids.add(one);
                                                chosen.set(ids);
                                            }}
                                        />
                                    </td>
                                )}
                                {columns.map((column) => (
                                    <td key={column.title} class={column.kind} data-label={column.title}>
                                        <span>{column.cell(row)}</span>
                                    </td>
                                ))}
                            </tr>
                        ))}
                    </tbody>
                </table>
            </div>
            <div class="table-foot">
                <span class="table-count">
                    {shown < rows.length
                        ? `${formatCount(seen.length)} of ${plural(rows.length, noun)}`
                        : plural(rows.length, noun)}
                </span>
                {shown < rows.length && (
                    <button type="button" class="button" onClick={() => show(shown + 200)}>
                        Show more
                    </button>
                )}
                {csv && valued.length > 0 && rows.length > 0 && (
                    <button
                        type="button"
                        class="button quiet-text"
                        onClick={() =>
                            saveCsv(
                                csv,
                                valued.map((one) => one.title),
                                rows.map((row) => valued.map((one) => one.value?.(row))),
                            )
                        }
                    >
                        CSV
                    </button>
                )}
            </div>
        </div>
    );
}
