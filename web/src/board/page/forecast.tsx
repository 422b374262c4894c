/* forecast.tsx - what the next weeks bring, with the range that past errors need, and what would have been said on earlier
 * days of what then came. */
import { formatMoney, formatMoneyTick, formatShare, MINUS, plural, sentenceCase } from "../../page/format.ts";
import { sentence } from "../../page/prose.ts";
import { Facts, Figures, Part } from "../../part/block.tsx";
import { Curve } from "../../part/curve.tsx";
import { dayWords, Whisker } from "../../part/plot.tsx";
import { Table } from "../../part/table.tsx";
import type { GetV1Forecast, GetV1Overview } from "../answers.ts";
import { formatDay } from "../clock.ts";
import { Empty, Head, Shown } from "../part/basic.tsx";
import { Choice } from "../part/form.tsx";
import { look } from "../place.ts";
import { OVERVIEW } from "../ask.ts";
import { useAnswer } from "../use_answer.ts";
import type { ViewProps } from "../views.ts";

const signed = (share: number): string => `${share < 0 ? MINUS : "+"}${formatShare(Math.abs(share))}`;

type Money = (cents: number | null | undefined) => string;
interface Range {
    value_cents: number;
    low_cents: number;
    high_cents: number;
}

const WEEKS_SHOWN = 52;

const between = (range: Range, money: Money): string => `${money(range.low_cents)} to ${money(range.high_cents)}`;

/* The past, and the band that opens where it ends. */
function Weeks({ told, money, currency }: { told: GetV1Forecast; money: Money; currency: string }) {
    const past = told.past.slice(-WEEKS_SHOWN),
        last = past.at(-1);
    const points = [
        ...past.map((week) => ({
            x: week.until_ms,
            value: week.revenue_cents,
            ...(week === last ? { low: week.revenue_cents, high: week.revenue_cents } : {}),
        })),
        ...told.ahead.map((week) => ({
            x: week.until_ms,
            value: week.value_cents,
            low: week.low_cents,
            high: week.high_cents,
        })),
    ];
    return (
        <Curve
            title="Revenue a week, and what is expected"
            label={told.ahead.map((week) => `${formatDay(week.until_ms)}: ${money(week.value_cents)}`).join("; ")}
            heads={["Week until", "Revenue"]}
            name="revenue"
            band={"95\u202f% range"}
            words={(cents) => formatMoneyTick(cents, currency)}
            places={dayWords}
            cell={formatDay}
            isTime
            stands={told.as_of_ms}
            standing="now"
            points={points}
        />
    );
}

function Checks({ told, money }: { told: GetV1Forecast; money: Money }) {
    const ends = told.checks.flatMap((one) => [one.low_cents, one.high_cents, one.came_cents]),
        from = Math.min(...ends),
        until = Math.max(...ends);
    return told.checks.length === 0 ? null : (
        <Part
            title="Said before, and what came"
            lead={`The same way on earlier days, knowing only what was known then. The range held what came ${told.held} of ${plural(told.checks.length, "time")}; the thin mark is what came.`}
        >
            <Table
                caption="What would have been said"
                noun="day"
                csv="forecast-checks"
                isFixed
                id={(row) => row.as_of_ms}
                rows={told.checks}
                columns={[
                    {
                        title: "As of",
                        kind: "name",
                        cell: (row) => formatDay(row.as_of_ms),
                        value: (row) => new Date(row.as_of_ms).toISOString().slice(0, 10),
                    },
                    {
                        title: "Said",
                        kind: "number",
                        cell: (row) => money(row.value_cents),
                        value: (row) => row.value_cents / 100,
                    },
                    {
                        title: "Range",
                        kind: "number",
                        cell: (row) => between(row, money),
                        value: (row) => row.low_cents / 100,
                    },
                    { title: "Upper end", value: (row) => row.high_cents / 100, isOnlyInCsv: true },
                    {
                        title: "Came",
                        kind: "number",
                        cell: (row) => money(row.came_cents),
                        value: (row) => row.came_cents / 100,
                    },
                    {
                        title: "Interval",
                        cell: (row) => (
                            <Whisker
                                value={row.value_cents}
                                low={row.low_cents}
                                high={row.high_cents}
                                from={from}
                                to={until}
                                reference={row.came_cents}
                            />
                        ),
                    },
                    {
                        title: "Off by",
                        kind: "number",
                        cell: (row) =>
                            row.came_cents > 0 ? signed(row.value_cents / row.came_cents - 1) : "–",
                        value: (row) => (row.came_cents > 0 ? row.value_cents / row.came_cents - 1 : null),
                    },
                ]}
            />
        </Part>
    );
}

export default function ForecastPage({ asked }: ViewProps) {
    const weeks = asked.get("weeks") ?? "8",
        answer = useAnswer<GetV1Forecast>(`/v1/forecast?weeks=${encodeURIComponent(weeks)}`, 300_000),
        currency = useAnswer<GetV1Overview>(OVERVIEW).data?.currency ?? "";
    const money: Money = (cents) => formatMoney(cents, currency);
    return (
        <>
            <Head
                title="Forecast"
                lead="What the next weeks bring if nothing new is done, and how far such words were off before. What an action adds, only an experiment shows."
            />
            <div class="controls no-print">
                <Choice
                    label="Weeks ahead"
                    value={weeks}
                    set={(value) => look({ weeks: value })}
                    options={["4", "8", "13", "26"].map((one): [string, string] => [one, `${one} weeks`])}
                />
            </div>
            <Shown answer={answer}>
                {(told) =>
                    told.refused !== null || !told.total ? (
                        <Empty>{sentence(told.refused ?? "")}</Empty>
                    ) : (
                        <>
                            <Figures
                                items={[
                                    {
                                        label: `Expected in ${plural(told.weeks, "week")}`,
                                        number: money(told.total.value_cents),
                                        meaning: `${between(told.total, money)}, 95\u202f%`,
                                    },
                                    {
                                        label: "A week's usual error",
                                        number: formatShare(told.error_share),
                                        meaning: "of the mean week, on earlier weeks",
                                    },
                                    told.checks.length > 0 && {
                                        label: "Ranges that held",
                                        number: `${told.held} of ${told.checks.length}`,
                                        meaning: `each of ${plural(told.weeks, "week")}, one after the other`,
                                    },
                                ]}
                            />
                            <Weeks told={told} money={money} currency={currency} />
                            <Facts rows={[["How", sentenceCase(told.way)]]} />
                            <Checks told={told} money={money} />
                        </>
                    )
                }
            </Shown>
        </>
    );
}
