/* experiments.tsx - experiments in force and stopped; one with its verdict, its health first, then effects with intervals
 * over time, what stops it, who it helped, and what it earned. */
import { useState } from "preact/hooks";
import { formatCount, formatMoney, formatQuantity, formatShare, plural, sentenceCase } from "../../page/format.ts";
import { sentence } from "../../page/prose.ts";
import type { GetV1Campaigns, GetV1Experiments, GetV1ExperimentsName } from "../answers.ts";
import { ask, encode } from "../ask.ts";
import { tell } from "../notice.tsx";
import { Facts, Figures, Part, Tag } from "../../part/block.tsx";
import { Age, Empty, Head, Shown } from "../part/basic.tsx";
import { ExperimentLooks, metricWords } from "../../part/experiment_looks.tsx";
import { Design } from "../part/experiment_design.tsx";
import { Ramp, type Step } from "../part/experiment_ramp.tsx";
import type { Effect, Range, Told } from "../part/experiment_told.ts";
import { Reasoned } from "../part/form.tsx";
import { Notes } from "../part/notes.tsx";
import { Whisker } from "../../part/plot.tsx";
import { Table } from "../../part/table.tsx";
import { to } from "../place.ts";
import { useMay } from "../session.ts";
import { isRefusal, useAnswer } from "../use_answer.ts";
import type { ViewProps } from "../views.ts";

const between = (one: { low?: number | null; high?: number | null } | null | undefined, words = formatQuantity): string =>
    typeof one?.low === "number" && typeof one.high === "number" ? `${words(one.low)} to ${words(one.high)}` : "–";

/* Nobody in the group differs from anybody else, as where nobody did anything: no spread, so no interval. */
const isFlat = (one: Partial<Range> | null | undefined): boolean => one?.value === 0 && one.low === 0 && one.high === 0;

const ends = (...ranges: (Partial<Range> | null | undefined)[]): number[] =>
    ranges.flatMap((one) => [one?.value, one?.low, one?.high]).filter((one) => typeof one === "number");

/* ---- health ---- */

function Health({ told }: { told: Told }) {
    const { srm, mixed_units = 0, warnings = [], immature = {} } = told.health,
        early = Object.entries(immature).filter(([, n]) => n > 0);
    const isSick = srm !== undefined && srm.verdict !== "ok";
    return (
        <Part
            title="Health"
            lead={
                isSick
                    ? "Arms are not as large as they should be: nothing below can be believed before that is mended."
                    : warnings.length + mixed_units > 0
                      ? "Look at what stands here before an effect is believed."
                      : "Arms are as large as they should be, and nobody is in two of them."
            }
        >
            <Facts
                rows={[
                    srm !== undefined && [
                        "Sizes of arms",
                        `${Object.entries(srm.observed)
                            .map(
                                ([arm, n]) =>
                                    `${arm} ${formatCount(n)} of ${formatQuantity(srm.expected[arm])} expected`,
                            )
                            .join("; ")}; by chance alone ${formatShare(srm.p)}`,
                    ],
                    ["In two arms", mixed_units === 0 ? "nobody" : plural(mixed_units, "customer")],
                    [
                        "Too early",
                        early.length === 0
                            ? "no: every window is over"
                            : early
                                  .map(
                                      ([metric, n]) => `${metric}: the window of ${plural(n, "customer")} goes on`,
                                  )
                                  .join("; "),
                    ],
                ]}
            />
            {warnings.length > 0 && (
                <ul class="needs">
                    {warnings.map((one) => (
                        <li key={one}>
                            <span>{sentence(one)}</span>
                        </li>
                    ))}
                </ul>
            )}
        </Part>
    );
}

/* ---- effects ---- */

