/* customers.tsx - find customers, order them by anything, choose many, and act on them. */
import { useMemo, useState } from "preact/hooks";
import { formatCount, formatMoney, formatQuantity, formatShare, plural } from "../../page/format.ts";
import type {
    GetV1Customers,
    GetV1Fields,
    GetV1Journeys,
    GetV1Segments,
    PostV1SegmentsPreview,
} from "../answers.ts";
import { ask, encode } from "../ask.ts";
import { Part, Reasons } from "../../part/block.tsx";
import { CustomerLink, Empty, Head, Shown, Trouble } from "../part/basic.tsx";
import { Button } from "../part/button.tsx";
import { ConditionField, fieldWords, usePreview } from "../part/condition.tsx";
import { Choice, Dialog, Field } from "../part/form.tsx";
import { SavedViews } from "../part/saved_views.tsx";
import { Bars } from "../../part/bars.tsx";
import { saveCsv, Table, type Column } from "../../part/table.tsx";
import type { Cell } from "../../page/csv.ts";
import { look, to } from "../place.ts";
import { useMay } from "../session.ts";
import { tell } from "../notice.tsx";
import { useAnswer, useDoing, useStill } from "../use_answer.ts";
import type { ViewProps } from "../views.ts";

type Row = GetV1Customers["customers"][number];
type FieldOf = GetV1Fields["fields"][number];

const ROWS = 50,
    CSV_ROWS = 20_000;

/* Orders that the server reads from what is stored; a page of theirs that it had no time for is gone on from. */
const isByScore = (order: string | null): boolean => ["loss", "prediction", "stays", "value"].includes(order ?? "loss");

function shownValue(field: FieldOf | undefined, value: unknown): string {
    if (value === null || value === undefined) return "–";
    if (typeof value !== "number") return String(value);
    if (field?.unit === "cents") return formatMoney(value, "");
    if (field?.unit === "share") return formatShare(value);
    return formatQuantity(value);
}

function columnsOf(names: string[], fields: FieldOf[]): Column<Row>[] {
    return names.map((name) => {
        const field = fields.find((one) => one.name === name),
            isNumber = field?.type !== "text";
        return {
            title: name,
            kind: isNumber ? "number" : undefined,
            help: field?.meaning,
            order: isNumber ? name : undefined,
            cell: (row) => shownValue(field, row.values?.[name]),
            value: (row) => row.values?.[name] as Cell,
        };
    });
}

const CHANCE: Column<Row> = {
    title: "Likely to leave",
    kind: "number",
    order: "prediction",
    cell: (row) => formatShare(row.prediction),
    value: (row) => row.prediction,
};
const MONEY: Column<Row>[] = [
    {
        title: "Expected loss",
        kind: "number",
        order: "loss",
        cell: (row) => formatMoney(row.expected_loss_cents, ""),
        value: (row) => row.expected_loss_cents,
    },
    {
        title: "Value if they stay",
        kind: "number",
        order: "stays",
        cell: (row) => formatMoney(row.value_if_stays_cents, ""),
        value: (row) => row.value_if_stays_cents,
    },
];
const WHY: Column<Row> = {
    title: "Why",
    kind: "wide",
    cell: (row) => {
        const reasons = row.reasons?.filter((one) => !one.startsWith("against: ")).slice(0, 2);
        return reasons?.length === 0 ? <span class="note">nothing stands out</span> : <Reasons reasons={reasons} />;
    },
    value: (row) => row.reasons?.join("; ") ?? "",
};
const CUSTOMER: Column<Row> = {
    title: "Customer",
    kind: "name",
    cell: (row) => <CustomerLink id={row.customer} />,
    value: (row) => row.customer,
};

function SaveSegment({ where, close }: { where: string; close: () => void }) {
    const [name, set] = useState(""),
        doing = useDoing();
    return (
        <Dialog title="Make a segment of these" close={close}>
            <form
                onSubmit={(event) => {
                    event.preventDefault();
                    doing.run(async () => {
                        const made = await ask<GetV1Segments["segments"][number]>("POST", "/v1/segments", {
                            name,
                            expression: where,
                        });
                        tell(`Segment ${made.name} has ${plural(made.n_members, "customer")}`, async () => {
                            await ask("DELETE", `/v1/segments/${made.id}`);
                        });
                        close();
                    });
                }}
            >
                <p class="note">
                    <code>{where}</code>
                </p>
                <Field label="Name" name="name" value={name} set={set} error={doing.error} isRequired />
                <Trouble error={doing.error} />
                <p class="actions">
                    <Button type="submit" class="button primary" isOff={doing.isDoing}>
                        Make it
                    </Button>
                </p>
            </form>
        </Dialog>
    );
}

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;

