/* scenario.tsx - what a campaign brings when its inputs are not known: each from least to greatest, drawn by chance; what
 * moves the profit most, and scenarios side by side. */
import { useEffect, useState } from "preact/hooks";
import { formatCount, formatShare } from "../../page/format.ts";
import { sentence } from "../../page/prose.ts";
import type { PostV1Scenario } from "../answers.ts";
import { ask } from "../ask.ts";
import { useDraft, useStill } from "../use_answer.ts";
import { Part } from "../../part/block.tsx";
import { Trouble } from "./basic.tsx";
import { Button } from "./button.tsx";
import { Field } from "./form.tsx";
import { Whisker } from "../../part/plot.tsx";
import { Table } from "../../part/table.tsx";
import { Tornado } from "../../part/tornado.tsx";

type Money = (units: number | null | undefined) => string;
interface Range {
    low: string;
    likely: string;
    high: string;
}
type Inputs = Record<string, Range>;
interface Outcome {
    mean: number;
    p5: number;
    p50: number;
    p95: number;
    chance_below_zero: number;
}
interface Told {
    outcome: Outcome;
    tornado: { input: string; low: number; high: number }[];
}
interface Kept {
    name: string;
    outcome: Outcome;
}

/* A name in the expression, its label, what it is, and where it begins. */
const INPUTS: [string, string, string, [string, string, string]][] = [
    ["customers", "Customers", "who are written to", ["1000", "1000", "1000"]],
    ["lift", "Lift", "more of them who buy than without it, as a share", ["0", "0.02", "0.04"]],
    ["order_value", "Mean order", "in money", ["30", "40", "50"]],
    ["margin", "Margin", "the share of it that is earned", ["0.3", "0.4", "0.45"]],
    ["contact_cost", "Cost of one contact", "in money", ["0.05", "0.05", "0.1"]],
    ["fixed_cost", "Fixed cost", "of the whole, in money", ["0", "0", "0"]],
];
const PROFIT = "customers * (lift * order_value * margin - contact_cost) - fixed_cost";
const DRAWS = 20_000;
const LABELS = Object.fromEntries(INPUTS.map(([name, label]) => [name, label]));

function begin(n: number | undefined): Inputs {
    const all: Inputs = Object.fromEntries(
        INPUTS.map(([name, , , [low, likely, high]]) => [name, { low, likely, high }]),
    );
    if (n) all["customers"] = { low: String(n), likely: String(n), high: String(n) };
    return all;
}

/* What stands between least and greatest, in the words of a scenario's file; text: what is wrong. */
function inputOf({ low, likely, high }: Range): number | { triangular: number[] } | string {
    const [a, b, c] = [low, likely, high].map((text) => (text.trim() === "" ? NaN : Number(text))) as [
        number,
        number,
        number,
    ];
    if (![a, b, c].every(Number.isFinite)) return "each needs three numbers: 0.02, with a point";
    if (a > b || b > c) return "the least comes first, then the likeliest, then the greatest";
    return a === c ? b : { triangular: [a, b, c] };
}

interface Answered {
    told: Told | null;
    isOld: boolean; /* what is typed by now is not answered yet */
    error: unknown;
    wrong: Record<string, string>;
}

/* The answer for inputs that are right; asked for anew when they have been still for a while. */
function useScenario(inputs: Inputs): Answered {
    const [{ of, told }, set] = useState<{ of: string; told: Told | null }>({ of: "", told: null }),
        [error, setError] = useState<unknown>(null);
    const read = Object.entries(inputs).map(([name, range]) => [name, inputOf(range)] as const),
        wrong = Object.fromEntries(read.filter(([, one]) => typeof one === "string")) as Record<string, string>;
    const typed =
            Object.keys(wrong).length > 0
                ? ""
                : JSON.stringify({ scenario: { inputs: Object.fromEntries(read), outputs: { profit: PROFIT } } }),
        asked = useStill(typed);
    useEffect(() => {
        if (asked === "") return undefined;
        const ending = new AbortController();
        ask<PostV1Scenario>("POST", `/v1/scenario?draws=${DRAWS}`, JSON.parse(asked), ending.signal).then(
            (answer) => {
                const outputs = answer.outputs as unknown as Record<string, Outcome>,
                    tornado = answer.tornado as unknown as Record<string, Told["tornado"]>;
                setError(null);
                if (outputs["profit"])
                    set({ of: asked, told: { outcome: outputs["profit"], tornado: tornado["profit"] ?? [] } });
            },
            (why: unknown) => {
                if (!ending.signal.aborted) setError(why);
            },
        );
        return () => ending.abort();
    }, [asked]);
    const isWrong = Object.keys(wrong).length > 0 || error !== null;
    return { told: isWrong ? null : told, isOld: of !== typed, error, wrong };
}

