/* plan.tsx - which action for whom under a budget: what each budget would earn, who gets what and why, who is left alone;
 * plans compared, wanted and approved. A lead's home. */
import { useState } from "preact/hooks";
import { formatCount, formatMoney, formatMoneyTick, plural, sentenceCase } from "../../page/format.ts";
import { sentence } from "../../page/prose.ts";
import type { GetV1Overview, GetV1Plans, GetV1PlansId, PostV1Plans } from "../answers.ts";
import { ask } from "../ask.ts";
import { tell } from "../notice.tsx";
import { Age, CustomerLink, Empty, Facts, Figures, Head, Part, Shown, Tag, Trouble } from "../part/basic.tsx";
import { Curve } from "../part/curve.tsx";
import { Field, Sure } from "../part/form.tsx";
import { BarCell, Bars, Whisker } from "../part/plot.tsx";
import { saveCsv, Table } from "../part/table.tsx";
import { look, to } from "../place.ts";
import { useMay, usePerson } from "../session.ts";
import { useAnswer, useDoing, useDraft } from "../use_answer.ts";
import type { ViewProps } from "../views.ts";

type Plan = GetV1PlansId;
type Short = GetV1Plans["plans"][number];
type Money = (units: number | null | undefined) => string;

const isOver = (plan: Short): boolean => plan.state === "done" || plan.state === "failed";
const REASONS: Record<string, string> = {
    holdout: "in the control group that gets nothing anywhere",
    drawn_nothing: "drawn by lot to get nothing, to learn from",
    nothing_pays: "no action would earn more than it costs",
    budget: "the budget or a capacity was used up on others",
    not_meant: "no action is meant for them",
    suppressed: "suppressed",
    consent: "no consent",
    automated: "refuse to be decided on by a program",
    no_address: "no address",
    cap: "had as many contacts as the cap allows",
    cooldown: "were contacted not long ago",
};

function between(low: number | null | undefined, high: number | null | undefined, money: Money): string {
    return typeof low === "number" && typeof high === "number" ? `${money(low)} to ${money(high)}` : "";
}

/* ---- asking for one ---- */

interface Wishes {
    budget: string;
    margin: string;
    horizon_days: string;
    group: string;
    max_disparity: string;
}
const NO_WISHES: Wishes = { budget: "", margin: "", horizon_days: "", group: "", max_disparity: "" };

const numberOf = (text: string): number | null =>
    text.trim() === "" || !Number.isFinite(Number(text)) ? null : Number(text);

async function makePlan(asked: Record<string, unknown>): Promise<void> {
    const { id } = await ask<PostV1Plans>("POST", "/v1/plans", asked);
    look({ plan: id });
}

function Maker({ again, isFirst }: { again: () => void; isFirst: boolean }) {
    const [draft, setDraft, forget] = useDraft("plan", JSON.stringify(NO_WISHES)),
        doing = useDoing();
    let wishes = NO_WISHES;
    try {
        wishes = { ...NO_WISHES, ...(JSON.parse(draft) as Partial<Wishes>) };
    } catch {
        /* an older version's draft */
    }
    const set = (name: keyof Wishes) => (value: string) => setDraft(JSON.stringify({ ...wishes, [name]: value }));
    const wrong = (["budget", "margin", "horizon_days", "max_disparity"] as const).find(
        (name) => wishes[name].trim() !== "" && numberOf(wishes[name]) === null,
    );
    return (
        <form
            class="maker"
            onSubmit={(event) => {
                event.preventDefault();
                if (wrong) return;
                doing.run(async () => {
                    await makePlan({
                        budget: numberOf(wishes.budget),
                        margin: numberOf(wishes.margin),
                        horizon_days: numberOf(wishes.horizon_days),
                        group: wishes.group.trim() || null,
                        max_disparity: numberOf(wishes.max_disparity),
                    });
                    forget();
                    again();
                });
            }}
        >
            <div class="fields">
                <Field
                    label="Budget"
                    name="budget"
                    value={wishes.budget}
                    set={set("budget")}
                    error={doing.error}
                    note={wrong === "budget" ? "A number, please." : "Empty: as the settings say."}
                />
                <Field
                    label="Margin"
                    name="margin"
                    value={wishes.margin}
                    set={set("margin")}
                    error={doing.error}
                    note={wrong === "margin" ? "A number, please." : "The share of a price that is earned: 0.4."}
                />
                <Field
                    label="Days an action works"
                    name="horizon_days"
                    value={wishes.horizon_days}
                    set={set("horizon_days")}
                    error={doing.error}
                    note={wrong === "horizon_days" ? "A number, please." : "Empty: the budget's span, or 28."}
                />
            </div>
            <details class="fold">
                <summary>Choose groups alike</summary>
                <div class="fields">
                    <Field
                        label="Trait"
                        name="group"
                        value={wishes.group}
                        set={set("group")}
                        error={doing.error}
                        note="Whose groups are to be chosen alike, as channel."
                    />
                    <Field
                        label="Shares may differ by"
                        name="max_disparity"
                        value={wishes.max_disparity}
                        set={set("max_disparity")}
                        error={doing.error}
                        note={wrong === "max_disparity" ? "A number, please." : "0 to 1, as 0.1. Has its price."}
                    />
                </div>
            </details>
            <Trouble error={doing.error} />
            <p class="actions">
                <button type="submit" class={isFirst ? "button primary" : "button"} disabled={doing.isDoing}>
                    Make a plan
                </button>
                <span class="note">Nothing is written and nothing sent.</span>
            </p>
        </form>
    );
}

