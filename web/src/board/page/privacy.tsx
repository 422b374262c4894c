/* privacy.tsx - requests of people and by when they must be done; exporting, suppressing and erasing a person. */
import { useState } from "preact/hooks";
import type { GetV1PrivacyRequests } from "../answers.ts";
import { ask, encode } from "../ask.ts";
import { serverNow } from "../clock.ts";
import { tell } from "../notice.tsx";
import { Age, Empty, Head, Part, Shown, Tag, Trouble } from "../part/basic.tsx";
import { Field, Sure } from "../part/form.tsx";
import { downloadText } from "../../page/handover.ts";
import { Table } from "../part/table.tsx";
import { useAnswer, useDoing } from "../use_answer.ts";

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
                    <button
                        type="button"
                        class="button primary"
                        disabled={!who || doing.isDoing}
                        onClick={() =>
                            doing.run(async () =>
                                downloadText(
                                    `${who}.json`,
                                    "application/json",
                                    JSON.stringify(
                                        await ask("GET", `/v1/customers/${encode(who)}/export`),
                                        null,
                                        2,
                                    ),
                                ),
                            )
                        }
                    >
                        Export
                    </button>
                    <button
                        type="button"
                        class="button"
                        disabled={!who || doing.isDoing}
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
                    </button>
                    <button
                        type="button"
                        class="button"
                        disabled={!who || doing.isDoing}
                        onClick={() =>
                            doing.run(async () => {
                                await ask("POST", `/v1/customers/${encode(who)}/unsuppress`);
                                tell(`${who} is heard again`);
                            })
                        }
                    >
                        Lift a suppression
                    </button>
                    <button
                        type="button"
                        class="button danger"
                        disabled={!who || doing.isDoing}
                        onClick={() => setErasing(true)}
                    >
                        Erase
                    </button>
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

export default function PrivacyPage() {
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
                                id={(row) => requests.indexOf(row)}
                                rows={requests}
                                columns={[
                                    {
                                        title: "What",
                                        kind: "name",
                                        cell: (row) => row.kind,
                                        value: (row) => row.kind,
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
                                ]}
                            />
                        )
                    }
                </Shown>
            </Part>
            <Person done={answer.again} />
        </>
    );
}
