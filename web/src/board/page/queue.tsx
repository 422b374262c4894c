/* queue.tsx - tasks, one open at a time: why now, what was tried, how to reach them; all of it by keyboard. */
import { useState } from "preact/hooks";
import { formatMoney, formatQuantity, formatShare, plural } from "../../page/format.ts";
import type { GetV1CustomersId, GetV1Messages, GetV1Tasks } from "../answers.ts";
import { ask, encode } from "../ask.ts";
import { formatAge, serverNow } from "../clock.ts";
import { useKeys } from "../keys.tsx";
import { tell, tellTrouble } from "../notice.tsx";
import { Facts, Part, Reasons } from "../../part/block.tsx";
import { Age, CustomerLink, Empty, Head, Shown, Trouble } from "../part/basic.tsx";
import { Button } from "../part/button.tsx";
import { Choice, Dialog, Field } from "../part/form.tsx";
import { Notes } from "../part/notes.tsx";
import { go, look, to } from "../place.ts";
import { useMay } from "../session.ts";
import { useAnswer, useDoing } from "../use_answer.ts";
import type { ViewProps } from "../views.ts";

type Task = GetV1Tasks["tasks"][number];

const DAY_MS = 86_400_000;
/* Facts as they were when it was asked for: "churn is 0.8". */
const reasonsOf = (task: Task): string[] =>
    Object.entries(task.reasons).map(
        ([name, value]) =>
            `${name.replaceAll("_", " ")}: ${typeof value === "number" ? formatQuantity(value) : String(value)}`,
    );

function Outcome({ task, done, close }: { task: Task; done: () => void; close: () => void }) {
    const [outcome, set] = useState(""),
        doing = useDoing();
    return (
        <Dialog title={`What came of it: ${task.customer}`} close={close}>
            <form
                onSubmit={(event) => {
                    event.preventDefault();
                    doing.run(async () => {
                        await ask("POST", `/v1/tasks/${task.id}/done`, { outcome: outcome.trim() });
                        tell(`Task ${task.id} is done`);
                        close();
                        done();
                    });
                }}
            >
                <Field
                    label="Outcome"
                    name="outcome"
                    value={outcome}
                    set={set}
                    error={doing.error}
                    list={["reached", "not_reached", "will_stay", "will_leave", "wrong_number"]}
                    note="One word; it becomes an event of the customer's, from which models and experiments learn."
                />
                <Trouble error={doing.error} />
                <p class="actions">
                    <Button type="submit" class="button primary" isOff={doing.isDoing}>
                        Done
                    </Button>
                </p>
            </form>
        </Dialog>
    );
}

/* What is known that helps in a conversation. */
function Known({ id }: { id: string }) {
    const answer = useAnswer<GetV1CustomersId>(`/v1/customers/${encode(id)}?timeline=5`),
        may = useMay();
    const messages =
        useAnswer<GetV1Messages>(may("GET /v1/messages") ? `/v1/messages?customer=${encode(id)}&limit=5` : null)
            .data?.messages ?? [];
    const done = (
        useAnswer<GetV1Tasks>(`/v1/tasks?customer=${encode(id)}&state=done`).data?.tasks ?? []
    ).slice(-5);
    return (
        <Shown answer={answer}>
            {(one) => {
                const churn = one.scores["churn"],
                    value = one.scores["value_12m_cents"];
                return (
                    <>
                        <Facts
                            rows={[
                                churn?.value != null && ["Likely to leave", formatShare(churn.value)],
                                value?.value != null && [
                                    "Expected spend, 12 months",
                                    formatMoney(value.value, ""),
                                ],
                                [
                                    "How to reach them",
                                    Object.entries(one.personal)
                                        .filter(([name]) => /mail|phone|name/i.test(name))
                                        .map(([name, text]) => `${name}: ${String(text)}`)
                                        .join(", ") || "no address is known",
                                ],
                                ["Segments", one.segments.map((segment) => segment.name).join(", ")],
                                [
                                    "What was tried",
                                    [
                                        ...done.map(
                                            (task) =>
                                                `${task.task} (${task.owner || "somebody"}, ${formatAge(task.done_ms)}): ${task.outcome.replaceAll("_", " ") || "done"}`,
                                        ),
                                        ...messages.map(
                                            (message) =>
                                                `${message.channel} ${message.journey ?? message.topic}: ${message.rule ?? message.status}`,
                                        ),
                                    ].join("; ") || "no task was done and no message was put",
                                ],
                                ["Did last", (one.timeline ?? []).map((event) => event.kind).join(", ")],
                            ]}
                        />
                        {one.reasons.length > 0 && <Reasons reasons={one.reasons} most={3} />}
                    </>
                );
            }}
        </Shown>
    );
}