function Effects({ told }: { told: Told }) {
    const rows = told.results,
        of = (row: Effect): Range => ({
            value: row.absolute?.value ?? null,
            low: row.always_valid?.low ?? null,
            high: row.always_valid?.high ?? null,
        });
    if (rows.length === 0)
        return (
            <Part title="Effects">
                <Empty>No effect can be told yet: nobody has had a whole window since they were exposed.</Empty>
            </Part>
        );
    return (
        <Part
            title="Effects"
            lead={`Against ${told.control}, which is left alone. The interval at any look may be looked at on any day; where it holds zero, nothing is proven.`}
        >
            <Table
                caption="Effects by metric and arm"
                noun="effect"
                csv="effects"
                id={(row) => `${row.metric} ${row.arm}`}
                rows={rows}
                columns={[
                    { title: "Metric", kind: "name", cell: (row) => row.metric, value: (row) => row.metric },
                    { title: "Arm", cell: (row) => row.arm, value: (row) => row.arm },
                    {
                        title: "People",
                        kind: "number",
                        cell: (row) => `${formatCount(row.n)} against ${formatCount(row.n_control)}`,
                        value: (row) => row.n,
                    },
                    {
                        title: "From … to",
                        kind: "number",
                        cell: (row) => {
                            const { level } = metricWords(told.results, row.metric);
                            return `${level(row.control_mean)} → ${level(row.mean)}`;
                        },
                        value: (row) => row.mean,
                    },
                    {
                        title: "Difference",
                        kind: "number",
                        cell: (row) => {
                            const { change, unit } = metricWords(told.results, row.metric);
                            return change(of(row).value) + unit;
                        },
                        value: (row) => of(row).value,
                    },
                    {
                        title: "At any look",
                        kind: "number",
                        cell: (row) => between(of(row), metricWords(told.results, row.metric).change),
                        value: (row) => of(row).low,
                    },
                    { title: "Upper end", value: (row) => of(row).high, isOnlyInCsv: true },
                    {
                        title: "Interval",
                        cell: (row) => {
                            const { value, low, high } = of(row),
                                scale = ends(of(row), { value: 0 });
                            return value === null ? null : (
                                <Whisker
                                    value={value}
                                    low={low}
                                    high={high}
                                    from={Math.min(...scale)}
                                    to={Math.max(...scale)}
                                />
                            );
                        },
                    },
                    {
                        title: "Better than control",
                        kind: "number",
                        cell: (row) => formatShare(row.bayes?.chance_to_win),
                        value: (row) => row.bayes?.chance_to_win,
                        help: "The chance that this arm is better",
                    },
                ]}
            />
            <ExperimentLooks looks={told.over_time} control={told.control} results={rows} />
        </Part>
    );
}

function Guardrails({ told }: { told: Told }) {
    const rows = told.guardrails ?? [];
    return rows.length === 0 ? null : (
        <Part title="Guardrails" lead="An arm whose interval lies above its limit is stopped by itself.">
            <Table
                caption="Guardrails by arm"
                noun="guardrail"
                csv="guardrails"
                id={(row) => `${row.metric} ${row.arm}`}
                rows={rows}
                columns={[
                    {
                        title: "Metric",
                        kind: "name",
                        cell: (row) => (
                            <>
                                {row.metric}
                                {row.stops && <Tag kind="is-alert">stops it</Tag>}
                            </>
                        ),
                        value: (row) => row.metric,
                    },
                    { title: "Arm", cell: (row) => row.arm, value: (row) => row.arm },
                    {
                        title: "Value",
                        kind: "number",
                        cell: (row) => `${formatQuantity(row.value)} (${between(row)})`,
                        value: (row) => row.value,
                    },
                    {
                        title: "Stops above",
                        kind: "number",
                        cell: (row) => formatQuantity(row.stop_above),
                        value: (row) => row.stop_above,
                    },
                ]}
            />
        </Part>
    );
}

function Subgroups({ told }: { told: Told }) {
    const rows = told.results.flatMap((effect) =>
        (effect.segments ?? []).map((one) => ({ ...one, metric: effect.metric, arm: effect.arm })),
    );
    const scale = ends(...rows.map((row) => row.absolute), { value: 0 });
    return rows.length === 0 ? null : (
        <Part
            title="Subgroups"
            lead="Corrected for how many there are. A group that was found here is a question for the next experiment, no answer."
        >
            <Table
                caption="Effects by subgroup"
                noun="subgroup"
                csv="subgroups"
                step={20}
                id={(row) => `${row.metric} ${row.arm} ${row.column} ${row.value}`}
                rows={rows}
                columns={[
                    {
                        title: "Group",
                        kind: "name",
                        cell: (row) => `${row.column} ${row.value}`,
                        value: (row) => `${row.column} ${row.value}`,
                    },
                    {
                        title: "Metric, arm",
                        cell: (row) => `${row.metric}, ${row.arm}`,
                        value: (row) => `${row.metric}, ${row.arm}`,
                    },
                    {
                        title: "People",
                        kind: "number",
                        cell: (row) => `${formatCount(row.n)} against ${formatCount(row.n_control)}`,
                        value: (row) => row.n,
                    },
                    {
                        title: "Difference",
                        kind: "number",
                        cell: (row) => {
                            const { change, unit } = metricWords(told.results, row.metric);
                            return isFlat(row.absolute)
                                ? "nothing to tell: all of them did the same"
                                : `${change(row.absolute?.value)} (${between(row.absolute, change)})${unit}`;
                        },
                        value: (row) => row.absolute?.value,
                    },
                    {
                        title: "Interval",
                        cell: (row) =>
                            typeof row.absolute?.value === "number" && !isFlat(row.absolute) ? (
                                <Whisker
                                    value={row.absolute.value}
                                    low={row.absolute.low}
                                    high={row.absolute.high}
                                    from={Math.min(...scale)}
                                    to={Math.max(...scale)}
                                />
                            ) : null,
                    },
                    {
                        title: "p, corrected",
                        kind: "number",
                        cell: (row) => formatQuantity(row.p_adjusted),
                        value: (row) => row.p_adjusted,
                    },
                ]}
            />
        </Part>
    );
}

