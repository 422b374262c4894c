/* drivers.tsx - what the model looks at: how much each feature moves the answer, and in which direction. */
import { formatQuantity, formatShare, plural, sentenceCase } from "../page/format.ts";
import { prose } from "../page/prose.ts";
import { wordsOf, type Words } from "../page/words.ts";
import { Tag } from "../part/block.tsx";
import { EffectCurve, knownPoints } from "../part/model_curves.tsx";
import { BarCell } from "../part/plot.tsx";
import { Table } from "../part/table.tsx";
import { hasRows, type Driver } from "../report.ts";
import { Lead, Note, Within, type Section } from "./section.tsx";

const N_CURVES = 6,
    AIR = 1.1;

const meaning = (row: Driver): string => sentenceCase(row.meaning ?? row.feature);
const isBeside = (row: Driver): boolean => row.direction === "beside";

export const drivers: Section = {
    id: "drivers",
    group: "understand",
    title: "What drives it",
    draw(report) {
        if (!hasRows(report.drivers?.rows)) return null;
        const words = wordsOf(report),
            rows = [...report.drivers.rows].sort((a, b) => b.importance - a.importance);
        return (
            <>
                <Lead text={report.drivers.sentence} />
                <Importances rows={rows} words={words} />
                <Note>
                    A driver is what the model reads from, not a lever: changing it need not change the outcome.
                    {rows.some(isBeside) &&
                        " Where drivers go together a model leans one against another: by itself such a one has no direction."}
                </Note>
                <Curves rows={rows} words={words} isOfTable={report.question?.horizon_days == null} />
            </>
        );
    },
};

function Importances({ rows, words }: { rows: Driver[]; words: Words }) {
    const largest = rows[0]?.importance || 1;
    const directions: Record<string, string> = {
        raises: sentenceCase(words.raises),
        lowers: sentenceCase(words.lowers),
        mixed: "Depends on the value",
        beside: "Only beside the others",
    };
    const direction = (row: Driver): string => directions[row.direction ?? ""] ?? "–";
    return (
        <Table
            caption="Drivers by importance"
            noun="driver"
            step={10}
            isNarrow
            rows={rows}
            id={(row) => row.feature}
            columns={[
                {
                    title: "Driver",
                    kind: "wide",
                    value: meaning,
                    cell: (row) => (
                        <>
                            <span class="driver-meaning">{meaning(row)}</span>
                            {row.meaning && <code class="driver-feature">{row.feature}</code>}
                        </>
                    ),
                },
                {
                    title: "Importance",
                    kind: "number",
                    value: (row) => row.importance,
                    cell: (row) => (
                        <BarCell
                            words={
                                row.importance <= 1 ? formatShare(row.importance) : formatQuantity(row.importance)
                            }
                            share={row.importance / largest}
                        />
                    ),
                },
                {
                    title: "Direction",
                    value: direction,
                    cell: (row) => <Tag kind={row.direction ?? ""}>{direction(row)}</Tag>,
                },
            ]}
        />
    );
}

/* All to one scale, so that they can be compared. */
function Curves({ rows, words, isOfTable }: { rows: Driver[]; words: Words; isOfTable: boolean }) {
    const shown = rows
        .filter((row) => !isBeside(row))
        .map((row) => ({ row, points: knownPoints(row.curve) }))
        .filter(({ points }) => points.length > 1)
        .slice(0, N_CURVES);
    if (shown.length === 0) return null;
    const ends = shown.flatMap(({ points }) => points.flatMap((one) => [one.effect, one.low ?? 0, one.high ?? 0]));
    const reach = Math.max(...ends.map(Math.abs), 0.1) * AIR;
    return (
        <Within
            title="How each one moves the answer"
            lead={
                `Above the line a customer with this value is more likely to ${words.verb}, below it less. ` +
                "All are drawn to one scale; the band holds the middle half of the customers." +
                (isOfTable ? " The file does not name the units of its columns." : "")
            }
        >
            <div class="small-multiples">
                {shown.map(({ row, points }) => (
                    <EffectCurve
                        key={row.feature}
                        title={prose(meaning(row))}
                        points={points}
                        unit={words.isSpend ? "spend" : "log-odds"}
                        range={[-reach, reach]}
                        isSmall
                    />
                ))}
            </div>
            {shown.map(({ row }) => {
                const missing = row.curve?.find((one) => one.value === null);
                return missing?.n ? (
                    <Note key={row.feature}>
                        {meaning(row)} is not known of {plural(missing.n, "customer")}, which moves the answer by{" "}
                        {formatQuantity(missing.effect)}.
                    </Note>
                ) : null;
            })}
        </Within>
    );
}
