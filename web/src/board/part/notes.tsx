/* notes.tsx - what people wrote about a customer, segment, journey or experiment. */
import { useLayoutEffect, useRef } from "preact/hooks";
import type { GetV1Notes } from "../answers.ts";
import { ask, encode } from "../ask.ts";
import { tell } from "../notice.tsx";
import { useMay, usePerson } from "../session.ts";
import { useAnswer, useDoing, useDraft } from "../use_answer.ts";
import { Part } from "../../part/block.tsx";
import { Age, Shown, Trouble } from "./basic.tsx";
import { Button } from "./button.tsx";
import { Field } from "./form.tsx";

export function Notes({ about, subject, isOpen = false }: { about: string; subject: string; isOpen?: boolean }) {
    const may = useMay(),
        person = usePerson(),
        box = useRef<HTMLFormElement>(null),
        doing = useDoing();
    const answer = useAnswer<GetV1Notes>(
        may("GET /v1/notes") ? `/v1/notes?about=${about}&subject=${encode(subject)}` : null,
    );
    const [words, set, drop] = useDraft(`note-${about}-${subject}`, "");
    useLayoutEffect(() => {
        if (isOpen) box.current?.querySelector("textarea")?.focus();
    }, [isOpen]);
    if (!may("GET /v1/notes")) return null;
    return (
        <Part title="Notes" lead="For one another. What is begun here is kept in this browser until it is sent.">
            <Shown answer={answer} rows={1}>
                {({ notes }) =>
                    notes.length === 0 ? null : (
                        <ul class="notes">
                            {notes.map((one) => (
                                <li key={one.id}>
                                    <p dir="auto">{one.words}</p>
                                    <p class="note">
                                        {one.who}, <Age at_ms={one.at_ms} />
                                        {one.who === person.name && (
                                            <button
                                                type="button"
                                                class="button quiet-text"
                                                onClick={() =>
                                                    doing.run(async () => {
                                                        await ask("DELETE", `/v1/notes/${one.id}`);
                                                        tell("The note is removed", async () => {
                                                            await ask("POST", "/v1/notes", {
                                                                about,
                                                                subject,
                                                                words: one.words,
                                                            });
                                                            answer.again();
                                                        });
                                                        answer.again();
                                                    })
                                                }
                                            >
                                                Remove
                                            </button>
                                        )}
                                    </p>
                                </li>
                            ))}
                        </ul>
                    )
                }
            </Shown>
            <form
                class="maker"
                ref={box}
                onSubmit={(event) => {
                    event.preventDefault();
                    doing.run(async () => {
                        await ask("POST", "/v1/notes", { about, subject, words });
                        if (drop(words) === null) {
                            set("");
                            drop();
                        }
                        answer.again();
                    });
                }}
            >
                <Field
                    label="Write a note"
                    name="words"
                    value={words}
                    set={set}
                    rows={2}
                    error={doing.error}
                    isRequired
                />
                <Trouble error={doing.error} />
                <p class="actions">
                    <Button type="submit" class="button" isOff={doing.isDoing || !words.trim()}>
                        Keep it
                    </Button>
                </p>
            </form>
        </Part>
    );
}
