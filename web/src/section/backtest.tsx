/* backtest.tsx - what the program would have said on earlier days, and what then happened. */
import { formatCount, formatDate, formatInterval, formatMoneyWhole, plural } from "../page/format.ts";
import { wordsOf, type Words } from "../page/words.ts";
import { Whisker } from "../part/plot.tsx";
import { Table } from "../part/table.tsx";
import { hasMoney, hasRows, type Backtest, type Estimate, type Maybe } from "../report.ts";
import { levelOf } from "./backtest_level.ts";
import { Lead, Note, type Section } from "./section.tsx";

export const backtest: Section = {
    id: "backtest",
    group: "trust",
    title: "Said before, and what came",
    draw(report) {
        const rows = report.summary?.at_risk?.backtest;
        if (!hasRows(rows)) return null;
        const words = wordsOf(report),
            isMoney = hasMoney(rows, "revenue_cents");
        return (
            <>
                <Lead text={verdict(rows, words, isMoney)} />
                <Days rows={rows} words={words} isMoney={isMoney} currency={report.currency ?? ""} />
                <Note>
                    Each line was reckoned by a model that had learned from earlier days only. The thin mark is what
                    then came. The more such days and the further off they were, the wider today's range.
                </Note>
            </>
        );
    },
};

const leavers = (row: Backtest): Estimate => row.expected_leavers ?? {};
const cents = (row: Backtest): Estimate => ({ value: row.revenue_cents, low: row.low_cents, high: row.high_cents });

function within(range: Estimate, actual: Maybe<number>): boolean {
    return typeof actual === "number" && (range.low ?? Infinity) <= actual && actual <= (range.high ?? -Infinity);
}

function verdict(rows: Backtest[], words: Words, isMoney: boolean): string {
    const held = rows.filter((row) => within(leavers(row), row.actual_leavers)).length,
        heldCents = rows.filter((row) => within(cents(row), row.actual_cents)).length;
    const times = (n: number): string => `${n} of ${formatCount(rows.length)} times`;
    return (
        `On ${plural(rows.length, "earlier day")}, knowing only what was known then, the range for how many ` +
        `${words.verb} held what came ${times(held)}` +
        (isMoney ? `, the range for the money ${times(heldCents)}.` : ".") +
        levelOf(rows)
    );
}

interface DaysOptions {
    rows: Backtest[];
    words: Words;
    isMoney: boolean;
    currency: string;
}

function Days({ rows, words, isMoney, currency }: DaysOptions) {
    const whole = (value: Maybe<number>): string => formatCount(typeof value === "number" ? Math.round(value) : value),
        money = (value: Maybe<number>): string => formatMoneyWhole(value, currency);
    return (
        <Table
            caption="Earlier days"
            isFixed
            isBare
            rows={rows}
            columns={[
                {
                    title: "As of",
                    value: (row) => row.as_of,
                    cell: (row) => <span class="date">{formatDate(row.as_of)}</span>,
                },
                {
                    title: "Asked",
                    kind: "number",
                    value: (row) => row.asked,
                    cell: (row) => formatCount(row.asked),
                },
                {
                    title: "Said",
                    kind: "number",
                    value: (row) => row.expected_leavers?.value,
                    cell: (row) => (
                        <Said
                            range={leavers(row)}
                            actual={row.actual_leavers}
                            all={rows.map(leavers)}
                            format={whole}
                        />
                    ),
                },
                {
                    title: `Then ${words.past}`,
                    kind: "number",
                    value: (row) => row.actual_leavers,
                    cell: (row) => whole(row.actual_leavers),
                },
                isMoney && {
                    title: "Said to go with them",
                    kind: "number",
                    value: (row) => row.revenue_cents,
                    cell: (row) => (
                        <Said range={cents(row)} actual={row.actual_cents} all={rows.map(cents)} format={money} />
                    ),
                },
                isMoney && {
                    title: "Then went",
                    kind: "number",
                    value: (row) => row.actual_cents,
                    cell: (row) => money(row.actual_cents),
                },
            ]}
        />
    );
}

interface SaidOptions {
    range: Estimate;
    actual: Maybe<number>;
    all: Estimate[];
    format: (value: Maybe<number>) => string;
}

function Said({ range, actual, all, format }: SaidOptions) {
    const most = Math.max(...all.map((one) => one.high ?? one.value ?? 0), 1) * 1.04;
    return (
        <span class="with-whisker">
            <Whisker {...range} value={range.value} from={0} to={most} reference={actual ?? null} />
            <span class="estimate">
                {format(range.value)}
                <span class="interval">{formatInterval(range.low, range.high, format)}</span>
            </span>
        </span>
    );
}
