/* plan_commit.tsx - a plan is wanted, approved by somebody else where it must be, and written down. */
import { useState } from "preact/hooks";
import { plural } from "../../page/format.ts";
import { sentence } from "../../page/prose.ts";
import type { PostV1Plans } from "../answers.ts";
import { ask } from "../ask.ts";
import { tell } from "../notice.tsx";
import { Sure } from "./form.tsx";
import type { Plan } from "./plan_asking.ts";
import { look, to } from "../place.ts";
import { useMay, usePerson } from "../session.ts";

export function Commit({ plan, again }: { plan: Plan; again: () => void }) {
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
