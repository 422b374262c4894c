/* identity_links.tsx - which ids were taken for one person, the newest first, and which were not and why. */
import { useState } from "preact/hooks";
import { formatCount, plural } from "../../page/format.ts";
import { sentence } from "../../page/prose.ts";
import { Part, Tag } from "../../part/block.tsx";
import { Table } from "../../part/table.tsx";
import type { GetV1IdentitiesLinks } from "../answers.ts";
import { ask } from "../ask.ts";
import { tell } from "../notice.tsx";
import { useMay } from "../session.ts";
import { useAnswer, useDoing } from "../use_answer.ts";
import { Age, CustomerLink, Empty, Shown, Trouble } from "./basic.tsx";
import { Button } from "./button.tsx";

const PAGE = 50;

type Link = GetV1IdentitiesLinks["links"][number];

const HOW: Record<string, string> = {
    identify: "a client told both at once",
    alias: "a client said so",
    merge: "asked for",
    manual: "joined by hand",
};
const howWords = (how: string) => HOW[how] ?? how;

function Unlink({ link, done }: { link: Link; done: () => void }) {
    const doing = useDoing(),
        { a, b } = link;
    return (
        <>
            <Button
                type="button"
                class="button"
                isOff={doing.isDoing}
                aria-label={`Part ${a} and ${b}`}
                onClick={() =>
                    doing.run(async () => {
                        await ask("POST", "/v1/identities/unmerge", { a, b });
                        tell(`${a} and ${b} are two people again`, async () => {
                            await ask("POST", "/v1/identities/merge", { a, b });
                            done();
                        });
                        done();
                    })
                }
            >
                Part them
            </Button>
            <Trouble error={doing.error} />
        </>
    );
}

function Refused({ rows }: { rows: GetV1IdentitiesLinks["refused"] }) {
    return (
        <Table
            caption="Ids that were not joined"
            noun="refusal"
            csv="identities-refused"
            step={10}
            id={(row) => `${row.a}\n${row.b}\n${row.how}\n${row.why}`}
            rows={rows}
            columns={[
                { title: "Id", kind: "name", cell: (row) => <CustomerLink id={row.a} />, value: (row) => row.a },
                { title: "Not joined to", cell: (row) => <CustomerLink id={row.b} />, value: (row) => row.b },
                { title: "Why", kind: "wide", cell: (row) => sentence(row.why), value: (row) => row.why },
                {
                    title: "Times",
                    kind: "number",
                    cell: (row) => formatCount(row.times),
                    value: (row) => row.times,
                },
                {
                    title: "Last",
                    cell: (row) => <Age at_ms={row.last_ms} />,
                    value: (row) => new Date(row.last_ms).toISOString(),
                },
            ]}
        />
    );
}

export function IdentityLinks() {
    const [before, go] = useState<number | null>(null),
        may = useMay(),
        mayPart = may("POST /v1/identities/unmerge"),
        answer = useAnswer<GetV1IdentitiesLinks>(
            `/v1/identities/links?limit=${PAGE}${before ? `&before=${before}` : ""}`,
        );
    return (
        <Part
            title="Who is one person"
            lead="Every two ids that were joined, the newest first. A wrong join makes one customer of two: part them, and it never was."
        >
            <Shown answer={answer}>
                {(told) => (
                    <>
                        {told.links.length === 0 && before === null ? (
                            <Empty>
                                No ids are joined yet. A client's <code>identify</code> joins a browser's anonymous
                                id to a user's, <code>alias</code> an old id to a new one; the customer's page joins
                                by hand.
                            </Empty>
                        ) : (
                            <>
                                <p class="note">{plural(told.total_links, "link")} in force</p>
                                <Table
                                    caption="Links between ids"
                                    noun="link"
                                    csv="identity-links"
                                    id={(row) => row.id}
                                    rows={told.links}
                                    columns={[
                                        {
                                            title: "Id",
                                            kind: "name",
                                            cell: (row) => <CustomerLink id={row.a} />,
                                            value: (row) => row.a,
                                        },
                                        {
                                            title: "Joined to",
                                            cell: (row) => <CustomerLink id={row.b} />,
                                            value: (row) => row.b,
                                        },
                                        {
                                            title: "How",
                                            cell: (row) => howWords(row.how),
                                            value: (row) => row.how,
                                        },
                                        {
                                            title: "When",
                                            cell: (row) => <Age at_ms={row.received_ms} />,
                                            value: (row) => new Date(row.received_ms).toISOString(),
                                        },
                                        {
                                            title: "State",
                                            cell: (row) =>
                                                row.removed_ms === null ? (
                                                    mayPart ? (
                                                        <Unlink link={row} done={answer.again} />
                                                    ) : (
                                                        "in force"
                                                    )
                                                ) : (
                                                    <Tag>parted</Tag>
                                                ),
                                            value: (row) => (row.removed_ms === null ? "in force" : "parted"),
                                        },
                                    ]}
                                />
                                <p class="actions">
                                    {before !== null && (
                                        <button type="button" class="button" onClick={() => go(null)}>
                                            The newest
                                        </button>
                                    )}
                                    {told.links.length === PAGE && (
                                        <button
                                            type="button"
                                            class="button"
                                            onClick={() => go(told.links.at(-1)?.id ?? null)}
                                        >
                                            Older ones
                                        </button>
                                    )}
                                </p>
                            </>
                        )}
                        {before === null && told.refused.length > 0 && <Refused rows={told.refused} />}
                    </>
                )}
            </Shown>
        </Part>
    );
}
