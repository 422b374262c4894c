/* customer.tsx - all that is known of one customer: risk and its reasons, value, what they did, and what may be done. */
import { useState } from "preact/hooks";
import { formatCount, formatMoney, formatQuantity, formatShare, plural, sentenceCase } from "../../page/format.ts";
import { sentence } from "../../page/prose.ts";
import type {
    GetV1CustomersId,
    GetV1CustomersIdExplain,
    GetV1CustomersIdWhy,
    GetV1Journeys,
    GetV1Messages,
} from "../answers.ts";
import { encode } from "../ask.ts";
import { formatAge, formatDay, formatInstant, formatSpan, isDated, serverNow } from "../clock.ts";
import { Facts, Figures, Part, Reasons, Tag, type Figure } from "../../part/block.tsx";
import { Age, Empty, Head, Shown, Trouble } from "../part/basic.tsx";
import { Choice } from "../part/form.tsx";
import { CustomerActions } from "../part/customer_actions.tsx";
import { CustomerNext } from "../part/customer_next.tsx";
import { Lanes, Waterfall, type Lane } from "../../part/plot.tsx";
import { Table } from "../../part/table.tsx";
import { look, to } from "../place.ts";
import { useMay } from "../session.ts";
import { isRefusal, useAnswer } from "../use_answer.ts";
import type { ViewProps } from "../views.ts";
import { Notes } from "../part/notes.tsx";

type Customer = GetV1CustomersId;
type Event = NonNullable<Customer["timeline"]>[number];
type Score = Customer["scores"][string];

const VALUE = "value_12m_cents",
    EVENTS_ASKED = 500,
    LANES_MOST = 8,
    DAY_MS = 86_400_000;

const answered = (score: Score | null, value: number | null | undefined): string =>
    score?.kind === "spend" ? formatMoney(value == null ? value : 100 * value, "") : formatShare(value);

const LABELS: Record<string, string> = { churn: "Likely to leave", [VALUE]: "Expected spend, 12 months" };

const averageWords = (score: Score): string =>
    score?.kind === "spend"
        ? `${answered(score, score.base_rate)} on average of the customers on whom this was tried`
        : `on average it came true for ${answered(score, score?.base_rate)} of all on whom this was tried`;

/* As long as it is of today its age says more than its day. */
const Scored = ({ at_ms }: { at_ms: number }) =>
    serverNow() - at_ms < DAY_MS ? (
        <>
            scored <Age at_ms={at_ms} />
        </>
    ) : isDated(at_ms) ? (
        <>as of {formatDay(at_ms)}</>
    ) : (
        <>of a table without days</>
    );

function figuresOf(one: Customer): Figure[] {
    const rows = Object.entries(one.scores)
        .filter(([name, score]) => {
            const isOfNoTime = name === VALUE && score?.scored_ms && !isDated(score.scored_ms); /* nobody could order */
            return name !== "p_alive" && !isOfNoTime;
        })
        .sort(([a], [b]) => Number(a === VALUE) - Number(b === VALUE));
    const seen = (one.timeline ?? []).filter((event) => event.kind !== "traits").map((event) => event.time_ms);
    const last = seen.length ? Math.max(...seen) : one.last_known_ms;
    const isOfThePast = serverNow() - one.as_of_ms > DAY_MS;
    return [
        ...rows.map(([name, score]): Figure => ({
            label: LABELS[name] ?? sentenceCase(name),
            number: name === VALUE ? formatMoney(score?.value, "") : answered(score, score?.value),
            meaning: (
                <>
                    {!score ? (
                        "not asked of this customer"
                    ) : score.scored_ms ? (
                        <Scored at_ms={score.scored_ms} />
                    ) : (
                        "not scored yet"
                    )}
                    {name === VALUE && score ? "; by their orders alone" : ""}
                    {typeof score?.base_rate === "number" ? `; ${averageWords(score)}` : ""}
                    {score?.model ? `; by ${score.model}` : ""}
                </>
            ),
        })),
        last
            ? isOfThePast
                ? { label: "Last seen", number: formatDay(last), meaning: `${formatSpan(one.as_of_ms - last)} before ${formatDay(one.as_of_ms)}` }
                : { label: "Last seen", number: <Age at_ms={last} />, meaning: formatDay(last) }
            : { label: "Last seen", number: "–", meaning: "nothing they did is known with a time" },
    ];
}

/* Whether something is so is told by a yes or no. */
const valueWords = ({ meaning, value }: { meaning: string; value?: number | null }): string =>
    value == null ? "" : /^whether /i.test(meaning) ? (value ? "yes" : "no") : formatQuantity(value);

