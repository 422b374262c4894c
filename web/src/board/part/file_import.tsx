/* file_import.tsx - a customer file from this computer: sent in pieces, looked at, its columns said otherwise where they
 * were guessed wrong, and imported in the server's queue. */
import { useEffect, useRef, useState } from "preact/hooks";
import { formatCount, formatDate, formatDecimal, plural } from "../../page/format.ts";
import { sentence } from "../../page/prose.ts";
import type { Finding, ImportResult, Quality } from "../../report.ts";
import type { GetV1Uploads, GetV1UploadsId, PostV1Uploads } from "../answers.ts";
import { ask } from "../ask.ts";
import { formatSpan } from "../clock.ts";
import { tell } from "../notice.tsx";
import { look, to, usePlace } from "../place.ts";
import { useAnswer, useDoing } from "../use_answer.ts";
import { Part, Tag } from "../../part/block.tsx";
import { Empty, Shown, Trouble, Waiting } from "./basic.tsx";
import { Button } from "./button.tsx";
import { Imported, type CatalogueTold, type ImportTold } from "./file_imported.tsx";
import { Choice, Field } from "./form.tsx";
import { Table } from "../../part/table.tsx";

type Upload = GetV1UploadsId;
type Flags = Record<string, string | boolean>;
type Job = NonNullable<Upload["look"]>;
interface Refused {
    line: number;
    column: string;
    reason: string;
    raw: string;
}
interface Looked {
    import: ImportResult & { shape?: string; dialect?: string; source?: string; format?: string | null };
    quality: Quality | null;
    rejects?: Refused[];
}

const isBusy = (job: Job | null | undefined): boolean => job?.state === "waiting" || job?.state === "running";
const SHAPES: Record<string, string> = {
    order_lines: "lines of orders",
    events: "a log of events",
    table: "a table with one row per customer",
};
const MEGA = 1e6;
const megabytes = (bytes: number): string =>
    bytes < MEGA ? `${formatCount(Math.ceil(bytes / 1000))} kB` : `${formatDecimal(bytes / MEGA, 1)} MB`;

/* How far something is, how fast it goes, and how long it will take. */
function Progress({ words, done, total, unit, per_second, left_ms }: {
    words: string;
    done: number;
    total: number | null;
    unit: string;
    per_second: number | null;
    left_ms: number | null;
}) {
    const amount = (n: number): string => (unit === "bytes" ? megabytes(n) : `${formatCount(n)} ${unit}`.trim());
    return (
        <div class="progress">
            <progress aria-label={words} max={total ?? undefined} value={total === null ? undefined : done} />
            <p class="note" role="status">
                {words}
                {done > 0 ? `: ${amount(done)}${total === null ? "" : ` of ${amount(total)}`}` : ""}
                {per_second === null ? "" : `, ${amount(per_second)} a second`}
                {left_ms === null || left_ms < 1000 ? "" : `, about ${formatSpan(left_ms)} left`}
            </p>
        </div>
    );
}

/* ---- sending it ---- */

interface Sending {
    name: string;
    bytes: number;
    sent: number;
    from: number; /* bytes that had come before it was begun, or gone on with */
    began_ms: number;
}

/* Sends what has not come yet, a piece at a time; whoever chooses the same file again goes on with it. */
async function send(file: File, all: Upload[], most: number, step: (sending: Sending) => void, signal: AbortSignal) {
    const begun = all.find((one) => one.name === file.name && one.bytes === file.size && one.received < one.bytes),
        upload = begun ?? (await ask<PostV1Uploads>("POST", "/v1/uploads", { name: file.name, bytes: file.size }));
    const state: Sending = {
        name: file.name, bytes: file.size, sent: upload.received, from: upload.received, began_ms: Date.now(),
    };
    while (state.sent < file.size) {
        step({ ...state });
        const piece = file.slice(state.sent, Math.min(file.size, state.sent + most));
        const told = await ask<{ received: number }>("PUT", `/v1/uploads/${upload.id}?at=${state.sent}`, piece, signal);
        state.sent = told.received;
    }
    await ask("POST", `/v1/uploads/${upload.id}/look`, { flags: {} });
    return upload.id;
}