function InputRow({
    name,
    label,
    note,
    range,
    change,
    wrong,
}: {
    name: string;
    label: string;
    note: string;
    range: Range;
    change: (range: Range) => void;
    wrong: string | undefined;
}) {
    return (
        <fieldset class="scenario-input">
            <legend>
                {label} <span class="note">{note}</span>
            </legend>
            <div class="scenario-range">
                {(["low", "likely", "high"] as const).map((end) => (
                    <Field
                        key={end}
                        label={{ low: "Least", likely: "Likeliest", high: "Greatest" }[end]}
                        name={`${name}-${end}`}
                        value={range[end]}
                        set={(value) => change({ ...range, [end]: value })}
                    />
                ))}
            </div>
            {wrong && (
                <p class="field-error" role="alert">
                    {sentence(wrong)}
                </p>
            )}
        </fieldset>
    );
}

function Side({ rows, money, forget }: { rows: Kept[]; money: Money; forget: (name: string) => void }) {
    const from = Math.min(...rows.map((row) => row.outcome.p5)),
        until = Math.max(...rows.map((row) => row.outcome.p95));
    return (
        <Table
            caption="Scenarios side by side"
            noun="scenario"
            csv="scenarios"
            id={(row) => row.name}
            rows={rows}
            columns={[
                { title: "Scenario", kind: "name", cell: (row) => row.name, value: (row) => row.name },
                {
                    title: "Profit, in the middle",
                    kind: "number",
                    cell: (row) => money(row.outcome.p50),
                    value: (row) => row.outcome.p50,
                },
                {
                    title: "9 of 10 times",
                    kind: "number",
                    cell: (row) => `${money(row.outcome.p5)} to ${money(row.outcome.p95)}`,
                    value: (row) => row.outcome.p5,
                },
                {
                    title: "Interval",
                    cell: (row) => (
                        <Whisker
                            value={row.outcome.p50}
                            low={row.outcome.p5}
                            high={row.outcome.p95}
                            from={from}
                            to={until}
                        />
                    ),
                },
                {
                    title: "Chance of a loss",
                    kind: "number",
                    cell: (row) => formatShare(row.outcome.chance_below_zero),
                    value: (row) => row.outcome.chance_below_zero,
                },
                {
                    title: "Keep",
                    cell: (row) => (
                        <button type="button" class="button" onClick={() => forget(row.name)}>
                            Forget
                        </button>
                    ),
                },
            ]}
        />
    );
}

export function Scenario({ n, money }: { n: number | undefined; money: Money }) {
    const [draft, keep] = useDraft("plan-scenario", ""),
        [kept, setKept] = useDraft("plan-scenarios", "[]"),
        [name, setName] = useState("");
    const inputs = draft ? (JSON.parse(draft) as Inputs) : begin(n),
        all = JSON.parse(kept) as Kept[],
        { told, isOld, error, wrong } = useScenario(inputs);
    return (
        <Part
            title="What if it is not as hoped"
            lead="Say of each number what is least, likeliest and greatest: those that stand there are an example, not this shop. Thousands of draws tell what is earned in most of them, how often it is a loss, and which number is worth finding out first."
        >
            <div class="scenario">
                {INPUTS.map(([id, label, note]) => (
                    <InputRow
                        key={id}
                        name={id}
                        label={label}
                        note={note}
                        range={inputs[id] ?? { low: "", likely: "", high: "" }}
                        change={(range) => keep(JSON.stringify({ ...inputs, [id]: range }))}
                        wrong={wrong[id]}
                    />
                ))}
            </div>
            <Trouble error={error} />
            {told && (
                <div aria-busy={isOld ? "true" : undefined}>
                    <p class="lead" role="status">
                        {money(told.outcome.p50)} in the middle; 9 of 10 times {money(told.outcome.p5)} to{" "}
                        {money(told.outcome.p95)}; a loss in {formatShare(told.outcome.chance_below_zero)} of{" "}
                        {formatCount(DRAWS)} draws.
                    </p>
                    <Tornado
                        caption="What moves the profit most"
                        csv="scenario-tornado"
                        rows={told.tornado}
                        middle={told.outcome.p50}
                        ends={["At its low end", "At its high end"]}
                        between="Profit between"
                        words={money}
                        name={(input) => LABELS[input] ?? input}
                    />
                    <form
                        class="controls"
                        onSubmit={(event) => {
                            event.preventDefault();
                            const row = { name: name.trim(), outcome: told.outcome };
                            if (!row.name || isOld) return;
                            setKept(JSON.stringify([...all.filter((one) => one.name !== row.name), row]));
                            setName("");
                        }}
                    >
                        <Field label="Keep it beside others as" name="scenario-name" value={name} set={setName} />
                        <Button type="submit" class="button" isOff={!name.trim() || isOld}>
                            Keep
                        </Button>
                    </form>
                </div>
            )}
            {all.length > 0 && (
                <Side
                    rows={all}
                    money={money}
                    forget={(gone) => setKept(JSON.stringify(all.filter((one) => one.name !== gone)))}
                />
            )}
        </Part>
    );
}
