/* messages.tsx - the outbox: what was sent, waits, or was not sent and why. */
import { useState } from "preact/hooks";
import { plural, sentenceCase } from "../../page/format.ts";
import type { GetV1Destinations, GetV1Messages } from "../answers.ts";
import { ask, encode } from "../ask.ts";
import { tell } from "../notice.tsx";
import { Tag } from "../../part/block.tsx";
import { Age, CustomerLink, Empty, Head, Shown, Trouble } from "../part/basic.tsx";
import { Button } from "../part/button.tsx";
import { Choice, Field } from "../part/form.tsx";
import { RenderedMessage } from "../part/rendered.tsx";
import { Table } from "../../part/table.tsx";
import { look, to } from "../place.ts";
import { useMay } from "../session.ts";
import { useAnswer, useDoing } from "../use_answer.ts";
import type { ViewProps } from "../views.ts";

type Message = GetV1Messages["messages"][number];

const STATES: [string, string][] = [
    ["", "any state"],
    ["queued", "queued"],
    ["sending", "on its way"],
    ["sent", "sent"],
    ["retrying", "tried again"],
    ["unknown", "in doubt"],
    ["dead", "not sent"],
    ["cancelled", "cancelled"],
];
const ALERTS = ["dead", "unknown"],
    ROWS = 50;

/* What the settings name, and what the address asks for though they do not any more. */
const destinationsOf = (known: GetV1Destinations["destinations"], asked: string): [string, string][] => {
    const names = known.map((one) => one.name);
    if (asked && !names.includes(asked)) names.push(asked);
    return [["", "any"], ...names.map((name): [string, string] => [name, name])];
};

function Again({ message, done }: { message: Message; done: () => void }) {
    const doing = useDoing();
    return (
        <>
            <Button
                type="button"
                class="button"
                isOff={doing.isDoing}
                onClick={() =>
                    doing.run(async () => {
                        await ask("POST", `/v1/messages/${encode(message.id)}/retry`);
                        tell(`${message.id} is sent again`);
                        done();
                    })
                }
            >
                Send again
            </Button>
            <Trouble error={doing.error} />
        </>
    );
}

function Show({ message }: { message: Message }) {
    const [isOpen, open] = useState(false);
    return (
        <>
            <button type="button" class="button" onClick={() => open(true)}>
                Show
            </button>
            {isOpen && (
                <RenderedMessage
                    asked={{ journey: message.journey ?? "", step: message.step, customer: message.customer }}
                    close={() => open(false)}
                />
            )}
        </>
    );
}

function Suppress({ customer }: { customer: string }) {
    const doing = useDoing();
    const change = (verb: string): Promise<unknown> => ask("POST", `/v1/customers/${encode(customer)}/${verb}`);
    return (
        <>
            <Button
                type="button"
                class="button"
                isOff={doing.isDoing}
                onClick={() =>
                    doing.run(async () => {
                        await change("suppress");
                        tell(`Nobody writes to ${customer} any more`, async () => {
                            await change("unsuppress");
                        });
                    })
                }
            >
                Suppress
            </Button>
            <Trouble error={doing.error} />
        </>
    );
}

