/* items.tsx - which items next: how well each model foretold, one customer's list with its reasons, what is bought
 * together, and what goes with a basket. */
import type { ComponentChildren as Children } from "preact";
import { useState } from "preact/hooks";
import { formatCount, formatShare } from "../../page/format.ts";
import { sentence } from "../../page/prose.ts";
import type { GetV1ItemsIdAlso, GetV1Recommend, GetV1RecommendModels, PostV1Recommend } from "../answers.ts";
import { ask, encode } from "../ask.ts";
import { Part, Tag } from "../../part/block.tsx";
import { CustomerLink, Empty, Head, Shown, Trouble } from "../part/basic.tsx";
import { Button } from "../part/button.tsx";
import { Choice, Field } from "../part/form.tsx";
import { Table } from "../../part/table.tsx";
import { look } from "../place.ts";
import { useMay } from "../session.ts";
import { isRefusal, useAnswer, useDoing } from "../use_answer.ts";
import type { ViewProps } from "../views.ts";

const range = ([value = 0, low = 0, high = 0]: number[]): string =>
    `${value.toFixed(3)} (${low.toFixed(3)} to ${high.toFixed(3)})`;

function Leaderboard({ told }: { told: GetV1RecommendModels }) {
    return (
        <>
            <p class="lead">{sentence(told.sentence)}</p>
            <Table
                caption="Models"
                noun="model"
                csv="recommenders"
                id={(row) => row.name}
                rows={told.models}
                columns={[
                    {
                        title: "Model",
                        kind: "name",
                        cell: (row) => (
                            <>
                                {row.name}
                                {row.chosen && " "}
                                {row.chosen && <Tag kind="chosen">in force</Tag>}
                            </>
                        ),
                        value: (row) => row.name,
                    },
                    {
                        title: "nDCG@10",
                        kind: "number",
                        cell: (row) => range(row.ndcg_10),
                        value: (row) => row.ndcg_10[0],
                    },
                    {
                        title: "Precision",
                        kind: "number",
                        cell: (row) => range(row.precision_10),
                        value: (row) => row.precision_10[0],
                    },
                    {
                        title: "Recall",
                        kind: "number",
                        cell: (row) => range(row.recall_10),
                        value: (row) => row.recall_10[0],
                    },
                    {
                        title: "Customers with a hit",
                        kind: "number",
                        cell: (row) => formatShare(row.hit_10[0] ?? 0),
                        value: (row) => row.hit_10[0],
                    },
                    {
                        title: "Items that come up",
                        kind: "number",
                        cell: (row) => formatShare(row.coverage),
                        value: (row) => row.coverage,
                    },
                    {
                        title: "Gini",
                        kind: "number",
                        cell: (row) => row.gini.toFixed(2),
                        value: (row) => row.gini,
                    },
                ]}
            />
            {told.models
                .filter((one) => one.refused)
                .map((one) => (
                    <p class="note" key={one.name}>
                        {one.name}: {sentence(one.refused ?? "")}
                    </p>
                ))}
        </>
    );
}

function Listed({ id, question }: { id: string; question: string }) {
    const answer = useAnswer<GetV1Recommend>(
        `/v1/recommend?customer=${encode(id)}&question=${encode(question)}&placement=page`,
    );
    return (
        <Shown answer={answer}>
            {(list) => (
                <>
                    <p class="lead">
                        {list.customer ? (
                            <>
                                For <CustomerLink id={list.customer} />, by{" "}
                            </>
                        ) : (
                            "By "
                        )}
                        {list.model}
                        {list.note ? `: ${sentence(list.note)}` : "."}
                    </p>
                    {list.items.length === 0 && !list.note && <Empty>Nothing is left to be shown to them.</Empty>}
                    {list.items.length > 0 && (
                        <Table
                            caption="What comes next"
                            noun="item"
                            csv="items"
                            id={(row) => row.item}
                            rows={list.items}
                            columns={[
                                {
                                    title: "Rank",
                                    kind: "number",
                                    cell: (row) => row.rank,
                                    value: (row) => row.rank,
                                },
                                {
                                    title: "Item",
                                    kind: "name",
                                    cell: (row) => (row.title ? `${row.title} (${row.item})` : row.item),
                                    value: (row) => row.item,
                                },
                                {
                                    title: "Why",
                                    kind: "wide",
                                    cell: (row) => row.reason,
                                    value: (row) => row.reason,
                                },
                                {
                                    title: "Drawn with",
                                    kind: "number",
                                    cell: (row) => formatShare(row.propensity),
                                    value: (row) => row.propensity,
                                },
                            ]}
                        />
                    )}
                </>
            )}
        </Shown>
    );
}

