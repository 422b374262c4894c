/* data.tsx - whether data come in as they should: sources, what was refused and why, a test event, a client's first lines. */
import { useState } from "preact/hooks";
import { formatCount, formatDate, formatQuantity, plural } from "../../page/format.ts";
import { sentence } from "../../page/prose.ts";
import type { ImportResult, Quality } from "../../report.ts";
import type {
    GetV1Fields,
    GetV1Imports,
    GetV1Overview,
    GetV1Rejects,
    GetV1Sources,
    GetV1Status,
} from "../answers.ts";
import { OVERVIEW, ask } from "../ask.ts";
import { formatSpan } from "../clock.ts";
import { tell } from "../notice.tsx";
import { Figures, Part, Tag } from "../../part/block.tsx";
import { Age, Empty, Head, Shown, Trouble } from "../part/basic.tsx";
import { Button } from "../part/button.tsx";
import { fieldWords } from "../part/condition.tsx";
import { FileImport } from "../part/file_import.tsx";
import { Field } from "../part/form.tsx";
import { IdentityLinks } from "../part/identity_links.tsx";
import { BarCell } from "../../part/plot.tsx";
import { Table } from "../../part/table.tsx";
import { useMay } from "../session.ts";
import { useAnswer, useDoing, type Answer } from "../use_answer.ts";

type Reject = GetV1Rejects["messages"][number];

function Mend({ row, done }: { row: Reject; done: () => void }) {
    const [raw, set] = useState(JSON.stringify(row.raw ?? {}, null, 2)),
        doing = useDoing();
    return (
        <form
            onSubmit={(event) => {
                event.preventDefault();
                doing.run(async () => {
                    const { taken, refused } = await ask<{ taken: number; refused: number }>(
                        "POST",
                        "/v1/rejects/replay",
                        { messages: [{ id: row.id, raw: JSON.parse(raw) as unknown }] },
                    );
                    tell(
                        taken
                            ? `Message ${row.id} is in the history now`
                            : `Message ${row.id} was refused again (${refused})`,
                    );
                    done();
                });
            }}
        >
            <Field label="The message as it should have been" value={raw} set={set} rows={6} isCode />
            <Trouble error={doing.error instanceof SyntaxError ? null : doing.error} />
            {doing.error instanceof SyntaxError && (
                <p class="field-error" role="alert">
                    This is no JSON: {doing.error.message}
                </p>
            )}
            <p class="actions">
                <Button type="submit" class="button primary" isOff={doing.isDoing}>
                    Take it in
                </Button>
            </p>
        </form>
    );
}

function Rejects() {
    const answer = useAnswer<GetV1Rejects>("/v1/rejects?limit=100", 15_000),
        may = useMay(),
        doing = useDoing(),
        mayReplay = may("POST /v1/rejects/replay");
    return (
        <Part
            title="What was refused"
            lead="Messages that could not be taken in stay here with their reason, until they are mended or their time is over."
        >
            <Shown answer={answer}>
                {(told) =>
                    told.messages.length === 0 ? (
                        <Empty>Nothing was refused.</Empty>
                    ) : (
                        <>
                            <p class="actions">
                                <span class="note">{plural(told.total_messages, "message")} in all</span>
                                {mayReplay && (
                                    <Button
                                        type="button"
                                        class="button"
                                        isOff={doing.isDoing}
                                        onClick={() =>
                                            doing.run(async () => {
                                                const done = await ask<{ taken: number; refused: number }>(
                                                    "POST",
                                                    "/v1/rejects/replay",
                                                );
                                                tell(
                                                    `${plural(done.taken, "message")} taken in, ${formatCount(done.refused)} refused again`,
                                                );
                                                answer.again();
                                            })
                                        }
                                    >
                                        Read all again
                                    </Button>
                                )}
                            </p>
                            <Trouble error={doing.error} />
                            <Reasons messages={told.messages} />
                            <Table
                                caption="Refused messages"
                                noun="message"
                                csv="rejects"
                                id={(row) => row.id}
                                rows={told.messages}
                                columns={[
                                    {
                                        title: "When",
                                        cell: (row) => <Age at_ms={row.received_ms} />,
                                        value: (row) => new Date(row.received_ms).toISOString(),
                                    },
                                    { title: "Source", cell: (row) => row.source, value: (row) => row.source },
                                    {
                                        title: "Why",
                                        kind: "wide",
                                        cell: (row) => (
                                            <>
                                                {sentence(row.reason)}
                                                {mayReplay && !row.is_cut && (
                                                    <details class="as-table">
                                                        <summary>Mend it</summary>
                                                        <Mend row={row} done={answer.again} />
                                                    </details>
                                                )}
                                            </>
                                        ),
                                        value: (row) => row.reason,
                                    },
                                    {
                                        title: "At",
                                        cell: (row) => (row.field ? <code>{row.field}</code> : "–"),
                                        value: (row) => row.field,
                                    },
                                ]}
                            />
                        </>
                    )
                }
            </Shown>
        </Part>
    );
}

