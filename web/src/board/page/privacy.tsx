/* privacy.tsx - requests of people and by when they must be done; exporting, suppressing and erasing a person. */
import { useState } from "preact/hooks";
import { formatCount, plural } from "../../page/format.ts";
import type { GetV1Consents, GetV1PrivacyRequests, GetV1PrivacyRetention } from "../answers.ts";
import { ask, encode } from "../ask.ts";
import { serverNow } from "../clock.ts";
import { tell } from "../notice.tsx";
import { Facts, Part, Tag } from "../../part/block.tsx";
import { Age, CustomerLink, Empty, Head, Shown, Trouble } from "../part/basic.tsx";
import { Button } from "../part/button.tsx";
import { Field, Sure } from "../part/form.tsx";
import { downloadText } from "../../page/handover.ts";
import { Table } from "../../part/table.tsx";
import { useMay } from "../session.ts";
import { useAnswer, useDoing } from "../use_answer.ts";

async function exportPerson(who: string) {
    const all = await ask("GET", `/v1/customers/${encode(who)}/export`);
    downloadText(`${who}.json`, "application/json", JSON.stringify(all, null, 2));
}

function Person({ done }: { done: () => void }) {
    const [id, set] = useState(""),
        [isErasing, setErasing] = useState(false),
        doing = useDoing(),
        who = id.trim();
    return (
        <Part
            title="One person"
            lead="An id of theirs, any of them: what is done reaches all that are the same person."
        >
            <form class="maker" onSubmit={(event) => event.preventDefault()}>
                <Field label="Id" name="id" value={id} set={set} error={doing.error} />
                <Trouble error={doing.error} />
                <p class="actions">
                    <Button
                        type="button"
                        class="button primary"
                        isOff={!who || doing.isDoing}
                        onClick={() =>
                            doing.run(() => exportPerson(who))
                        }
                    >
                        Export
                    </Button>
                    <Button
                        type="button"
                        class="button"
                        isOff={!who || doing.isDoing}
                        onClick={() =>
                            doing.run(async () => {
                                await ask("POST", `/v1/customers/${encode(who)}/suppress`);
                                tell(`Nothing more is taken in of ${who}, and nobody contacts them`, async () => {
                                    await ask("POST", `/v1/customers/${encode(who)}/unsuppress`);
                                });
                            })
                        }
                    >
                        Suppress
                    </Button>
                    <Button
                        type="button"
                        class="button"
                        isOff={!who || doing.isDoing}
                        onClick={() =>
                            doing.run(async () => {
                                await ask("POST", `/v1/customers/${encode(who)}/unsuppress`);
                                tell(`${who} is heard again`);
                            })
                        }
                    >
                        Lift a suppression
                    </Button>
                    <Button
                        type="button"
                        class="button danger"
                        isOff={!who || doing.isDoing}
                        onClick={() => setErasing(true)}
                    >
                        Erase
                    </Button>
                </p>
            </form>
            {isErasing && (
                <Sure
                    title="Erase this person"
                    typed={who}
                    button="Erase for ever"
                    close={() => setErasing(false)}
                    words="Their sealed fields, all their ids, traits, links, scores and decisions go, and nobody can bring them back. What stays is that somebody did something at some time for some amount. The answer is the proof: keep it."
                    work={async () => {
                        const proof = await ask<{
                            identities: number;
                            events: number;
                            links: number;
                            rows: number;
                        }>("DELETE", `/v1/customers/${encode(who)}`);
                        downloadText(
                            "erasure.json",
                            "application/json",
                            JSON.stringify({ erased: proof, at: new Date(serverNow()).toISOString() }, null, 2),
                        );
                        tell(
                            `Erased: ${proof.identities} ids, the properties of ${proof.events} events, ${proof.rows} other rows`,
                        );
                        done();
                    }}
                />
            )}
        </Part>
    );
}

