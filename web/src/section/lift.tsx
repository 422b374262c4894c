/* lift.tsx - how much better than chance the list is, tenth by tenth, and the ROC curve behind the AUC. */
import { formatShare } from "../page/format.ts";
import { wordsOf } from "../page/words.ts";
import { Curve } from "../part/curve.tsx";
import { LiftBars } from "../part/model_curves.tsx";
import { hasRows } from "../report.ts";
import { Lead, type Section } from "./section.tsx";

export const lift: Section = {
    id: "lift",
    group: "trust",
    title: "How much better than chance?",
    draw(report) {
        const rows = report.deciles?.rows,
            points = report.roc,
            { isSpend, verb } = wordsOf(report);
        return hasRows(rows) || hasRows(points) ? (
            <>
                <Lead text={report.deciles?.sentence} />
                <div class="pair">
                    {hasRows(rows) && <LiftBars rows={rows} isAmount={isSpend} currency={report.currency} />}
                    {hasRows(points) && <Roc points={points} verb={verb} />}
                </div>
            </>
        ) : null;
    },
};

function Roc({ points, verb }: { points: [number, number][]; verb: string }) {
    return (
        <Curve
            title="Found against false alarms (ROC)"
            label={`ROC curve: share found of those who ${verb}, by share of false alarms`}
            heads={["False alarms", "Found"]}
            name="model"
            words={(value) => formatShare(value)}
            places={(value) => formatShare(value)}
            points={points.map(([x, value]) => ({ x, value }))}
            beside={[
                {
                    name: "chance",
                    points: [
                        { x: 0, value: 0 },
                        { x: 1, value: 1 },
                    ],
                    isDashed: true,
                },
            ]}
        />
    );
}
