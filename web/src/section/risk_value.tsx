/* risk_value.tsx - the matrix of risk and value: where the expected loss sits. */
import { formatCount, formatMoney, sentenceCase } from "../page/format.ts";
import { wordsOf } from "../page/words.ts";
import { Scroller } from "../part/scroller.tsx";
import { hasMoney, hasRows, type RiskValue } from "../report.ts";
import { Lead, Note, type Section } from "./section.tsx";

export const riskValue: Section = {
    id: "risk-value",
    group: "act",
    title: "Where the loss sits",
    draw(report) {
        const data = report.risk_value;
        if (!data || !hasRows(data.cells)) return null;
        return (
            <>
                <Lead text={data.sentence} />
                <Matrix data={data} currency={report.currency ?? ""} risk={wordsOf(report).probability} />
                <Note>
                    Each cell: customers, and the loss expected from them. The stronger the tint, the larger the
                    loss.
                </Note>
            </>
        );
    },
};

function Matrix({ data, currency, risk }: { data: RiskValue; currency: string; risk: string }) {
    const risks = data.risk_bands ?? ["low", "medium", "high"],
        values = data.value_bands ?? ["low", "medium", "high"];
    const cells = data.cells ?? [],
        isMoney = hasMoney(cells, "expected_loss_cents");
    const loss = (cell?: (typeof cells)[number]): number =>
        (isMoney ? cell?.expected_loss_cents : cell?.customers) ?? 0;
    const largest = Math.max(...cells.map(loss), 1);
    return (
        <Scroller label="Risk and value">
            <table class="matrix">
                <caption class="unseen">Customers and expected loss by risk and value</caption>
                <thead>
                    <tr>
                        <td />
                        {risks.map((name) => (
                            <th scope="col" key={name}>
                                <span class="matrix-axis">{risk} </span>
                                {sentenceCase(name)}
                            </th>
                        ))}
                    </tr>
                </thead>
                <tbody>
                    {values.map((_, down) => {
                        const value = values.length - 1 - down;
                        return (
                            <tr key={value}>
                                <th scope="row">
                                    <span class="matrix-axis">Value </span>
                                    {sentenceCase(values[value] ?? "")}
                                </th>
                                {risks.map((name, across) => {
                                    const cell = cells.find((one) => one.risk === across && one.value === value);
                                    return (
                                        <td
                                            class="heat"
                                            key={name}
                                            style={{ "--heat": (loss(cell) / largest).toFixed(3) }}
                                        >
                                            <span class="matrix-customers">{formatCount(cell?.customers ?? 0)}</span>
                                            {isMoney && typeof cell?.expected_loss_cents === "number" && (
                                                <span class="matrix-loss">
                                                    {formatMoney(cell.expected_loss_cents, currency)}
                                                </span>
                                            )}
                                        </td>
                                    );
                                })}
                            </tr>
                        );
                    })}
                </tbody>
            </table>
        </Scroller>
    );
}