/* ---- one plan ---- */

/* What a budget would earn, between the points that were reckoned. */
function at(curve: { budget: number; profit: number }[], budget: number): number {
    const after = curve.findIndex((one) => one.budget >= budget);
    if (after <= 0) return curve[after === 0 ? 0 : curve.length - 1]?.profit ?? 0;
    const a = curve[after - 1],
        b = curve[after];
    if (!a || !b) return 0;
    return a.profit + ((b.profit - a.profit) * (budget - a.budget)) / (b.budget - a.budget || 1);
}

function Budgets({ plan, money, again }: { plan: Plan; money: Money; again: () => void }) {
    const curve = plan.curve ?? [],
        most = curve.at(-1)?.budget ?? 0,
        spent = plan.spent ?? 0,
        [budget, set] = useState(Math.min(spent, most)),
        doing = useDoing(),
        may = useMay();
    if (curve.length < 2 || most <= 0) return null;
    const { value = 0, low = 0, high = 0 } = plan.profit ?? {};
    const shares = value > 0 ? [low / value, high / value] : [1, 1],
        earned = at(curve, budget),
        step = most / 200,
        next = (at(curve, Math.min(most, budget + step)) - at(curve, Math.max(0, budget - step))) / (2 * step);
    const more = earned - at(curve, spent);
    return (
        <Part
            title="What each budget would earn"
            lead="Money goes first to whom it moves most, so each further unit earns less. Stop where the next unit earns less than you could earn with it elsewhere."
        >
            <Curve
                title="Profit beyond doing nothing, by budget"
                label={`From nothing at no budget to ${money(at(curve, most))} at ${money(most)}`}
                heads={["Budget", "Profit"]}
                words={(one) => formatMoneyTick(one * 100, "")}
                places={(one) => formatMoneyTick(one * 100, "")}
                cell={(one) => money(one)}
                stands={budget}
                band="95 % interval of this plan, in proportion"
                points={curve.map((one) => ({
                    x: one.budget,
                    value: one.profit,
                    low: one.profit * (shares[0] ?? 1),
                    high: one.profit * (shares[1] ?? 1),
                }))}
            />
            <div class="slider">
                <label for="budget-slider">Budget</label>
                <input
                    id="budget-slider"
                    type="range"
                    min="0"
                    max={most}
                    step={step}
                    value={budget}
                    aria-valuetext={`${money(budget)}, which would earn ${money(earned)}`}
                    onInput={(event) => set(Number(event.currentTarget.value))}
                />
                <output for="budget-slider">
                    <strong>{money(budget)}</strong> would earn <strong>{money(earned)}</strong>{" "}
                    {value > 0 && `(${between(earned * (shares[0] ?? 1), earned * (shares[1] ?? 1), money)})`}
                    {Math.abs(budget - spent) > step / 2 &&
                        `, ${money(Math.abs(more))} ${more >= 0 ? "more" : "less"} than this plan`}
                    ; the next unit earns {money(Math.max(0, next))}.
                </output>
                {may("POST /v1/plans") && (
                    <p class="actions">
                        <button
                            type="button"
                            class="button"
                            disabled={doing.isDoing || Math.abs(budget - spent) <= step / 2}
                            onClick={() =>
                                doing.run(async () => {
                                    await makePlan({
                                        ...wishesOf(plan),
                                        budget: Math.round(budget * 100) / 100,
                                    });
                                    again();
                                })
                            }
                        >
                            Plan with this budget
                        </button>
                    </p>
                )}
                <Trouble error={doing.error} />
            </div>
        </Part>
    );
}

