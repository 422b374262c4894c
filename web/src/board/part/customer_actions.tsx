/* customer_actions.tsx - what may be done with one customer, by who may do it. */
import { useState } from "preact/hooks";
import { downloadText } from "../../page/handover.ts";
import type { GetV1CustomersId, GetV1Journeys } from "../answers.ts";
import { ask, encode } from "../ask.ts";
import { tell } from "../notice.tsx";
import { go, to } from "../place.ts";
import { useMay } from "../session.ts";
import { useAnswer, useDoing } from "../use_answer.ts";
import { Trouble } from "./basic.tsx";
import { Button } from "./button.tsx";
import { Contact } from "./customer_contact.tsx";
import { Choice, Dialog, Field, Sure } from "./form.tsx";

type Customer = GetV1CustomersId;
interface Props {
    one: Customer;
    again: () => void;
    close: () => void;
}

function Merge({ one, again, close }: Props) {
    const [other, set] = useState(""),
        doing = useDoing();
    return (
        <Dialog title="Another id of theirs" close={close}>
            <form
                onSubmit={(event) => {
                    event.preventDefault();
                    doing.run(async () => {
                        const body = { a: one.customer, b: other.trim() };
                        await ask("POST", "/v1/identities/merge", body);
                        tell(`${body.a} and ${body.b} are one customer`, async () => {
                            await ask("POST", "/v1/identities/unmerge", body);
                            again();
                        });
                        close();
                        again();
                    });
                }}
            >
                <p class="note">
                    Both are one person from now on, with both histories. It can be undone without a trace.
                </p>
                <Field label="The other id" name="b" value={other} set={set} error={doing.error} isRequired />
                <Trouble error={doing.error} />
                <p class="actions">
                    <Button type="submit" class="button primary" isOff={doing.isDoing}>
                        They are one
                    </Button>
                </p>
            </form>
            {one.identities.length > 1 && (
                <>
                    <h3>Or part one from them</h3>
                    {one.identities
                        .filter((id) => id.id !== one.customer)
                        .map((id) => (
                            <p class="actions" key={id.id}>
                                <code>{id.id}</code>
                                <button
                                    type="button"
                                    class="button"
                                    onClick={() =>
                                        doing.run(async () => {
                                            const body = { a: one.customer, b: id.id };
                                            await ask("POST", "/v1/identities/unmerge", body);
                                            tell(`${id.id} is somebody else`, async () => {
                                                await ask("POST", "/v1/identities/merge", body);
                                                again();
                                            });
                                            close();
                                            again();
                                        })
                                    }
                                >
                                    Part it
                                </button>
                            </p>
                        ))}
                </>
            )}
        </Dialog>
    );
}

function Give({ one, close }: Props) {
    const [task, set] = useState(""),
        doing = useDoing();
    return (
        <Dialog title="A task about them" close={close}>
            <form
                onSubmit={(event) => {
                    event.preventDefault();
                    doing.run(async () => {
                        await ask("POST", "/v1/tasks", { customer: one.customer, task: task.trim() });
                        tell("The task is in the queue");
                        close();
                    });
                }}
            >
                <Field
                    label="What is to be done"
                    name="task"
                    value={task}
                    set={set}
                    error={doing.error}
                    isRequired
                />
                <Trouble error={doing.error} />
                <p class="actions">
                    <Button type="submit" class="button primary" isOff={doing.isDoing || !task.trim()}>
                        Put it into the queue
                    </Button>
                </p>
            </form>
        </Dialog>
    );
}

function Leave({ one, again, close }: Props) {
    const { data } = useAnswer<GetV1Journeys>("/v1/journeys"),
        [journey, set] = useState(""),
        doing = useDoing();
    const names = (data?.journeys ?? []).map((row) => row.journey),
        chosen = journey || names[0] || "";
    return (
        <Dialog title="Let them leave a journey" close={close}>
            <form
                onSubmit={(event) => {
                    event.preventDefault();
                    doing.run(async () => {
                        const { left } = await ask<{ left: number }>(
                            "POST",
                            `/v1/journeys/${encode(chosen)}/leave`,
                            { customer: one.customer },
                        );
                        tell(left ? `${one.customer} left ${chosen}` : `${one.customer} was not in ${chosen}`);
                        close();
                        again();
                    });
                }}
            >
                <p class="note">They stop where they are, and what waits to be sent to them by it is not sent.</p>
                <Choice label="Journey" value={chosen} set={set} options={names.map((name) => [name, name])} />
                <Trouble error={doing.error} />
                <p class="actions">
                    <Button type="submit" class="button primary" isOff={doing.isDoing || !chosen}>
                        Let them leave
                    </Button>
                </p>
            </form>
        </Dialog>
    );
}

