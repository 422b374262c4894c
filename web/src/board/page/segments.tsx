/* segments.tsx - the segments there are with what each is worth, and making one: rows and text of one condition, its size while it is written. */
import { useEffect, useRef, useState } from "preact/hooks";
import { formatCount, formatMoney, formatShare, plural } from "../../page/format.ts";
import type { GetV1Fields, GetV1Segments, GetV1SegmentsId, GetV1SegmentsIdWorth } from "../answers.ts";
import { ask } from "../ask.ts";
import { tell } from "../notice.tsx";
import { Part, Tag } from "../../part/block.tsx";
import { Empty, Head, Shown, Trouble } from "../part/basic.tsx";
import { Builder } from "../part/builder.tsx";
import { Button } from "../part/button.tsx";
import { ConditionField, usePreview } from "../part/condition.tsx";
import { Field } from "../part/form.tsx";
import { Table } from "../../part/table.tsx";
import { go, leading, to } from "../place.ts";
import { useMay } from "../session.ts";
import { useAnswer, useDoing, useDraft, useStill } from "../use_answer.ts";

type Segment = GetV1SegmentsId;

/* A condition as rows and as text, with what it would select. */
export function ConditionEditor({
    value,
    set,
    error,
}: {
    value: string;
    set: (text: string) => void;
    error: unknown;
}) {
    const fields = useAnswer<GetV1Fields>("/v1/fields").data?.fields ?? [],
        preview = usePreview(useStill(value, 350));
    const overlaps = preview.data?.overlaps.filter((one) => one.n_both > 0).slice(0, 5) ?? [];
    return (
        <>
            <Builder text={value} set={set} fields={fields} />
            <ConditionField
                label="Condition"
                name="expression"
                value={value}
                set={set}
                fields={fields}
                error={error ?? preview.error}
                rows={3}
            />
            {value.trim() !== "" && (
                <div class="preview" role="status">
                    <p class="lead">{preview.error ? "" : preview.words}</p>
                    {preview.data && preview.data.sample.length > 0 && (
                        <p class="note">
                            Some of them:{" "}
                            {preview.data.sample.map((id, i) => (
                                <span key={id}>
                                    {i > 0 && ", "}
                                    <a href={to("customer", id)} dir="auto">
                                        {id}
                                    </a>
                                </span>
                            ))}
                        </p>
                    )}
                    {overlaps.length > 0 && (
                        <p class="note">
                            Also in {overlaps.map((one) => `${one.name} (${formatCount(one.n_both)})`).join(", ")}
                        </p>
                    )}
                </div>
            )}
        </>
    );
}

function Maker() {
    const [name, setName, dropName] = useDraft("segment-name", ""),
        [expression, setExpression, dropExpression] = useDraft("segment-expression", "");
    const [description, setDescription, dropDescription] = useDraft("segment-description", ""),
        doing = useDoing();
    return (
        <form
            class="maker"
            onSubmit={(event) => {
                event.preventDefault();
                const lead = leading();
                doing.run(async () => {
                    const made = await ask<Segment>("POST", "/v1/segments", { name, expression, description });
                    dropName(name);
                    dropExpression(expression);
                    dropDescription(description);
                    tell(`Segment ${made.name} has ${plural(made.n_members, "customer")}`, async () => {
                        await ask("DELETE", `/v1/segments/${made.id}`);
                        go(to("segments"));
                    });
                    lead(to("segment", made.id));
                });
            }}
        >
            <Field label="Name" name="name" value={name} set={setName} error={doing.error} isRequired />
            <ConditionEditor value={expression} set={setExpression} error={doing.error} />
            <Field
                label="What it is for"
                name="description"
                value={description}
                set={setDescription}
                error={doing.error}
            />
            <Trouble error={doing.error} />
            <p class="actions">
                <Button type="submit" class="button primary" isOff={doing.isDoing}>
                    Make the segment
                </Button>
                <span class="note">What is typed here is kept in this browser until it is made.</span>
            </p>
        </form>
    );
}

const WORTH_EVERY_MS = 60_000;

/* What each is worth, asked one after the other, for each takes the server a moment; again where the size changed, and
 * all of them once a minute. sizes: "3:120,4:17", an id and how many are in it. */