/* What was asked for, to be asked for again. */
function wishesOf(plan: Short): Record<string, unknown> {
    const { as_of: _day, commit: _commit, approve: _approve, ...wishes } = plan.asked ?? {};
    return wishes;
}

function People({ plan, money }: { plan: Plan; money: Money }) {
    const doing = useDoing(),
        rows = plan.chosen ?? [];
    const save = async (): Promise<void> => {
        const whole = await ask<Plan>("GET", `/v1/plans/${plan.id}?limit=100000`);
        saveCsv(
            `plan-${plan.id}`,
            ["Customer", "Action", "Group", "Chance", "Cost", "Profit", "Low", "High", "Why"],
            (whole.chosen ?? []).map((row) => [
                row.customer,
                row.action,
                row.group,
                row.propensity,
                row.cost,
                row.profit?.value ?? null,
                row.profit?.low ?? null,
                row.profit?.high ?? null,
                row.why,
            ]),
        );
    };
    return (
        <Part
            title="Who gets what, and why"
            lead="Those withheld by lot get nothing, so that the plan can be measured; those drawn to learn from keep the next plan honest."
            actions={
                plan.chosen_n > 0 ? (
                    <button type="button" class="button" disabled={doing.isDoing} onClick={() => doing.run(save)}>
                        Export all {formatCount(plan.chosen_n)} as CSV
                    </button>
                ) : null
            }
        >
            <Trouble error={doing.error} />
            <Table
                caption="Actions and groups"
                noun="row"
                csv="plan-actions"
                id={(row) => `${row.action} ${row.group}`}
                rows={plan.by_action}
                columns={[
                    { title: "Action", kind: "name", cell: (row) => row.action, value: (row) => row.action },
                    { title: "Group", cell: (row) => GROUPS[row.group] ?? row.group, value: (row) => row.group },
                    {
                        title: "Customers",
                        kind: "number",
                        cell: (row) => formatCount(row.n),
                        value: (row) => row.n,
                    },
                    {
                        title: "Cost",
                        kind: "number",
                        cell: (row) => (row.group === "withheld" ? "–" : money(row.cost)),
                        value: (row) => row.cost,
                    },
                ]}
            />
            {rows.length > 0 && (
                <Table
                    caption="Customers chosen"
                    noun="customer"
                    step={15}
                    id={(row) => row.customer}
                    rows={rows}
                    columns={[
                        {
                            title: "Customer",
                            kind: "name",
                            cell: (row) => <CustomerLink id={row.customer} />,
                            value: (row) => row.customer,
                        },
                        { title: "Action", cell: (row) => row.action, value: (row) => row.action },
                        {
                            title: "Earns",
                            kind: "number",
                            cell: (row) =>
                                row.profit ? (
                                    <>
                                        {money(row.profit.value)}
                                        <span class="interval-line">
                                            {between(row.profit.low, row.profit.high, money)}
                                        </span>
                                    </>
                                ) : (
                                    "–"
                                ),
                            value: (row) => row.profit?.value,
                        },
                        { title: "Why", kind: "wide", cell: (row) => sentence(row.why) },
                    ]}
                />
            )}
        </Part>
    );
}
const GROUPS: Record<string, string> = {
    plan: "planned",
    withheld: "withheld by lot, to measure",
    explore: "drawn by lot, to learn",
    pilot: "the pilot, drawn by lot",
};

