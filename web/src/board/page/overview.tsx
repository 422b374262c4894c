/* overview.tsx - how the shop did, what may leave, and what needs somebody: every role's first look, a viewer's home. */
import { formatCount, formatMoney, formatMonth, formatShare, formatMoneyTick } from "../../page/format.ts";
import type { ProgramMonth } from "../../report.ts";
import type { GetV1Overview, GetV1Program, GetV1Segments, GetV1Status } from "../answers.ts";
import { formatDay, formatSpan } from "../clock.ts";
import { Empty, Figures, Head, Part, Shown, type Figure } from "../part/basic.tsx";
import { Choice } from "../part/form.tsx";
import { Course, Curve } from "../part/curve.tsx";
import { look, to } from "../place.ts";
import { sentence } from "../../page/prose.ts";
import { useMay } from "../session.ts";
import { isRefusal, useAnswer } from "../use_answer.ts";
import type { ViewProps } from "../views.ts";
import { FirstEvent, Happenings } from "../part/happenings.tsx";

type Overview = GetV1Overview;
type Kpi = Overview["kpis"][number];

const TITLES: Record<string, string> = {
    revenue_cents: "Revenue",
    orders: "Orders",
    order_value_cents: "Mean order",
    buyers: "Buyers",
    first_buyers: "First-time buyers",
    came_back_share: "Came back",
};

function amount(kpi: Kpi, value: number | null | undefined, currency: string): string {
    return kpi.unit === "cents"
        ? formatMoney(value, currency)
        : kpi.unit === "share"
          ? formatShare(value)
          : formatCount(value === null || value === undefined ? value : Math.round(value));
}

/* Whether the change is larger than chance alone would make it: the intervals of both periods lie apart. */
function isCertain(kpi: Kpi): boolean {
    const { low, high, before_low, before_high } = kpi;
    return (
        low !== null &&
        high !== null &&
        before_low !== null &&
        before_high !== null &&
        (low > before_high || high < before_low)
    );
}

function kpiFigure(kpi: Kpi, currency: string): Figure {
    const { change } = kpi,
        certain = isCertain(kpi);
    const range =
        kpi.low === null || kpi.high === null
            ? ""
            : `${amount(kpi, kpi.low, currency)} to ${amount(kpi, kpi.high, currency)}`;
    return {
        label: TITLES[kpi.name] ?? kpi.name,
        number: amount(kpi, kpi.value, currency),
        tone: certain && change !== null ? (change > 0 ? "good" : "bad") : undefined,
        meaning: (
            <>
                {range && <span class="interval">{range}</span>}
                {change !== null && (
                    <span class="change">
                        {change >= 0 ? "▲ " : "▼ "}
                        {formatShare(Math.abs(change))} against {amount(kpi, kpi.before, currency)}
                        {certain ? "" : ", within chance"}
                    </span>
                )}
                <span class="definition">{sentence(kpi.meaning)}</span>
            </>
        ),
    };
}

function headline(overview: Overview): string {
    const revenue = overview.kpis.find((kpi) => kpi.name === "revenue_cents"),
        span = `${overview.days} days`;
    if (overview.customers === 0) return "No event has come yet";
    if (!revenue || revenue.value === null || revenue.value === 0)
        return `${formatCount(overview.customers)} customers known, no money in ${span}`;
    const words = `${formatMoney(revenue.value, overview.currency)} in ${span}`;
    if (revenue.change === null) return words;
    return `${words}, ${isCertain(revenue) ? `${formatShare(Math.abs(revenue.change))} ${revenue.change > 0 ? "more" : "less"} than before` : "about as before"}`;
}

const NEEDS: Record<string, (name: string) => string> = {
    source: () => to("data"),
    stop: () => to("settings"),
    journey: (name) => to("journey", name),
    draft: (name) => to("journey", name),
    messages: (name) => to("messages", null, { status: name }),
    tasks: () => to("queue"),
    experiment: (name) => to("experiment", name),
    privacy: () => to("privacy"),
};

