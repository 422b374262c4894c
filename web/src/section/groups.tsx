/* groups.tsx - who the customers are: RFM groups, clusters, and the stages of a customer's life. */
import {
    formatCount,
    formatDecimal,
    formatMoneyWhole,
    formatQuantity,
    formatShare,
    sentenceCase,
} from "../page/format.ts";
import { prose } from "../page/prose.ts";
import { wordsOf } from "../page/words.ts";
import { BarCell } from "../part/plot.tsx";
import { Table, type Column } from "../part/table.tsx";
import {
    anyHas,
    hasMoney,
    hasRows,
    type Cluster,
    type Groups,
    type Maybe,
    type Report,
    type RfmGroup,
    type Stage,
} from "../report.ts";
import { Chance } from "./chance.tsx";
import { Lead, Note, Within, type Section } from "./section.tsx";

export const groups: Section = {
    id: "groups",
    group: "understand",
    title: "Who they are",
    draw(report) {
        const data = report.groups,
            clusters = data?.clusters;
        if (!data || !(hasRows(data.rfm) || hasRows(clusters?.rows) || hasRows(data.stages) || clusters?.refused))
            return null;
        return (
            <>
                <Lead text={data.sentence} />
                {hasRows(data.rfm) && (
                    <Within title="Groups by recency, frequency and money">
                        <Rfm report={report} rows={data.rfm} />
                    </Within>
                )}
                {hasRows(data.stages) && (
                    <Within title="Stages of a customer's life">
                        <Table<Stage>
                            caption="Lifecycle stages"
                            isBare
                            isNarrow
                            rows={data.stages}
                            columns={[
                                nameColumn("Stage"),
                                shareColumn(data.stages),
                                moneyColumn(report, data.stages, "revenue_cents", "Revenue"),
                            ]}
                        />
                    </Within>
                )}
                {clusters && (hasRows(clusters.rows) || clusters.refused) && (
                    <Clusters report={report} data={clusters} />
                )}
            </>
        );
    },
};

interface Group {
    name: string;
    description?: Maybe<string>;
    customers?: Maybe<number>;
    share?: Maybe<number>;
}

const nameColumn = <T extends Group>(title: string): Column<T> => ({
    title,
    kind: "wide",
    value: (row) => row.name,
    cell: (row) => (
        <>
            <span class="name">{sentenceCase(row.name)}</span>
            {row.description && <span class="description">{prose(row.description)}</span>}
        </>
    ),
});

function shareColumn<T extends Group>(rows: T[]): Column<T> {
    const largest = Math.max(...rows.map((row) => row.share ?? 0), 1e-9);
    return {
        title: "Customers",
        kind: "number",
        value: (row) => row.customers,
        cell: (row) => (
            <BarCell
                words={`${formatCount(row.customers)} · ${formatShare(row.share)}`}
                share={(row.share ?? 0) / largest}
            />
        ),
    };
}

function moneyColumn<T>(
    { currency }: Report,
    rows: T[],
    field: keyof T & string,
    title: string,
    under?: string,
): Column<T> | false {
    const cents = (row: T): Maybe<number> => row[field] as Maybe<number>;
    return (
        hasMoney(rows, field) && {
            title,
            under,
            kind: "number",
            value: cents,
            cell: (row) => formatMoneyWhole(cents(row), currency),
        }
    );
}

const chanceColumn = <T extends { churn?: Maybe<number> }>(report: Report, rows: T[]): Column<T> | false =>
    anyHas(rows, "churn") && {
        title: wordsOf(report).probability,
        under: (report.summary?.asked ?? 0) < (report.summary?.customers ?? 0) ? "of those asked" : undefined,
        kind: "number",
        value: (row) => row.churn,
        cell: (row) => <Chance report={report} value={row.churn} />,
    };

function Rfm({ report, rows }: { report: Report; rows: RfmGroup[] }) {
    return (
        <Table<RfmGroup>
            caption="RFM groups"
            isBare
            rows={rows}
            columns={[
                nameColumn("Group"),
                shareColumn(rows),
                moneyColumn(report, rows, "revenue_cents", "Revenue"),
                chanceColumn(report, rows),
                anyHas(rows, "recency_days") && {
                    title: "Last order",
                    under: "days ago",
                    kind: "number",
                    value: (row) => row.recency_days,
                    cell: (row) => formatCount(row.recency_days),
                },
                anyHas(rows, "frequency") && {
                    title: "Orders",
                    under: "each",
                    kind: "number",
                    value: (row) => row.frequency,
                    cell: (row) => formatQuantity(row.frequency),
                },
                moneyColumn(report, rows, "monetary_cents", "Money", "each"),
            ]}
        />
    );
}

function Clusters({ report, data }: { report: Report; data: NonNullable<Groups["clusters"]> }) {
    const title = "Groups found in the data",
        { rows, silhouette, stability } = data;
    if (!hasRows(rows)) return <Within title={title} lead={data.refused} />;
    const quality = [
        silhouette && `silhouette ${formatDecimal(silhouette, 2)} (1 is cleanly apart, 0 is no structure)`,
        stability &&
            `${formatShare(stability)} of customers fall into the same group when the data is drawn again`,
    ].filter((one): one is string => !!one);
    return (
        <Within title={title} lead={`${formatCount(data.k ?? rows.length)} groups by k-means.`}>
            <Table<Cluster>
                caption="Clusters"
                isBare
                isNarrow
                rows={rows}
                columns={[
                    nameColumn("Group"),
                    shareColumn(rows),
                    chanceColumn(report, rows),
                    moneyColumn(report, rows, "value_cents", "Value"),
                ]}
            />
            {quality.length > 0 && <Note>{sentenceCase(quality.join("; "))}.</Note>}
        </Within>
    );
}
