/* experiments.tsx - experiments in force and stopped; one with its health first, then effects with intervals, then what is
 * to be done. */
import { formatCount, formatQuantity, formatShare, sentenceCase } from "../../page/format.ts";
import { sentence } from "../../page/prose.ts";
import type { GetV1Experiments, GetV1ExperimentsName } from "../answers.ts";
import { encode } from "../ask.ts";
import { Age, Empty, Head, Part, Shown, Tag } from "../part/basic.tsx";
import { Notes } from "../part/notes.tsx";
import { Whisker } from "../part/plot.tsx";
import { Table } from "../part/table.tsx";
import type { ExperimentResult } from "../../report.ts";
import { to } from "../place.ts";
import { useAnswer } from "../use_answer.ts";
import type { ViewProps } from "../views.ts";

type Json = Record<string, unknown>;
const text = (value: unknown): string =>
    typeof value === "number"
        ? formatQuantity(value)
        : typeof value === "string"
          ? value
          : typeof value === "boolean"
            ? value
                ? "yes"
                : "no"
            : value === null || value === undefined
              ? "–"
              : JSON.stringify(value);

/* An effect and the interval that holds whenever one looks: this page is looked at on any day. */
const effectOf = (row: ExperimentResult): { value: number | null; low: number | null; high: number | null } => ({
    value: row.absolute?.value ?? null,
    low: row.always_valid?.low ?? null,
    high: row.always_valid?.high ?? null,
});

function Health({ health }: { health: Json }) {
    const warnings = Array.isArray(health["warnings"]) ? (health["warnings"] as unknown[]) : [];
    const rows = Object.entries(health).filter(([name]) => name !== "warnings");
    return (
        <Part
            title="Health"
            lead={
                warnings.length === 0
                    ? "Arms are as large as they should be, nobody is in two, and it is not too early to look."
                    : "Something must be mended before an effect can be believed."
            }
        >
            {warnings.length > 0 && (
                <ul class="needs">
                    {warnings.map((one, i) => (
                        <li key={i}>
                            <span>{sentence(text((one as Json)?.["text"] ?? one))}</span>
                        </li>
                    ))}
                </ul>
            )}
            <details class="as-table">
                <summary>All that was checked</summary>
                <dl class="facts">
                    {rows.map(([name, value]) => (
                        <div key={name}>
                            <dt>{sentenceCase(name)}</dt>
                            <dd>{text(value)}</dd>
                        </div>
                    ))}
                </dl>
            </details>
        </Part>
    );
}

function Effects({ rows }: { rows: ExperimentResult[] }) {
    const ends = rows
        .map(effectOf)
        .flatMap(({ value, low, high }) => [value, low, high])
        .filter((one): one is number => one !== null);
    const from = Math.min(0, ...ends),
        until = Math.max(0, ...ends);
    return rows.length === 0 ? (
        <Part title="Effects">
            <Empty>No effect can be told yet: nobody has had a whole window since they were exposed.</Empty>
        </Part>
    ) : (
        <Part
            title="Effects"
            lead="Against the arm that is left alone. From and to hold at any look; where they hold zero, nothing is proven."
        >
            <Table
                caption="Effects by metric and arm"
                noun="effect"
                csv="effects"
                id={(row) => rows.indexOf(row)}
                rows={rows}
                columns={[
                    {
                        title: "Metric",
                        kind: "name",
                        cell: (row) => row.metric,
                        value: (row) => row.metric,
                    },
                    { title: "Arm", cell: (row) => row.arm, value: (row) => row.arm },
                    {
                        title: "Difference",
                        kind: "number",
                        cell: (row) => formatQuantity(effectOf(row).value),
                        value: (row) => effectOf(row).value,
                    },
                    {
                        title: "From",
                        kind: "number",
                        cell: (row) => formatQuantity(effectOf(row).low),
                        value: (row) => effectOf(row).low,
                    },
                    {
                        title: "To",
                        kind: "number",
                        cell: (row) => formatQuantity(effectOf(row).high),
                        value: (row) => effectOf(row).high,
                    },
                    {
                        title: "Interval",
                        cell: (row) => {
                            const { value, low, high } = effectOf(row);
                            return value === null ? null : (
                                <Whisker value={value} low={low} high={high} from={from} to={until} />
                            );
                        },
                    },
                ]}
            />
        </Part>
    );
}

function Experiment({ name }: { name: string }) {
    const answer = useAnswer<GetV1ExperimentsName>(`/v1/experiments/${encode(name)}`);
    return (
        <>
            <Head title={name} back={[to("experiments"), "All experiments"]} />
            <Shown answer={answer}>
                {(one) => {
                    const verdict = one.verdict as Json;
                    return (
                        <>
                            <p class="callout">
                                <strong>{sentenceCase(text(verdict["word"] ?? verdict["verdict"]))}.</strong>{" "}
                                {sentence(text(verdict["sentence"] ?? verdict["text"] ?? ""))}{" "}
                                {verdict["change"] || verdict["would_change"]
                                    ? sentence(text(verdict["change"] ?? verdict["would_change"]))
                                    : ""}
                            </p>
                            <p class="note">
                                Begun <Age at_ms={one.started_ms} />
                                {one.stopped_ms ? (
                                    <>
                                        , stopped <Age at_ms={one.stopped_ms} />
                                    </>
                                ) : (
                                    ", running"
                                )}
                                ; intervals leave out {formatShare(one.alpha)}.
                            </p>
                            <Health health={one.health as Json} />
                            <Effects rows={one.results as unknown as ExperimentResult[]} />
                            {(one.guardrails as Json[]).length > 0 && (
                                <Part title="Guardrails" lead="What stops an arm.">
                                    <Table
                                        caption="Guardrails by arm"
                                        id={(row) => (one.guardrails as Json[]).indexOf(row)}
                                        rows={one.guardrails as Json[]}
                                        columns={Object.keys((one.guardrails as Json[])[0] ?? {})
                                            .slice(0, 6)
                                            .map((key) => ({
                                                title: sentenceCase(key),
                                                cell: (row: Json) => text(row[key]),
                                                value: (row: Json) => text(row[key]),
                                            }))}
                                    />
                                </Part>
                            )}
                        </>
                    );
                }}
            </Shown>
            <Notes about="experiment" subject={name} />
        </>
    );
}

export default function ExperimentsPage({ argument }: ViewProps) {
    const answer = useAnswer<GetV1Experiments>(argument ? null : "/v1/experiments", 20_000);
    if (argument) return <Experiment name={argument} />;
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
                            There is none yet. <code>holdfast experiment design</code> says how many customers one
                            needs, and <code>holdfast experiment start</code> puts it in force.
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
                            ]}
                        />
                    )
                }
            </Shown>
        </>
    );
}
