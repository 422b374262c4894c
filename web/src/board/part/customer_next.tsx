/* customer_next.tsx - what to do about one customer, when and by which way they are reached, and by which part of its
 * condition they are in each segment. */
import { formatCount, formatMoney, formatShare, plural } from "../../page/format.ts";
import { sentence } from "../../page/prose.ts";
import type { GetV1CustomersIdNext } from "../answers.ts";
import { encode } from "../ask.ts";
import { to } from "../place.ts";
import { useMay } from "../session.ts";
import { useAnswer } from "../use_answer.ts";
import { Facts, Part, Tag } from "../../part/block.tsx";
import { Age, Empty, Shown } from "./basic.tsx";
import { Table } from "../../part/table.tsx";

type Next = GetV1CustomersIdNext;
type Planned = NonNullable<Next["planned"]>;
type Channel = Next["contact"]["channels"][number];

/* "6.40 (1.20 to 11.60, 95 %)" */
function profitWords(one: Planned["weighed"][number]): string {
    if (one.incremental_profit_cents === null) return "not learned yet";
    const profit = formatMoney(one.incremental_profit_cents, "");
    return one.low_cents === null || one.high_cents === null
        ? profit
        : `${profit} (${formatMoney(one.low_cents, "")} to ${formatMoney(one.high_cents, "")}, 95 %)`;
}

/* Between what it lies, with the given chance; a mean may lie outside, where few of many bring all of it. */
function rangeWords(value: NonNullable<Next["value"]>): string {
    const { low_orders, high_orders, low_cents, high_cents, share } = value;
    if (high_orders === 0) return ` on average; no order at all with a chance of more than ${formatShare(share)}`;
    const orders =
        low_orders === high_orders
            ? plural(high_orders, "order")
            : `${formatCount(low_orders)} to ${plural(high_orders, "order")}`;
    return ` (${formatMoney(low_cents, "")} to ${formatMoney(high_cents, "")}, ${formatShare(share)}): ${orders}, each worth what one of theirs is`;
}

/* What they would bring and are expected to, and between what that lies. */
function Worth({ value }: { value: Next["value"] }) {
    if (!value) return null;
    const spend = (
        <>
            <strong>{formatMoney(value.cents, "")}</strong>
            {rangeWords(value)}
        </>
    );
    if (value.if_stays_cents === null) return <Facts rows={[["Next twelve months", spend]]} />;
    return (
        <>
            <Facts
                rows={[
                    [
                        "If they stay",
                        <>
                            <strong>{formatMoney(value.if_stays_cents, "")}</strong> in twelve months: what is at stake
                        </>,
                    ],
                    ["By their orders alone", spend],
                ]}
            />
            <p class="note">
                By their orders alone: it knows when they ordered and for how much, and nothing else of what the chance
                above is made from, so the two may differ.
            </p>
        </>
    );
}

function NextAction({ planned }: { planned: Planned | null }) {
    const may = useMay();
    if (!planned)
        return (
            <Empty
                actions={
                    may("GET /v1/plans") && (
                        <a class="button" href={to("plan")}>
                            See the plan
                        </a>
                    )
                }
            >
                No plan has weighed an action for them yet, so nothing says that one would pay.
            </Empty>
        );
    const taken = planned.weighed.find((one) => one.action === planned.action);
    return (
        <>
            <p>
                <strong>{planned.action === "nothing" ? "Leave them alone" : planned.action}</strong>
                {taken && planned.action !== "nothing" && (
                    <>
                        : expected to earn <strong>{profitWords(taken)}</strong>, more than leaving them alone would
                    </>
                )}
                . {planned.reason && sentence(planned.reason)} <Age at_ms={planned.at_ms} />
            </p>
            <details class="as-table">
                <summary>All that was weighed</summary>
                <Table
                    caption="Actions weighed"
                    noun="action"
                    csv="actions"
                    id={(row) => row.action}
                    rows={planned.weighed}
                    columns={[
                        { title: "Action", kind: "name", cell: (row) => row.action, value: (row) => row.action },
                        {
                            title: "Profit over nothing",
                            cell: (row) => (row.action === "nothing" ? "–" : profitWords(row)),
                            value: (row) => row.incremental_profit_cents,
                        },
                        {
                            title: "Chance of being drawn",
                            kind: "number",
                            cell: (row) => formatShare(row.propensity),
                            value: (row) => row.propensity,
                        },
                    ]}
                />
            </details>
        </>
    );
}

const SAID: Record<string, string> = { yes: "they said yes to it", no: "they refused it", nothing: "" };

const channelWords = (one: Channel): string =>
    [
        one.is_preferred ? "the one that they want" : "",
        one.has_address ? "" : "no address for it is known",
        SAID[one.said] ?? "",
    ]
        .filter(Boolean)
        .join(", ") || "reaches them";

/* What they want, then what they said yes to, of what reaches them. */
const rankOf = (one: Channel): number =>
    one.said === "no" || !one.has_address ? 3 : one.is_preferred ? 0 : one.said === "yes" ? 1 : 2;

function Reached({ contact }: { contact: Next["contact"] }) {
    const channels = [...contact.channels].sort((a, b) => rankOf(a) - rankOf(b)),
        hour = contact.hour;
    return (
        <Facts
            rows={[
                [
                    "Their hour",
                    hour === null
                        ? `Not known: it takes five orders, visits or clicks whose hour is known, and there are ${contact.n_seen}`
                        : `${hour}:00 to ${hour + 1}:00 in ${contact.zone}, by ${contact.n_seen} orders, visits and clicks`,
                ],
                ...channels.map((one, i): [string, string] => [
                    i === 0 && rankOf(one) < 3 ? `Best by ${one.channel}` : `By ${one.channel}`,
                    channelWords(one),
                ]),
                channels.length === 0 && ["By which way", "The settings name no channel yet (channels: in holdfast.yaml)"],
            ]}
        />
    );
}

function InSegments({ segments }: { segments: Next["segments"] }) {
    if (segments.length === 0) return null;
    return (
        <Part title="Segments" lead="Since when they are in each, and the parts of its condition that hold for them now.">
            <ul class="plain in-segments">
                {segments.map((one) => (
                    <li key={one.id}>
                        <a href={to("segment", one.id)} dir="auto">
                            {one.name}
                        </a>{" "}
                        <span class="note">
                            since <Age at_ms={one.since_ms} />
                            {one.parts.length > 1 && (one.is_any ? "; one of these is enough" : "; all of these have to hold")}
                        </span>
                        <ul class="plain parts">
                            {one.parts.map((part) => (
                                <li key={part.expression}>
                                    <Tag kind={part.holds ? "chosen" : ""}>
                                        {part.holds === null ? "unknown" : part.holds ? "holds" : "does not"}
                                    </Tag>{" "}
                                    <code>{part.expression}</code>
                                </li>
                            ))}
                        </ul>
                    </li>
                ))}
            </ul>
        </Part>
    );
}

export function CustomerNext({ id }: { id: string }) {
    const answer = useAnswer<Next>(`/v1/customers/${encode(id)}/next`);
    return (
        <>
            <Part title="What to do next" lead="What the last plan weighed for them, and when and by which way they are reached.">
                <Shown answer={answer}>
                    {({ planned, contact, value }) => (
                        <>
                            <Worth value={value} />
                            <NextAction planned={planned} />
                            <Reached contact={contact} />
                        </>
                    )}
                </Shown>
            </Part>
            {answer.data && <InSegments segments={answer.data.segments} />}
        </>
    );
}