/* ---- money ---- */

interface Campaign {
    campaign: string;
    arm: string;
    n?: number;
    incremental_profit?: Range | null;
    cost?: number;
    attributed?: { days: number; orders: number; revenue: number; profit: number } | null;
    roi?: Range | null;
    sentence?: string;
    refusal?: string | null;
}

function Money({ rows }: { rows: Campaign[] }) {
    const money = (units: number | null | undefined): string =>
        formatMoney(typeof units === "number" ? units * 100 : units, "");
    return rows.length === 0 ? null : (
        <Part
            title="What they earned"
            lead="Beyond their control, after costs. Attribution counts all orders that followed a message, also those that would have come anyway; profit beyond the control counts the others."
        >
            <Table
                caption="What campaigns earned"
                noun="arm"
                csv="campaigns"
                id={(row) => `${row.campaign} ${row.arm}`}
                rows={rows}
                columns={[
                    {
                        title: "Campaign",
                        kind: "name",
                        cell: (row) => <a href={to("experiment", row.campaign)}>{row.campaign}</a>,
                        value: (row) => row.campaign,
                    },
                    { title: "Arm", cell: (row) => row.arm, value: (row) => row.arm },
                    {
                        title: "Profit beyond control (95 %)",
                        kind: "number",
                        cell: (row) =>
                            row.incremental_profit
                                ? `${money(row.incremental_profit.value)} (${money(row.incremental_profit.low)} to ${money(row.incremental_profit.high)})`
                                : sentence(row.refusal ?? "not known"),
                        value: (row) => row.incremental_profit?.value,
                    },
                    {
                        title: "Attributed profit",
                        kind: "number",
                        help: "What attribution would claim: margin of every order that followed, less costs",
                        cell: (row) =>
                            row.attributed ? (
                                <>
                                    {money(row.attributed.profit)}
                                    <span class="interval-line">
                                        {plural(row.attributed.orders, "order")} within {row.attributed.days} days
                                    </span>
                                </>
                            ) : (
                                "–"
                            ),
                        value: (row) => row.attributed?.profit,
                    },
                    { title: "Cost", kind: "number", cell: (row) => money(row.cost), value: (row) => row.cost },
                    {
                        title: "In words",
                        kind: "wide",
                        cell: (row) => sentence(row.sentence ?? ""),
                        value: (row) => row.sentence,
                    },
                ]}
            />
        </Part>
    );
}

/* ---- one ---- */

/* What is refused for want of people or orders is no fault: what to do until there are some. */
function NothingYet({ name, isExposed, why }: { name: string; isExposed: boolean; why: string }) {
    return isExposed ? (
        <Empty>{sentence(why)}</Empty>
    ) : (
        <Empty
            actions={
                <a class="button" href={to("journeys")}>
                    See which journeys are at work
                </a>
            }
        >
            Nobody is exposed yet, so there is nothing to compare. People are exposed when what the arms differ in first
            reaches them: a message, a decision, a step of a journey. Where a program of yours shows it, that program
            says so with <code>POST /v1/experiments/{name}/exposures</code>.
        </Empty>
    );
}