function SendFile({ known, done }: { known: GetV1Uploads; done: (id: number) => void }) {
    const [sending, set] = useState<Sending | null>(null),
        [isOver, setOver] = useState(false),
        doing = useDoing(),
        ending = useRef<AbortController | null>(null);
    useEffect(() => () => ending.current?.abort(), []);
    const take = (file: File | undefined | null): void => {
        if (!file || doing.isDoing) return;
        const controller = new AbortController();
        ending.current = controller;
        doing.run(async () => {
            try {
                const id = await send(file, known.uploads as Upload[], known.piece_most_bytes, set, controller.signal);
                done(id);
            } catch (error) {
                if (!controller.signal.aborted) throw error;
            } finally {
                set(null);
            }
        });
    };
    const seconds = sending ? (Date.now() - sending.began_ms) / 1000 : 0,
        rate = sending && seconds > 0.5 ? (sending.sent - sending.from) / seconds : null;
    return (
        <div
            class={isOver ? "drop is-over" : "drop"}
            onDragOver={(event) => {
                event.preventDefault();
                setOver(true);
            }}
            onDragLeave={() => setOver(false)}
            onDrop={(event) => {
                event.preventDefault();
                setOver(false);
                take(event.dataTransfer?.files[0]);
            }}
        >
            <p class="field">
                <label for="customer-file">A file of customers, or drop it here</label>
                <input
                    id="customer-file"
                    type="file"
                    aria-disabled={doing.isDoing ? "true" : undefined}
                    onClick={(event) => {
                        if (doing.isDoing) event.preventDefault();
                    }}
                    onChange={(event) => {
                        const field = event.currentTarget;
                        take(field.files?.[0]);
                        field.value = ""; /* the same one may be chosen again */
                    }}
                />
                <span class="note">
                    Orders, events or a table of customers: CSV, JSON or .xlsx, packed or not. Nothing is imported
                    before you have seen how it is read.
                </span>
            </p>
            {sending && (
                <>
                    <Progress
                        words={`Sending ${sending.name}`}
                        done={sending.sent}
                        total={sending.bytes}
                        unit="bytes"
                        per_second={rate}
                        left_ms={rate ? (1000 * (sending.bytes - sending.sent)) / rate : null}
                    />
                    <p class="actions">
                        <button type="button" class="button" onClick={() => ending.current?.abort()}>
                            Stop sending
                        </button>
                    </p>
                </>
            )}
            <Trouble error={doing.error} />
        </div>
    );
}

/* ---- how it is read ---- */

/* What a column may be taken for, and in whose words. */
const ROLES: [string, string][] = [
    ["none", "not used"],
    ["customer", "who"],
    ["time", "when it happened"],
    ["clock", "the time of day"],
    ["received", "when it became known"],
    ["event", "what happened"],
    ["order", "the order"],
    ["line", "the order's line"],
    ["item", "the product"],
    ["quantity", "how many"],
    ["price", "price of one piece"],
    ["amount", "money of the row"],
    ["total", "money of the whole order"],
    ["refunded", "money given back"],
    ["status", "whether it is a sale"],
    ["cancelled", "cancelled"],
    ["currency", "the currency"],
    ["target", "the label to predict"],
    ["trait", "an attribute of the customer"],
];
const GUESSED: Record<string, string> = {
    personal: "personal, kept sealed",
    property: "kept with the event",
    mark: "marks what is left out",
};
type Mapped = NonNullable<ImportResult["mapping"]>[number];

/* The flags with a column taken for something else. */
function mapped(flags: Flags, columns: Mapped[], column: string, before: string, role: string): Flags {
    const next = { ...flags },
        traits = new Set(columns.filter((one) => one.role === "trait").map((one) => one.column));
    if (before === "trait" || role === "trait") {
        if (role === "trait") traits.add(column);
        else traits.delete(column);
        next.traits = traits.size > 0 ? [...traits].join(",") : "none";
    }
    if (before !== "trait" && before !== "none" && ROLES.some(([name]) => name === before)) next[before] = "none";
    if (role !== "trait" && role !== "none") next[role] = column;
    return next;
}