function useWorths(sizes: string): ReadonlyMap<number, GetV1SegmentsIdWorth> {
    const [worths, set] = useState<ReadonlyMap<number, GetV1SegmentsIdWorth>>(new Map()),
        [minute, next] = useState(0),
        asked = useRef(new Map<string, string>());
    useEffect(() => {
        const timer = setInterval(() => {
            if (!document.hidden) next((n) => n + 1);
        }, WORTH_EVERY_MS);
        return () => clearInterval(timer);
    }, []);
    useEffect(() => {
        let isLeft = false;
        void (async () => {
            for (const one of sizes.split(",").filter(Boolean)) {
                const id = one.split(":")[0] ?? "",
                    as = `${one} ${minute}`;
                if (asked.current.get(id) === as) continue;
                const worth = await ask<GetV1SegmentsIdWorth>("GET", `/v1/segments/${id}/worth`).catch(() => null);
                if (isLeft) return;
                asked.current.set(id, as);
                if (worth) set((known) => new Map(known).set(Number(id), worth));
            }
        })();
        return () => {
            isLeft = true;
        };
    }, [sizes, minute]);
    return worths;
}

export default function SegmentsPage() {
    const answer = useAnswer<GetV1Segments>("/v1/segments", (all) =>
            all?.segments.every((one) => one.is_complete) === false ? 1000 : 10_000,
        ),
        may = useMay(),
        worths = useWorths(
            (answer.data?.segments ?? [])
                .filter((one) => one.is_complete)
                .map((one) => `${one.id}:${one.n_members}`)
                .join(),
        );
    return (
        <>
            <Head
                title="Segments"
                lead="Customers enter and leave a segment the moment its condition turns, by an event or by time alone."
            />
            <Shown answer={answer}>
                {({ segments }) =>
                    segments.length === 0 ? (
                        <Empty>
                            There is none yet.{" "}
                            {may("POST /v1/segments")
                                ? "Make the first below: add a test of what is known of customers, or write the condition."
                                : "Whoever may make segments makes the first."}
                        </Empty>
                    ) : (
                        <Table
                            caption="Segments"
                            noun="segment"
                            csv="segments"
                            id={(one) => one.id}
                            rows={segments}
                            columns={[
                                {
                                    title: "Name",
                                    kind: "name",
                                    cell: (one) => (
                                        <>
                                            {may("GET /v1/segments/{id}/members") ? (
                                                <a href={to("segment", one.id)} dir="auto">
                                                    {one.name}
                                                </a>
                                            ) : (
                                                <span dir="auto">{one.name}</span>
                                            )}
                                            {one.problem && (
                                                <Tag kind="is-alert" title={one.problem}>
                                                    problem
                                                </Tag>
                                            )}
                                        </>
                                    ),
                                    value: (one) => one.name,
                                },
                                {
                                    title: "Customers",
                                    kind: "number",
                                    cell: (one) =>
                                        one.is_complete
                                            ? formatCount(one.n_members)
                                            : `${formatCount(one.n_members)} so far`,
                                    value: (one) => one.n_members,
                                },
                                {
                                    title: "Spend, 12 months",
                                    kind: "number",
                                    help: "What they are expected to spend in twelve months, together",
                                    cell: (one) =>
                                        worths.get(one.id)?.n_valued
                                            ? formatMoney(worths.get(one.id)?.value_12m_cents, "")
                                            : "–",
                                    value: (one) => worths.get(one.id)?.value_12m_cents,
                                },
                                {
                                    title: "Likely to leave",
                                    kind: "number",
                                    help: "The mean of what the model says of each",
                                    cell: (one) => formatShare(worths.get(one.id)?.churn),
                                    value: (one) => worths.get(one.id)?.churn,
                                },
                                {
                                    title: "Expected loss",
                                    kind: "number",
                                    help: "Chance to leave times value if they stay, of everybody in it",
                                    cell: (one) =>
                                        worths.get(one.id)?.n_scored && worths.get(one.id)?.n_valued
                                            ? formatMoney(worths.get(one.id)?.expected_loss_cents, "")
                                            : "–",
                                    value: (one) => worths.get(one.id)?.expected_loss_cents,
                                },
                                {
                                    title: "Condition",
                                    kind: "wide",
                                    cell: (one) => <code>{one.expression}</code>,
                                    value: (one) => one.expression,
                                },
                                {
                                    title: "Version",
                                    kind: "number",
                                    cell: (one) => one.version,
                                    value: (one) => one.version,
                                },
                            ]}
                        />
                    )
                }
            </Shown>
            {may("POST /v1/segments") && (
                <Part
                    title="Make a segment"
                    lead="Rows and text are one condition. Its size follows while you type: from a sample at first, then exactly."
                >
                    <Maker />
                </Part>
            )}
        </>
    );
}
