/* backtest.ts - what the program would have said on earlier days, and what then happened. */
import { whisker, type Scale } from "../page/marks.ts";
import { h } from "../page/dom.ts";
import { formatCount, formatDate, formatInterval, formatMoneyWhole, plural } from "../page/format.ts";
import { body, note, type Section } from "../page/section.ts";
import { table, type TableColumn } from "../page/table.ts";
import { wordsOf } from "../page/words.ts";
import { hasMoney, hasRows, type Backtest, type Estimate, type Maybe } from "../report.ts";
import { levelOf } from "./backtest_level.ts";

export const backtest: Section = {
    id: "backtest", group: "trust", title: "Said before, and what came",
    draw(report) {
        const rows = report.summary?.at_risk?.backtest;
        if (!hasRows(rows)) return null;
        const words = wordsOf(report), currency = report.currency ?? "";
        const held = rows.filter((row) => within(leavers(row), row.actual_leavers)).length;
        const heldCents = rows.filter((row) => within(cents(row), row.actual_cents)).length;
        const isMoney = hasMoney(rows, "revenue_cents");
        const columns: (TableColumn<Backtest> | false)[] = [
            { label: "As of", value: (row) => row.as_of, show: (row) => formatDate(row.as_of) },
            { label: "Asked", kind: "number", value: (row) => row.asked, show: (row) => formatCount(row.asked) },
            { label: "Said", kind: "number", value: (row) => row.expected_leavers?.value,
                show: (row) => said(leavers(row), row.actual_leavers, scale(rows.map(leavers)), whole) },
            { label: `Then ${words.past}`, kind: "number", value: (row) => row.actual_leavers,
                show: (row) => whole(row.actual_leavers) },
            isMoney && { label: "Said to go with them", kind: "number", value: (row) => row.revenue_cents,
                show: (row) => said(cents(row), row.actual_cents, scale(rows.map(cents)), money(currency)) },
            isMoney && { label: "Then went", kind: "number", value: (row) => row.actual_cents,
                show: (row) => money(currency)(row.actual_cents) },
        ];
        const times = (n: number) => `${n} of ${formatCount(rows.length)} times`;
        return body(`On ${plural(rows.length, "earlier day")}, knowing only what was known then, the range for how many ` +
            `${words.verb} held what came ${times(held)}` + (isMoney ? `, the range for the money ${times(heldCents)}.` : ".") + levelOf(rows),
            table<Backtest>({ caption: "Earlier days", rows, noun: "day", sorted: false,
                columns: columns.filter((column): column is TableColumn<Backtest> => column !== false) }),
            note("Each line was reckoned by a model that had learned from earlier days only. The thin mark is what then " +
                "came. The more such days and the further off they were, the wider today's range."));
    },
};

const whole = (value: Maybe<number>) => formatCount(typeof value === "number" ? Math.round(value) : value);
const money = (currency: string) => (value: Maybe<number>) => formatMoneyWhole(value, currency);
const leavers = (row: Backtest): Estimate => row.expected_leavers ?? {};
const cents = (row: Backtest): Estimate => ({ value: row.revenue_cents, low: row.low_cents, high: row.high_cents });

function within(range: Estimate, actual: Maybe<number>): boolean {
    return typeof actual === "number" && (range.low ?? Infinity) <= actual && actual <= (range.high ?? -Infinity);
}

function scale(ranges: Estimate[]): Scale {
    return { from: 0, to: Math.max(...ranges.map((range) => range.high ?? range.value ?? 0), 1) * 1.04 };
}

function said(range: Estimate, actual: Maybe<number>, on: Scale, format: (value: Maybe<number>) => string): HTMLElement {
    return h("span", { class: "with-whisker" }, whisker(range, { ...on, reference: actual }),
        h("span", { class: "estimate" }, format(range.value),
            h("span", { class: "interval" }, formatInterval(range.low, range.high, format))));
}
