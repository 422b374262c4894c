/* experiment_ramp.tsx - how many of those who may take part in an experiment do, since when, and more of them let in. */
import { useState } from "preact/hooks";
import { formatShare } from "../../page/format.ts";
import { ask, encode } from "../ask.ts";
import { tell } from "../notice.tsx";
import { useMay } from "../session.ts";
import { useDoing } from "../use_answer.ts";
import { Part, Tag } from "../../part/block.tsx";
import { Age, Trouble } from "./basic.tsx";
import { Button } from "./button.tsx";
import { Dialog, Field } from "./form.tsx";
import { Table } from "../../part/table.tsx";

export interface Step {
    from_ms: number;
    share: number;
    by_hand: boolean;
}
interface Shares {
    name: string;
    share: number;
    again: () => void;
}

function LetIn({ name, share, again, close }: Shares & { close: () => void }) {
    const [text, setText] = useState(String(Math.min(100, Math.max(1, Math.round(share * 200))))),
        [reason, setReason] = useState(""),
        doing = useDoing();
    const wanted = Number(text.replace(",", ".")) / 100,
        isMore = wanted > share && wanted <= 1;
    return (
        <Dialog title={`Let more people into ${name}`} close={close}>
            <form
                onSubmit={(event) => {
                    event.preventDefault();
                    doing.run(async () => {
                        await ask("POST", `/v1/experiments/${encode(name)}/ramp`, { share: wanted, reason });
                        tell(`${formatShare(wanted)} of those who may take part in ${name} do from now on`);
                        again();
                        close();
                    });
                }}
            >
                <p>
                    {formatShare(share)} of those who may take part do now. Nobody who is in changes arms, and nobody is
                    taken out: it cannot be lowered again, only stopped.
                </p>
                <Field
                    label="Share of people, in per cent"
                    name="share"
                    type="number"
                    value={text}
                    set={setText}
                    error={doing.error}
                    note={isMore ? null : `More than ${formatShare(share)}, and up to 100 %`}
                    isRequired
                />
                <Field label="Why" name="reason" value={reason} set={setReason} error={doing.error} isRequired />
                <Trouble error={doing.error} />
                <p class="actions">
                    <Button type="submit" class="button primary" isOff={!isMore || !reason.trim() || doing.isDoing}>
                        Let them in
                    </Button>
                    <button type="button" class="button" onClick={close}>
                        Cancel
                    </button>
                </p>
            </form>
        </Dialog>
    );
}

export function Ramp({ name, share, ramp, again }: Shares & { ramp: Step[] }) {
    const [isAsked, set] = useState(false),
        may = useMay();
    return (
        <Part
            title="Who takes part"
            lead={
                share >= 1
                    ? "All of those who may take part do."
                    : `${formatShare(share)} of those who may take part do. A hash deals the arms, so letting more in moves nobody from one arm to another, and compares alike.`
            }
            actions={
                share < 1 && may("POST /v1/experiments/{name}/ramp") ? (
                    <button type="button" class="button" onClick={() => set(true)}>
                        Let more people in
                    </button>
                ) : null
            }
        >
            {ramp.length > 0 && (
                <Table
                    caption="Steps of the ramp"
                    noun="step"
                    csv="ramp"
                    id={(row) => `${row.from_ms} ${row.by_hand}`}
                    rows={ramp}
                    columns={[
                        {
                            title: "From",
                            kind: "name",
                            cell: (row) => <Age at_ms={row.from_ms} />,
                            value: (row) => row.from_ms,
                        },
                        {
                            title: "Share",
                            kind: "number",
                            cell: (row) => formatShare(row.share),
                            value: (row) => row.share,
                        },
                        {
                            title: "By",
                            cell: (row) => <Tag>{row.by_hand ? "hand" : "its definition"}</Tag>,
                            value: (row) => (row.by_hand ? "hand" : "definition"),
                        },
                    ]}
                />
            )}
            {isAsked && <LetIn name={name} share={share} again={again} close={() => set(false)} />}
        </Part>
    );
}
