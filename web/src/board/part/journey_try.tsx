/* journey_try.tsx - a journey before it is at work: one person through the days to come, on a slider of simulated time, and
 * everybody through those that were. */
import { useMemo, useState } from "preact/hooks";
import { formatCount, plural, sentenceCase } from "../../page/format.ts";
import type { GetV1Customers, PostV1JourneysPreview, PostV1JourneysSimulate } from "../answers.ts";
import { ask, Refusal } from "../ask.ts";
import { formatInstant, formatSpan } from "../clock.ts";
import { useMay } from "../session.ts";
import { useAnswer, useDoing } from "../use_answer.ts";
import { Facts, Figures, Part } from "../../part/block.tsx";
import { CustomerLink, Empty, Trouble } from "./basic.tsx";
import { Button } from "./button.tsx";
import { Field } from "./form.tsx";
import type { Graph } from "./journey_graph.tsx";
import { Course } from "./course.tsx";
import { Rendered } from "./rendered.tsx";
import { Table } from "../../part/table.tsx";

/* What a preview shows at the slider's instant: of each step what happened there. */
export interface Seen {
    lines: Map<string, string>;
}

const HOUR_MS = 3_600_000,
    DAY_MS = 86_400_000;

/* As it was typed, so that the server says what is wrong with it; empty: as many as it takes by itself. */
const daysOf = (text: string): number | null => (text.trim() === "" ? null : Number(text));

type Moment = PostV1JourneysPreview["entries"][number]["steps"][number];

/* The steps of all ways through it, as time goes by. */
const momentsOf = (told: PostV1JourneysPreview | null): Moment[] =>
    (told?.entries ?? []).flatMap((entry) => entry.steps).sort((a, b) => a.at_ms - b.at_ms);

interface Happening {
    event: string;
    days: string;
}

function properties(text: string): Record<string, unknown> {
    if (!text.trim()) return {};
    try {
        const value: unknown = JSON.parse(text);
        if (typeof value === "object" && value !== null && !Array.isArray(value))
            return value as Record<string, unknown>;
    } catch {
        /* told below */
    }
    throw new Refusal(
        0,
        "invalid",
        'What the event carries must be a JSON object, such as {"amount": 40}.',
        "event",
    );
}