function Alone({ plan }: { plan: Plan }) {
    const { n = 0, reasons = {} } = plan.left_alone ?? {},
        rows = Object.entries(reasons)
            .map(([reason, count]): [string, number] => [reason, count ?? 0])
            .filter(([, count]) => count > 0);
    return n === 0 ? null : (
        <Part
            title="Who is left alone"
            lead={`${plural(n, "customer")} get nothing, each for one reason. To leave somebody alone is a decision, too.`}
        >
            <Table
                caption="Customers left alone by reason"
                noun="reason"
                csv="left-alone"
                id={([reason]) => reason}
                rows={rows.sort((a, b) => b[1] - a[1])}
                columns={[
                    {
                        title: "Reason",
                        kind: "wide",
                        cell: ([reason]) => sentenceCase(REASONS[reason] ?? reason),
                        value: ([reason]) => reason,
                    },
                    {
                        title: "Customers",
                        kind: "number",
                        cell: ([, count]) => <BarCell words={formatCount(count)} share={count / n} />,
                        value: ([, count]) => count,
                    },
                ]}
            />
        </Part>
    );
}

function Constraints({ plan, money }: { plan: Plan; money: Money }) {
    const prices = Object.entries(plan.shadow_prices ?? {}),
        { asked = {} } = plan;
    return (
        <Part
            title="What binds it"
            lead="A price of zero says that more of it would earn nothing: something else binds."
        >
            <Facts
                rows={[
                    ["As of", String(asked?.["as_of"] ?? "")],
                    ["Budget", plan.budget === null ? "no limit" : money(plan.budget)],
                    asked?.["margin"] != null && ["Margin", String(asked["margin"])],
                    ...prices.map(([name, price]): [string, string] => [
                        name === "budget" ? "One more unit of budget earns" : `One more ${name} earns`,
                        money(price),
                    ]),
                    !!plan.disparity && ["Shares of groups differ by", plan.disparity.difference.toFixed(3)],
                    plan.price_of_fairness != null && ["Alike groups cost", money(plan.price_of_fairness)],
                    plan.taught_by !== undefined && [
                        "Taught by",
                        plural(plan.taught_by, "earlier decision") + " by lot",
                    ],
                ]}
            />
            {(plan.warnings ?? []).length > 0 && (
                <ul class="needs">
                    {(plan.warnings ?? []).map((one) => (
                        <li key={one}>
                            <span>{sentence(one)}</span>
                        </li>
                    ))}
                </ul>
            )}
        </Part>
    );
}

/* ---- wanting and approving ---- */

function Commit({ plan, again }: { plan: Plan; again: () => void }) {
    const may = useMay(),
        [asks, set] = useState<"commit" | "approve" | null>(null),
        { name } = usePerson(),
        { approval } = plan;
    const n = plan.by_action.reduce((sum, row) => sum + (row.group === "withheld" ? 0 : row.n), 0);
    const send = async (approve: boolean): Promise<void> => {
        const { id } = await ask<PostV1Plans>("POST", `/v1/plans/${plan.id}/commit`, { approve });
        tell(approve ? "Approved: the plan is being written down" : "The plan is being written down");
        look({ plan: id });
        again();
    };
    if (plan.committed)
        return (
            <p class="callout">
                This plan is written down, and {plural(plan.queued, "message")} and tasks wait to leave.{" "}
                <a href={to("messages")}>See the messages.</a>
            </p>
        );
    if (n === 0) return null;
    const waits = approval?.state === "waiting",
        isMine = waits && approval.asked_by === `http:${name}`;
    return (
        <>
            {waits && (
                <div class="callout is-trouble">
                    <p>
                        It waits for the yes of somebody else{approval.role ? ` of the role ${approval.role}` : ""}
                        : {approval.needs}. {sentence(`${approval.asked_by} wanted it`)}
                    </p>
                </div>
            )}
            {may("POST /v1/plans/{id}/commit") && !isMine && (
                <p class="actions">
                    {waits ? (
                        <button type="button" class="button primary" onClick={() => set("approve")}>
                            Approve it
                        </button>
                    ) : (
                        <button type="button" class="button primary" onClick={() => set("commit")}>
                            {plan.pilot ? "Start the pilot" : "Commit this plan"}
                        </button>
                    )}
                </p>
            )}
            {asks && (
                <Sure
                    title={asks === "approve" ? "Approve the plan" : "Commit the plan"}
                    words={`${plural(n, "customer")} get a message or a task. What has left cannot be called back.`}
                    typed={String(n)}
                    button={asks === "approve" ? "Approve and send" : "Commit"}
                    work={() => send(asks === "approve")}
                    close={() => set(null)}
                />
            )}
        </>
    );
}