/* What is about money first, then what happened most. */
function lanesOf(events: Event[], messages: GetV1Messages["messages"], decisions: Customer["decisions"]): Lane[] {
    const kinds = new Map<string, Event[]>();
    for (const event of events) kinds.set(event.kind, [...(kinds.get(event.kind) ?? []), event]);
    const money = (rows: Event[]): number => rows.reduce((sum, row) => sum + Math.abs(row.amount_cents ?? 0), 0);
    const lanes = [...kinds]
        .sort(([, a], [, b]) => money(b) - money(a) || b.length - a.length)
        .slice(0, LANES_MOST)
        .map(([name, rows]): Lane => ({
            name,
            marks: rows.map((row) => ({
                at_ms: row.time_ms,
                amount_cents: row.amount_cents ?? 0,
                hint: `${name}${row.amount_cents ? ` of ${formatMoney(row.amount_cents, "")}` : ""}, ${formatInstant(row.time_ms)}`,
            })),
        }));
    if (messages.length > 0)
        lanes.push({
            name: "messages",
            marks: messages.map((one) => ({
                at_ms: one.sent_ms ?? one.queued_ms,
                amount_cents: 0,
                kind: one.status === "sent" ? "is-message" : "is-held",
                hint: `${one.journey ?? one.topic} by ${one.channel}: ${one.rule ?? one.status}`,
            })),
        });
    if (decisions.length > 0)
        lanes.push({
            name: "decisions",
            marks: decisions.map((one) => ({
                at_ms: one.at_ms,
                amount_cents: 0,
                kind: "is-message",
                hint: `${one.action} at ${one.placement}, drawn with a chance of ${formatShare(one.propensity)}`,
            })),
        });
    return lanes;
}

const SPANS: [string, string][] = [
    ["", "All of it"],
    ["365", "A year"],
    ["90", "90 days"],
    ["30", "30 days"],
    ["7", "A week"],
];

function Timeline({ one, asked }: { one: Customer; asked: URLSearchParams }) {
    const may = useMay(),
        known = one.timeline ?? [],
        events = known.filter((event) => isDated(event.time_ms)),
        days = Number(asked.get("span") ?? "");
    const messages =
        useAnswer<GetV1Messages>(
            may("GET /v1/messages") ? `/v1/messages?customer=${encode(one.customer)}&limit=100` : null,
        ).data?.messages ?? [];
    if (events.length === 0)
        return (
            <Part title="What they did">
                <Empty>
                    {known.length > 0
                        ? "What is known of them has no time: it says who they are, not when they did anything."
                        : "Nothing is known yet."}{" "}
                    What a client sends with this id appears here at once.
                </Empty>
            </Part>
        );
    const until_ms = Math.max(one.as_of_ms, ...events.map((event) => event.time_ms)),
        first_ms = Math.min(...events.map((event) => event.time_ms));
    const from_ms = days ? until_ms - days * DAY_MS : Math.min(until_ms - DAY_MS, first_ms),
        last = lanesOf(events, [], [])[0];
    const last_ms = Math.max(...(last?.marks.map((mark) => mark.at_ms) ?? [0])),
        isNow = serverNow() - one.as_of_ms < DAY_MS;
    const lead =
        `${events.length < EVENTS_ASKED ? plural(events.length, "event") : `The latest ${events.length} events`}. The last ${last?.name ?? ""} was ` +
        `${isNow ? formatAge(last_ms) : `on ${formatDay(last_ms)}`}: a line that ends far from ${isNow ? "now" : formatDay(one.as_of_ms - 1)} says that they have stopped.`;
    const amounts = events.some((row) => row.amount_cents),
        details = events.some((row) => row.properties);
    return (
        <Part
            title="What they did"
            lead={lead}
            actions={
                <Choice
                    label="How much of it"
                    isHidden
                    value={asked.get("span") ?? ""}
                    set={(span) => look({ span })}
                    options={SPANS}
                />
            }
        >
            <Lanes
                title="Events, messages and decisions, by kind"
                label={lead}
                lanes={lanesOf(events, messages, one.decisions)}
                from_ms={from_ms}
                until_ms={until_ms}
                until={isNow ? "now" : formatDay(one.as_of_ms - 1)}
            />
            <details class="as-table">
                <summary>Show as table</summary>
                <Table
                    caption="What they did"
                    noun="event"
                    id={(row) => events.indexOf(row)}
                    step={50}
                    csv="events"
                    rows={events}
                    columns={[
                        {
                            title: "When",
                            cell: (row) => <Age at_ms={row.time_ms} />,
                            value: (row) => new Date(row.time_ms).toISOString(),
                        },
                        { title: "What", kind: "name", cell: (row) => row.kind, value: (row) => row.kind },
                        ...(amounts
                            ? [
                                  {
                                      title: "Amount",
                                      kind: "number" as const,
                                      cell: (row: Event) =>
                                          row.amount_cents ? formatMoney(row.amount_cents, "") : "–",
                                      value: (row: Event) => row.amount_cents,
                                  },
                              ]
                            : []),
                        ...(details
                            ? [
                                  {
                                      title: "Details",
                                      kind: "wide" as const,
                                      cell: (row: Event) =>
                                          row.properties
                                              ? Object.entries(row.properties)
                                                    .map(([name, value]) => `${name}: ${String(value)}`)
                                                    .join(", ")
                                              : "–",
                                  },
                              ]
                            : []),
                    ]}
                />
            </details>
        </Part>
    );
}

