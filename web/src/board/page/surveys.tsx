/* surveys.tsx - how likely customers are to recommend the shop: the net promoter score with its interval, over time, who
 * gave what, and their words. */
import { formatCount, formatShare, plural } from "../../page/format.ts";
import { monthMs, monthWords } from "../../page/month.ts";
import type { GetV1Surveys } from "../answers.ts";
import { Figures, Part } from "../../part/block.tsx";
import { Age, CustomerLink, Empty, Head, Shown } from "../part/basic.tsx";
import { Curve } from "../../part/curve.tsx";
import { Choice } from "../part/form.tsx";
import { Bars } from "../../part/bars.tsx";
import { Table } from "../../part/table.tsx";
import { look } from "../place.ts";
import { useAnswer } from "../use_answer.ts";
import type { ViewProps } from "../views.ts";

const score = (value: number): string => `${value > 0 ? "+" : ""}${Math.round(value)}`;
const sum = (list: number[]): number => list.reduce((all, one) => all + one, 0);

function Scores({ told }: { told: GetV1Surveys }) {
    const { scores, n } = told;
    const groups: [string, number][] = [
        ["Would (9 and 10)", sum(scores.slice(9))],
        ["Neither (7 and 8)", sum(scores.slice(7, 9))],
        ["Would not (0 to 6)", sum(scores.slice(0, 7))],
    ];
    return (
        <>
            <Figures
                items={[
                    {
                        label: "Net promoter score",
                        number: told.nps ? score(told.nps.value ?? 0) : "–",
                        meaning: told.nps ? `${score(told.nps.low ?? 0)} to ${score(told.nps.high ?? 0)}, 95 %` : "",
                    },
                    ...groups.map(([label, count]) => ({
                        label,
                        number: formatShare(count / n),
                        meaning: plural(count, "customer"),
                    })),
                ]}
            />
            <Part
                title="What they gave"
                lead="Of each customer the last answer in the period. Who answers is no fair sample: those who are very pleased or very angry answer more often."
            >
                <Bars
                    title="Customers by score"
                    unit="Customers"
                    label={scores.map((count, i) => `${i}: ${count}`).join(", ")}
                    bars={scores.map((count, i) => ({
                        name: String(i),
                        size: count,
                        words: formatCount(count),
                        isPale: i < 9,
                    }))}
                    ticks={scores.map((_, i) => ({ at: (i + 0.5) / scores.length, words: String(i) }))}
                />
            </Part>
            {told.months.length > 1 && (
                <Part title="Over time" lead="Where the bands of two months overlap, chance may have made the difference.">
                    <Curve
                        title="Net promoter score by month"
                        label={told.months.map((one) => `${one.month}: ${score(one.nps.value)}`).join(", ")}
                        heads={["Month", "Score"]}
                        words={score}
                        places={monthWords}
                        isTime
                        points={told.months.map((one) => ({
                            x: monthMs(one.month),
                            value: one.nps.value,
                            low: one.nps.low,
                            high: one.nps.high,
                        }))}
                    />
                </Part>
            )}
            {told.words && told.words.length > 0 && (
                <Part title="In their words" lead="The newest first.">
                    <Table
                        caption="What customers wrote"
                        noun="answer"
                        csv="survey-words"
                        step={20}
                        id={(row) => `${row.customer} ${row.at_ms}`}
                        rows={told.words}
                        columns={[
                            {
                                title: "Score",
                                kind: "number",
                                cell: (row) => formatCount(row.score),
                                value: (row) => row.score,
                            },
                            {
                                title: "Words",
                                kind: "wide",
                                cell: (row) => <span dir="auto">{row.text}</span>,
                                value: (row) => row.text,
                            },
                            {
                                title: "Customer",
                                cell: (row) => <CustomerLink id={row.customer ?? ""} />,
                                value: (row) => row.customer,
                            },
                            { title: "When", cell: (row) => <Age at_ms={row.at_ms} />, value: (row) => row.at_ms },
                        ]}
                    />
                </Part>
            )}
        </>
    );
}

export default function SurveysPage({ asked }: ViewProps) {
    const days = asked.get("days") ?? "365",
        answer = useAnswer<GetV1Surveys>(`/v1/surveys?days=${encodeURIComponent(days)}`, 60_000);
    return (
        <>
            <Head
                title="Surveys"
                lead="How likely customers are to recommend the shop, and what they say. Write to those who would not while it can still be mended."
            />
            <div class="controls no-print">
                <Choice
                    label="Period"
                    value={days}
                    set={(value) => look({ days: value })}
                    options={[
                        ["90", "90 days"],
                        ["365", "A year"],
                        ["1095", "Three years"],
                    ]}
                />
            </div>
            <Shown answer={answer}>
                {(told) =>
                    told.n === 0 ? (
                        <Empty>
                            Nobody answered in this time. Send each answer as an event, as{" "}
                            <code>NPS Answered</code> with the properties <code>score</code> (0 to 10) and{" "}
                            <code>reason</code>. A <code>comment</code> is personal: it is kept sealed, for the
                            customer's own page.
                        </Empty>
                    ) : (
                        <Scores told={told} />
                    )
                }
            </Shown>
        </>
    );
}
