/* saved_views.tsx - lists of customers kept under a name, one's own and those that others share. */
import { useState } from "preact/hooks";
import type { GetV1Views } from "../answers.ts";
import { ask } from "../ask.ts";
import { tell } from "../notice.tsx";
import { useMay } from "../session.ts";
import { useAnswer, useDoing } from "../use_answer.ts";
import { Trouble } from "./basic.tsx";
import { Button } from "./button.tsx";
import { Dialog, Field } from "./form.tsx";

/* The list as it is looked at now, under a name: one's own and those that others share. */
export function SavedViews() {
    const may = useMay(),
        answer = useAnswer<GetV1Views>(may("GET /v1/views") ? "/v1/views" : null),
        [isSaving, setSaving] = useState(false),
        doing = useDoing(),
        views = (answer.data?.views ?? []).filter((one) => one.address.startsWith("#/customers"));
    if (!may("GET /v1/views")) return null;
    return (
        <div class="actions saved-views">
            {views.map((one) => (
                <span key={one.id} class="tag raises">
                    <a href={one.address} dir="auto">
                        {one.name}
                    </a>
                    {one.is_mine && (
                        <button
                            type="button"
                            class="button quiet-text"
                            aria-label={`Remove the view ${one.name}`}
                            onClick={() =>
                                doing.run(async () => {
                                    await ask("DELETE", `/v1/views/${one.id}`);
                                    tell(`View ${one.name} is removed`, async () => {
                                        const { name, address, is_shared } = one;
                                        await ask("POST", "/v1/views", { name, address, is_shared });
                                        answer.again();
                                    });
                                    answer.again();
                                })
                            }
                        >
                            ×
                        </button>
                    )}
                </span>
            ))}
            <button type="button" class="button quiet-text" onClick={() => setSaving(true)}>
                Save this view
            </button>
            <Trouble error={doing.error} />
            {isSaving && <SaveView close={() => setSaving(false)} again={answer.again} />}
        </div>
    );
}

function SaveView({ close, again }: { close: () => void; again: () => void }) {
    const [name, set] = useState(""),
        [isShared, share] = useState(false),
        doing = useDoing();
    return (
        <Dialog title="Save this view" close={close}>
            <form
                onSubmit={(event) => {
                    event.preventDefault();
                    doing.run(async () => {
                        await ask("POST", "/v1/views", { name, address: location.hash, is_shared: isShared });
                        tell(`View ${name} is saved`);
                        close();
                        again();
                    });
                }}
            >
                <Field label="Name" name="view" value={name} set={set} error={doing.error} isRequired />
                <p>
                    <label>
                        <input type="checkbox" checked={isShared} onChange={() => share(!isShared)} /> Everybody
                        sees it
                    </label>
                </p>
                <Trouble error={doing.error} />
                <p class="actions">
                    <Button type="submit" class="button primary" isOff={doing.isDoing || !name.trim()}>
                        Save it
                    </Button>
                </p>
            </form>
        </Dialog>
    );
}