function Experiment({ name }: { name: string }) {
    const answer = useAnswer<GetV1ExperimentsName>(`/v1/experiments/${encode(name)}`, 30_000),
        campaigns = useAnswer<GetV1Campaigns>("/v1/campaigns").data?.campaigns as Campaign[] | undefined,
        list = useAnswer<GetV1Experiments>("/v1/experiments", 30_000),
        [isStopping, set] = useState(false),
        may = useMay();
    const row = list.data?.experiments.find((one) => one.name === name),
        isRunning = row?.state === "running",
        again = (): void => {
            answer.again();
            list.again();
        };
    const refused = answer.data === null && isRefusal(answer.error, 409) ? answer.error.message : null;
    return (
        <>
            <Head
                title={name}
                back={[to("experiments"), "All experiments"]}
                lead="Health first, then the effect with its interval, then what is to be done."
                actions={
                    isRunning && may("POST /v1/experiments/{name}/stop") ? (
                        <button type="button" class="button danger" onClick={() => set(true)}>
                            Stop it
                        </button>
                    ) : null
                }
            />
            {refused !== null ? (
                <NothingYet name={name} isExposed={row?.exposed !== 0} why={refused} />
            ) : (
                <Shown answer={answer}>
                    {(one) => {
                        const told = one as unknown as Told,
                            { verdict } = told;
                        return (
                            <>
                                <p class="callout">
                                    <strong>{sentenceCase(verdict.word)}.</strong> {sentence(verdict.sentence)}{" "}
                                    {verdict.would_change
                                        ? `What would change it: ${sentence(verdict.would_change)}`
                                        : ""}
                                </p>
                                <Figures
                                    items={[
                                        { label: "Begun", number: <Age at_ms={one.started_ms} /> },
                                        {
                                            label: one.stopped_ms ? "Stopped" : "State",
                                            number: one.stopped_ms ? <Age at_ms={one.stopped_ms} /> : "running",
                                            meaning: `intervals leave out ${formatShare(one.alpha)}`,
                                        },
                                        ...Object.entries(told.mde ?? {}).map(([metric, mde]) => ({
                                            label: `Would find in ${metric}`,
                                            number: metricWords(told.results, metric).change(mde) + metricWords(told.results, metric).unit,
                                            meaning: "four times out of five",
                                        })),
                                    ]}
                                />
                                <Health told={told} />
                                <Effects told={told} />
                                <Guardrails told={told} />
                                <Subgroups told={told} />
                                <Money rows={(campaigns ?? []).filter((row) => row.campaign === name)} />
                            </>
                        );
                    }}
                </Shown>
            )}
            {isRunning && (
                <Ramp name={name} share={row.share ?? 1} ramp={(row.ramp ?? []) as unknown as Step[]} again={again} />
            )}
            <Notes about="experiment" subject={name} />
            {isStopping && (
                <Reasoned
                    title={`Stop ${name}`}
                    words="Nobody else is exposed. It cannot be begun again: a new one takes another name."
                    button="Stop the experiment"
                    work={async (reason) => {
                        await ask("POST", `/v1/experiments/${encode(name)}/stop`, { reason });
                        tell(`The experiment ${name} is stopped; those who were exposed are still followed`);
                        again();
                    }}
                    close={() => set(false)}
                />
            )}
        </>
    );
}

function List() {
    const answer = useAnswer<GetV1Experiments>("/v1/experiments", 20_000),
        campaigns = useAnswer<GetV1Campaigns>("/v1/campaigns").data?.campaigns as Campaign[] | undefined;
    return (
        <>
            <Head
                title="Experiments"
                lead="What was shown to help, and what was not. Health comes first: an effect of arms that are not alike is none."
            />
            <Shown answer={answer}>
                {({ experiments }) =>
                    experiments.length === 0 ? (
                        <Empty>
                            There is none yet. See below how many people one takes, write its definition, and start
                            it.
                        </Empty>
                    ) : (
                        <Table
                            caption="Experiments"
                            noun="experiment"
                            csv="experiments"
                            id={(row) => row.name}
                            rows={experiments}
                            columns={[
                                {
                                    title: "Name",
                                    kind: "name",
                                    cell: (row) => <a href={to("experiment", row.name)}>{row.name}</a>,
                                    value: (row) => row.name,
                                },
                                {
                                    title: "State",
                                    cell: (row) => <Tag>{row.state}</Tag>,
                                    value: (row) => row.state,
                                },
                                {
                                    title: "Take part",
                                    kind: "number",
                                    cell: (row) => (row.share === undefined ? "–" : formatShare(row.share)),
                                    value: (row) => row.share,
                                },
                                {
                                    title: "Exposed",
                                    kind: "number",
                                    cell: (row) => formatCount(row.exposed),
                                    value: (row) => row.exposed,
                                },
                                {
                                    title: "Begun",
                                    cell: (row) => <Age at_ms={row.started_ms} />,
                                    value: (row) => row.started_ms,
                                },
                                {
                                    title: "Stopped",
                                    cell: (row) => <Age at_ms={row.stopped_ms} />,
                                    value: (row) => row.stopped_ms,
                                },
                            ]}
                        />
                    )
                }
            </Shown>
            <Money rows={campaigns ?? []} />
            <Design />
        </>
    );
}

export default function ExperimentsPage({ argument }: ViewProps) {
    return argument ? <Experiment name={argument} /> : <List />;
}