function Consents() {
    const [before, go] = useState<number | null>(null),
        answer = useAnswer<GetV1Consents>(`/v1/consents?limit=50${before ? `&before=${before}` : ""}`);
    return (
        <Part
            title="Consent ledger"
            lead="Every yes and no that people stated, the newest first. Ids are kept as hashes, so that it outlives an erasure; what one person stated is in their export."
        >
            <Shown answer={answer}>
                {({ purposes, statements }) =>
                    purposes.length === 0 ? (
                        <Empty>
                            Nobody has stated anything yet. Clients send it with identify, people say it on the
                            page behind a message's link, and an import brings it.
                        </Empty>
                    ) : (
                        <>
                            <Facts
                                rows={purposes.map((one): [string, string] => [
                                    one.purpose,
                                    `${formatCount(one.given)} yes, ${formatCount(one.refused)} no`,
                                ])}
                            />
                            <Table
                                caption="Statements"
                                noun="statement"
                                csv="consents"
                                id={(row) => row.id}
                                rows={statements}
                                columns={[
                                    {
                                        title: "Purpose",
                                        kind: "name",
                                        cell: (row) => row.purpose,
                                        value: (row) => row.purpose,
                                    },
                                    {
                                        title: "Said",
                                        cell: (row) => (row.is_given ? "yes" : "no"),
                                        value: (row) => (row.is_given ? "yes" : "no"),
                                    },
                                    {
                                        title: "When",
                                        cell: (row) => <Age at_ms={row.stated_ms} />,
                                        value: (row) => new Date(row.stated_ms).toISOString(),
                                    },
                                    { title: "Where", cell: (row) => row.source, value: (row) => row.source },
                                    {
                                        title: "Proof",
                                        kind: "wide",
                                        cell: (row) => row.proof || "–",
                                        value: (row) => row.proof,
                                    },
                                ]}
                            />
                            <p class="actions">
                                {before !== null && (
                                    <button type="button" class="button" onClick={() => go(null)}>
                                        The newest
                                    </button>
                                )}
                                {statements.length === 50 && (
                                    <button
                                        type="button"
                                        class="button"
                                        onClick={() => go(statements.at(-1)?.id ?? null)}
                                    >
                                        Older ones
                                    </button>
                                )}
                            </p>
                        </>
                    )
                }
            </Shown>
        </Part>
    );
}

const span = (days: number) =>
    days % 365 === 0
        ? plural(days / 365, "year")
        : days % 30 === 0 && days > 30
          ? plural(days / 30, "month")
          : plural(days, "day");

/* Of one kind: how long, and what went and goes. */
function kept(one: { days: number | null; last: number; due: number }, words: string, goes: string, isNext: boolean) {
    if (one.days === null) return words;
    return `${goes} ${span(one.days)}${isNext ? `: ${formatCount(one.due)} next time` : ""}${one.last ? `, ${formatCount(one.last)} last time` : ""}`;
}

/* How long what is kept, and what goes next. */
function Retention() {
    const answer = useAnswer<GetV1PrivacyRetention>("/v1/privacy/retention");
    return (
        <Part
            title="Retention"
            lead="How long is kept what names people. What section retention of holdfast.yaml gives a time goes by itself, once a day; all else stays."
        >
            <Shown answer={answer}>
                {({ next_ms, last_ms, put_off_ms, customers, messages, rejects }) => {
                    const isNext = next_ms !== null,
                        hasRule = customers.days !== null || messages.days !== null || rejects.days !== null;
                    return (
                        <>
                            <Facts
                                rows={[
                                    [
                                        "Customers",
                                        kept(
                                            customers,
                                            "kept until somebody is erased: then that something happened stays, without who",
                                            "erased when nothing was heard of them for",
                                            isNext,
                                        ),
                                    ],
                                    ["Their fields", "sealed under a key of each person, which erasing destroys"],
                                    [
                                        "Messages",
                                        kept(messages, "texts and addresses are kept", "texts and addresses go after", isNext),
                                    ],
                                    [
                                        "Refused messages",
                                        kept(rejects, "the last 100,000 are kept as they were sent", "gone after", isNext),
                                    ],
                                    ["Consent", "kept as hashes beyond an erasure, to show what was allowed when"],
                                    ["Who changed what", "kept for ever: it is a chain"],
                                    ["Sessions", "end twelve hours after signing in"],
                                ]}
                            />
                            {hasRule ? (
                                <p>
                                    {next_ms === null ? (
                                        "Time stands at the last event, so nothing goes."
                                    ) : (
                                        <>
                                            Next: <Age at_ms={next_ms} />.
                                        </>
                                    )}
                                    {last_ms !== null && (
                                        <>
                                            {" "}
                                            Last: <Age at_ms={last_ms} />.
                                        </>
                                    )}
                                    {next_ms !== null && put_off_ms !== null && put_off_ms >= (last_ms ?? 0) && (
                                        <>
                                            {" "}
                                            The clock stood days from where it was expected, so nothing goes before the next
                                            time: look whether the server's time is right.
                                        </>
                                    )}
                                </p>
                            ) : (
                                <Empty>
                                    Nothing goes by itself yet. A line of holdfast.yaml says what does, as{" "}
                                    <code>{"retention: {customers: 36m, messages: 12m, rejects: 90d}"}</code>; a day later, after
                                    this page has shown how many that are, it begins.
                                </Empty>
                            )}
                        </>
                    );
                }}
            </Shown>
        </Part>
    );
}

