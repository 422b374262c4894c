/* plan_asking.ts - what pages know of a plan, and how one is asked for. */
import type { GetV1Plans, GetV1PlansId, PostV1Plans } from "../answers.ts";
import { ask } from "../ask.ts";
import { look } from "../place.ts";

export type Plan = GetV1PlansId;
export type Short = GetV1Plans["plans"][number];
export type Money = (units: number | null | undefined) => string;

export const isOver = (plan: Short): boolean => plan.state === "done" || plan.state === "failed";

export function between(low: number | null | undefined, high: number | null | undefined, money: Money): string {
    return typeof low === "number" && typeof high === "number" ? `${money(low)} to ${money(high)}` : "";
}

export async function makePlan(asked: Record<string, unknown>): Promise<void> {
    const { id } = await ask<PostV1Plans>("POST", "/v1/plans", asked);
    look({ plan: id });
}

/* What was asked for, to be asked for again. */
export function wishesOf(plan: Short): Record<string, unknown> {
    const { as_of: _day, commit: _commit, approve: _approve, ...wishes } = plan.asked ?? {};
    return wishes;
}
