/* journeys.tsx - all journeys: how many are inside, how many met the goal, and what looks as if it did not work. */
import { useState } from "preact/hooks";
import { formatCount, formatShare } from "../../page/format.ts";
import { sentence } from "../../page/prose.ts";
import type { GetV1Journeys, GetV1Ways } from "../answers.ts";
import { Part, Tag } from "../../part/block.tsx";
import { Age, Empty, Head, Shown } from "../part/basic.tsx";
import { Table } from "../../part/table.tsx";
import { Field } from "../part/form.tsx";
import { go, to } from "../place.ts";
import { useMay } from "../session.ts";
import { useAnswer } from "../use_answer.ts";

type Row = NonNullable<GetV1Journeys["journeys"]>[number];
interface Version {
    entered: number;
    inside: number;
    goal: number;
    held: number;
}

const sum = (row: Row, name: keyof Version): number =>
    ((row.versions ?? []) as Version[]).reduce((total, one) => total + (one[name] ?? 0), 0);

export default function JourneysPage() {
    const answer = useAnswer<GetV1Journeys>("/v1/journeys", 15_000),
        may = useMay(),
        ways = useAnswer<GetV1Ways>(may("GET /v1/ways") ? "/v1/ways" : null),
        [name, set] = useState("");
    return (
        <>
            <Head
                title="Journeys"
                lead="What happens to whom by itself, and who is where in it. Open one to see its graph, to build it and to stop it."
            />
            {ways.data?.channels.length === 0 && (
                <p class="callout">
                    No mail and no SMS can leave yet: the settings name no way. Write one under{" "}
                    <code>channels:</code> in <code>holdfast.yaml</code> beside the database, or in the folder that{" "}
                    <code>--campaigns</code> names: <code>email: {"{kind: smtp, url: smtp://…, from: …}"}</code>, and
                    start the server again. Tasks and waits need none.
                </p>
            )}
            <Shown answer={answer}>
                {({ journeys }) =>
                    (journeys ?? []).length === 0 ? (
                        <Empty>
                            There is none yet. One begins with what starts it, and says step by step what follows.
                            {may("PUT /v1/journeys/{name}")
                                ? " Give the first a name below: it opens with a text to change, a graph and a list of steps."
                                : " Whoever may write journeys writes the first."}
                        </Empty>
                    ) : (
                        <Table
                            caption="Journeys"
                            noun="journey"
                            csv="journeys"
                            id={(row) => row.journey}
                            rows={journeys ?? []}
                            columns={[
                                {
                                    title: "Name",
                                    kind: "name",
                                    cell: (row) => <a href={to("journey", row.journey)}>{row.journey}</a>,
                                    value: (row) => row.journey,
                                },
                                {
                                    title: "State",
                                    cell: (row) => (
                                        <Tag kind={row.state === "draft" ? "is-alert" : undefined}>
                                            {row.state}
                                        </Tag>
                                    ),
                                    value: (row) => row.state,
                                },
                                {
                                    title: "Inside",
                                    kind: "number",
                                    cell: (row) => formatCount(sum(row, "inside")),
                                    value: (row) => sum(row, "inside"),
                                },
                                {
                                    title: "Held",
                                    kind: "number",
                                    cell: (row) => formatCount(sum(row, "held")),
                                    value: (row) => sum(row, "held"),
                                },
                                {
                                    title: "Entered",
                                    kind: "number",
                                    cell: (row) => formatCount(sum(row, "entered")),
                                    value: (row) => sum(row, "entered"),
                                },
                                {
                                    title: "Met the goal",
                                    kind: "number",
                                    cell: (row) =>
                                        sum(row, "entered")
                                            ? `${formatCount(sum(row, "goal"))} (${formatShare(sum(row, "goal") / sum(row, "entered"))})`
                                            : "–",
                                    value: (row) => sum(row, "goal"),
                                },
                                {
                                    title: "What looks wrong",
                                    kind: "wide",
                                    cell: (row) =>
                                        ((row.stuck ?? []) as string[]).map((one) => (
                                            <span class="is-alert" key={one}>
                                                {sentence(one)}{" "}
                                            </span>
                                        )),
                                    value: (row) => ((row.stuck ?? []) as string[]).join("; "),
                                },
                                {
                                    title: "Last entered",
                                    cell: (row) => <Age at_ms={row.entered_ms} />,
                                    value: (row) => row.entered_ms,
                                },
                            ]}
                        />
                    )
                }
            </Shown>
            {may("PUT /v1/journeys/{name}") && (
                <Part title="Build a journey">
                    <form
                        class="controls"
                        onSubmit={(event) => {
                            event.preventDefault();
                            if (name.trim()) go(to("journey", name.trim(), { view: "text" }));
                        }}
                    >
                        <Field label="Its name" name="name" value={name} set={set} placeholder="winback" />
                        <button type="submit" class="button primary">
                            Begin
                        </button>
                    </form>
                </Part>
            )}
            <p class="note">
                That more of those inside met the goal than others proves nothing: an experiment in the journey
                does.
            </p>
        </>
    );
}