export function Preview({
    yaml,
    graph,
    see,
}: {
    yaml: string;
    graph: Graph | null;
    see: (seen: Seen | null) => void;
}) {
    const may = useMay(),
        some =
            useAnswer<GetV1Customers>(may("GET /v1/customers") ? "/v1/customers?order=customer&limit=20" : null)
                .data?.customers ?? [];
    const [customer, setCustomer] = useState(""),
        [days, setDays] = useState("30"),
        [event, setEvent] = useState('{"amount": 40}'),
        [thought, setThought] = useState<Happening[]>([]),
        [told, tell] = useState<PostV1JourneysPreview | null>(null),
        [at_ms, setAt] = useState(0),
        doing = useDoing(),
        who = customer.trim() || some[0]?.customer || "";
    const moments = useMemo(() => momentsOf(told), [told]);
    const move = (all: Moment[], to_ms: number): void => {
        setAt(to_ms);
        see({
            lines: new Map(
                all
                    .filter((one) => one.at_ms <= to_ms)
                    .map((one) => [one.step, `${one.outcome}${one.rule ? `: ${one.rule}` : ""}`]),
            ),
        });
    };
    const past = moments.filter((one) => one.at_ms <= at_ms),
        ends = (told?.entries ?? []).map((entry) => entry.end).filter(Boolean);
    if (!may("POST /v1/journeys/preview")) return null;
    return (
        <Part
            title="Try it on somebody"
            lead="They go through it as it stands here, by their own clock and consent, with the same rules as at work. Nothing is sent."
        >
            <form
                class="controls"
                onSubmit={(submitted) => {
                    submitted.preventDefault();
                    doing.run(async () => {
                        const answer = await ask<PostV1JourneysPreview>("POST", "/v1/journeys/preview", {
                            yaml,
                            customer: who,
                            days: daysOf(days),
                            event: properties(event),
                            happenings: thought
                                .filter((one) => one.event.trim())
                                .map((one) => ({
                                    event: one.event.trim(),
                                    after_hours: 24 * (Number(one.days) || 0),
                                    properties: {},
                                })),
                        });
                        tell(answer);
                        move(momentsOf(answer), answer.to_ms);
                    });
                }}
            >
                <Field
                    label="Customer"
                    name="customer"
                    value={customer}
                    set={setCustomer}
                    placeholder={who}
                    list={some.map((one) => one.customer)}
                    error={doing.error}
                />
                <Field label="Days" name="days" type="number" value={days} set={setDays} error={doing.error} />
                {graph?.trigger.startsWith("event") && (
                    <Field
                        label="The event carries"
                        name="event"
                        isCode
                        value={event}
                        set={setEvent}
                        error={doing.error}
                    />
                )}
                {thought.map((one, i) => (
                    <span class="pair" key={i}>
                        <Field
                            label="Then they"
                            name={`thought-${i}`}
                            value={one.event}
                            set={(value) =>
                                setThought(thought.map((other, k) => (k === i ? { ...one, event: value } : other)))
                            }
                            placeholder="order"
                        />
                        <Field
                            label="after days"
                            type="number"
                            value={one.days}
                            set={(value) =>
                                setThought(thought.map((other, k) => (k === i ? { ...one, days: value } : other)))
                            }
                        />
                    </span>
                ))}
                <button
                    type="button"
                    class="button"
                    onClick={() => setThought([...thought, { event: "order", days: "1" }])}
                >
                    Something happens meanwhile
                </button>
                <Button type="submit" class="button primary" isOff={doing.isDoing || !who}>
                    Try it
                </Button>
            </form>
            <Trouble error={doing.error} />
            {told && (
                <>
                    {told.entries.length === 0 ? (
                        <Empty>
                            <CustomerLink id={told.customer} /> would not enter
                            {told.not_entered.length > 0
                                ? `: ${told.not_entered
                                      .map(
                                          (one) =>
                                              `${one.rule ?? "once is enough"} (${Object.entries(one.facts)
                                                  .map(([name, value]) => `${name} is ${String(value)}`)
                                                  .join(", ")})`,
                                      )
                                      .join("; ")}.`
                                : ": nothing that begins it happens to them."}
                        </Empty>
                    ) : (
                        <>
                            <p class="time-slider">
                                <label for="preview-at">{formatInstant(at_ms)}</label>
                                <input
                                    id="preview-at"
                                    type="range"
                                    min={told.from_ms}
                                    max={told.to_ms}
                                    step={HOUR_MS}
                                    value={at_ms}
                                    aria-valuetext={`${formatInstant(at_ms)}, ${formatSpan(at_ms - told.from_ms)} after they entered`}
                                    onInput={(moved) => move(moments, Number(moved.currentTarget.value))}
                                />
                                <span class="note">
                                    day {Math.floor((at_ms - told.from_ms) / DAY_MS)} of{" "}
                                    {Math.round((told.to_ms - told.from_ms) / DAY_MS)}
                                </span>
                            </p>
                            <ol class="moments">
                                {past.map((one, i) => (
                                    <li key={i} class={i === past.length - 1 ? "is-last" : undefined}>
                                        <button type="button" class="age" onClick={() => move(moments, one.at_ms)}>
                                            {one.local.slice(0, 16).replace("T", " ")}
                                        </button>
                                        <code>{one.step}</code>
                                        <span>
                                            {one.sentence}
                                            {one.outcome === "sent" &&
                                                graph?.steps.find((step) => step.id === one.step)?.kind ===
                                                    "send" && (
                                                    <Rendered
                                                        yaml={yaml}
                                                        step={one.step}
                                                        customer={told.customer}
                                                        event={event}
                                                    />
                                                )}
                                        </span>
                                    </li>
                                ))}
                            </ol>
                            {at_ms >= told.to_ms && (
                                <p class="note">
                                    {ends.length > 0 ? `It ends: ${ends.join(", ")}.` : "They are still inside."}
                                </p>
                            )}
                        </>
                    )}
                    <p class="actions">
                        <button
                            type="button"
                            class="button"
                            onClick={() => {
                                tell(null);
                                see(null);
                            }}
                        >
                            Show who is where again
                        </button>
                    </p>
                </>
            )}
        </Part>
    );
}

