/* file_imported.tsx - what became of a file that was imported: rows of customers, or a catalogue of items. */
import { formatCount, formatDate, formatShare, plural } from "../../page/format.ts";
import type { ImportResult } from "../../report.ts";
import { to } from "../place.ts";
import { useMay } from "../session.ts";
import { Figures } from "../../part/block.tsx";

export interface ImportTold {
    import: ImportResult;
}
export interface CatalogueTold {
    shape: "items";
    items: number;
    new: number;
    changed: number;
    same: number;
}

/* Of a file of rows, or of a catalogue; null: it is long ago. */
export function Imported({ told, name }: { told: ImportTold | CatalogueTold | null; name: string }) {
    const may = useMay();
    if (told && "items" in told)
        return (
            <>
                <p class="note">{name} is in the catalogue.</p>
                <Figures
                    items={[
                        { label: "Items", number: formatCount(told.items) },
                        { label: "New", number: formatCount(told.new) },
                        { label: "Changed", number: formatCount(told.changed) },
                        { label: "As before", number: formatCount(told.same) },
                    ]}
                />
            </>
        );
    const file = told?.import;
    return (
        <>
            <p class="note">{file ? `${name} is in the history.` : `${name} was imported.`}</p>
            {file && (
                <Figures
                    items={[
                        {
                            label: "Rows taken",
                            number: formatCount(file.accepted),
                            meaning: file.repeated ? `${plural(file.repeated, "row")} had come before` : undefined,
                        },
                        {
                            label: "Left out",
                            number: formatCount(file.rejected),
                            tone: file.rejected ? "bad" : undefined,
                            meaning: `${formatShare((file.rejected ?? 0) / Math.max(1, file.rows ?? 1))} of the rows`,
                        },
                        { label: "Customers", number: formatCount(file.customers) },
                        {
                            label: "Events",
                            number: formatCount(file.events),
                            meaning: file.from ? `${formatDate(file.from)} to ${formatDate(file.to)}` : undefined,
                        },
                    ]}
                />
            )}
            <p class="actions">
                {may("GET /v1/customers") && (
                    <a class="button primary" href={to("customers")}>
                        See the customers
                    </a>
                )}
                {may("POST /v1/models/train") && (
                    <a class="button" href={to("models")}>
                        Train a model of them
                    </a>
                )}
            </p>
        </>
    );
}