const PUSHES = 9;

function Why({ id, missing }: { id: string; missing: string | null | undefined }) {
    const answer = useAnswer<GetV1CustomersIdExplain>(missing ? null : `/v1/customers/${encode(id)}/explain`);
    if (missing)
        return (
            <Part title="Why the model thinks so">
                <Empty>{sentence(missing)}</Empty>
            </Part>
        );
    return (
        <Part
            title="Why the model thinks so"
            lead="What weighs in the prediction, from an average customer of those it learned from to this one. It says what the model leans on, not what causes anyone to leave. The sentences below take together what tells of the same, so one part of it may point the other way."
        >
            <Shown answer={answer}>
                {(told) => {
                    const rows = told.contributions.slice(0, PUSHES),
                        rest = told.contributions.slice(PUSHES).reduce((sum, row) => sum + row.contribution, 0);
                    return (
                        <>
                            <Waterfall
                                title={`How ${formatShare(told.prediction)} comes about`}
                                base={told.base}
                                from="an average customer"
                                to={`this one: ${formatShare(told.prediction)}`}
                                pushes={[
                                    ...rows.map((row) => ({
                                        name: row.feature,
                                        meaning: row.meaning,
                                        value: valueWords(row),
                                        push: row.contribution,
                                    })),
                                    ...(told.contributions.length > PUSHES
                                        ? [
                                              {
                                                  name: "rest",
                                                  meaning: `${told.contributions.length - PUSHES} further features`,
                                                  value: "",
                                                  push: rest,
                                              },
                                          ]
                                        : []),
                                ]}
                            />
                            <Reasons reasons={told.reasons} />
                        </>
                    );
                }}
            </Shown>
        </Part>
    );
}

interface Step {
    at_ms?: number;
    local?: string;
    step?: string;
    outcome?: string;
    sentence?: string;
    rule?: string | null;
    facts?: unknown;
    status?: string | null;
    reply?: string | null;
}
interface Entry {
    entered_ms: number;
    version: number;
    end?: string | null;
    steps?: Step[];
}

function JourneyWhy({ id, journey }: { id: string; journey: string }) {
    const answer = useAnswer<GetV1CustomersIdWhy>(`/v1/customers/${encode(id)}/why?journey=${encode(journey)}`);
    return (
        <Shown answer={answer}>
            {(told) => {
                const entries = told.entries as Entry[],
                    missed = told.not_entered as { at_ms: number; rule: string; facts?: unknown }[];
                return (
                    <div class="why">
                        {entries.length === 0 && missed.length === 0 && (
                            <p>Nothing: they never met its trigger.</p>
                        )}
                        {entries.map((entry) => (
                            <div key={entry.entered_ms}>
                                <p>
                                    <strong>
                                        Entered <Age at_ms={entry.entered_ms} />
                                    </strong>
                                    , version {entry.version}
                                    {entry.end ? `; ended: ${entry.end}` : "; inside now"}
                                </p>
                                <ol class="why-steps">
                                    {(entry.steps ?? []).map((step, i) => (
                                        <li key={i}>
                                            {step.step && <code>{step.step}</code>} {step.sentence ?? step.outcome}
                                            {step.rule ? ` (${step.rule})` : ""}
                                            {step.status && step.status !== "sent"
                                                ? `, then ${step.status}${step.reply ? `: ${step.reply}` : ""}`
                                                : ""}
                                            {step.at_ms ? (
                                                <span class="note">
                                                    {" "}
                                                    <Age at_ms={step.at_ms} />
                                                </span>
                                            ) : null}
                                            {step.facts ? (
                                                <code class="facts-line">{JSON.stringify(step.facts)}</code>
                                            ) : null}
                                        </li>
                                    ))}
                                </ol>
                            </div>
                        ))}
                        {missed.map((one) => (
                            <p key={one.at_ms}>
                                Did not enter <Age at_ms={one.at_ms} />: {one.rule}{" "}
                                {one.facts ? <code>{JSON.stringify(one.facts)}</code> : null}
                            </p>
                        ))}
                    </div>
                );
            }}
        </Shown>
    );
}

