/* table.tsx - a table that is a list of cards on a phone, is ordered by its heads, searched, and gives itself as CSV. */
import type { ComponentChildren as Children } from "preact";
import { useState } from "preact/hooks";
import { csvText, tabText, type Cell } from "../page/csv.ts";
import { formatCount, plural, UNKNOWN } from "../page/format.ts";
import { copyText, downloadText } from "../page/handover.ts";
import { filterRows, sortRows } from "../page/sort.ts";
import { Icon, LOOK } from "./icon.tsx";
import { Scroller } from "./scroller.tsx";

export interface Column<T> {
    title: string;
    cell?: (row: T) => Children; /* its value, where nothing else is shown */
    value?: (row: T) => Cell; /* orders by it, and stands in the CSV */
    kind?: "number" | "wide" | "name" | undefined;
    help?: string | undefined; /* what it means, told when pointed at */
    under?: string | undefined; /* a unit or a few words below the title */
    order?: string | undefined; /* the server's order of this name */
    isOnlyInCsv?: boolean;
}

/* A heading that orders: by the server where it says so, else what is here. */
interface Ordering {
    by: string;
    isFalling: boolean;
    choose: (by: string, isFalling: boolean) => void;
}

/* What a file or the clipboard gets, where that is more than is shown. */
interface Given<T> {
    header: string[];
    cells: (row: T) => Cell[];
}

interface Options<T> {
    caption: string;
    columns: (Column<T> | false | null | undefined)[];
    rows: T[];
    id?: (row: T, index: number) => string | number;
    noun?: string;
    csv?: string | undefined; /* the file's name */
    given?: Given<T>;
    step?: number; /* rows shown at first */
    search?: ((row: T) => string) | undefined; /* the text that is searched */
    ordering?: Ordering;
    begins?: { by: string; isFalling: boolean }; /* how the rows are ordered as they come */
    isFixed?: boolean; /* the order is what the table says: its heads do not change it */
    isNarrow?: boolean; /* few columns: not drawn across the whole page */
    isBare?: boolean; /* nothing below it */
    rowClass?: (row: T) => string | undefined;
    chosen?: { ids: ReadonlySet<string>; set: (ids: Set<string>) => void };
    current?: string | number | null | undefined;
}

const STEP = 200; /* rows that come with "Show more" */

/* The byte order mark has spreadsheets read it as UTF-8. */
export const saveCsv = (name: string, header: string[], rows: Cell[][]): void =>
    downloadText(`${name}.csv`, "text/csv;charset=utf-8", "\ufeff" + csvText(header, rows));

interface Order<T> {
    by: string;
    isFalling: boolean;
    choose: (column: Column<T>) => void;
}

