/* program_course.tsx - what everybody brought beyond the control group, month by month. */
import { formatMoneyTick, formatMoneyWhole, formatMonth } from "../page/format.ts";
import { monthMs, monthWords } from "../page/month.ts";
import type { Maybe, ProgramMonth } from "../report.ts";
import { Curve } from "./curve.tsx";

/* A month of which it is not known is left out: it is not zero. */
export function ProgramCourse({ months, currency }: { months: ProgramMonth[]; currency: Maybe<string> }) {
    const amount = (cents: Maybe<number>): string => formatMoneyWhole(cents, currency);
    const known = months.filter((row) => typeof row.so_far_cents?.value === "number"),
        last = known.at(-1)?.so_far_cents;
    return (
        <Curve
            title="Profit beyond what the control group's customers bring, so far"
            label={`${amount(last?.value)} by ${formatMonth(known.at(-1)?.month)}, between ${amount(last?.low)} and ${amount(last?.high)}`}
            heads={["Month", "So far"]}
            name="so far"
            words={amount}
            scale={(cents) => formatMoneyTick(cents, currency)}
            places={monthWords}
            isTime
            points={known.map((row) => ({
                x: monthMs(row.month),
                value: row.so_far_cents?.value ?? 0,
                low: row.so_far_cents?.low,
                high: row.so_far_cents?.high,
            }))}
        />
    );
}