function Together({ id }: { id: string }) {
    const answer = useAnswer<GetV1ItemsIdAlso>(`/v1/items/${encode(id)}/also`);
    return (
        <Shown answer={answer}>
            {(beside) => (
                <>
                    {beside.also.length === 0 ? (
                        <Empty>No other item was had by 5 customers who had this one.</Empty>
                    ) : (
                        <Table
                            caption={`What customers had together with ${beside.item}`}
                            noun="item"
                            csv="together"
                            id={(row) => row.item}
                            rows={beside.also}
                            columns={[
                                { title: "Item", kind: "name", cell: (row) => row.item, value: (row) => row.item },
                                {
                                    title: "Had both",
                                    kind: "number",
                                    cell: (row) => formatCount(row.customers),
                                    value: (row) => row.customers,
                                },
                                {
                                    title: "Times as often as by chance",
                                    kind: "number",
                                    cell: (row) =>
                                        `${row.lift.toFixed(1)} (${row.low.toFixed(1)} to ${row.high.toFixed(1)})`,
                                    value: (row) => row.lift,
                                },
                                {
                                    title: "Of who had the first",
                                    kind: "number",
                                    cell: (row) => formatShare(row.forward),
                                    value: (row) => row.forward,
                                },
                                {
                                    title: "Of who had the other",
                                    kind: "number",
                                    cell: (row) => formatShare(row.backward),
                                    value: (row) => row.backward,
                                },
                            ]}
                        />
                    )}
                    {beside.similar.length > 0 && (
                        <Table
                            caption={`What is like ${beside.item}`}
                            noun="item"
                            csv="similar"
                            id={(row) => row.item}
                            rows={beside.similar}
                            columns={[
                                { title: "Item", kind: "name", cell: (row) => row.item, value: (row) => row.item },
                                {
                                    title: "How like it is",
                                    kind: "number",
                                    cell: (row) => row.score.toFixed(2),
                                    value: (row) => row.score,
                                },
                                {
                                    title: "By its words",
                                    kind: "number",
                                    cell: (row) => row.content.toFixed(2),
                                    value: (row) => row.content,
                                },
                                {
                                    title: "By who looked at both",
                                    kind: "number",
                                    cell: (row) => row.together.toFixed(2),
                                    value: (row) => row.together,
                                },
                            ]}
                        />
                    )}
                </>
            )}
        </Shown>
    );
}

/* What goes with what is in a basket: asked for anew when the basket changes. */
function Basket() {
    const [text, set] = useState(""),
        [list, show] = useState<PostV1Recommend | null>(null),
        doing = useDoing();
    return (
        <>
            <form
                class="maker"
                onSubmit={(event) => {
                    event.preventDefault();
                    const items = text
                        .split(",")
                        .map((one) => one.trim())
                        .filter((one) => one !== "");
                    doing.run(async () => {
                        show(await ask<PostV1Recommend>("POST", "/v1/recommend", { items, placement: "page" }));
                    });
                }}
            >
                <Field
                    label="Items in the basket"
                    name="basket"
                    value={text}
                    set={set}
                    error={doing.error}
                    note="Their names, with commas between."
                    isRequired
                />
                <Trouble error={doing.error} />
                <p class="actions">
                    <Button type="submit" class="button primary" isOff={doing.isDoing}>
                        Show what goes with it
                    </Button>
                </p>
            </form>
            {list && list.items.length === 0 && (
                <Empty>Nothing goes with these: are their names as in the shop?</Empty>
            )}
            {list && list.items.length > 0 && (
                <Table
                    caption="What goes with the basket"
                    noun="item"
                    csv="basket"
                    id={(row) => row.item}
                    rows={list.items}
                    columns={[
                        { title: "Rank", kind: "number", cell: (row) => row.rank, value: (row) => row.rank },
                        {
                            title: "Item",
                            kind: "name",
                            cell: (row) => (row.title ? `${row.title} (${row.item})` : row.item),
                            value: (row) => row.item,
                        },
                        { title: "Why", kind: "wide", cell: (row) => row.reason, value: (row) => row.reason },
                    ]}
                />
            )}
        </>
    );
}

function Asker({
    label,
    name,
    asked,
    children,
}: {
    label: string;
    name: string;
    asked: URLSearchParams;
    children: (id: string) => Children;
}) {
    const now = asked.get(name) ?? "",
        [text, set] = useState(now);
    return (
        <>
            <form
                class="maker"
                onSubmit={(event) => {
                    event.preventDefault();
                    look({ [name]: text.trim() });
                }}
            >
                <Field label={label} name={name} value={text} set={set} isRequired />
                <p class="actions">
                    <button type="submit" class="button primary">
                        Show
                    </button>
                </p>
            </form>
            {now && children(now)}
        </>
    );
}

const questions: [string, string][] = [
    ["new", "What they have not had"],
    ["again", "What they will have once more"],
    ["any", "Both"],
];

export default function ItemsPage({ asked }: ViewProps) {
    const wanted = asked.get("question") ?? "new",
        question = questions.some(([word]) => word === wanted) ? wanted : "new",
        answer = useAnswer<GetV1RecommendModels>(`/v1/recommend/models?question=${question}`),
        may = useMay();
    return (
        <>
            <Head
                title="Items"
                lead="Which item comes next, for whom, and why. A list follows every event of its customer."
            />
            <div class="controls no-print">
                <Choice
                    label="What comes next"
                    value={question}
                    set={(word) => look({ question: word })}
                    options={questions}
                />
            </div>
            <Part
                title="How well models foretold"
                lead="Each learned from before a day and was judged on what customers did after it."
            >
                {isRefusal(answer.error, 404) ? (
                    <Empty>{sentence((answer.error as Error).message)}</Empty>
                ) : (
                    <Shown answer={answer}>{(told) => <Leaderboard told={told} />}</Shown>
                )}
            </Part>
            {may("GET /v1/recommend") && (
                <Part
                    title="One customer"
                    lead="What they would be shown now, and why. It is written down as any list is."
                >
                    <Asker label="Customer" name="customer" asked={asked}>
                        {(id) => <Listed key={id} id={id} question={question} />}
                    </Asker>
                </Part>
            )}
            {may("POST /v1/recommend") && (
                <Part title="A basket" lead="What goes with what somebody is about to buy, known or not.">
                    <Basket />
                </Part>
            )}
            {may("GET /v1/items/{id}/also") && (
                <Part title="Bought together" lead="What customers had together with an item, the surest first.">
                    <Asker label="Item" name="item" asked={asked}>
                        {(id) => <Together key={id} id={id} />}
                    </Asker>
                </Part>
            )}
        </>
    );
}