function Needs({ needs }: { needs: Overview["needs"] }) {
    if (needs.length === 0)
        return (
            <Part
                title="What needs somebody"
                lead="Nothing does now: sources send, nothing is stopped, stuck or overdue."
            />
        );
    return (
        <Part title="What needs somebody" lead="Begin at the top; each leads to where it is mended.">
            <ul class="needs">
                {needs.map((one, i) => (
                    <li key={i}>
                        <a href={(NEEDS[one.kind] ?? (() => to("")))(one.name)}>{sentence(one.text)}</a>
                    </li>
                ))}
            </ul>
        </Part>
    );
}

function Risk({ overview }: { overview: Overview }) {
    const may = useMay(),
        { risk } = overview;
    if (!risk)
        return (
            <Part title="What may leave">
                <Empty
                    actions={
                        may("POST /v1/models/train") ? (
                            <a class="button" href={to("models")}>
                                Train a model
                            </a>
                        ) : null
                    }
                >
                    No model is trained yet: once there is some history, one says who is likely to leave and what
                    would go with them.
                </Empty>
            </Part>
        );
    return (
        <Part title="What may leave" lead={risk.headline ?? `By the question ${risk.question}.`}>
            {may("GET /v1/customers") && (
                <p class="actions">
                    <a class="button" href={to("customers")}>
                        See who has most at stake
                    </a>
                </p>
            )}
            <p class="note">
                Risk is not response: nothing here says that a message would keep them. An experiment does.
            </p>
        </Part>
    );
}

/* What everything together earned beyond the control group that gets nothing anywhere. */
function Proven({ currency }: { currency: string }) {
    const may = useMay(),
        answer = useAnswer<GetV1Program>(may("GET /v1/program") ? "/v1/program" : null);
    if (isRefusal(answer.error, 409))
        return (
            <Part title="What is proven">
                <Empty
                    actions={
                        <a class="button" href={to("experiments")}>
                            See experiments
                        </a>
                    }
                >
                    Nothing yet: {(answer.error as Error).message}. Once something is decided or sent, everybody is
                    compared with the control group that gets nothing.
                </Empty>
            </Part>
        );
    return (
        <Part
            title="What is proven"
            lead="Profit of everybody beyond that of the control group, which gets nothing anywhere: what all of it together really earned."
        >
            <Shown answer={answer}>
                {(told) => {
                    const months = (told.months as unknown as ProgramMonth[] | undefined) ?? [],
                        so_far = told.so_far as { sentence?: string } | undefined;
                    return (
                        <>
                            <p>{sentence(so_far?.sentence ?? "")}</p>
                            {months.length > 1 && (
                                <Curve
                                    title="Profit beyond the control group, so far"
                                    label={sentence(so_far?.sentence ?? "")}
                                    heads={["Month", "So far"]}
                                    words={(cents) => formatMoneyTick(cents, currency)}
                                    places={(ms) => formatMonth(new Date(ms).toISOString().slice(0, 7))}
                                    isTime
                                    points={months.map((row) => ({
                                        x: Date.parse(`${row.month}-01`),
                                        value: row.so_far_cents?.value ?? 0,
                                        low: row.so_far_cents?.low,
                                        high: row.so_far_cents?.high,
                                    }))}
                                />
                            )}
                        </>
                    );
                }}
            </Shown>
        </Part>
    );
}

