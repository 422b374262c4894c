/* plan_budget.tsx - what each budget would earn, on a slider. */
import { useState } from "preact/hooks";
import { formatMoneyTick } from "../../page/format.ts";
import { Part } from "../../part/block.tsx";
import { Curve } from "../../part/curve.tsx";
import { Trouble } from "./basic.tsx";
import { Button } from "./button.tsx";
import { between, makePlan, wishesOf, type Money, type Plan } from "./plan_asking.ts";
import { useMay } from "../session.ts";
import { useDoing } from "../use_answer.ts";

type Point = NonNullable<Plan["curve"]>[number];

/* What a budget would earn, between the points that were reckoned. */
function at(curve: Point[], budget: number, what: "profit" | "low" | "high" = "profit"): number {
    const after = curve.findIndex((one) => one.budget >= budget);
    if (after <= 0) return curve[after === 0 ? 0 : curve.length - 1]?.[what] ?? 0;
    const a = curve[after - 1],
        b = curve[after];
    if (!a || !b) return 0;
    const from = a[what] ?? 0;
    return from + (((b[what] ?? 0) - from) * (budget - a.budget)) / (b.budget - a.budget || 1);
}

export function Budgets({ plan, money, again }: { plan: Plan; money: Money; again: () => void }) {
    const curve = plan.curve ?? [],
        most = curve.at(-1)?.budget ?? 0,
        spent = plan.spent ?? 0,
        [budget, set] = useState(Math.min(spent, most)),
        doing = useDoing(),
        may = useMay();
    if (curve.length < 2 || most <= 0) return null;
    const earned = at(curve, budget),
        step = most / 200,
        next = (at(curve, Math.min(most, budget + step)) - at(curve, Math.max(0, budget - step))) / (2 * step);
    const more = earned - at(curve, spent),
        hasInterval = curve.every((one) => typeof one.low === "number");
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
                name="profit"
                points={curve.map((one) => ({ x: one.budget, value: one.profit, low: one.low, high: one.high }))}
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
                    {hasInterval && `(${between(at(curve, budget, "low"), at(curve, budget, "high"), money)})`}
                    {Math.abs(budget - spent) > step / 2 &&
                        `, ${money(Math.abs(more))} ${more >= 0 ? "more" : "less"} than this plan`}
                    ; the next unit earns {money(Math.max(0, next))}.
                </output>
                {may("POST /v1/plans") && (
                    <p class="actions">
                        <Button
                            type="button"
                            class="button"
                            isOff={doing.isDoing || Math.abs(budget - spent) <= step / 2}
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
                        </Button>
                    </p>
                )}
                <Trouble error={doing.error} />
            </div>
        </Part>
    );
}