function PilotPart({ plan, money }: { plan: Plan; money: Money }) {
    const { pilot } = plan;
    return !pilot ? null : (
        <Part title="First a pilot" lead={sentence(`There is no plan yet: ${pilot.why}`)}>
            <Figures
                items={[
                    { label: "Arms", number: formatCount(pilot.arms), meaning: "nothing is one of them" },
                    { label: "People in each", number: formatCount(pilot.per_arm) },
                    { label: "Weeks", number: String(pilot.weeks) },
                    { label: "Cost", number: money(pilot.cost) },
                    {
                        label: "Would find",
                        number: money(pilot.detects),
                        meaning: "a difference of so much a customer, four times out of five",
                    },
                ]}
            />
        </Part>
    );
}

function One({ id, money, again }: { id: number; money: Money; again: () => void }) {
    const [isThere, set] = useState(false),
        answer = useAnswer<Plan>(`/v1/plans/${id}?limit=100`, isThere ? 0 : 2000),
        plan = answer.data;
    if (plan && isOver(plan) && !isThere) set(true);
    if (plan && !isOver(plan))
        return (
            <p class="callout" role="status">
                The plan is {plan.state === "waiting" ? "waiting for its turn" : "being reckoned"} since{" "}
                <Age at_ms={plan.asked_ms} />. You may leave this page.
            </p>
        );
    return (
        <Shown answer={answer} rows={5}>
            {(one) =>
                one.state === "failed" ? (
                    <div class="callout is-trouble" role="alert">
                        <p>{sentence(one.problem ?? "")}</p>
                        <p class="note">What can be done to customers stands in the settings, under actions.</p>
                    </div>
                ) : (
                    <>
                        {one.sentence && !one.pilot && (
                            <p class="lead">
                                {sentence(one.sentence)}
                                {!one.proposed &&
                                    " It is not proposed: with this evidence it may as well earn nothing."}
                            </p>
                        )}
                        {!one.pilot && <PlanFigures plan={one} money={money} />}
                        <PilotPart plan={one} money={money} />
                        <Commit plan={one} again={again} />
                        <Budgets key={one.id} plan={one} money={money} again={again} />
                        <People plan={one} money={money} />
                        <div class="two">
                            <Alone plan={one} />
                            <Constraints plan={one} money={money} />
                        </div>
                    </>
                )
            }
        </Shown>
    );
}

function PlanFigures({ plan, money }: { plan: Plan; money: Money }) {
    const learning = plan.by_action
        .filter((row) => row.group === "explore" || row.group === "pilot")
        .reduce((sum, row) => sum + row.cost, 0);
    return (
        <Figures
            items={[
                {
                    label: "Earns",
                    number: money(plan.profit?.value),
                    tone: plan.proposed ? "good" : undefined,
                    meaning: (
                        <>
                            <span class="interval">{between(plan.profit?.low, plan.profit?.high, money)}</span>
                            more than doing nothing
                        </>
                    ),
                },
                {
                    label: "Spends",
                    number: money(plan.spent),
                    meaning: `${plan.budget === null ? "without a limit" : `of ${money(plan.budget)}`}${
                        learning > 0 ? `; and ${money(learning)} to learn` : ""
                    }`,
                },
                { label: "Chosen", number: formatCount(plan.chosen_n), meaning: "customers" },
                { label: "Left alone", number: formatCount(plan.left_alone?.n), meaning: "customers" },
                {
                    label: "The next unit earns",
                    number: money(plan.shadow_prices?.["budget"]),
                    meaning: "the budget's shadow price",
                },
            ]}
        />
    );
}

/* ---- comparing ---- */

