/* quality.tsx - what was read and what is wrong with it: findings, how columns were understood, what they hold. */
import { formatCount, formatDate, formatShare, sentenceCase } from "../page/format.ts";
import { prose, sentence } from "../page/prose.ts";
import { Figures, Prose } from "../part/block.tsx";
import { Icon } from "../part/icon.tsx";
import { BarCell } from "../part/plot.tsx";
import { Table } from "../part/table.tsx";
import {
    hasRows,
    type Column,
    type Finding,
    type ImportResult,
    type MappedColumn,
    type Severity,
} from "../report.ts";
import { Lead, Within, type Section } from "./section.tsx";

const ORDER: Severity[] = ["problem", "warning", "note", "ok"];
const MARKS: Record<Severity, string> = {
    problem: "M12 3 2.5 20h19zM12 10v5M12 17.6v.1",
    warning: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM12 7.5v5.5M12 16.3v.1",
    note: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM12 11v5.5M12 7.6v.1",
    ok: "M5 12.5l4.5 4.5L19 7.5",
};
const N_COLUMNS = 15;

export const quality: Section = {
    id: "quality",
    group: "trust",
    title: "The data, and what is wrong with it",
    draw(report) {
        const found = report.quality?.findings,
            columns = report.quality?.columns,
            data = report.import;
        if (!data && !hasRows(found) && !hasRows(columns)) return null;
        return (
            <>
                <Lead text={verdict(found ?? [])} />
                {data && <Counts data={data} />}
                {hasRows(found) && <Findings found={found} />}
                {hasRows(data?.mapping) && (
                    <Within
                        title="How the columns were understood"
                        lead="Each guess can be overruled with the flag beside it."
                    >
                        <Mapping rows={data.mapping} />
                    </Within>
                )}
                {hasRows(columns) && (
                    <Within title="What the columns hold">
                        <Columns rows={columns} />
                    </Within>
                )}
            </>
        );
    },
};

function verdict(found: Finding[]): string | null {
    const count = (severity: Severity): number => found.filter((one) => one.severity === severity).length;
    const problems = count("problem"),
        warnings = count("warning");
    if (found.length === 0) return null;
    if (problems > 0)
        return `${problems === 1 ? "One problem" : `${problems} problems`} should be put right before these numbers are relied on.`;
    if (warnings > 0)
        return `Nothing forbids using these numbers; ${warnings === 1 ? "one thing is" : `${warnings} things are`} worth knowing.`;
    return "Nothing in the data stands in the way of using these numbers.";
}

function Counts({ data }: { data: ImportResult }) {
    const refused = data.rejected ?? 0,
        anonymous = data.no_customer ?? 0;
    return (
        <Figures
            items={[
                {
                    label: "Rows read",
                    number: formatCount(data.rows),
                    meaning: data.from ? `${formatDate(data.from)} to ${formatDate(data.to)}` : null,
                },
                {
                    label: "Customers",
                    number: formatCount(data.customers),
                    meaning: data.events ? `${formatCount(data.events)} events` : null,
                },
                {
                    label: "Refused",
                    number: formatCount(refused),
                    meaning: refused ? (
                        <span>
                            see <code>holdfast rejects</code>
                        </span>
                    ) : (
                        "every row could be read"
                    ),
                },
                anonymous
                    ? {
                          label: "Without a customer",
                          number: formatCount(anonymous),
                          meaning: data.rows ? `${formatShare(anonymous / data.rows)} of the rows` : null,
                      }
                    : data.repeated
                      ? {
                            label: "Imported before",
                            number: formatCount(data.repeated),
                            meaning: "counted once",
                        }
                      : null,
            ]}
        />
    );
}

function Findings({ found }: { found: Finding[] }) {
    const sorted = [...found].sort((a, b) => ORDER.indexOf(a.severity) - ORDER.indexOf(b.severity));
    return (
        <ul class="findings">
            {sorted.map((one, i) => {
                const severity = ORDER.includes(one.severity) ? one.severity : "note";
                return (
                    <li class={`finding is-${severity}`} key={i}>
                        <span class="finding-mark">
                            <Icon path={MARKS[severity]} size={20} />
                            <span class="unseen">{severity}</span>
                        </span>
                        <div>
                            <p class="finding-title">
                                <Prose text={prose(one.title)} />
                                {typeof one.share === "number" && one.share > 0 && (
                                    <span class="finding-share"> {formatShare(one.share)}</span>
                                )}
                            </p>
                            {one.detail && (
                                <p class="finding-detail">
                                    <Prose text={sentence(one.detail)} />
                                </p>
                            )}
                        </div>
                    </li>
                );
            })}
        </ul>
    );
}

function Mapping({ rows }: { rows: MappedColumn[] }) {
    return (
        <Table
            caption="How the columns were understood"
            noun="column"
            isBare
            rows={rows}
            columns={[
                {
                    title: "Column",
                    kind: "name",
                    value: (row) => row.column,
                    cell: (row) => <span class="name">{row.column}</span>,
                },
                { title: "Read as", value: (row) => row.role, cell: (row) => sentenceCase(row.role ?? "–") },
                {
                    title: "Because",
                    kind: "wide",
                    value: (row) => row.why,
                    cell: (row) => (
                        <>
                            {row.why ?? "–"}
                            {row.format && <span class="description">{row.format}</span>}
                        </>
                    ),
                },
                {
                    title: "Overrule with",
                    value: (row) => row.flag,
                    cell: (row) => (row.flag ? <code>{row.flag}</code> : "–"),
                },
            ]}
        />
    );
}

function Columns({ rows }: { rows: Column[] }) {
    return (
        <Table
            caption="What the columns hold"
            noun="column"
            step={N_COLUMNS}
            rows={rows}
            search={
                rows.length > N_COLUMNS ? (row) => `${row.name} ${row.role ?? ""} ${row.kind ?? ""}` : undefined
            }
            columns={[
                {
                    title: "Column",
                    kind: "name",
                    value: (row) => row.name,
                    cell: (row) => <span class="name">{row.name}</span>,
                },
                { title: "Kind", value: (row) => row.kind },
                {
                    title: "Missing",
                    kind: "number",
                    value: (row) => row.missing_share,
                    cell: (row) =>
                        row.missing_share ? (
                            <BarCell words={formatShare(row.missing_share)} share={row.missing_share} />
                        ) : (
                            "none"
                        ),
                },
                {
                    title: "Distinct in the sample",
                    kind: "number",
                    value: (row) => row.distinct,
                    cell: (row) => formatCount(row.distinct),
                },
                {
                    title: "Example",
                    kind: "wide",
                    value: (row) => row.example,
                    cell: (row) => <span class="example">{row.example ?? "–"}</span>,
                },
            ]}
        />
    );
}