const total = (rows: [string, number | null][]): number => rows.reduce((sum, [, n]) => sum + (n ?? 0), 0);

/* What it would have done, in words: before it is approved, too. */
export function Simulated({ told }: { told: PostV1JourneysSimulate }) {
    const sent = Object.entries(told.sent),
        held = Object.entries(told.held);
    return (
        <>
            <Figures
                items={[
                    {
                        label: "Would enter",
                        number: formatCount(told.entered),
                        meaning: `of ${plural(told.people, "customer")} in ${plural(told.days, "day")}; at most ${formatCount(told.busiest_day)} in one day`,
                    },
                    {
                        label: "Messages",
                        number: formatCount(total(sent)),
                        meaning: sent.map(([name, n]) => `${formatCount(n)} by ${name}`).join(", ") || "none",
                    },
                    {
                        label: "Held or left out",
                        number: formatCount(total(held)),
                        meaning: held.map(([name, n]) => `${formatCount(n)} ${name}`).join(", ") || "by no rule",
                    },
                    {
                        label: "Goal",
                        number: formatCount(told.goal),
                        meaning: "ways that it would have ended; no proof that the journey did it",
                    },
                ]}
            />
            <Facts
                rows={[
                    told.not_entered > 0 && ["Did not match the filter", formatCount(told.not_entered)],
                    told.failed > 0 && [
                        "Could not be written",
                        `${plural(told.failed, "message")}: a value that the template asks for is missing. Try it on one of them`,
                    ],
                    told.violation !== null && ["A rule was broken", told.violation],
                ]}
            />
        </>
    );
}

export function Simulation({ yaml }: { yaml: string }) {
    const [days, setDays] = useState("30"),
        [told, tell] = useState<PostV1JourneysSimulate | null>(null),
        [of, setOf] = useState(yaml),
        doing = useDoing();
    return (
        <Part
            title="Simulate it on everybody"
            lead="The days before happen again with this journey at work: who would have entered, what would have been sent, and what the rules of contact would have left out."
        >
            <form
                class="controls"
                onSubmit={(event) => {
                    event.preventDefault();
                    doing.run(async () => {
                        tell(
                            await ask<PostV1JourneysSimulate>("POST", "/v1/journeys/simulate", {
                                yaml,
                                days: daysOf(days),
                            }),
                        );
                        setOf(yaml);
                    });
                }}
            >
                <Field
                    label="The last days"
                    name="days"
                    type="number"
                    value={days}
                    set={setDays}
                    error={doing.error}
                />
                <Button type="submit" class="button primary" isOff={doing.isDoing}>
                    {doing.isDoing ? "Simulating" : "Simulate"}
                </Button>
            </form>
            <Trouble error={doing.error} />
            {told && (
                <>
                    {of !== yaml && <p class="note">The text has changed since: simulate it again.</p>}
                    <Simulated told={told} />
                    {told.days > 1 && told.entered > 0 && (
                        <Course
                            title="Who would have entered, by day"
                            unit="Entered"
                            label={`At most ${told.busiest_day} in one day`}
                            words={(value) => formatCount(Math.round(value))}
                            points={(told.daily as number[]).map((value, i) => ({
                                at_ms: told.from_ms + i * DAY_MS,
                                value,
                            }))}
                        />
                    )}
                    <Table
                        caption="Steps"
                        noun="step"
                        csv="simulated-steps"
                        id={(row) => row[0]}
                        rows={Object.entries(told.steps)}
                        columns={[
                            {
                                title: "Step",
                                kind: "name",
                                cell: (row) => <code>{row[0]}</code>,
                                value: (row) => row[0],
                            },
                            {
                                title: "What became of them",
                                kind: "wide",
                                cell: (row) =>
                                    sentenceCase(
                                        Object.entries(row[1] ?? {})
                                            .map(([name, n]) => `${formatCount(n)} ${name}`)
                                            .join(", "),
                                    ),
                                value: (row) => JSON.stringify(row[1]),
                            },
                        ]}
                    />
                </>
            )}
        </Part>
    );
}