/* Which mistake to mend first: those that cost most messages. */
function Reasons({ messages }: { messages: Reject[] }) {
    const counts = new Map<string, { row: Reject; n: number }>();
    for (const row of messages) {
        const key = `${row.source}\n${row.field}\n${row.reason}`,
            known = counts.get(key);
        if (known) known.n++;
        else counts.set(key, { row, n: 1 });
    }
    const rows = [...counts.values()];
    const most = Math.max(1, ...rows.map((one) => one.n));
    return rows.length < 2 ? null : (
        <Table
            caption="Why messages were refused"
            noun="reason"
            csv="reject-reasons"
            step={10}
            id={({ row }) => row.id}
            rows={rows.sort((a, b) => b.n - a.n)}
            columns={[
                {
                    title: "Reason",
                    kind: "wide",
                    cell: ({ row }) => sentence(row.reason),
                    value: ({ row }) => row.reason,
                },
                { title: "Source", cell: ({ row }) => row.source, value: ({ row }) => row.source },
                {
                    title: "Messages",
                    kind: "number",
                    cell: ({ n }) => <BarCell words={formatCount(n)} share={n / most} />,
                    value: ({ n }) => n,
                },
            ]}
        />
    );
}

function QuietPages({ pages }: { pages: GetV1Sources["quiet_pages"] }) {
    if (pages.length === 0) return null;
    return (
        <ul class="needs">
            {pages.map((one) => (
                <li key={one.source}>
                    <span>
                        <strong>Pages with the key {one.source} ask where to send, and send nothing.</strong> They asked{" "}
                        {formatCount(one.asked)} times, last <Age at_ms={one.last_ms} />. In Customer.io's client the key is
                        written with <code>customerio_</code> before it; of any other client the page's console says why.
                    </span>
                </li>
            ))}
        </ul>
    );
}

/* From an event's happening to its being here: 340 ms; 2.5 s; 3 minutes */
const formatLag = (ms: number): string =>
    ms < 1000
        ? `${formatCount(Math.round(ms))}\u202fms`
        : ms < 60_000
          ? `${formatQuantity(Math.round(ms / 100) / 10)}\u202fs`
          : formatSpan(ms);

function Sources() {
    const answer = useAnswer<GetV1Sources>("/v1/sources", 15_000);
    return (
        <Part
            title="What sends"
            lead="Every key that sends as things happen. One that is silent for much longer than usual has stopped: look at its client first."
        >
            <QuietPages pages={answer.data?.quiet_pages ?? []} />
            <Shown answer={answer}>
                {({ sources, now_ms }) =>
                    sources.length === 0 ? (
                        <Empty>Nothing sends yet: send a test event, or put the lines below into a page.</Empty>
                    ) : (
                        <Table
                            caption="Sources of events"
                            noun="source"
                            csv="sources"
                            id={(row) => row.source}
                            rows={sources}
                            columns={[
                                {
                                    title: "Source",
                                    kind: "name",
                                    cell: (row) => (
                                        <>
                                            {row.source}{" "}
                                            {row.is_stopped ? (
                                                <Tag kind="is-alert">stopped</Tag>
                                            ) : (
                                                <Tag kind="chosen">sends</Tag>
                                            )}
                                        </>
                                    ),
                                    value: (row) => row.source,
                                },
                                {
                                    title: "Events",
                                    kind: "number",
                                    cell: (row) => formatCount(row.events),
                                    value: (row) => row.events,
                                },
                                {
                                    title: "An hour, usually",
                                    kind: "number",
                                    cell: (row) => formatQuantity(row.per_hour),
                                    value: (row) => row.per_hour,
                                },
                                {
                                    title: "Lag, usually",
                                    kind: "number",
                                    cell: (row) => (row.usual_lag_ms === null ? "–" : formatLag(row.usual_lag_ms)),
                                    value: (row) => row.usual_lag_ms,
                                },
                                {
                                    title: "Last event",
                                    cell: (row) => <Age at_ms={row.last_ms} />,
                                    value: (row) => new Date(row.last_ms).toISOString(),
                                },
                                {
                                    title: "Silent for",
                                    cell: (row) =>
                                        `${formatSpan(now_ms - row.last_ms)}${
                                            row.usual_gap_ms ? `, usually ${formatSpan(row.usual_gap_ms)}` : ""
                                        }`,
                                    value: (row) => Math.round((now_ms - row.last_ms) / 1000),
                                },
                            ]}
                        />
                    )
                }
            </Shown>
        </Part>
    );
}

