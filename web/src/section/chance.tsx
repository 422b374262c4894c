/* chance.tsx - what the model says of somebody in a cell: a chance with its bar, or an amount. */
import { formatMoneyWhole, formatShare } from "../page/format.ts";
import { wordsOf } from "../page/words.ts";
import { BarCell } from "../part/plot.tsx";
import type { Maybe, Report } from "../report.ts";

export const Chance = ({ report, value }: { report: Report; value: Maybe<number> }) =>
    wordsOf(report).isSpend ? (
        <>{formatMoneyWhole(typeof value === "number" ? value * 100 : value, report.currency)}</>
    ) : (
        <BarCell words={formatShare(value)} share={value} />
    );
