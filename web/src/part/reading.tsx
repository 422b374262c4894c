/* reading.tsx - what a drawing says where one points: the nearest row of its table. */
import { useState } from "preact/hooks";
import { percent } from "./plot.tsx";

/* `at` is where each row stands, as a share of the width. Who cannot point reads the table. */
export function Reading({ at, head, rows }: { at: number[]; head: string[]; rows: (string | number)[][] }) {
    const [index, set] = useState<number | null>(null);
    const point = (event: PointerEvent): void => {
        const box = (event.currentTarget as Element).getBoundingClientRect(),
            share = (event.clientX - box.left) / (box.width || 1);
        const away = at.map((one) => Math.abs(one - share));
        set(away.length > 0 ? away.indexOf(Math.min(...away)) : null);
    };
    const row = index === null ? undefined : rows[index],
        place = at[index ?? 0] ?? 0;
    return (
        <div class="reading" aria-hidden="true" onPointerMove={point} onPointerLeave={() => set(null)}>
            {row && (
                <>
                    <span class="reading-line" style={{ "--at": percent(place) }} />
                    <div class={place > 0.5 ? "tooltip is-left" : "tooltip"} style={{ "--at": percent(place) }}>
                        <strong>{`${head[0] ?? ""} ${row[0] ?? ""}`.trim()}</strong>
                        <dl>
                            {row.slice(1).map((cell, i) => (
                                <div key={i}>
                                    <dt>{head[i + 1]}</dt>
                                    <dd>{cell}</dd>
                                </div>
                            ))}
                        </dl>
                    </div>
                </>
            )}
        </div>
    );
}