/* How the last file was understood, and what was found in it. */
function LastImport({ answer }: { answer: Answer<GetV1Imports> }) {
    return (
        <Part
            title="The last file"
            lead="What each column was taken for, and by what. If one was guessed wrong, import it again and say what it is."
        >
            <Shown answer={answer}>
                {(told) => {
                    const file = told.import as (ImportResult & { source?: string }) | null | undefined,
                        quality = told.quality as Quality | null | undefined;
                    if (!file)
                        return (
                            <Empty>
                                No file was imported yet: choose one above. <code>holdfast import orders.csv</code>{" "}
                                does the same on the server.
                            </Empty>
                        );
                    return (
                        <>
                            <p class="note">
                                {file.source}: {plural(file.accepted, "row")} taken, {formatCount(file.rejected)}{" "}
                                refused, {formatCount(file.repeated)} repeated
                                {file.from ? `; from ${formatDate(file.from)} to ${formatDate(file.to)}` : ""}.
                            </p>
                            <Table
                                caption="Columns as they were understood"
                                noun="column"
                                csv="columns"
                                step={15}
                                id={(row) => row.column}
                                rows={file.mapping ?? []}
                                columns={[
                                    {
                                        title: "Column",
                                        kind: "name",
                                        cell: (row) => <code>{row.column}</code>,
                                        value: (row) => row.column,
                                    },
                                    {
                                        title: "Taken for",
                                        cell: (row) => row.role ?? "–",
                                        value: (row) => row.role,
                                    },
                                    {
                                        title: "Why",
                                        kind: "wide",
                                        cell: (row) => sentence(row.why ?? ""),
                                        value: (row) => row.why,
                                    },
                                    {
                                        title: "Flag",
                                        cell: (row) => (row.flag ? <code>{row.flag}</code> : "–"),
                                        value: (row) => row.flag,
                                    },
                                ]}
                            />
                            {(quality?.findings ?? []).length > 0 && (
                                <ul class="needs">
                                    {(quality?.findings ?? []).map((one) => (
                                        <li key={one.title}>
                                            <span>
                                                <strong>{sentence(one.title)}</strong> {sentence(one.detail ?? "")}
                                            </span>
                                        </li>
                                    ))}
                                </ul>
                            )}
                        </>
                    );
                }}
            </Shown>
        </Part>
    );
}

function Client() {
    const customerio = `import { AnalyticsBrowser } from "@customerio/cdp-analytics-browser";\nconst analytics = AnalyticsBrowser.load(\n  { writeKey: "customerio_YOUR PAGE KEY", cdnURL: "${location.origin}" });`;
    const lines = `import { AnalyticsBrowser } from "@segment/analytics-next";\nconst analytics = AnalyticsBrowser.load(\n  { writeKey: "YOUR PAGE KEY", cdnURL: "${location.origin}" },\n  { integrations: { "Segment.io": { apiHost: "${location.host}/v1",\n      protocol: "${location.protocol.replace(":", "")}" } } });\nanalytics.identify("ada", { email: "ada@example.com" });\nanalytics.track("Order Completed", { order_id: "1", revenue: 42 });`;
    return (
        <Part
            title="Send from a page"
            lead="Any client of Segment, RudderStack, PostHog or Customer.io: only its host changes. These lines name this server."
        >
            <pre class="command" tabIndex={0} aria-label="Lines for a page">
                <code>{lines}</code>
            </pre>
            <p class="lead">
                Customer.io's client in a browser asks the same address as Segment's but wants another answer, so its key has{" "}
                <code>customerio_</code> before it:
            </p>
            <pre class="command" tabIndex={0} aria-label="Lines for a page with Customer.io's client">
                <code>{customerio}</code>
            </pre>
        </Part>
    );
}

