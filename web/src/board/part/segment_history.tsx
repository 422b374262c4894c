/* segment_history.tsx - how large a segment was, who came and went, and what uses it. */
import { formatCount, plural } from "../../page/format.ts";
import type { GetV1SegmentsIdHistory, GetV1SegmentsIdUses } from "../answers.ts";
import { to } from "../place.ts";
import { useAnswer } from "../use_answer.ts";
import { Part, Shown } from "./basic.tsx";
import { Course } from "./curve.tsx";

export function SegmentHistory({ id }: { id: number }) {
    const answer = useAnswer<GetV1SegmentsIdHistory>(`/v1/segments/${id}/history`);
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