function Journeys({ id }: { id: string }) {
    const { data } = useAnswer<GetV1Journeys>("/v1/journeys"),
        [open, set] = useState<string | null>(null);
    const journeys = data?.journeys ?? [];
    if (journeys.length === 0) return null;
    return (
        <Part title="Journeys" lead="Why each did what it did with them, or did nothing.">
            {journeys.map(({ journey }) => (
                <details
                    key={journey}
                    class="fold"
                    onToggle={(event) => {
                        if (event.currentTarget.open) set(journey);
                    }}
                >
                    <summary>
                        <a href={to("journey", journey)}>{journey}</a> and this customer
                    </summary>
                    {open === journey && <JourneyWhy id={id} journey={journey} />}
                </details>
            ))}
        </Part>
    );
}

/* "given, as shop.csv says, since 3 May 2026" */
function consentWords(said: unknown): string {
    if (typeof said !== "object" || said === null) return String(said);
    const { given, proof, since_ms, source } = said as {
        given?: boolean;
        proof?: string;
        since_ms?: number;
        source?: string;
    };
    return [
        given ? "given" : "refused",
        proof || source ? `as ${proof || source} says` : "",
        since_ms ? `since ${formatDay(since_ms)}` : "",
    ]
        .filter(Boolean)
        .join(", ");
}

const texts = (values: Record<string, unknown>): [string, string][] =>
    Object.entries(values).map(([name, value]) => [
        sentenceCase(name),
        typeof value === "object" && value !== null ? JSON.stringify(value) : String(value),
    ]);

function Who({ one }: { one: Customer }) {
    return (
        <Part title="Who this is" lead={one.is_suppressed ? "Asked not to be measured or contacted." : undefined}>
            <Facts
                rows={[
                    ["Ids", one.identities.map((id) => `${id.id} (${id.kind})`).join(", ")],
                    ["Group", one.rfm_rule ? `${one.rfm_group}, among all customers: ${one.rfm_rule}` : one.rfm_group],
                    ["Cluster", one.cluster && `${one.cluster}, beside the average customer`],
                    ["Stage", one.stage_rule ? `${one.stage}, by their own rhythm: ${one.stage_rule}` : one.stage],
                    ...texts(one.personal),
                    ...texts(one.traits),
                    ...Object.entries(one.consent).map(([name, said]): [string, string] => [
                        `Consent to ${name}`,
                        consentWords(said),
                    ]),
                ]}
            />
        </Part>
    );
}

function Features({ rows }: { rows: NonNullable<Customer["features"]> }) {
    return rows.length === 0 ? null : (
        <details class="part fold">
            <summary>
                <h2 class="part-title">All {formatCount(rows.length)} features</h2>
            </summary>
            <Table
                caption="Features"
                noun="feature"
                csv="features"
                id={(row) => row.name}
                rows={rows}
                step={500}
                columns={[
                    { title: "Meaning", kind: "wide", cell: (row) => row.meaning, value: (row) => row.meaning },
                    {
                        title: "Value",
                        kind: "number",
                        cell: (row) => formatQuantity(row.value),
                        value: (row) => row.value,
                    },
                    { title: "Unit", cell: (row) => row.unit, value: (row) => row.unit },
                    {
                        title: "Name in conditions",
                        cell: (row) => <code>{row.name}</code>,
                        value: (row) => row.name,
                    },
                ]}
            />
        </details>
    );
}

export default function CustomerPage({ argument: id, asked }: ViewProps) {
    const answer = useAnswer<Customer>(`/v1/customers/${encode(id)}?timeline=${EVENTS_ASKED}`);
    if (!answer.data || isRefusal(answer.error, 404))
        return (
            <>
                <Head title={id} back={[to("customers"), "All customers"]} />
                {answer.error ? (
                    <Trouble error={answer.error} again={answer.again} />
                ) : (
                    <Shown answer={answer}>{() => null}</Shown>
                )}
            </>
        );
    const one = answer.data;
    return (
        <>
            <Head
                title={one.customer}
                back={[to("customers"), "All customers"]}
                actions={<CustomerActions one={one} again={answer.again} />}
            />
            <Trouble error={answer.error} again={answer.again} />
            {one.segments.length > 0 && (
                <p class="tags">
                    {one.segments.map((segment) => (
                        <a
                            key={segment.id}
                            class="tag raises"
                            href={to("segment", segment.id)}
                            title={`in it since ${formatInstant(segment.since_ms)}`}
                        >
                            {segment.name}, {formatAge(segment.since_ms)}
                        </a>
                    ))}
                    {one.is_suppressed && <Tag kind="is-alert">suppressed</Tag>}
                </p>
            )}
            <Figures items={figuresOf(one)} />
            <CustomerNext key={one.as_of_ms} id={id} />
            <Timeline one={one} asked={asked} />
            <Why id={id} missing={one.missing} />
            <Journeys id={id} />
            <Notes about="customer" subject={one.customer} />
            <Who one={one} />
            <Features rows={one.features ?? []} />
        </>
    );
}
