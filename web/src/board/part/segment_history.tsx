/* segment_history.tsx - how large a segment was, who came and went, what it is worth, the conditions that it had, and what
 * uses it. */
import { formatCount, formatMoney, formatShare, plural } from "../../page/format.ts";
import type {
    GetV1SegmentsId,
    GetV1SegmentsIdHistory,
    GetV1SegmentsIdUses,
    GetV1SegmentsIdVersions,
    GetV1SegmentsIdWorth,
} from "../answers.ts";
import { ask } from "../ask.ts";
import { formatDay } from "../clock.ts";
import { tell } from "../notice.tsx";
import { to } from "../place.ts";
import { useMay } from "../session.ts";
import { useAnswer, useDoing } from "../use_answer.ts";
import { Figures, Part } from "../../part/block.tsx";
import { Shown, Trouble } from "./basic.tsx";
import { Button } from "./button.tsx";
import { Course } from "./course.tsx";
import { Table } from "../../part/table.tsx";

/* Value and risk of who is in it. */
export function SegmentWorth({ id, every_ms }: { id: number; every_ms: number }) {
    const { data } = useAnswer<GetV1SegmentsIdWorth>(`/v1/segments/${id}/worth`, every_ms);
    if (!data || data.n_members === 0) return null;
    const value = data.n_valued ? data.value_12m_cents / data.n_valued : null;
    return (
        <Figures
            items={[
                {
                    label: "Expected spend, 12 months",
                    number: data.n_valued ? formatMoney(data.value_12m_cents, "") : "–",
                    meaning:
                        value === null
                            ? "nobody in it has been valued yet"
                            : `${formatMoney(value, "")} each, of ${plural(data.n_valued, "customer")}`,
                },
                {
                    label: "Likely to leave",
                    number: formatShare(data.churn),
                    meaning: data.n_scored
                        ? `the mean of ${plural(data.n_scored, "customer")}`
                        : "nobody in it has been scored for leaving yet",
                },
                data.n_scored > 0 &&
                    data.n_valued > 0 && {
                        label: "Expected loss",
                        number: formatMoney(data.expected_loss_cents, ""),
                        meaning: "chance to leave times value if they stay, of everybody in it",
                    },
            ]}
        />
    );
}

/* The conditions that it had, and one of them again. */
export function SegmentVersions({ one, again }: { one: GetV1SegmentsId; again: () => void }) {
    const { data } = useAnswer<GetV1SegmentsIdVersions>(`/v1/segments/${one.id}/versions`),
        may = useMay(),
        doing = useDoing();
    if (!data || data.versions.length < 2) return null;
    const take = (expression: string): void =>
        doing.run(async () => {
            await ask("PUT", `/v1/segments/${one.id}`, { expression, version: one.version });
            tell(`${one.name} has that condition again`, async () => {
                await ask("PUT", `/v1/segments/${one.id}`, { expression: one.expression });
                again();
            });
            again();
        });
    return (
        <Part title="Conditions that it had" lead="Each change of the condition is a version; who is in it follows the newest.">
            <Trouble error={doing.error} />
            <Table
                caption="Versions of the segment"
                noun="version"
                csv="segment-versions"
                id={(row) => row.version}
                rows={data.versions}
                columns={[
                    { title: "Version", kind: "number", cell: (row) => row.version, value: (row) => row.version },
                    {
                        title: "Condition",
                        kind: "wide",
                        cell: (row) => <code>{row.expression}</code>,
                        value: (row) => row.expression,
                    },
                    {
                        title: "Until",
                        cell: (row) => (row.until_ms === null ? "now" : formatDay(row.until_ms)),
                        value: (row) => (row.until_ms === null ? "" : new Date(row.until_ms).toISOString()),
                    },
                    {
                        title: "Customers then",
                        kind: "number",
                        cell: (row) => formatCount(row.n_members),
                        value: (row) => row.n_members,
                    },
                    ...(may("PUT /v1/segments/{id}")
                        ? [
                              {
                                  title: "Actions",
                                  cell: (row: GetV1SegmentsIdVersions["versions"][number]) =>
                                      row.until_ms !== null &&
                                      row.expression !== one.expression && (
                                          <Button
                                              type="button"
                                              class="button"
                                              isOff={doing.isDoing}
                                              aria-label={`Take the condition of version ${row.version} again`}
                                              onClick={() => take(row.expression)}
                                          >
                                              Take it again
                                          </Button>
                                      ),
                              },
                          ]
                        : []),
                ]}
            />
        </Part>
    );
}

export function SegmentHistory({ id, every_ms }: { id: number; every_ms: number }) {
    const answer = useAnswer<GetV1SegmentsIdHistory>(`/v1/segments/${id}/history`, every_ms);
    return (
        <Part title="Size over time">
            <Shown answer={answer}>
                {({ days }) => {
                    const came = days.reduce((sum, day) => sum + day.came, 0),
                        went = days.reduce((sum, day) => sum + day.went, 0);
                    if (days.length < 2)
                        return (
                            <p class="part-lead">
                                It was made today: its course is drawn from tomorrow on. {formatCount(came)} came,{" "}
                                {formatCount(went)} went.
                            </p>
                        );
                    return (
                        <>
                            <p class="part-lead">
                                In {plural(days.length, "day")} {formatCount(came)} came and {formatCount(went)}{" "}
                                went.
                            </p>
                            <Course
                                title="Customers in it"
                                unit="Customers"
                                label={`From ${days[0]?.n_members ?? 0} to ${days.at(-1)?.n_members ?? 0} customers`}
                                words={(value) => formatCount(Math.round(value))}
                                points={days.map((day) => ({ at_ms: day.at_ms, value: day.n_members }))}
                            />
                        </>
                    );
                }}
            </Shown>
        </Part>
    );
}

export function SegmentUses({ id }: { id: number }) {
    const { data } = useAnswer<GetV1SegmentsIdUses>(`/v1/segments/${id}/uses`);
    if (!data) return null;
    return (
        <Part
            title="What uses it"
            lead={
                data.uses.length === 0
                    ? "Nothing does: it can be removed."
                    : "While anything uses it, it cannot be removed."
            }
        >
            {data.uses.length > 0 && (
                <ul class="plain">
                    {data.uses.map((one) => (
                        <li key={`${one.name}${one.how}`}>
                            Journey <a href={to("journey", one.name)}>{one.name}</a> {one.how}
                        </li>
                    ))}
                </ul>
            )}
        </Part>
    );
}