function ColumnChooser({
    fields,
    chosen,
    set,
}: {
    fields: FieldOf[];
    chosen: string[];
    set: (names: string[]) => void;
}) {
    const [text, setText] = useState(""),
        words = text.toLowerCase();
    const found = fields.filter((one) => `${one.name} ${one.meaning}`.toLowerCase().includes(words)).slice(0, 60);
    return (
        <details class="chooser">
            <summary class="button">Columns{chosen.length > 0 ? ` (${chosen.length})` : ""}</summary>
            <div class="chooser-body">
                <Field label="Find a column" value={text} set={setText} />
                <ul>
                    {found.map((one) => (
                        <li key={one.name}>
                            <label>
                                <input
                                    type="checkbox"
                                    checked={chosen.includes(one.name)}
                                    onChange={() =>
                                        set(
                                            chosen.includes(one.name)
                                                ? chosen.filter((name) => name !== one.name)
                                                : [...chosen, one.name],
                                        )
                                    }
                                />
                                <span>
                                    <code>{one.name}</code>
                                    <span class="note">{fieldWords(one)}</span>
                                </span>
                            </label>
                        </li>
                    ))}
                </ul>
            </div>
        </details>
    );
}

function Spread({ preview }: { preview: PostV1SegmentsPreview | null }) {
    if (!preview || preview.n_members === 0) return null;
    const rows = preview.overlaps
        .filter((one) => one.n_both > 0)
        .sort((a, b) => b.n_both - a.n_both)
        .slice(0, 8);
    if (rows.length === 0) return null;
    return (
        <Part title="Which segments they are in">
            <Bars
                title="Customers in each segment"
                label={rows.map((one) => `${one.name}: ${formatCount(one.n_both)}`).join("; ")}
                bars={rows.map((one) => ({ name: one.name, size: one.n_both, words: formatCount(one.n_both) }))}
            />
        </Part>
    );
}

/* All pages one after the other, as a file. */
async function saveAll(query: URLSearchParams, columns: Column<Row>[]): Promise<void> {
    const rows: Row[] = [],
        valued = columns.filter((one) => one.value);
    let isWhole = true,
        isCut = false;
    for (let after: string | null = ""; after !== null && !isCut;) {
        const asked = new URLSearchParams(query);
        asked.set("limit", "200");
        if (after) asked.set("after", after);
        const page: GetV1Customers = await ask<GetV1Customers>("GET", `/v1/customers?${asked}`);
        rows.push(...page.customers);
        after = page.next;
        isWhole &&= page.is_whole || (isByScore(query.get("order")) && after !== null);
        isCut = after !== null && rows.length >= CSV_ROWS;
    }
    saveCsv(
        "customers",
        valued.map((one) => one.title),
        rows.map((row) => valued.map((one) => one.value?.(row))),
    );
    const less = isCut ? "; for more use holdfast export" : isWhole ? "" : "; some may be missing";
    tell(`${plural(rows.length, "customer")} in customers.csv${less}`);
}

/* One request each, so that it can be said of whom it was refused and why. */
function ActOnMany({ kind, ids, close }: { kind: "task" | "journey"; ids: string[]; close: () => void }) {
    const [words, set] = useState(""),
        [refused, tellRefused] = useState<string[]>([]),
        journeys = useAnswer<GetV1Journeys>(kind === "journey" ? "/v1/journeys" : null).data?.journeys ?? [],
        doing = useDoing(),
        chosen = words.trim() || (kind === "journey" ? (journeys[0]?.journey ?? "") : "");
    return (
        <Dialog title={kind === "task" ? "A task about each" : "Let them enter a journey"} close={close}>
            <form
                onSubmit={(event) => {
                    event.preventDefault();
                    doing.run(async () => {
                        const no: string[] = [];
                        for (const customer of ids)
                            try {
                                if (kind === "task") await ask("POST", "/v1/tasks", { customer, task: chosen });
                                else {
                                    const path = `/v1/journeys/${encode(chosen)}/enter`,
                                        { entered } = await ask<{ entered: boolean }>("POST", path, { customer });
                                    if (!entered) no.push(`${customer}: its rules did not let them`);
                                }
                            } catch (error) {
                                no.push(`${customer}: ${error instanceof Error ? error.message : "refused"}`);
                            }
                        tell(
                            `${plural(ids.length - no.length, "customer")} ${kind === "task" ? "have a task in the queue" : `entered ${chosen}`}`,
                        );
                        tellRefused(no);
                        if (no.length === 0) close();
                    });
                }}
            >
                <p class="note">This reaches {plural(ids.length, "customer")}.</p>
                {kind === "task" ? (
                    <Field label="What is to be done" name="task" value={words} set={set} isRequired />
                ) : (
                    <Choice
                        label="Journey"
                        value={chosen}
                        set={set}
                        options={journeys.map((one): [string, string] => [one.journey, one.journey])}
                    />
                )}
                <Trouble error={doing.error} />
                {refused.length > 0 && (
                    <ul class="plain" role="alert">
                        {refused.slice(0, 20).map((one) => (
                            <li key={one}>{one}</li>
                        ))}
                    </ul>
                )}
                <p class="actions">
                    <Button type="submit" class="button primary" isOff={doing.isDoing || !chosen}>
                        {kind === "task" ? "Put them into the queue" : "Let them enter"}
                    </Button>
                </p>
            </form>
        </Dialog>
    );
}