function useOrder<T>(options: Options<T>, columns: Column<T>[], found: T[]): Order<T> & { rows: T[] } {
    const { ordering, begins } = options;
    const [own, set] = useState<{ by: string; isFalling: boolean } | null>(null);
    const { by, isFalling } = ordering ?? own ?? begins ?? { by: "", isFalling: false };
    const value = columns.find((one) => one.title === own?.by)?.value;
    const rows = ordering || !value || !own ? found : sortRows(found, value, own.isFalling);
    return {
        rows,
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

interface HeadOptions<T> {
    column: Column<T>;
    order: Order<T>;
    isServer: boolean;
    isFixed: boolean;
}

function HeadCell<T>({ column, order, isServer, isFixed }: HeadOptions<T>) {
    const name = isServer ? column.order : column.title,
        orders = !isFixed && (isServer ? column.order !== undefined : column.value !== undefined);
    const label = (
        <span class="header-text">
            <span class="header-label" title={column.help}>
                {column.title}
            </span>
            {column.under && <span class="header-help">{column.under}</span>}
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
        <th
            scope="col"
            class={kind}
            aria-sort={name !== order.by ? "none" : order.isFalling ? "descending" : "ascending"}
        >
            <button type="button" class="sort" onClick={() => order.choose(column)}>
                {label}
                <span class="sort-mark" aria-hidden="true" />
            </button>
        </th>
    );
}

/* Above the table: the search, and an order for phones, where heads are not shown. */
function Tools<T>({
    noun,
    columns,
    order,
    words,
    search,
}: {
    noun: string;
    columns: Column<T>[];
    order: Order<T>;
    words: string;
    search: (words: string) => void;
}) {
    return (
        <div class="table-tools">
            <label class="search">
                <Icon path={LOOK} size={16} />
                <span class="unseen">{`Search ${noun}s`}</span>
                <input
                    type="search"
                    placeholder={`Search ${noun}s`}
                    value={words}
                    onInput={(event) => search(event.currentTarget.value)}
                />
            </label>
            <label class="sort-choice">
                Sort by{" "}
                <select
                    value={order.by}
                    onChange={(event) => {
                        const column = columns.find((one) => one.title === event.currentTarget.value);
                        if (column) order.choose(column);
                    }}
                >
                    {columns.map((column) => (
                        <option key={column.title}>{column.title}</option>
                    ))}
                </select>
            </label>
        </div>
    );
}

function CopyButton({ text }: { text: () => string }) {
    const [said, say] = useState("Copy");
    return (
        <button
            type="button"
            class="button quiet-text"
            onClick={() =>
                void copyText(text()).then((isDone) => {
                    say(isDone ? "Copied" : "Could not copy");
                    setTimeout(() => say("Copy"), 2000);
                })
            }
        >
            {said}
        </button>
    );
}

function Row<T>({ row, id, options, columns }: { row: T; id: string | number; options: Options<T>; columns: Column<T>[] }) {
    const { chosen, current } = options;
    return (
        <tr role="row" class={current === id ? "is-current" : options.rowClass?.(row)}>
            {chosen && (
                <td role="cell" class="choose">
                    <input
                        type="checkbox"
                        aria-label={`Choose ${id}`}
                        checked={chosen.ids.has(String(id))}
                        onChange={() => {
                            const ids = new Set(chosen.ids);
                            if (!ids.delete(String(id))) ids.add(String(id));
                            chosen.set(ids);
                        }}
                    />
                </td>
            )}
            {columns.map((column) => (
                <td
                    role="cell"
                    key={column.title}
                    class={column.kind}
                    data-label={column.under ? `${column.title} (${column.under})` : column.title}
                >
                    <span>{column.cell ? column.cell(row) : (column.value?.(row) ?? UNKNOWN)}</span>
                </td>
            ))}
        </tr>
    );
}

function Foot<T>({
    options,
    columns,
    rows,
    shown,
    more,
}: {
    options: Options<T>;
    columns: Column<T>[];
    rows: T[];
    shown: number;
    more: () => void;
}) {
    const { csv, given, noun = "row" } = options,
        valued = columns.filter((one) => one.value);
    const header = given?.header ?? valued.map((one) => one.title),
        cells = (): Cell[][] => rows.map(given?.cells ?? ((row) => valued.map((one) => one.value?.(row))));
    return (
        <div class="table-foot">
            <span class="table-count" role={options.search ? "status" : undefined}>
                {rows.length === 0 && options.search
                    ? `No ${noun} matches`
                    : shown < rows.length
                      ? `${formatCount(shown)} of ${plural(rows.length, noun)}`
                      : plural(rows.length, noun)}
            </span>
            {shown < rows.length && (
                <button type="button" class="button" onClick={more}>
                    Show more
                </button>
            )}
            {csv && header.length > 0 && rows.length > 0 && (
                <span class="table-buttons">
                    {given && <CopyButton text={() => tabText(header, cells())} />}
                    <button
                        type="button"
                        class="button quiet-text"
                        onClick={() => saveCsv(csv, header, cells())}
                    >
                        CSV
                    </button>
                </span>
            )}
        </div>
    );
}

/* The roles keep it a table for screen readers where cards change how it is displayed. */
export function Table<T>(options: Options<T>) {
    const { caption, id = (_: T, index: number) => index, chosen, noun = "row", search, step = 100 } = options;
    const [shown, show] = useState(step),
        [words, look] = useState("");
    const columns = options.columns.filter((one): one is Column<T> => !!one),
        drawn = columns.filter((one) => !one.isOnlyInCsv),
        found = search ? filterRows(options.rows, search, words) : options.rows;
    const order = useOrder(options, columns, found),
        { rows } = order;
    const all = chosen !== undefined && rows.length > 0 && rows.every((row, i) => chosen.ids.has(String(id(row, i))));
    return (
        <div class={options.isNarrow ? "table-block narrow" : "table-block"}>
            {search && (
                <Tools
                    noun={noun}
                    columns={drawn}
                    order={order}
                    words={words}
                    search={(wanted) => {
                        look(wanted);
                        show(step);
                    }}
                />
            )}
            <Scroller label={caption}>
                <table class="table cards" role="table">
                    <caption class="unseen">{caption}</caption>
                    <thead role="rowgroup">
                        <tr role="row">
                            {chosen && (
                                <th scope="col" class="choose">
                                    <input
                                        type="checkbox"
                                        aria-label={`Choose all ${noun}s shown`}
                                        checked={all}
                                        onChange={() =>
                                            chosen.set(
                                                all ? new Set() : new Set(rows.map((row, i) => String(id(row, i)))),
                                            )
                                        }
                                    />
                                </th>
                            )}
                            {drawn.map((column) => (
                                <HeadCell
                                    key={column.title}
                                    column={column}
                                    order={order}
                                    isServer={options.ordering !== undefined}
                                    isFixed={options.isFixed ?? false}
                                />
                            ))}
                        </tr>
                    </thead>
                    <tbody role="rowgroup">
                        {rows.slice(0, shown).map((row, i) => (
                            <Row key={id(row, i)} row={row} id={id(row, i)} options={options} columns={drawn} />
                        ))}
                    </tbody>
                </table>
            </Scroller>
            {!options.isBare && (
                <Foot
                    options={options}
                    columns={columns}
                    rows={rows}
                    shown={Math.min(shown, rows.length)}
                    more={() => show(shown + STEP)}
                />
            )}
        </div>
    );
}