function Columns({ told, flags, change }: { told: Looked; flags: Flags; change: (flags: Flags) => void }) {
    const columns = told.import.mapping ?? [],
        examples = new Map((told.quality?.columns ?? []).map((one) => [one.name, one.example ?? ""]));
    return (
        <Table
            caption="Columns of the file"
            noun="column"
            csv="columns"
            step={40}
            id={(row) => row.column}
            rows={columns}
            columns={[
                {
                    title: "Column",
                    kind: "name",
                    cell: (row) => <code>{row.column}</code>,
                    value: (row) => row.column,
                },
                { title: "For example", cell: (row) => examples.get(row.column) || "–" },
                {
                    title: "Taken for",
                    cell: (row) => {
                        const role = row.role ?? "none",
                            own: [string, string][] = GUESSED[role] ? [[role, GUESSED[role]]] : [];
                        return (
                            <Choice
                                label={`What ${row.column} is`}
                                isHidden
                                value={role}
                                set={(value) => change(mapped(flags, columns, row.column, role, value))}
                                options={[...own, ...ROLES]}
                            />
                        );
                    },
                    value: (row) => row.role,
                },
                {
                    title: "Why",
                    kind: "wide",
                    cell: (row) => sentence([row.format, row.why].filter(Boolean).join("; ")),
                    value: (row) => row.why,
                },
            ]}
        />
    );
}

const SETTINGS: [string, string, string][] = [
    ["date-format", "Dates", "YYYY-MM-DD, D/M/Y, M/D/Y, D.M.Y, epoch-s, or as strptime: %d.%m.%Y"],
    ["decimal", "Before the decimals", ". or ,"],
    ["separator", "Between columns", ", ; | tab space"],
    ["encoding", "Encoding", "utf-8 or latin-1"],
    ["currency", "Currency", "a column, or one code for all rows: GBP"],
    ["sales", "Statuses that are sales", "paid,shipped"],
    ["header-line", "Line that names the columns", "the file's first is 1"],
    ["sheet", "Sheet of a workbook", "else its first"],
    ["shape", "What it is", "order_lines, events, table or items"],
    ["columns", "Columns in order", "where no line names them: customer,date,quantity,amount"],
];

function Settings({ flags, change, isOpen }: { flags: Flags; change: (flags: Flags) => void; isOpen: boolean }) {
    const [typed, set] = useState<Flags>(flags);
    useEffect(() => set(flags), [JSON.stringify(flags)]); /* each answer has them anew: what is typed stays */
    return (
        <details class="fold" open={isOpen}>
            <summary>Say how the file is written</summary>
            <form
                onSubmit={(event) => {
                    event.preventDefault();
                    change(typed);
                }}
            >
                <div class="fields">
                    {SETTINGS.map(([name, label, note]) => (
                        <Field
                            key={name}
                            label={label}
                            name={name}
                            value={String(typed[name] ?? "")}
                            set={(value) => set({ ...typed, [name]: value })}
                            note={
                                <>
                                    <code>--{name}</code> {note}
                                </>
                            }
                        />
                    ))}
                </div>
                {[
                    ["no-header", "The first line is data already"],
                    ["force", "Import the rest where much cannot be read"],
                ].map(([name = "", label]) => (
                    <p key={name} class="actions">
                        <label>
                            <input
                                type="checkbox"
                                checked={typed[name] === true}
                                onChange={(event) => set({ ...typed, [name]: event.currentTarget.checked })}
                            />{" "}
                            {label}
                        </label>
                    </p>
                ))}
                <p class="actions">
                    <button type="submit" class="button">
                        Look again
                    </button>
                </p>
            </form>
        </details>
    );
}

const TONES: Record<string, string> = { ok: "chosen", note: "", warning: "is-alert", problem: "is-alert" };

