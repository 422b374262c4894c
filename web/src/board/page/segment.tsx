/* segment.tsx - one segment: who is in it, its condition, what it was, and what uses it. */
import { useState } from "preact/hooks";
import { formatCount, formatShare, plural } from "../../page/format.ts";
import { sentence } from "../../page/prose.ts";
import type { GetV1SegmentsId, GetV1SegmentsIdMembers } from "../answers.ts";
import { ask, encode } from "../ask.ts";
import { tell } from "../notice.tsx";
import { Part } from "../../part/block.tsx";
import { Age, CustomerLink, Empty, Head, Shown, Trouble } from "../part/basic.tsx";
import { Button } from "../part/button.tsx";
import { usePreview } from "../part/condition.tsx";
import { Compared } from "../part/compared.tsx";
import { Field } from "../part/form.tsx";
import { Notes } from "../part/notes.tsx";
import { SegmentHistory, SegmentUses, SegmentVersions, SegmentWorth } from "../part/segment_history.tsx";
import { BarCell } from "../../part/plot.tsx";
import { Table } from "../../part/table.tsx";
import { go, leading, look, to } from "../place.ts";
import { useMay } from "../session.ts";
import { isRefusal, useAnswer, useDoing, useDraft } from "../use_answer.ts";
import type { ViewProps } from "../views.ts";
import { ConditionEditor } from "./segments.tsx";

type Segment = GetV1SegmentsId;

type Draft = Pick<Segment, "name" | "expression" | "description">;

const draftOf = ({ name, expression, description }: Segment): Draft => ({ name, expression, description });

/* Two changed it at once: both, and whose is to stand. */
function Both({ theirs, mine, keep, take }: { theirs: Segment; mine: Draft; keep: () => void; take: () => void }) {
    return (
        <div class="callout">
            <p>Somebody changed it meanwhile: it is of version {theirs.version} now. What yours changes of it:</p>
            <Compared
                before={`${theirs.name}\n${theirs.expression}\n${theirs.description}`}
                after={`${mine.name}\n${mine.expression}\n${mine.description}`}
            />
            <p class="actions">
                <button type="button" class="button" onClick={keep}>
                    Save mine as the next
                </button>
                <button type="button" class="button" onClick={take}>
                    Take theirs
                </button>
            </p>
        </div>
    );
}

/* What is typed is kept in this browser until it is saved. */
function Editor({ one, again }: { one: Segment; again: () => void }) {
    const saved = JSON.stringify(draftOf(one)),
        [kept, keep, drop] = useDraft(`segment-${one.id}`, saved),
        [theirs, setTheirs] = useState<Segment | null>(null),
        { version: base = one.version, ...draft } = JSON.parse(kept) as Draft & { version?: number },
        [sent, setSent] = useState(saved) /* what was saved from here, which is not asked for again yet */,
        isSame = [saved, sent].includes(JSON.stringify(draft)),
        doing = useDoing();
    const set = (part: Partial<Draft>): void => keep(JSON.stringify({ ...draft, ...part, version: base }));
    const save = (version: number, over: Segment): void =>
        doing.run(async () => {
            const before = draftOf(over);
            let done: Segment;
            try {
                done = await ask<Segment>("PUT", `/v1/segments/${one.id}`, { ...draft, version });
            } catch (failure) {
                if (isRefusal(failure, 409)) setTheirs(await ask<Segment>("GET", `/v1/segments/${one.id}`));
                throw failure;
            }
            const since = drop(kept);
            keep(JSON.stringify({ ...(JSON.parse(since ?? kept) as Draft), version: done.version }));
            if (since === null) drop();
            setSent(JSON.stringify(draft));
            setTheirs(null);
            tell(`Segment ${draft.name} was changed`, async () => {
                await ask("PUT", `/v1/segments/${one.id}`, before);
                again();
            });
            again();
        });
    return (
        <form
            class="maker"
            onSubmit={(event) => {
                event.preventDefault();
                save(base, one);
            }}
        >
            <Field
                label="Name"
                name="name"
                value={draft.name}
                set={(name) => set({ name })}
                error={doing.error}
                isRequired
            />
            <ConditionEditor
                value={draft.expression}
                set={(expression) => set({ expression })}
                error={doing.error}
            />
            <Field
                label="What it is for"
                name="description"
                value={draft.description}
                set={(description) => set({ description })}
                error={doing.error}
            />
            {theirs ? (
                <Both
                    theirs={theirs}
                    mine={draft}
                    keep={() => save(theirs.version, theirs)}
                    take={() => {
                        drop();
                        again();
                    }}
                />
            ) : (
                <Trouble error={doing.error} />
            )}
            <p class="actions">
                <Button type="submit" class="button primary" isOff={doing.isDoing || isSame}>
                    Change it
                </Button>
                {!isSame && (
                    <button
                        type="button"
                        class="button"
                        onClick={() => {
                            keep(saved);
                            drop();
                        }}
                    >
                        Back to what is saved
                    </button>
                )}
            </p>
        </form>
    );
}