function Compared({ plans, money, current }: { plans: Short[]; money: Money; current: number | undefined }) {
    const known = plans.filter((one) => one.profit && !one.pilot),
        ends = known.flatMap((one) => [one.profit?.low ?? 0, one.profit?.high ?? 0]);
    const from = Math.min(0, ...ends),
        until = Math.max(1e-9, ...ends);
    return (
        <Part
            title="Plans made lately"
            lead="Compared by what they earn. Where intervals overlap, take the cheaper. The newest are kept until the server ends."
        >
            <Table
                caption="Plans compared"
                noun="plan"
                csv="plans"
                current={current}
                id={(row) => row.id}
                rows={plans}
                columns={[
                    {
                        title: "Plan",
                        kind: "name",
                        cell: (row) => (
                            <>
                                <a href={to("plan", null, { plan: row.id })}>{row.id}</a>
                                {row.committed && <Tag kind="chosen">committed</Tag>}
                                {row.approval?.state === "waiting" && !row.committed && (
                                    <Tag kind="is-alert">waits for a yes</Tag>
                                )}
                            </>
                        ),
                        value: (row) => row.id,
                    },
                    {
                        title: "Budget",
                        kind: "number",
                        cell: (row) => (isOver(row) ? (row.budget === null ? "–" : money(row.budget)) : row.state),
                        value: (row) => row.budget,
                    },
                    {
                        title: "Spends",
                        kind: "number",
                        cell: (row) => money(row.spent),
                        value: (row) => row.spent,
                    },
                    {
                        title: "Earns (95 %)",
                        kind: "number",
                        cell: (row) =>
                            row.problem
                                ? "failed"
                                : row.pilot
                                  ? "a pilot"
                                  : row.profit
                                    ? `${money(row.profit.value)} (${between(row.profit.low, row.profit.high, money)})`
                                    : "–",
                        value: (row) => row.profit?.value,
                    },
                    {
                        title: "Interval",
                        cell: (row) =>
                            row.profit && !row.pilot ? (
                                <Whisker
                                    value={row.profit.value}
                                    low={row.profit.low}
                                    high={row.profit.high}
                                    from={from}
                                    to={until}
                                />
                            ) : null,
                    },
                    {
                        title: "Customers",
                        kind: "number",
                        cell: (row) => formatCount(row.chosen_n),
                        value: (row) => row.chosen_n,
                    },
                    { title: "Asked by", cell: (row) => row.who.replace(/^\w+:/, ""), value: (row) => row.who },
                    {
                        title: "When",
                        cell: (row) => <Age at_ms={row.asked_ms} />,
                        value: (row) => row.asked_ms,
                    },
                ]}
            />
            {known.length > 1 && (
                <Bars
                    title="What they earn"
                    unit="Profit"
                    label={known.map((one) => `plan ${one.id}: ${money(one.profit?.value)}`).join("; ")}
                    bars={[...known].reverse().map((one) => ({
                        name: `plan ${one.id}`,
                        size: Math.max(0, one.profit?.value ?? 0),
                        words: money(one.profit?.value),
                        isPale: one.id !== current,
                    }))}
                />
            )}
        </Part>
    );
}

export default function PlanPage({ asked }: ViewProps) {
    const answer = useAnswer<GetV1Plans>("/v1/plans", 3000),
        currency = useAnswer<GetV1Overview>("/v1/overview").data?.currency ?? "",
        may = useMay();
    const money: Money = (units) =>
        formatMoney(units === null || units === undefined ? units : units * 100, currency);
    const plans = answer.data?.plans ?? [],
        wanted = Number(asked.get("plan") ?? 0),
        id = wanted || plans[0]?.id;
    return (
        <>
            <Head
                title="Plan"
                lead="Which action for whom, so that a budget earns most, and who is better left alone. Make one, move the budget, compare, then commit."
            />
            <Shown answer={answer}>
                {(told) => (
                    <>
                        {told.plans.length === 0 && !id && (
                            <Empty>
                                No plan was made yet. The actions are those of the settings (actions: name,
                                channel, cost). Without anything drawn by lot before, the first plan is a pilot.
                            </Empty>
                        )}
                        {may("POST /v1/plans") && <Maker again={answer.again} isFirst={told.plans.length === 0} />}
                        {id && may("GET /v1/plans/{id}") && (
                            <Part title={`Plan ${id}`}>
                                <One key={id} id={id} money={money} again={answer.again} />
                            </Part>
                        )}
                        {told.plans.length > 0 && (
                            <Compared plans={told.plans} money={money} current={id || undefined} />
                        )}
                    </>
                )}
            </Shown>
        </>
    );
}