function TestEvent() {
    const [key, setKey] = useState(""),
        [user, setUser] = useState("test-customer"),
        doing = useDoing();
    return (
        <Part
            title="Send a test event"
            lead="An event 'Test' of a customer of that name, through the same door as all others."
        >
            <form
                class="maker"
                onSubmit={(event) => {
                    event.preventDefault();
                    doing.run(async () => {
                        const answer = await fetch("/v1/track", {
                            method: "POST",
                            headers: {
                                authorization: `Basic ${btoa(`${key.trim()}:`)}`,
                                "content-type": "application/json",
                            },
                            body: JSON.stringify({ userId: user, event: "Test", messageId: `test-${Date.now()}` }),
                        });
                        const told = (await answer.json()) as { message?: string };
                        if (!answer.ok) throw new Error(told.message ?? `the server answered ${answer.status}`);
                        tell(`The event of ${user} was taken: it is in their timeline now`);
                    });
                }}
            >
                <Field label="Write key" name="key" type="password" value={key} set={setKey} isRequired />
                <Field label="Customer" name="user" value={user} set={setUser} isRequired />
                {doing.error ? (
                    <p class="field-error" role="alert">
                        {sentence((doing.error as Error).message)}
                    </p>
                ) : null}
                <p class="actions">
                    <Button type="submit" class="button primary" isOff={doing.isDoing}>
                        Send it
                    </Button>
                </p>
            </form>
        </Part>
    );
}

export default function DataPage() {
    const status = useAnswer<GetV1Status>("/v1/status", 5000),
        overview = useAnswer<GetV1Overview>(OVERVIEW, 60_000).data,
        needs = overview?.needs.filter((one) => one.kind === "source") ?? [];
    const fields = useAnswer<GetV1Fields>("/v1/fields"),
        may = useMay(),
        imports = useAnswer<GetV1Imports>(may("GET /v1/imports") ? "/v1/imports" : null);
    return (
        <>
            <Head
                title="Data"
                lead="Whether what is sent comes in, what was refused and why, and what is known of everybody."
            />
            {needs.length > 0 && (
                <ul class="needs">
                    {needs.map((one) => (
                        <li key={one.name}>
                            <span>{sentence(one.text)}</span>
                        </li>
                    ))}
                </ul>
            )}
            <Shown answer={status}>
                {(now) => (
                    <Figures
                        items={[
                            {
                                label: "Events of customers",
                                number: formatCount(now.events),
                                meaning: `${formatCount(now.since_start.events)} since the start`,
                            },
                            {
                                label: "Ids",
                                number: formatCount(now.identities),
                                meaning: overview
                                    ? `of ${plural(overview.customers, "customer")}; ${formatCount(Math.max(0, now.identities - overview.customers))} ${now.identities - overview.customers === 1 ? "is" : "are"} linked to another`
                                    : "with events; linked ids are one customer",
                            },
                            {
                                label: "Refused",
                                number: formatCount(now.since_start.refused),
                                tone: now.since_start.refused > 0 ? "bad" : undefined,
                                meaning: "since the start",
                            },
                            {
                                label: "Sent twice",
                                number: formatCount(now.since_start.repeated),
                                meaning: "and taken once",
                            },
                            { label: "Waiting for the disk", number: formatCount(now.since_start.waiting) },
                        ]}
                    />
                )}
            </Shown>
            <Sources />
            {may("GET /v1/rejects") && <Rejects />}
            {may("POST /v1/uploads") && <FileImport imported={imports.again} />}
            {may("GET /v1/imports") && <LastImport answer={imports} />}
            {may("GET /v1/identities/links") && <IdentityLinks />}
            <Client />
            <TestEvent />
            <Part
                title="What is known of customers"
                lead="Every name that conditions and lists may use, from a sample of customers."
            >
                <Shown answer={fields}>
                    {(told) => (
                        <Table
                            caption="Fields"
                            noun="field"
                            csv="fields"
                            step={25}
                            id={(row) => row.name}
                            rows={told.fields}
                            columns={[
                                {
                                    title: "Name",
                                    kind: "name",
                                    cell: (row) => <code>{row.name}</code>,
                                    value: (row) => row.name,
                                },
                                { title: "Kind", cell: (row) => row.kind, value: (row) => row.kind },
                                { title: "Type", cell: (row) => row.type, value: (row) => row.type },
                                {
                                    title: "What",
                                    kind: "wide",
                                    cell: (row) => fieldWords(row),
                                    value: (row) => row.meaning,
                                },
                                {
                                    title: "Known of",
                                    kind: "number",
                                    cell: (row) =>
                                        row.coverage === null ? "–" : `${Math.round(row.coverage * 100)}\u202f%`,
                                    value: (row) => row.coverage,
                                },
                            ]}
                        />
                    )}
                </Shown>
            </Part>
        </>
    );
}
