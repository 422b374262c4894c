/* segment.tsx - one segment: who is in it, its condition, what it was, and what uses it. */
import { useState } from "preact/hooks";
import { formatCount, plural } from "../../page/format.ts";
import { sentence } from "../../page/prose.ts";
import type { GetV1SegmentsId, GetV1SegmentsIdMembers } from "../answers.ts";
import { ask, encode } from "../ask.ts";
import { tell } from "../notice.tsx";
import { Age, CustomerLink, Empty, Head, Part, Shown, Trouble } from "../part/basic.tsx";
import { usePreview } from "../part/condition.tsx";
import { Field } from "../part/form.tsx";
import { Notes } from "../part/notes.tsx";
import { SegmentHistory, SegmentUses } from "../part/segment_history.tsx";
import { Bars } from "../part/plot.tsx";
import { Table } from "../part/table.tsx";
import { go, look, to } from "../place.ts";
import { useMay } from "../session.ts";
import { useAnswer, useDoing } from "../use_answer.ts";
import type { ViewProps } from "../views.ts";
import { ConditionEditor } from "./segments.tsx";

type Segment = GetV1SegmentsId;

function Editor({ one, again }: { one: Segment; again: () => void }) {
    const [draft, set] = useState({ name: one.name, expression: one.expression, description: one.description }),
        doing = useDoing();
    const isSame =
        draft.name === one.name && draft.expression === one.expression && draft.description === one.description;
    return (
        <form
            class="maker"
            onSubmit={(event) => {
                event.preventDefault();
                doing.run(async () => {
                    const before = { name: one.name, expression: one.expression, description: one.description };
                    await ask("PUT", `/v1/segments/${one.id}`, { ...draft, version: one.version });
                    tell(`Segment ${draft.name} was changed`, async () => {
                        await ask("PUT", `/v1/segments/${one.id}`, before);
                        again();
                    });
                    again();
                });
            }}
        >
            <Field
                label="Name"
                name="name"
                value={draft.name}
                set={(name) => set({ ...draft, name })}
                error={doing.error}
                isRequired
            />
            <ConditionEditor
                value={draft.expression}
                set={(expression) => set({ ...draft, expression })}
                error={doing.error}
            />
            <Field
                label="What it is for"
                name="description"
                value={draft.description}
                set={(description) => set({ ...draft, description })}
                error={doing.error}
            />
            <Trouble error={doing.error} />
            <p class="actions">
                <button type="submit" class="button primary" disabled={doing.isDoing || isSame}>
                    Change it
                </button>
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
                    onClick={() =>
                        doing.run(async () => {
                            const made = await ask<Segment>("POST", "/v1/segments", {
                                ...draft,
                                name: `${one.name} (copy ${new Date().toISOString().slice(0, 16)})`,
                            });
                            tell(`${made.name} was made`, async () => {
                                await ask("DELETE", `/v1/segments/${made.id}`);
                                go(to("segment", one.id));
                            });
                            go(to("segment", made.id));
                        })
                    }
                >
                    Copy
                </button>
            )}
            {may("DELETE /v1/segments/{id}") && (
                <button
                    type="button"
                    class="button danger"
                    onClick={() =>
                        doing.run(async () => {
                            await ask("DELETE", `/v1/segments/${one.id}`);
                            tell(`Segment ${one.name} was removed`, async () => {
                                const made = await ask<Segment>("POST", "/v1/segments", draft);
                                go(to("segment", made.id));
                            });
                            go(to("segments"));
                        })
                    }
                >
                    Remove
                </button>
            )}
            <Trouble error={doing.error} />
        </>
    );
}

function Members({ id, asked }: { id: string; asked: URLSearchParams }) {
    const after = asked.get("after"),
        answer = useAnswer<GetV1SegmentsIdMembers>(
            `/v1/segments/${encode(id)}/members?limit=100${after ? `&after=${encode(after)}` : ""}`,
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
            <Bars
                title="In both"
                label={rows.map((one) => `${one.name}: ${formatCount(one.n_both)}`).join("; ")}
                bars={rows
                    .slice(0, 8)
                    .map((one) => ({ name: one.name, size: one.n_both, words: formatCount(one.n_both) }))}
            />
        </Part>
    );
}

export default function SegmentPage({ argument: id, asked }: ViewProps) {
    const answer = useAnswer<Segment>(`/v1/segments/${encode(id)}`),
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
                    <SegmentHistory id={one.id} />
                    <Overlap where={one.expression} id={one.id} />
                    <SegmentUses id={one.id} />
                    {may("PUT /v1/segments/{id}") && (
                        <details class="fold">
                            <summary>Change it</summary>
                            <Editor key={one.version} one={one} again={answer.again} />
                        </details>
                    )}
                    <Members id={id} asked={asked} />
                    <Notes about="segment" subject={String(one.id)} />
                    <p class="note">
                        Version {formatCount(one.version)}, made <Age at_ms={one.created_ms} />.
                    </p>
                </>
            )}
        </Shown>
    );
}