function Findings({ findings }: { findings: Finding[] }) {
    return findings.length === 0 ? null : (
        <ul class="findings">
            {findings.map((one) => (
                <li key={one.title}>
                    <Tag kind={TONES[one.severity]}>{one.severity}</Tag>{" "}
                    <span>
                        <strong>{sentence(one.title)}</strong> {sentence(one.detail ?? "")}
                    </span>
                </li>
            ))}
        </ul>
    );
}

function Rejects({ rows }: { rows: Refused[] }) {
    return rows.length === 0 ? null : (
        <Table
            caption="Rows that would be left out"
            noun="row"
            csv="rows-left-out"
            step={10}
            id={(row) => row.line}
            rows={rows}
            columns={[
                { title: "Line", kind: "number", cell: (row) => formatCount(row.line), value: (row) => row.line },
                { title: "Column", cell: (row) => row.column || "–", value: (row) => row.column },
                { title: "Why", kind: "wide", cell: (row) => sentence(row.reason), value: (row) => row.reason },
                { title: "The row", kind: "wide", cell: (row) => <code>{row.raw}</code>, value: (row) => row.raw },
            ]}
        />
    );
}

function LookedAt({ told, flags, change }: { told: Looked; flags: Flags; change: (flags: Flags) => void }) {
    const { import: file } = told;
    return (
        <>
            <p class="note">
                Taken as {SHAPES[file.shape ?? ""] ?? file.shape}: {file.format ? `${file.format}; ` : ""}
                {file.dialect}
                {file.from ? `; from ${formatDate(file.from)} to ${formatDate(file.to)}` : ""}.
            </p>
            {(file.mapping ?? []).length > 0 && <Columns told={told} flags={flags} change={change} />}
            <Findings findings={told.quality?.findings ?? []} />
            <Rejects rows={told.rejects ?? []} />
        </>
    );
}

/* ---- a file that came ---- */

/* The job's words while it waits and runs. */
function Working({ job, words }: { job: Job; words: string }) {
    const progress = job.progress;
    if (job.state === "waiting") return <p class="note">{words}: others are reckoned before.</p>;
    if (!progress) return <Waiting rows={2} />;
    return (
        <Progress
            words={`${words}: ${progress.step ?? ""}`}
            done={progress.done ?? 0}
            total={progress.total ?? null}
            unit={progress.unit ?? ""}
            per_second={progress.per_second ?? null}
            left_ms={progress.left_ms ?? null}
        />
    );
}

/* Takes a file from the server again, of which nothing was imported. */
function Leave({ upload, isDisabled, close }: { upload: Upload; isDisabled?: boolean; close: () => void }) {
    const doing = useDoing();
    return (
        <>
            <Button
                type="button"
                class="button"
                isOff={isDisabled || doing.isDoing}
                onClick={() =>
                    doing.run(async () => {
                        await ask("DELETE", `/v1/uploads/${upload.id}`);
                        tell(`Removed ${upload.name} from the server; nothing of it was imported`);
                        close();
                    })
                }
            >
                Leave it
            </Button>
            <Trouble error={doing.error} />
        </>
    );
}

