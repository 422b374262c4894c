/* plan.tsx - which action for whom under a budget: what each budget would earn, who gets what and why, who is left alone;
 * plans compared, wanted and approved. A lead's home. */
import { formatCount, formatMoney } from "../../page/format.ts";
import { sentence } from "../../page/prose.ts";
import { Bars } from "../../part/bars.tsx";
import { Figures, Part, Tag } from "../../part/block.tsx";
import { Whisker } from "../../part/plot.tsx";
import { Table } from "../../part/table.tsx";
import type { GetV1Overview, GetV1Plans } from "../answers.ts";
import { Age, Empty, Head, Shown } from "../part/basic.tsx";
import { between, isOver, type Money, type Plan, type Short } from "../part/plan_asking.ts";
import { Budgets } from "../part/plan_budget.tsx";
import { Commit } from "../part/plan_commit.tsx";
import { Maker } from "../part/plan_maker.tsx";
import { Alone, Constraints, People } from "../part/plan_people.tsx";
import { Scenario } from "../part/scenario.tsx";
import { to } from "../place.ts";
import { useMay } from "../session.ts";
import { OVERVIEW } from "../ask.ts";
import { useAnswer } from "../use_answer.ts";
import type { ViewProps } from "../views.ts";

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
    const answer = useAnswer<Plan>(`/v1/plans/${id}?limit=100`, (one) => (one && isOver(one) ? 0 : 2000)),
        plan = answer.data;
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
        currency = useAnswer<GetV1Overview>(OVERVIEW).data?.currency ?? "",
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
                        <Scenario n={told.plans.find((one) => one.id === id)?.chosen_n || undefined} money={money} />
                    </>
                )}
            </Shown>
        </>
    );
}
