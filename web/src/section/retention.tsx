/* retention.tsx - the share of customers still there after so many days, with its interval. */
import { formatCount, formatShare, plural } from "../page/format.ts";
import { Curve } from "../part/curve.tsx";
import { hasRows, type RetentionPoint } from "../report.ts";
import { Lead, Note, type Section } from "./section.tsx";

export const retention: Section = {
    id: "retention",
    group: "understand",
    title: "How long they stay",
    draw(report) {
        if (!hasRows(report.retention?.rows)) return null;
        const { sentence, rows, lapse_days } = report.retention;
        return (
            <>
                <Lead text={sentence} />
                <Retention rows={rows} />
                {lapse_days && (
                    <Note>
                        A customer has stopped at an order that no other followed within {plural(lapse_days, "day")}.
                        Those still within that time count as far as they have been seen (Kaplan-Meier).
                    </Note>
                )}
            </>
        );
    },
};

function Retention({ rows }: { rows: RetentionPoint[] }) {
    const first = rows[0],
        last = rows.at(-1);
    return (
        <Curve
            title="Share of customers retained, by days since their first order"
            label={`Retention falls from ${formatShare(first?.share)} at day ${first?.day} to ${formatShare(last?.share)} at day ${last?.day}`}
            heads={["Day", "Retained"]}
            name="estimate"
            words={(share) => formatShare(share)}
            places={(day) => formatCount(day)}
            points={rows.map((row) => ({ x: row.day, value: row.share, low: row.low, high: row.high }))}
        />
    );
}