export default function MessagesPage({ asked }: ViewProps) {
    const status = asked.get("status") ?? "",
        journey = asked.get("journey") ?? "",
        customer = asked.get("customer") ?? "",
        channel = asked.get("channel") ?? "",
        before = asked.get("before"),
        may = useMay();
    const query = new URLSearchParams([["limit", String(ROWS)]]);
    for (const [name, value] of [
        ["status", status],
        ["journey", journey],
        ["customer", customer],
        ["channel", channel],
        ["before", before ?? ""],
    ] as const)
        if (value) query.set(name, value);
    const destinations =
        useAnswer<GetV1Destinations>(may("GET /v1/destinations") ? "/v1/destinations" : null).data?.destinations ?? [];
    const answer = useAnswer<GetV1Messages>(`/v1/messages?${query}`, 10_000),
        mayRetry = may("POST /v1/messages/{id}/retry"),
        mayRender = may("POST /v1/messages/render"),
        maySuppress = may("POST /v1/customers/{id}/suppress");
    return (
        <>
            <Head
                title="Messages"
                lead="What was sent, waits, or was not sent, and by which rule. A message in doubt may have arrived: nobody sends it again by itself."
            />
            <div class="controls">
                <Choice
                    label="State"
                    value={status}
                    set={(next) => look({ status: next, before: null })}
                    options={STATES}
                />
                <Choice
                    label="Destination"
                    value={channel}
                    set={(next) => look({ channel: next, before: null })}
                    options={destinationsOf(destinations, channel)}
                />
                <Field
                    label="Journey"
                    name="journey"
                    value={journey}
                    set={(next) => look({ journey: next, before: null }, false)}
                />
                <Field
                    label="Customer"
                    name="customer"
                    value={customer}
                    set={(next) => look({ customer: next, before: null }, false)}
                />
            </div>
            <Shown answer={answer}>
                {({ messages }) =>
                    messages.length === 0 ? (
                        <Empty
                            actions={
                                <a class="button" href={to("journeys")}>
                                    See the journeys
                                </a>
                            }
                        >
                            No message is there. Journeys put them, and so does whoever calls the outbox.
                        </Empty>
                    ) : (
                        <>
                            <Table
                                caption="Messages"
                                noun="message"
                                csv="messages"
                                id={(row) => row.id}
                                rows={messages}
                                columns={[
                                    {
                                        title: "To",
                                        kind: "name",
                                        cell: (row) => <CustomerLink id={row.customer} />,
                                        value: (row) => row.customer,
                                    },
                                    {
                                        title: "What",
                                        cell: (row) =>
                                            row.journey ? (
                                                <>
                                                    <a href={to("journey", row.journey)}>{row.journey}</a> ·{" "}
                                                    {row.step}
                                                </>
                                            ) : (
                                                row.topic
                                            ),
                                        value: (row) => row.journey ?? row.topic,
                                    },
                                    { title: "By", cell: (row) => row.channel, value: (row) => row.channel },
                                    {
                                        title: "State",
                                        cell: (row) => (
                                            <Tag kind={ALERTS.includes(row.status) ? "is-alert" : undefined}>
                                                {STATES.find(([name]) => name === row.status)?.[1] ??
                                                    sentenceCase(row.status)}
                                            </Tag>
                                        ),
                                        value: (row) => row.status,
                                    },
                                    {
                                        title: "Why",
                                        kind: "wide",
                                        cell: (row) => row.rule ?? row.reply ?? "–",
                                        value: (row) => row.rule ?? row.reply,
                                    },
                                    {
                                        title: "When",
                                        cell: (row) => <Age at_ms={row.sent_ms ?? row.queued_ms} />,
                                        value: (row) => new Date(row.sent_ms ?? row.queued_ms).toISOString(),
                                    },
                                    ...(mayRetry || mayRender || maySuppress
                                        ? [
                                              {
                                                  title: "Actions",
                                                  cell: (row: Message) => (
                                                      <span class="row-actions">
                                                          {mayRender && row.journey && row.customer && (
                                                              <Show message={row} />
                                                          )}
                                                          {mayRetry &&
                                                              ["dead", "unknown", "cancelled"].includes(
                                                                  row.status,
                                                              ) && <Again message={row} done={answer.again} />}
                                                          {maySuppress && row.customer && (
                                                              <Suppress customer={row.customer} />
                                                          )}
                                                      </span>
                                                  ),
                                              },
                                          ]
                                        : []),
                                ]}
                            />
                            <p class="actions">
                                {before && (
                                    <button type="button" class="button" onClick={() => history.back()}>
                                        The newer ones
                                    </button>
                                )}
                                {messages.length === ROWS && (
                                    <button
                                        type="button"
                                        class="button"
                                        onClick={() =>
                                            look({ before: (messages.at(-1)?.id ?? "").replace(/\D/g, "") })
                                        }
                                    >
                                        Older ones
                                    </button>
                                )}
                                <span class="note">{plural(messages.length, "message")} shown</span>
                            </p>
                        </>
                    )
                }
            </Shown>
        </>
    );
}