function SomeChosen({ chosen, clear }: { chosen: ReadonlySet<string>; clear: () => void }) {
    const may = useMay(),
        [isSaving, setSaving] = useState(false),
        [acting, act] = useState<"task" | "journey" | null>(null),
        ids = [...chosen];
    if (ids.length === 0) return null;
    return (
        <div class="chosen-bar" role="status">
            <strong>{plural(ids.length, "customer")} chosen</strong>
            {may("POST /v1/segments") && (
                <button type="button" class="button" onClick={() => setSaving(true)}>
                    Make a segment
                </button>
            )}
            {may("POST /v1/tasks") && (
                <button type="button" class="button" onClick={() => act("task")}>
                    Give a task
                </button>
            )}
            {may("POST /v1/journeys/{name}/enter") && (
                <button type="button" class="button" onClick={() => act("journey")}>
                    Enter a journey
                </button>
            )}
            {acting && <ActOnMany kind={acting} ids={ids} close={() => act(null)} />}
            <button
                type="button"
                class="button"
                onClick={() =>
                    saveCsv(
                        "chosen",
                        ["customer"],
                        ids.map((id) => [id]),
                    )
                }
            >
                CSV
            </button>
            <button type="button" class="button" onClick={clear}>
                Choose none
            </button>
            {isSaving && (
                <SaveSegment
                    where={`customer_id IN (${ids.map(quoted).join(", ")})`}
                    close={() => setSaving(false)}
                />
            )}
        </div>
    );
}

function Found({ rows }: { rows: Row[] }) {
    return rows.length === 0 ? (
        <Empty>
            Nobody was found. Ids are found by their beginning, addresses only as a whole, because they are sealed.
        </Empty>
    ) : (
        <Table
            caption="Customers found"
            noun="customer"
            id={(row) => row.customer}
            rows={rows}
            columns={[
                CUSTOMER,
                { title: "Found by", cell: (row) => row.matched ?? "–", value: (row) => row.matched },
            ]}
            csv="found"
        />
    );
}