type Request = GetV1PrivacyRequests["requests"][number];

/* What is theirs to do by hand: an erasure of somebody known is carried out by itself. */
function isForAPerson(one: Request) {
    return one.state !== "done" && (one.kind === "export" || one.customer === null) && one.state !== "erased";
}

function Answering({ one, done }: { one: Request; done: () => void }) {
    const doing = useDoing();
    if (!isForAPerson(one)) return null;
    return (
        <div class="actions">
            {one.kind === "export" && one.customer !== null && (
                <Button
                    type="button"
                    class="button"
                    isOff={doing.isDoing}
                    onClick={() => doing.run(() => exportPerson(one.customer as string))}
                >
                    Export
                </Button>
            )}
            <Button
                type="button"
                class="button"
                isOff={doing.isDoing}
                onClick={() =>
                    doing.run(async () => {
                        await ask("POST", `/v1/privacy/requests/${one.id}/done`);
                        tell("The request is marked as done");
                        done();
                    })
                }
            >
                Mark as done
            </Button>
            <Trouble error={doing.error} />
        </div>
    );
}

export default function PrivacyPage() {
    const may = useMay();
    const answer = useAnswer<GetV1PrivacyRequests>("/v1/privacy/requests", 30_000);
    return (
        <>
            <Head title="Privacy" lead="What people asked for and by when it must be done, and doing it." />
            <Part title="Requests">
                <Shown answer={answer}>
                    {({ requests }) =>
                        requests.length === 0 ? (
                            <Empty>
                                Nobody has asked for anything. Requests come from the page behind a message's link,
                                from Shopify's webhooks, and from here.
                            </Empty>
                        ) : (
                            <Table
                                caption="Requests"
                                noun="request"
                                csv="requests"
                                id={(row) => row.id}
                                rows={requests}
                                columns={[
                                    {
                                        title: "What",
                                        kind: "name",
                                        cell: (row) => row.kind,
                                        value: (row) => row.kind,
                                    },
                                    {
                                        title: "Who",
                                        cell: (row) =>
                                            row.customer !== null ? (
                                                <CustomerLink id={row.customer} />
                                            ) : row.state === "done" ? (
                                                "–"
                                            ) : (
                                                "nobody known"
                                            ),
                                        value: (row) => row.customer ?? "",
                                    },
                                    {
                                        title: "State",
                                        cell: (row) => (
                                            <Tag
                                                kind={
                                                    row.state !== "done" && row.due_ms < serverNow()
                                                        ? "is-alert"
                                                        : undefined
                                                }
                                            >
                                                {row.state !== "done" && row.due_ms < serverNow()
                                                    ? "overdue"
                                                    : row.state}
                                            </Tag>
                                        ),
                                        value: (row) => row.state,
                                    },
                                    { title: "By", cell: (row) => row.source, value: (row) => row.source },
                                    {
                                        title: "Asked",
                                        cell: (row) => <Age at_ms={row.requested_ms} />,
                                        value: (row) => new Date(row.requested_ms).toISOString(),
                                    },
                                    {
                                        title: "Due",
                                        cell: (row) => <Age at_ms={row.due_ms} />,
                                        value: (row) => new Date(row.due_ms).toISOString(),
                                    },
                                    {
                                        title: "Done",
                                        cell: (row) => <Age at_ms={row.done_ms} />,
                                        value: (row) => (row.done_ms ? new Date(row.done_ms).toISOString() : ""),
                                    },
                                    {
                                        title: "To do",
                                        cell: (row) => <Answering one={row} done={answer.again} />,
                                        value: (row) => (isForAPerson(row) ? "to be done by a person" : ""),
                                    },
                                ]}
                            />
                        )
                    }
                </Shown>
            </Part>
            <Person done={answer.again} />
            {may("GET /v1/consents") && <Consents />}
            {may("GET /v1/privacy/retention") && <Retention />}
        </>
    );
}