function Controls({ asked }: { asked: URLSearchParams }) {
    const segments = useAnswer<GetV1Segments>("/v1/segments").data?.segments ?? [];
    return (
        <div class="controls no-print">
            <Choice
                label="Period"
                value={asked.get("days") ?? "30"}
                set={(days) => look({ days })}
                options={[
                    ["7", "7 days"],
                    ["30", "30 days"],
                    ["90", "90 days"],
                    ["365", "A year"],
                ]}
            />
            <Choice
                label="Compared with"
                value={asked.get("against") ?? "period"}
                set={(against) => look({ against })}
                options={[
                    ["period", "the days before"],
                    ["year", "a year before"],
                ]}
            />
            {segments.length > 0 && (
                <Choice
                    label="Customers"
                    value={asked.get("segment") ?? ""}
                    set={(segment) => look({ segment })}
                    options={[
                        ["", "Everybody"],
                        ...segments.map((one): [string, string] => [String(one.id), one.name]),
                    ]}
                />
            )}
            <p class="actions">
                <button type="button" class="button" onClick={() => print()}>
                    Print
                </button>
                <button
                    type="button"
                    class="button"
                    onClick={() => {
                        document.documentElement.toggleAttribute("data-wall");
                        void document.documentElement.requestFullscreen?.().catch(() => {
                            /* the page alone is large then */
                        });
                    }}
                >
                    Wall screen
                </button>
            </p>
        </div>
    );
}

function Server() {
    const { data } = useAnswer<GetV1Status>("/v1/status", 15_000);
    if (!data) return null;
    const { oldest_ms } = data.scores;
    return (
        <p class="note">
            {formatCount(data.events)} events of {formatCount(data.identities)} ids;{" "}
            {formatCount(data.since_start.events)} since the server's start.
            {oldest_ms !== null && data.now_ms - data.as_of_ms < 86_400_000
                ? ` No score is older than ${formatSpan(data.now_ms - oldest_ms)}.`
                : ""}
        </p>
    );
}

const stepWords = (days: number): string =>
    days === 1 ? "day by day" : days === 7 ? "week by week" : `${days} days at a time`;

function Numbers({ overview }: { overview: Overview }) {
    const { currency, points, days } = overview;
    const words = (cents: number): string => formatMoneyTick(cents, currency);
    return (
        <>
            <Figures items={overview.kpis.map((kpi) => kpiFigure(kpi, currency))} />
            <Part
                title="Money over the period"
                lead={`From ${formatDay(overview.from_ms)} to ${formatDay(overview.as_of_ms - 1)}, ${stepWords(
                    overview.step_ms / 86_400_000,
                )}; the pale line is ${formatDay(overview.before_from_ms)} to ${formatDay(overview.before_until_ms - 1)}. A gap while the shop is open says that a source has stopped.`}
            >
                <Course
                    title={`Revenue${currency ? `, ${currency}` : ""}`}
                    label={`Revenue over ${days} days`}
                    unit="Revenue"
                    words={words}
                    points={points.map((one) => ({ at_ms: one.at_ms, value: one.revenue_cents }))}
                    before={points.map((one) => ({ at_ms: one.at_ms, value: one.before_cents }))}
                />
            </Part>
        </>
    );
}

export default function OverviewPage({ asked }: ViewProps) {
    const query = new URLSearchParams([
        ["days", asked.get("days") ?? "30"],
        ["against", asked.get("against") ?? "period"],
        ...(asked.get("segment") ? [["segment", asked.get("segment") ?? ""]] : []),
    ]);
    const answer = useAnswer<Overview>(`/v1/overview?${query}`, 30_000),
        may = useMay();
    return (
        <>
            <Head title={answer.data ? headline(answer.data) : "Overview"} name="Overview" />
            <Controls asked={asked} />
            <Shown answer={answer} rows={6}>
                {(overview) => (
                    <>
                        {overview.customers === 0 ? <FirstEvent /> : <Numbers overview={overview} />}
                        <div class="two">
                            <Needs needs={overview.needs} />
                            <Risk overview={overview} />
                        </div>
                        {overview.customers > 0 && <Proven currency={overview.currency} />}
                        {may("GET /v1/events") && overview.customers > 0 && (
                            <Part
                                title="What happens now"
                                lead="Events as they come, and what follows from them. The newest is on top."
                            >
                                <Happenings />
                            </Part>
                        )}
                        <Server />
                    </>
                )}
            </Shown>
        </>
    );
}