function ReadFile({ upload, again, close }: { upload: Upload; again: () => void; close: () => void }) {
    const doing = useDoing(),
        job = upload.look,
        flags = (job?.asked ?? {}) as Flags,
        told = useRef<Looked | null>(null);
    if (job?.state === "done") told.current = job.answer as unknown as Looked;
    if (job?.state === "failed") told.current = null;
    const post = (what: "look" | "import", given: Flags): void =>
        doing.run(async () => {
            await ask("POST", `/v1/uploads/${upload.id}/${what}`, { flags: given });
            again();
        });
    if (upload.is_imported)
        return <Imported told={(upload.import?.answer ?? null) as ImportTold | CatalogueTold | null} name={upload.name} />;
    if (upload.import && isBusy(upload.import))
        return <Working job={upload.import} words={`Importing ${upload.name}`} />;
    const looked = told.current,
        isCatalogue = flags.shape === "items",
        n = looked?.import.accepted ?? 0;
    return (
        <>
            {job && isBusy(job) && <Working job={job} words={`Looking at ${upload.name}`} />}
            {job?.state === "failed" && !isCatalogue && (
                <div class="callout is-trouble" role="alert">
                    <p>{sentence(job.problem ?? "")}</p>
                </div>
            )}
            {upload.import?.state === "failed" && (
                <div class="callout is-trouble" role="alert">
                    <p>Nothing was imported. {sentence(upload.import.problem ?? "")}</p>
                </div>
            )}
            {looked && <LookedAt told={looked} flags={flags} change={(given) => post("look", given)} />}
            <Settings
                flags={flags}
                change={(given) => post("look", given)}
                isOpen={job?.state === "failed"}
            />
            <Trouble error={doing.error} />
            <div class="actions">
                {(looked || isCatalogue) && (
                    <Button
                        type="button"
                        class="button primary"
                        isOff={doing.isDoing || isBusy(job)}
                        onClick={() => post("import", flags)}
                    >
                        {isCatalogue ? "Import the catalogue" : n > 0 ? `Import ${plural(n, "row")}` : "Import it"}
                    </Button>
                )}
                <Leave upload={upload} isDisabled={doing.isDoing || isBusy(job)} close={close} />
            </div>
        </>
    );
}

function Chosen({ id, close, changed }: { id: string; close: () => void; changed: () => void }) {
    const isMoving = (one: Upload): boolean => isBusy(one.look) || isBusy(one.import),
        answer = useAnswer<Upload>(`/v1/uploads/${encodeURIComponent(id)}`, (one) => (one && !isMoving(one) ? 0 : 700)),
        upload = answer.data;
    useEffect(() => {
        if (upload) changed();
    }, [!!upload && isMoving(upload), upload?.is_imported]);
    return (
        <Shown answer={answer}>
            {(one) =>
                one.received < one.bytes ? (
                    <>
                        <Empty>
                            {megabytes(one.received)} of {megabytes(one.bytes)} came of {one.name}: choose the same
                            file again to go on.
                        </Empty>
                        <div class="actions">
                            <Leave upload={one} close={close} />
                        </div>
                    </>
                ) : (
                    <ReadFile upload={one} again={answer.again} close={close} />
                )
            }
        </Shown>
    );
}

const STATES: [(one: Upload) => boolean, string][] = [
    [(one) => one.is_imported, "imported"],
    [(one) => one.received < one.bytes, "has not come as a whole"],
    [(one) => isBusy(one.import), "is being imported"],
    [(one) => isBusy(one.look), "is being looked at"],
];

export function FileImport({ imported }: { imported: () => void }) {
    const place = usePlace(),
        id = place.asked.get("file"),
        uploads = useAnswer<GetV1Uploads>("/v1/uploads", 15_000);
    const choose = (file: number | null): void => {
        look({ file });
        uploads.again();
    };
    return (
        <Part
            title="Bring in a file"
            lead="Choose a file; see what each of its columns is taken for and what is wrong with it; then import all of it or nothing."
        >
            <Shown answer={uploads}>
                {(known) => (
                    <>
                        <SendFile known={known} done={choose} />
                        {known.uploads.length > 0 && (
                            <ul class="plain">
                                {known.uploads.map((one) => (
                                    <li key={one.id}>
                                        <a
                                            href={to("data", null, { file: one.id })}
                                            aria-current={String(one.id) === id ? "true" : undefined}
                                        >
                                            {one.name}
                                        </a>{" "}
                                        <span class="note">
                                            {megabytes(one.bytes)},{" "}
                                            {STATES.find(([is]) => is(one as Upload))?.[1] ?? "waits for you"}
                                        </span>
                                    </li>
                                ))}
                            </ul>
                        )}
                    </>
                )}
            </Shown>
            {id && (
                <Chosen
                    key={id}
                    id={id}
                    close={() => choose(null)}
                    changed={() => {
                        uploads.again();
                        imported();
                    }}
                />
            )}
        </Part>
    );
}