function Detail({ task, next }: { task: Task; next: () => void }) {
    const [isDone, setDone] = useState(false),
        [isNoting, setNoting] = useState(false),
        may = useMay(),
        mayAct = may("POST /v1/tasks/{id}/take"),
        doing = useDoing(); /* a key that is pressed twice does it once */
    const act = (verb: string, words: string, body = {}): void =>
        doing.run(async () => {
            try {
                await ask("POST", `/v1/tasks/${task.id}/${verb}`, body);
                tell(words);
                next();
            } catch (error) {
                tellTrouble(error);
            }
        });
    const take = (): void => act("take", `Task ${task.id} is yours`),
        snooze = (): void =>
            act("snooze", `Task ${task.id} is put off for a day`, { until_ms: serverNow() + DAY_MS });
    useKeys(
        mayAct
            ? {
                  t: take,
                  z: snooze,
                  d: () => setDone(true),
                  n: () => setNoting(true),
                  Enter: () => go(to("customer", task.customer)),
              }
            : {},
    );
    return (
        <Part
            title={task.task}
            lead={
                <>
                    <CustomerLink id={task.customer} />,{" "}
                    {task.journey ? (
                        <>
                            asked by journey <a href={to("journey", task.journey)}>{task.journey}</a>
                        </>
                    ) : (
                        "given by hand"
                    )}{" "}
                    <Age at_ms={task.created_ms} />
                    {task.expected_loss_cents > 0
                        ? `; at stake: ${formatMoney(task.expected_loss_cents, "")}`
                        : ""}
                    {task.owner ? `; taken by ${task.owner}` : ""}
                </>
            }
        >
            {reasonsOf(task).length > 0 && (
                <>
                    <h3>Why now</h3>
                    <Reasons reasons={reasonsOf(task)} />
                </>
            )}
            {mayAct && (
                <p class="actions">
                    <button type="button" class="button primary" onClick={take}>
                        Take <kbd>t</kbd>
                    </button>
                    <button type="button" class="button" onClick={() => setDone(true)}>
                        Done <kbd>d</kbd>
                    </button>
                    <button type="button" class="button" onClick={snooze}>
                        A day later <kbd>z</kbd>
                    </button>
                    <a class="button" href={to("customer", task.customer)}>
                        Open <kbd>Enter</kbd>
                    </a>
                </p>
            )}
            <Known key={task.customer} id={task.customer} />
            <Notes about="customer" subject={task.customer} isOpen={isNoting} />
            {isDone && <Outcome task={task} done={next} close={() => setDone(false)} />}
        </Part>
    );
}

export default function QueuePage({ asked }: ViewProps) {
    const state = asked.get("state") ?? "open",
        answer = useAnswer<GetV1Tasks>(`/v1/tasks?state=${encode(state === "all" ? "" : state)}`, 20_000);
    const tasks = answer.data?.tasks ?? [],
        at = Math.max(
            0,
            tasks.findIndex((task) => String(task.id) === asked.get("task")),
        ),
        current = tasks[at];
    const step = (by: number): void => {
        const one = tasks[at + by];
        if (one) look({ task: one.id }, false);
    };
    useKeys({ j: () => step(1), ArrowDown: () => step(1), k: () => step(-1), ArrowUp: () => step(-1) });
    return (
        <>
            <Head
                title={
                    current
                        ? `${plural(tasks.length, "task")}, ${state === "all" ? "of any state" : state}`
                        : "Queue"
                }
                name="Queue"
                lead="What people are to do, those with the most at stake first. When one is taken, put off or done the next opens by itself; j and k go through them."
            />
            <div class="controls">
                <Choice
                    label="Which"
                    value={state}
                    set={(next) => look({ state: next, task: null })}
                    options={[
                        ["open", "open"],
                        ["taken", "taken"],
                        ["snoozed", "put off"],
                        ["done", "done"],
                        ["all", "all"],
                    ]}
                />
            </div>
            <Shown answer={answer}>
                {() =>
                    tasks.length === 0 ? (
                        <Empty
                            actions={
                                <a class="button" href={to("journeys")}>
                                    See the journeys
                                </a>
                            }
                        >
                            There is nothing to do. A journey whose step is a task puts one here for each customer
                            who comes to it.
                        </Empty>
                    ) : (
                        <div class="queue">
                            <ol class="queue-list" aria-label="Tasks">
                                {tasks.map((task) => (
                                    <li key={task.id}>
                                        <button
                                            type="button"
                                            aria-current={task === current ? "true" : undefined}
                                            onClick={() => look({ task: task.id }, false)}
                                        >
                                            <strong dir="auto">{task.customer}</strong>
                                            <span>{task.task}</span>
                                            {task.expected_loss_cents > 0 && (
                                                <span>{formatMoney(task.expected_loss_cents, "")} at stake</span>
                                            )}
                                        </button>
                                    </li>
                                ))}
                            </ol>
                            {current && (
                                <Detail
                                    key={current.id}
                                    task={current}
                                    next={() => {
                                        const following = tasks[at + 1] ?? tasks[at - 1];
                                        look({ task: following?.id }, false);
                                        answer.again();
                                    }}
                                />
                            )}
                        </div>
                    )
                }
            </Shown>
        </>
    );
}
