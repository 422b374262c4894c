/* plan.tsx - what each budget would earn, and what a rehearsed year earned of what could be had. */
import { formatCount, formatMoneyWhole, formatShare } from "../page/format.ts";
import { Curve } from "../part/curve.tsx";
import { hasRows, type Maybe, type PlanPoint, type RehearsedPeriod } from "../report.ts";
import { Lead, Within, type Section } from "./section.tsx";

type Money = (value: Maybe<number>) => string;

export const plan: Section = {
    id: "plan",
    group: "act",
    title: "What a budget would earn",
    draw(report) {
        const curve = report.plan?.curve,
            periods = report.rehearsal?.periods;
        if (!report.plan?.sentence && !hasRows(periods)) return null;
        const money: Money = (value) => formatMoneyWhole(value, report.currency ?? "");
        return (
            <>
                <Lead
                    text={
                        report.plan?.sentence ??
                        "A year was rehearsed by the program itself, in a world whose truth is known."
                    }
                />
                {hasRows(curve) && (
                    <Within title="Profit by budget">
                        <Profit
                            curve={curve}
                            spent={report.plan?.spent}
                            units={(value) => money(typeof value === "number" ? value * 100 : value)}
                        />
                    </Within>
                )}
                {hasRows(periods) && (
                    <Within
                        title="A rehearsed year"
                        lead={`The last three periods earned ${formatShare(report.rehearsal?.share_last_3)} of what could be had.`}
                    >
                        <Year periods={periods} money={money} />
                    </Within>
                )}
            </>
        );
    },
};

function Profit({ curve, spent, units }: { curve: PlanPoint[]; spent: Maybe<number>; units: Money }) {
    const most = Math.max(...curve.map((point) => point.profit));
    return (
        <Curve
            title="Profit above doing nothing, by what may be spent"
            label={`Profit rises to ${units(most)} at a budget of ${units(curve.at(-1)?.budget)}`}
            heads={["Budget", "Profit"]}
            name="profit"
            words={units}
            places={units}
            stands={spent || null}
            standing="this plan"
            points={curve.map((point) => ({ x: point.budget, value: point.profit, low: point.low, high: point.high }))}
        />
    );
}

function Year({ periods, money }: { periods: RehearsedPeriod[]; money: Money }) {
    const last = periods.at(-1);
    return (
        <Curve
            title="Earned in each period, and what the best plan within the budget would have"
            label={`In period ${last?.period} ${money(last?.true_cents)} were earned of ${money(last?.attainable_cents)}`}
            heads={["Period", "Earned"]}
            name="earned"
            words={money}
            places={formatCount}
            points={periods.map((row) => ({ x: row.period, value: row.true_cents }))}
            beside={[
                {
                    name: "could be had",
                    points: periods.map((row) => ({ x: row.period, value: row.attainable_cents })),
                    isDashed: true,
                },
            ]}
        />
    );
}
