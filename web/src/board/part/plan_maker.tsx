/* plan_maker.tsx - what a plan is to keep to: asking for one. */
import { Trouble } from "./basic.tsx";
import { Button } from "./button.tsx";
import { Field } from "./form.tsx";
import { makePlan } from "./plan_asking.ts";
import { useDoing, useDraft } from "../use_answer.ts";

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

export function Maker({ again, isFirst }: { again: () => void; isFirst: boolean }) {
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
                    forget(draft);
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
                <Button type="submit" class={isFirst ? "button primary" : "button"} isOff={doing.isDoing}>
                    Make a plan
                </Button>
                <span class="note">Nothing is written and nothing sent.</span>
            </p>
        </form>
    );
}
