/* cohorts.tsx - of the customers who came in one month, how many bought again in each month after. */
import { formatCount, formatMonth, formatShare } from "../page/format.ts";
import { Scroller } from "../part/scroller.tsx";
import { hasRows, type Cohort } from "../report.ts";
import { Lead, Note, type Section } from "./section.tsx";

export const cohorts: Section = {
    id: "cohorts",
    group: "understand",
    title: "Who comes back, by month of first order",
    draw(report) {
        return hasRows(report.cohorts?.rows) ? (
            <>
                <Lead text={report.cohorts.sentence} />
                <Heatmap rows={report.cohorts.rows.filter((row) => (row.retained?.length ?? 0) > 1)} />
                <Note>
                    Read across a row to follow one month's new customers; read down a column to compare months. The
                    stronger the tint, the more came back.
                </Note>
            </>
        ) : null;
    },
};

/* A table whose cells are tinted: readable with a keyboard, a screen reader and on paper. The tint spans the
 * shares after month 0, which is 100 % by definition. */
function Heatmap({ rows }: { rows: Cohort[] }) {
    const n = Math.max(0, ...rows.map((row) => row.retained?.length ?? 0)),
        later = rows.flatMap((row) => (row.retained ?? []).slice(1)).filter((share) => typeof share === "number");
    const largest = Math.max(...later, 0.01),
        indexes = Array.from({ length: Math.max(0, n - 1) }, (_, index) => index + 1);
    return (
        <Scroller label="Cohorts">
            <table class="heatmap">
                <caption class="unseen">
                    Share of each month's new customers who bought again, by months since
                </caption>
                <thead>
                    <tr>
                        <th scope="col">First order</th>
                        <th scope="col" class="number">
                            Customers
                        </th>
                        {indexes.map((index) => (
                            <th scope="col" class="number" key={index}>
                                {index === 1 && <span class="unseen">month </span>}+{index}
                            </th>
                        ))}
                    </tr>
                </thead>
                <tbody>
                    {rows.map((row) => (
                        <tr key={row.cohort}>
                            <th scope="row">{formatMonth(row.cohort)}</th>
                            <td class="number">{formatCount(row.customers)}</td>
                            {indexes.map((index) => {
                                const share = row.retained?.[index];
                                return typeof share !== "number" ? (
                                    <td class="empty" key={index} />
                                ) : (
                                    <td
                                        class="heat number"
                                        key={index}
                                        style={{ "--heat": Math.min(1, share / largest).toFixed(3) }}
                                    >
                                        {formatShare(share, 0)}
                                    </td>
                                );
                            })}
                        </tr>
                    ))}
                </tbody>
            </table>
        </Scroller>
    );
}
