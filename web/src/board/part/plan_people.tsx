/* plan_people.tsx - who gets what and why, who is left alone and why, and what bound the plan. */
import { formatCount, plural, sentenceCase } from "../../page/format.ts";
import { sentence } from "../../page/prose.ts";
import { Facts, Part } from "../../part/block.tsx";
import { BarCell } from "../../part/plot.tsx";
import { saveCsv, Table } from "../../part/table.tsx";
import { ask } from "../ask.ts";
import { CustomerLink, Trouble } from "./basic.tsx";
import { Button } from "./button.tsx";
import { between, type Money, type Plan } from "./plan_asking.ts";
import { useDoing } from "../use_answer.ts";

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
const GROUPS: Record<string, string> = {
    plan: "planned",
    withheld: "withheld by lot, to measure",
    explore: "drawn by lot, to learn",
    pilot: "the pilot, drawn by lot",
};

export function People({ plan, money }: { plan: Plan; money: Money }) {
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
                    <Button type="button" class="button" isOff={doing.isDoing} onClick={() => doing.run(save)}>
                        Export all {formatCount(plan.chosen_n)} as CSV
                    </Button>
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

export function Alone({ plan }: { plan: Plan }) {
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

export function Constraints({ plan, money }: { plan: Plan; money: Money }) {
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
