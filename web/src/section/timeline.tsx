/* timeline.tsx - the business month by month: revenue, and who bought for the first time or again. */
import { formatCount, formatMoneyTick, formatMoneyWhole, formatMonth, formatTick } from "../page/format.ts";
import { Bars } from "../part/bars.tsx";
import { Legend } from "../part/plot.tsx";
import { anyHas, hasMoney, hasRows, type Month } from "../report.ts";
import { Lead, Note, type Section } from "./section.tsx";

export const timeline: Section = {
    id: "timeline",
    group: "understand",
    title: "Month by month",
    draw(report) {
        if (!hasRows(report.timeline?.rows)) return null;
        const { rows, sentence } = report.timeline,
            currency = report.currency ?? "";
        return (
            <>
                <Lead text={sentence} />
                <div class="pair">
                    {hasMoney(rows, "revenue_cents") && <Revenue rows={rows} currency={currency} />}
                    {anyHas(rows, "customers") && <Customers rows={rows} />}
                </div>
                {rows.some((row) => row.partial) && <Note>Grey months are not complete in the data.</Note>}
            </>
        );
    },
};

const nameOf = (row: Month): string => formatMonth(row.month) + (row.partial ? " (part)" : "");
const again = (row: Month): number => Math.max(0, (row.customers ?? 0) - (row.new_customers ?? 0));

function Revenue({ rows, currency }: { rows: Month[]; currency: string }) {
    return (
        <Bars
            title="Revenue per month"
            label={`Revenue per month from ${formatMonth(rows[0]?.month)} to ${formatMonth(rows.at(-1)?.month)}`}
            scale={(value) => formatMoneyTick(value, currency)}
            bars={rows.map((row) => ({
                name: formatMonth(row.month),
                size: row.revenue_cents ?? 0,
                isPale: row.partial ?? false,
            }))}
            head={["Month", "Revenue", "Orders"]}
            rows={rows.map((row) => [
                nameOf(row),
                formatMoneyWhole(row.revenue_cents, currency),
                formatCount(row.orders),
            ])}
        />
    );
}

function Customers({ rows }: { rows: Month[] }) {
    return (
        <Bars
            title="Customers per month"
            label="Customers per month: those who bought before, and first orders"
            legend={
                <Legend
                    items={[
                        ["fill", "bought before"],
                        ["rock", "first order"],
                    ]}
                />
            }
            scale={formatTick}
            bars={rows.map((row) => ({ name: formatMonth(row.month), size: again(row), above: row.new_customers }))}
            head={["Month", "Bought before", "First order"]}
            rows={rows.map((row) => [
                nameOf(row),
                formatCount(again(row)),
                formatCount(row.new_customers),
            ])}
        />
    );
}