function Actions({ one }: { one: Segment }) {
    const may = useMay(),
        doing = useDoing();
    const draft = { name: one.name, expression: one.expression, description: one.description };
    return (
        <>
            <a class="button" href={to("customers", null, { where: one.expression })}>
                As customers
            </a>
            {may("POST /v1/segments") && (
                <button
                    type="button"
                    class="button"
                    onClick={() => {
                        const lead = leading();
                        doing.run(async () => {
                            const made = await ask<Segment>("POST", "/v1/segments", {
                                ...draft,
                                name: `${one.name} (copy ${new Date().toISOString().slice(0, 16)})`,
                            });
                            tell(`${made.name} was made`, async () => {
                                await ask("DELETE", `/v1/segments/${made.id}`);
                                go(to("segment", one.id));
                            });
                            lead(to("segment", made.id));
                        });
                    }}
                >
                    Copy
                </button>
            )}
            {may("DELETE /v1/segments/{id}") && (
                <button
                    type="button"
                    class="button danger"
                    onClick={() => {
                        const lead = leading();
                        doing.run(async () => {
                            await ask("DELETE", `/v1/segments/${one.id}`);
                            tell(`Segment ${one.name} was removed`, async () => {
                                const made = await ask<Segment>("POST", "/v1/segments", draft);
                                go(to("segment", made.id));
                            });
                            lead(to("segments"));
                        });
                    }}
                >
                    Remove
                </button>
            )}
            <Trouble error={doing.error} />
        </>
    );
}

function Members({ id, asked, every_ms }: { id: string; asked: URLSearchParams; every_ms: number }) {
    const after = asked.get("after"),
        answer = useAnswer<GetV1SegmentsIdMembers>(
            `/v1/segments/${encode(id)}/members?limit=100${after ? `&after=${encode(after)}` : ""}`,
            every_ms,
        );
    return (
        <Part title="Who is in it">
            <Shown answer={answer}>
                {({ members, next }) =>
                    members.length === 0 ? (
                        <Empty>Nobody is in it now.</Empty>
                    ) : (
                        <>
                            <Table
                                caption="Members"
                                noun="member"
                                csv="members"
                                id={(row) => row.customer}
                                rows={members}
                                columns={[
                                    {
                                        title: "Customer",
                                        kind: "name",
                                        cell: (row) => <CustomerLink id={row.customer} />,
                                        value: (row) => row.customer,
                                    },
                                    {
                                        title: "In it since",
                                        cell: (row) => <Age at_ms={row.since_ms} />,
                                        value: (row) => new Date(row.since_ms).toISOString(),
                                    },
                                ]}
                            />
                            <p class="actions">
                                {after && (
                                    <button type="button" class="button" onClick={() => history.back()}>
                                        The page before
                                    </button>
                                )}
                                {next !== null && (
                                    <button type="button" class="button" onClick={() => look({ after: next })}>
                                        The next page
                                    </button>
                                )}
                            </p>
                        </>
                    )
                }
            </Shown>
        </Part>
    );
}

function Overlap({ where, id }: { where: string; id: number }) {
    const { data } = usePreview(where),
        rows = (data?.overlaps ?? [])
            .filter((one) => one.n_both > 0 && one.segment !== id)
            .sort((a, b) => b.n_both - a.n_both);
    if (!data || rows.length === 0) return null;
    return (
        <Part title="Overlap" lead="Of who is in it, so many are in another segment, too.">
            <Table
                caption="In both"
                noun="segment"
                csv="overlap"
                id={(row) => row.segment}
                rows={rows}
                columns={[
                    {
                        title: "Segment",
                        kind: "name",
                        cell: (row) => (
                            <a href={to("segment", row.segment)} dir="auto">
                                {row.name}
                            </a>
                        ),
                        value: (row) => row.name,
                    },
                    {
                        title: "In both",
                        kind: "number",
                        cell: (row) => formatCount(row.n_both),
                        value: (row) => row.n_both,
                    },
                    {
                        title: "Of this one",
                        cell: (row) => (
                            <BarCell
                                words={formatShare(row.n_both / data.n_members)}
                                share={row.n_both / data.n_members}
                            />
                        ),
                        value: (row) => row.n_both / data.n_members,
                    },
                ]}
            />
        </Part>
    );
}

/* A segment whose members are still being found is looked at again each second. */
const until = (one: Segment | null): number => (one?.is_complete === false ? 1000 : 0);

export default function SegmentPage({ argument: id, asked }: ViewProps) {
    const answer = useAnswer<Segment>(`/v1/segments/${encode(id)}`, until),
        may = useMay();
    return (
        <Shown answer={answer}>
            {(one) => (
                <>
                    <Head
                        title={one.name}
                        back={[to("segments"), "All segments"]}
                        lead={
                            <>
                                {plural(one.n_members, "customer")} in it
                                {one.is_complete
                                    ? ""
                                    : " so far: not everybody was looked at since it was changed"}
                                . {one.description && sentence(one.description)}
                            </>
                        }
                        actions={<Actions one={one} />}
                    />
                    {one.problem && <Trouble error={new Error(one.problem)} />}
                    <p>
                        <code>{one.expression}</code>
                    </p>
                    <SegmentWorth id={one.id} every_ms={until(one)} />
                    <SegmentHistory id={one.id} every_ms={until(one)} />
                    <Overlap where={one.expression} id={one.id} />
                    <SegmentUses id={one.id} />
                    {may("PUT /v1/segments/{id}") && (
                        <details class="fold">
                            <summary>Change it</summary>
                            <Editor key={one.version} one={one} again={answer.again} />
                        </details>
                    )}
                    <SegmentVersions key={`versions-${one.version}`} one={one} again={answer.again} />
                    <Members id={id} asked={asked} every_ms={until(one)} />
                    <Notes about="segment" subject={String(one.id)} />
                    <p class="note">
                        Version {formatCount(one.version)}, made <Age at_ms={one.created_ms} />.
                    </p>
                </>
            )}
        </Shown>
    );
}