export default function CustomersPage({ asked }: ViewProps) {
    const search = asked.get("search") ?? "",
        where = asked.get("where") ?? "",
        order = asked.get("order") ?? "loss",
        after = asked.get("after");
    const names = useMemo(() => (asked.get("columns") ?? "").split(",").filter(Boolean), [asked.get("columns")]);
    const [chosen, choose] = useState<ReadonlySet<string>>(new Set()),
        [isSaving, setSaving] = useState(false),
        doing = useDoing(),
        may = useMay();
    const fields = useAnswer<GetV1Fields>("/v1/fields").data?.fields ?? [],
        still = useStill(search, 200),
        sure = useStill(where, 350);
    const isScored = isByScore(order),
        by = order.replace(/^-/, "");
    const told = [
        ...new Set([...names, ...(isScored || by === "customer" ? [] : [by])]),
    ]; /* what is ordered by is seen */
    const query = new URLSearchParams([["limit", String(ROWS)]]);
    if (still.trim()) query.set("search", still.trim());
    else
        for (const [name, value] of [
            ["where", sure.trim()],
            ["order", order],
            ["columns", told.join(",")],
            ["after", after ?? ""],
        ] as const)
            if (value) query.set(name, value);
    const answer = useAnswer<GetV1Customers>(`/v1/customers?${query}`),
        preview = usePreview(still.trim() ? "" : sure);
    /* Of a table whose money nobody named, nothing is at stake that could be said. */
    const rows = answer.data?.customers ?? [],
        hasMoney = rows.length === 0 || rows.some((row) => row.expected_loss_cents || row.value_if_stays_cents);
    const columns = [
        CUSTOMER,
        ...(isScored ? [CHANCE, ...(hasMoney ? MONEY : [])] : []),
        ...columnsOf(told, fields),
        ...(isScored ? [WHY] : []),
    ];
    return (
        <>
            <Head
                title={
                    where
                        ? "Customers, some of them"
                        : hasMoney
                          ? "Who has most at stake"
                          : "Who is likeliest to leave"
                }
                name="Customers"
                lead={
                    isScored
                        ? hasMoney
                            ? "Expected loss is the chance to leave times what a customer would bring in twelve months if they stayed. It says where a conversation may be worth most, not that it will help."
                            : "No money is known of them, so they stand by their chance to leave. It says who is likeliest, not who can be kept."
                        : `Ordered by ${by}, ${order.startsWith("-") ? "greatest" : "least"} first.`
                }
            />
            <SavedViews />
            <div class="finder">
                <Field
                    label="Find a customer"
                    type="search"
                    name="search"
                    value={search}
                    set={(text) => look({ search: text, after: null }, false)}
                    placeholder="an id, or a whole e-mail address"
                />
                <ConditionField
                    label="Or all of whom this holds"
                    value={where}
                    set={(text) => look({ where: text, after: null }, false)}
                    fields={fields}
                    error={answer.error}
                />
            </div>
            {!still.trim() && (
                <div class="controls">
                    <p class="note" role="status">
                        {where ? preview.words : ""}
                    </p>
                    <p class="actions">
                        <ColumnChooser
                            fields={fields}
                            chosen={names}
                            set={(list) => look({ columns: list.join(","), after: null })}
                        />
                        {where && may("POST /v1/segments") && (
                            <button type="button" class="button" onClick={() => setSaving(true)}>
                                Make a segment
                            </button>
                        )}
                        <Button
                            type="button"
                            class="button"
                            isOff={doing.isDoing}
                            onClick={() =>
                                doing.run(() => {
                                    const all = new URLSearchParams(query);
                                    all.delete("after");
                                    return saveAll(all, columns);
                                })
                            }
                        >
                            CSV of all
                        </Button>
                    </p>
                </div>
            )}
            <Trouble error={doing.error} />
            <SomeChosen chosen={chosen} clear={() => choose(new Set())} />
            <Shown answer={answer} rows={8}>
                {(page) =>
                    still.trim() ? (
                        <Found rows={page.customers} />
                    ) : page.customers.length === 0 ? (
                        <Empty
                            actions={
                                where ? null : (
                                    <>
                                        <a class="button" href={to("customers", null, { order: "customer" })}>
                                            Show everybody by id
                                        </a>
                                        {may("GET /v1/models") && (
                                            <a class="button" href={to("models")}>
                                                See the models
                                            </a>
                                        )}
                                        {may("GET /v1/rejects") && (
                                            <a class="button" href={to("data")}>
                                                Bring in a file
                                            </a>
                                        )}
                                    </>
                                )
                            }
                        >
                            {where
                                ? "This holds for nobody now. Loosen the condition, or look at how a value is spread under Columns."
                                : "Nobody has been valued yet: that follows once a model is trained. Who is known stands in the order by id; where nobody is, bring in a file of orders, or send events."}
                        </Empty>
                    ) : (
                        <>
                            <Table
                                caption="Customers"
                                noun="customer"
                                id={(row) => row.customer}
                                rows={page.customers}
                                columns={columns}
                                csv="customers-page"
                                ordering={{
                                    by,
                                    isFalling: isScored || order.startsWith("-"),
                                    choose: (next, isFalling) =>
                                        look({
                                            order: isByScore(next) ? next : `${isFalling ? "-" : ""}${next}`,
                                            after: null,
                                        }),
                                }}
                                chosen={{ ids: chosen, set: choose }}
                            />
                            {!page.is_whole && (
                                <p class="note">
                                    Not everybody could be looked at in two seconds: some may be missing.
                                </p>
                            )}
                            <p class="actions">
                                {after && (
                                    <button type="button" class="button" onClick={() => history.back()}>
                                        The page before
                                    </button>
                                )}
                                {page.next && (
                                    <button
                                        type="button"
                                        class="button"
                                        onClick={() => look({ after: page.next })}
                                    >
                                        The next page
                                    </button>
                                )}
                            </p>
                        </>
                    )
                }
            </Shown>
            {!still.trim() && where && <Spread preview={preview.data} />}
            {isSaving && <SaveSegment where={where} close={() => setSaving(false)} />}
        </>
    );
}
