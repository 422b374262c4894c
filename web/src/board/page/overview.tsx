/* overview.tsx - how the shop did, what may leave, and what needs somebody: every role's first look, a viewer's home. */
import { useEffect } from "preact/hooks";
import { formatCount, formatMoney, formatShare, formatMoneyTick, MINUS } from "../../page/format.ts";
import type { ProgramMonth } from "../../report.ts";
import type { GetV1Overview, GetV1Program, GetV1Segments, GetV1Status } from "../answers.ts";
import { formatDay, formatSpan, isDated } from "../clock.ts";
import { Figures, Part, type Figure } from "../../part/block.tsx";
import { Empty, Head, Shown } from "../part/basic.tsx";
import { Choice } from "../part/form.tsx";
import { Course } from "../part/course.tsx";
import { ProgramCourse } from "../../part/program_course.tsx";
import { Table } from "../../part/table.tsx";
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

/* Whether the change is larger than chance alone would make it, at 95 %: zero lies outside its own interval, whose half
 * is the root of the sum of both periods' halves squared.  (Two intervals may overlap where it does.) */
function isCertain({ value, low, high, before, before_low, before_high }: Kpi): boolean {
    if (value == null || low == null || high == null) return false;
    if (before == null || before_low == null || before_high == null) return false;
    const up = value > before,
        half = up ? value - low : high - value,
        before_half = up ? before_high - before : before - before_low;
    return Math.abs(value - before) > Math.hypot(half, before_half);
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
                        {change > 0 ? "▲ " : change < 0 ? "▼ " : ""}
                        {change === 0 ? "as before: " : `${formatShare(Math.abs(change))} against `}
                        {amount(kpi, kpi.before, currency)}
                        {certain || change === 0 ? "" : ", within chance"}
                    </span>
                )}
                {change === null && kpi.before !== null && kpi.before < 0 && (
                    <span class="change">against {amount(kpi, kpi.before, currency)}</span>
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
        return `${formatCount(overview.customers)} customers known, no money known of ${span}`;
    const words = `${formatMoney(revenue.value, overview.currency)} in ${span}`;
    if (revenue.change === null) return words;
    if (revenue.change === 0) return `${words}, as before`;
    return `${words}, ${formatShare(Math.abs(revenue.change))} ${revenue.change > 0 ? "more" : "less"} than before${isCertain(revenue) ? "" : ", within chance"}`;
}

const PARTS: Record<string, string> = {
    first_buyers: "First-time buyers",
    known_buyers: "Customers known before",
    went_back: "Went back",
};
const FACTORS: Record<string, [string, string]> = {
    buyers: ["more buyers", "fewer buyers"],
    orders_each: ["more orders of each", "fewer orders of each"],
    order_value: ["larger orders", "smaller orders"],
    went_back: ["less that went back", "more that went back"],
};

/* What a change of revenue came from, the largest part first. */
function changeWords({ came_from, currency }: Overview): string {
    const parts = [...came_from.change].sort((a, b) => Math.abs(b.change_cents) - Math.abs(a.change_cents)),
        all = parts.reduce((sum, one) => sum + one.change_cents, 0),
        told = parts.filter((one) => Math.abs(one.change_cents) >= 50);
    if (told.length === 0) return "";
    const words = told.map(({ name, change_cents }) => {
        const [more, less] = FACTORS[name] ?? [name, name];
        return `${change_cents > 0 ? "+" : MINUS}${formatMoney(Math.abs(change_cents), currency)} by ${change_cents > 0 ? more : less}`;
    });
    return `${formatMoney(Math.abs(all), currency)} ${all >= 0 ? "more" : "less"} than before: ${words.join(", ")}.`;
}

function CameFrom({ overview }: { overview: Overview }) {
    const { came_from, currency } = overview;
    const money = (cents: number): string => formatMoney(cents, currency);
    return (
        <Part title="What the revenue came from" lead={changeWords(overview) || undefined}>
            <Table
                caption="Parts of the revenue"
                noun="part"
                csv="revenue-came-from"
                id={(row) => row.name}
                rows={came_from.money}
                columns={[
                    {
                        title: "From",
                        kind: "name",
                        help: "What adds up to the revenue",
                        cell: (row) => <span title={sentence(row.meaning)}>{PARTS[row.name] ?? row.name}</span>,
                        value: (row) => row.name,
                    },
                    {
                        title: "In the period",
                        kind: "number",
                        cell: (row) => money(row.value_cents),
                        value: (row) => row.value_cents / 100,
                    },
                    {
                        title: "Before",
                        kind: "number",
                        cell: (row) => money(row.before_cents),
                        value: (row) => row.before_cents / 100,
                    },
                    {
                        title: "Change",
                        kind: "number",
                        cell: (row) => `${row.change_cents > 0 ? "+" : ""}${money(row.change_cents)}`,
                        value: (row) => row.change_cents / 100,
                    },
                ]}
            />
        </Part>
    );
}

const NEEDS: Record<string, (name: string) => string> = {
    source: () => to("data"),
    drift: (name) => to("models", name),
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
                lead="Nothing does now: no source is silent, nothing is stopped, stuck or overdue."
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
                        {(risk.at_risk as { revenue_cents?: number | null } | null)?.revenue_cents == null
                            ? "See who is likeliest"
                            : "See who has most at stake"}
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
                    {sentence(answer.error.message)} Once something is decided or sent,
                    everybody is compared with the control group that gets nothing.
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
                            <ProgramCourse months={months} currency={currency} />
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
                        look({ wall: "1" });
                        if (navigator.userActivation?.isActive !== false)
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

/* Without what is for hands, large enough to be read across a room; Escape ends it. */
function useWall(isWall: boolean): void {
    useEffect(() => {
        if (!isWall) return undefined;
        const root = document.documentElement,
            leave = (): void => look({ wall: null }),
            listen = (event: Event): void => {
                if (event instanceof KeyboardEvent ? event.key === "Escape" : !document.fullscreenElement) leave();
            };
        root.setAttribute("data-wall", "");
        document.addEventListener("keydown", listen);
        document.addEventListener("fullscreenchange", listen);
        return () => {
            root.removeAttribute("data-wall");
            document.removeEventListener("keydown", listen);
            document.removeEventListener("fullscreenchange", listen);
            if (document.fullscreenElement) void document.exitFullscreen();
        };
    }, [isWall]);
}

function Server() {
    const { data } = useAnswer<GetV1Status>("/v1/status", 15_000);
    if (!data) return null;
    const { oldest_ms } = data.scores;
    return (
        <p class="note">
            {formatCount(data.events)} events of {formatCount(data.identities)} ids;{" "}
            {formatCount(data.since_start.events)} since the server's start.
            {oldest_ms !== null && isDated(oldest_ms) && data.now_ms - data.as_of_ms < 86_400_000
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
    const isSilent =
        overview.kpis.every((kpi) => !kpi.value && !kpi.before) &&
        points.every((one) => !one.revenue_cents && !one.before_cents);
    if (isSilent)
        return (
            <Empty>
                No order is known in these days, nor in those that they are compared with. A table of customers knows no
                days at all; where orders are sent or brought in, their numbers stand here.
            </Empty>
        );
    return (
        <>
            <Figures items={overview.kpis.map((kpi) => kpiFigure(kpi, currency))} />
            <Part
                title="Money over the period"
                lead={`From ${formatDay(overview.from_ms)} to ${formatDay(overview.until_ms - 1)}, ${stepWords(
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
            <CameFrom overview={overview} />
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
        may = useMay(),
        isWall = asked.get("wall") !== null;
    useWall(isWall);
    return (
        <>
            <Head title={answer.data ? headline(answer.data) : "Overview"} name="Overview" />
            <Controls asked={asked} />
            <Shown answer={answer} rows={6}>
                {(overview) => (
                    <div class="overview">
                        {overview.customers === 0 ? <FirstEvent /> : <Numbers overview={overview} />}
                        <div class="two">
                            <Needs needs={overview.needs} />
                            <Risk overview={overview} />
                        </div>
                        {overview.customers > 0 && <Proven currency={overview.currency} />}
                        {!isWall && may("GET /v1/events") && overview.customers > 0 && (
                            <div class="no-print">
                                <Part
                                    title="What happens now"
                                    lead="Events as they come, and what follows from them. The newest is on top."
                                >
                                    <Happenings />
                                </Part>
                            </div>
                        )}
                        {!isWall && <Server />}
                    </div>
                )}
            </Shown>
        </>
    );
}
