/* experiment_design.tsx - an experiment designed: how many people it takes, moved by a slider, its definition, and its
 * start. */
import { useState } from "preact/hooks";
import { formatCount, formatQuantity, formatShare, plural } from "../../page/format.ts";
import type { GetV1Power, PostV1Experiments } from "../answers.ts";
import { ask } from "../ask.ts";
import { tell } from "../notice.tsx";
import { leading, to } from "../place.ts";
import { useMay } from "../session.ts";
import { isRefusal, useAnswer, useDoing, useDraft, useStill } from "../use_answer.ts";
import { Figures, Part } from "../../part/block.tsx";
import { Shown, Trouble } from "./basic.tsx";
import { Button } from "./button.tsx";
import { Field } from "./form.tsx";

const EXAMPLE = `experiments:
  - name: winback_mail
    control: control
    arms: {control: .5, mail: .5}
    start: 2026-01-01
    # ramp: [{from: 2026-01-01, share: .1}, {from: 2026-01-08, share: 1}]
    exposure: call
    primary: kept
    metrics:
      - {name: kept, event: order, kind: any, window: 28d}
      - {name: refunds, event: refund, kind: count, window: 28d}
    guardrails: [{metric: refunds, stop_above: .2}]
`;

function Power() {
    const [baseline, setBaseline] = useState("0.2"),
        [relative, set] = useState(10),
        [daily, setDaily] = useState("");
    const base = Number(baseline),
        isShare = base > 0 && base < 1,
        effect = base * (relative / 100);
    const query = new URLSearchParams({ baseline, effect: effect.toPrecision(6) });
    if (Number(daily) > 0) query.set("daily", daily);
    const path = useStill(isShare ? `/v1/power?${query}` : null),
        answer = useAnswer<GetV1Power>(path);
    return (
        <Part
            title="How many people it takes"
            lead="Move the effect to the smallest one that would be worth having. Half the effect takes four times the people."
        >
            <div class="fields">
                <Field
                    label="Usual share of people"
                    name="baseline"
                    value={baseline}
                    set={setBaseline}
                    note={isShare ? "Of those left alone who do it in the window." : "A number between 0 and 1."}
                />
                <Field
                    label="People a day"
                    name="daily"
                    value={daily}
                    set={setDaily}
                    note="For how long it takes."
                />
            </div>
            <div class="slider is-flush">
                <label for="effect-slider">Effect it should find</label>
                <input
                    id="effect-slider"
                    type="range"
                    min="1"
                    max="50"
                    step="1"
                    value={relative}
                    aria-valuetext={`${relative} per cent more`}
                    onInput={(event) => set(Number(event.currentTarget.value))}
                />
                <output for="effect-slider">
                    <strong>{relative}&#x202f;%</strong> more: from {formatShare(base, 1)} to{" "}
                    {formatShare(base + effect, 1)}
                </output>
            </div>
            {isRefusal(answer.error, 400) ? (
                <Trouble error={answer.error} />
            ) : path ? (
                <Shown answer={answer} rows={1}>
                    {(told) => (
                        <Figures
                            items={[
                                { label: "In each arm", number: formatCount(told.per_arm) },
                                { label: "In all", number: formatCount(told.total), meaning: "with two arms" },
                                told.days !== null && {
                                    label: "Takes",
                                    number: plural(told.days, "day"),
                                    meaning: "and the window of the metric",
                                },
                                {
                                    label: "Found with a chance of",
                                    number: formatShare(told.power),
                                    meaning: `a difference of ${formatQuantity(effect)}, with 5\u202f% false alarms`,
                                },
                            ]}
                        />
                    )}
                </Shown>
            ) : null}
        </Part>
    );
}

export function Design() {
    const may = useMay(),
        doing = useDoing(),
        [definition, set, forget] = useDraft("experiment", EXAMPLE);
    return (
        <>
            <Power />
            {may("POST /v1/experiments") && (
                <Part
                    title="Start one"
                    lead="The definition is kept as it is written. Arms are dealt by a hash, so a ramp that grows moves nobody; a name is used once."
                >
                    <form
                        class="maker"
                        onSubmit={(event) => {
                            event.preventDefault();
                            const lead = leading();
                            doing.run(async () => {
                                const { started } = await ask<PostV1Experiments>("POST", "/v1/experiments", {
                                    definition,
                                });
                                forget(definition);
                                tell(`In force: ${started.join(", ")}`);
                                lead(to("experiment", started[0] ?? ""));
                            });
                        }}
                    >
                        <Field
                            label="Definition"
                            name="definition"
                            rows={14}
                            isCode
                            value={definition}
                            set={set}
                            error={doing.error}
                        />
                        {!isRefusal(doing.error, 400) && <Trouble error={doing.error} />}
                        <p class="actions">
                            <Button type="submit" class="button primary" isOff={doing.isDoing}>
                                Start it
                            </Button>
                        </p>
                    </form>
                </Part>
            )}
        </>
    );
}