function Enter({ one, again, close }: Props) {
    const { data } = useAnswer<GetV1Journeys>("/v1/journeys"),
        [journey, set] = useState(""),
        doing = useDoing();
    const names = (data?.journeys ?? []).map((row) => row.journey),
        chosen = journey || names[0] || "";
    return (
        <Dialog title="Let them enter a journey" close={close}>
            <form
                onSubmit={(event) => {
                    event.preventDefault();
                    doing.run(async () => {
                        const { entered } = await ask<{ entered: boolean }>(
                            "POST",
                            `/v1/journeys/${encode(chosen)}/enter`,
                            { customer: one.customer },
                        );
                        tell(
                            entered
                                ? `${one.customer} entered ${chosen}`
                                : `${one.customer} did not enter ${chosen}: below it says by which rule`,
                        );
                        close();
                        again();
                    });
                }}
            >
                <p class="note">
                    Its rules stay in force: whoever may not be contacted is not. Only a journey whose trigger is{" "}
                    {"{api: true}"} can be entered so.
                </p>
                <Choice label="Journey" value={chosen} set={set} options={names.map((name) => [name, name])} />
                <Trouble error={doing.error} />
                <p class="actions">
                    <Button type="submit" class="button primary" isOff={doing.isDoing || !chosen}>
                        Let them enter
                    </Button>
                </p>
            </form>
        </Dialog>
    );
}

function Erase({ one, close }: Props) {
    return (
        <Sure
            title="Erase this person"
            typed={one.customer}
            button="Erase for ever"
            close={close}
            work={async () => {
                const done = await ask<{ identities: number; events: number }>(
                    "DELETE",
                    `/v1/customers/${encode(one.customer)}`,
                );
                tell(`Erased: ${done.identities} ids, the properties of ${done.events} events`);
                go(to("customers"));
            }}
            words={
                <>
                    This reaches <strong>{one.identities.length} ids</strong> of one person. Their sealed fields,
                    ids, traits, links, scores and decisions go, and nobody can bring them back. What stays is that
                    somebody did something at some time for some amount.
                </>
            }
        />
    );
}

export function CustomerActions({ one, again }: { one: Customer; again: () => void }) {
    const may = useMay(),
        [open, set] = useState<"contact" | "merge" | "enter" | "leave" | "task" | "erase" | null>(null),
        doing = useDoing(),
        close = (): void => set(null),
        props = { one, again, close };
    const suppress = (is: boolean): Promise<unknown> =>
        ask("POST", `/v1/customers/${encode(one.customer)}/${is ? "suppress" : "unsuppress"}`);
    return (
        <>
            <button type="button" class="button" onClick={again}>
                Look again
            </button>
            {may("POST /v1/customers/{id}/contact") && (
                <button type="button" class="button" onClick={() => set("contact")}>
                    Write to them
                </button>
            )}
            {may("POST /v1/journeys/{name}/enter") && (
                <button type="button" class="button" onClick={() => set("enter")}>
                    Enter a journey
                </button>
            )}
            {may("POST /v1/journeys/{name}/leave") && (
                <button type="button" class="button" onClick={() => set("leave")}>
                    Leave a journey
                </button>
            )}
            {may("POST /v1/tasks") && (
                <button type="button" class="button" onClick={() => set("task")}>
                    Task
                </button>
            )}
            {may("POST /v1/identities/merge") && (
                <button type="button" class="button" onClick={() => set("merge")}>
                    Merge
                </button>
            )}
            {may("POST /v1/customers/{id}/suppress") && (
                <button
                    type="button"
                    class="button"
                    onClick={() =>
                        doing.run(async () => {
                            const was = one.is_suppressed;
                            await suppress(!was);
                            tell(
                                was
                                    ? "They are heard again"
                                    : "Nothing more is taken in of them, and nobody contacts them",
                                async () => {
                                    await suppress(was);
                                    again();
                                },
                            );
                            again();
                        })
                    }
                >
                    {one.is_suppressed ? "Lift the suppression" : "Suppress"}
                </button>
            )}
            {may("GET /v1/customers/{id}/export") && (
                <button
                    type="button"
                    class="button"
                    onClick={() =>
                        doing.run(async () =>
                            downloadText(
                                `${one.customer}.json`,
                                "application/json",
                                JSON.stringify(
                                    await ask("GET", `/v1/customers/${encode(one.customer)}/export`),
                                    null,
                                    2,
                                ),
                            ),
                        )
                    }
                >
                    Export
                </button>
            )}
            {may("DELETE /v1/customers/{id}") && (
                <button type="button" class="button danger" onClick={() => set("erase")}>
                    Erase
                </button>
            )}
            <Trouble error={doing.error} />
            {open === "contact" && <Contact customer={one.customer} again={again} close={close} />}
            {open === "merge" && <Merge {...props} />}
            {open === "enter" && <Enter {...props} />}
            {open === "leave" && <Leave {...props} />}
            {open === "task" && <Give {...props} />}
            {open === "erase" && <Erase {...props} />}
        </>
    );
}
