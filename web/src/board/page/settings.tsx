/* settings.tsx - keys, people and their roles, what is stopped, and who changed what. */
import { useState } from "preact/hooks";
import { sentence } from "../../page/prose.ts";
import type { GetV1Audit, GetV1Destinations, GetV1Keys, GetV1People, GetV1Stop } from "../answers.ts";
import { ask } from "../ask.ts";
import { formatInstant } from "../clock.ts";
import { tell } from "../notice.tsx";
import { Part, Tag } from "../../part/block.tsx";
import { Age, CustomerLink, Empty, Head, Shown, Trouble } from "../part/basic.tsx";
import { Button } from "../part/button.tsx";
import { Choice, Dialog, Field, Sure } from "../part/form.tsx";
import { Table } from "../../part/table.tsx";
import { look, to } from "../place.ts";
import { useMay } from "../session.ts";
import { useAnswer, useDoing, type Answer } from "../use_answer.ts";
import type { ViewProps } from "../views.ts";

const ROLES: [string, string][] = [
    "viewer",
    "marketer",
    "success",
    "analyst",
    "engineer",
    "privacy",
    "lead",
    "admin",
].map((one) => [one, one]);

/* Nothing more leaves: one press stops, lifting asks. */
function KillSwitch() {
    const answer = useAnswer<GetV1Stop>("/v1/stop", 10_000),
        [isLifting, lift] = useState<string | null>(null),
        [scope, set] = useState("all"),
        doing = useDoing();
    return (
        <Part
            title="Kill switch"
            lead="Stops what leaves, at once: everything, one journey or one channel. What waits stays where it is."
        >
            <Shown answer={answer}>
                {({ stops }) => (
                    <>
                        {stops.length === 0 ? (
                            <p>Nothing is stopped.</p>
                        ) : (
                            <ul class="needs">
                                {stops.map((one) => (
                                    <li key={one.scope}>
                                        <span>
                                            {one.scope === "all" ? "Everything" : one.scope}, since{" "}
                                            {formatInstant(one.since_ms)}, by {one.who}
                                        </span>
                                        <button type="button" class="button" onClick={() => lift(one.scope)}>
                                            Lift
                                        </button>
                                    </li>
                                ))}
                            </ul>
                        )}
                        <form
                            class="controls"
                            onSubmit={(event) => {
                                event.preventDefault();
                                doing.run(async () => {
                                    await ask("POST", "/v1/stop", { scope: scope.trim() });
                                    tell(`${scope === "all" ? "Everything" : scope} is stopped`, async () => {
                                        await ask("DELETE", "/v1/stop", { scope: scope.trim() });
                                        answer.again();
                                    });
                                    answer.again();
                                });
                            }}
                        >
                            <Field
                                label="What to stop"
                                name="scope"
                                value={scope}
                                set={set}
                                error={doing.error}
                                note="all, journey:name or channel:name"
                            />
                            <Button type="submit" class="button danger" isOff={doing.isDoing}>
                                Stop sending
                            </Button>
                        </form>
                        <Trouble error={doing.error} />
                        {isLifting !== null && (
                            <Sure
                                title="Send again"
                                typed={isLifting}
                                button="Lift the stop"
                                close={() => lift(null)}
                                words="What waited leaves as soon as its rules allow, to everybody it was meant for."
                                work={async () => {
                                    await ask("DELETE", "/v1/stop", { scope: isLifting });
                                    tell(`${isLifting} is sent again`);
                                    answer.again();
                                }}
                            />
                        )}
                    </>
                )}
            </Shown>
        </Part>
    );
}

function Secret({ secret, close }: { secret: string; close: () => void }) {
    return (
        <Dialog title="The new secret" close={close}>
            <p>It is shown this once: only its hash is kept.</p>
            <pre class="command" tabIndex={0} aria-label="The secret">
                <code>{secret}</code>
            </pre>
        </Dialog>
    );
}

function NewKey({ done }: { done: () => void }) {
    const [kind, setKind] = useState("token"),
        [name, setName] = useState(""),
        [role, setRole] = useState("viewer"),
        [secret, show] = useState<string | null>(null),
        doing = useDoing();
    return (
        <form
            class="controls"
            onSubmit={(event) => {
                event.preventDefault();
                doing.run(async () => {
                    const made = await ask<{ secret: string }>("POST", "/v1/keys", {
                        kind,
                        name,
                        ...(kind === "token" ? { role } : {}),
                    });
                    show(made.secret);
                    setName("");
                    done();
                });
            }}
        >
            <Choice
                label="Kind"
                value={kind}
                set={setKind}
                options={[
                    ["page_key", "page key: pages may send"],
                    ["write_key", "write key: servers may send all"],
                    ["token", "token: programs may ask"],
                ]}
            />
            {kind === "token" && <Choice label="Role" value={role} set={setRole} options={ROLES} />}
            <Field label="What it is for" name="name" value={name} set={setName} error={doing.error} isRequired />
            <Button type="submit" class="button primary" isOff={doing.isDoing}>
                Make a key
            </Button>
            <Trouble error={doing.error} />
            {secret !== null && <Secret secret={secret} close={() => show(null)} />}
        </form>
    );
}

type Key = NonNullable<GetV1Keys["keys"]>[number];

function KeyRow({ row, done }: { row: Key; done: () => void }) {
    const [isSure, ask_sure] = useState(false),
        [secret, show] = useState<string | null>(null),
        doing = useDoing();
    return (
        <span class="row-actions">
            <Button
                type="button"
                class="button"
                isOff={doing.isDoing}
                onClick={() =>
                    doing.run(async () => {
                        show((await ask<{ secret: string }>("POST", `/v1/keys/${row.id}/rotate`, {})).secret);
                        done();
                    })
                }
            >
                Rotate
            </Button>
            <button type="button" class="button danger" onClick={() => ask_sure(true)}>
                Remove
            </button>
            <Trouble error={doing.error} />
            {secret !== null && <Secret secret={secret} close={() => show(null)} />}
            {isSure && (
                <Sure
                    title="Remove this key"
                    typed={row.name}
                    button="Remove"
                    close={() => ask_sure(false)}
                    words={
                        <>
                            Whatever uses <code>{row.hint}</code> is refused from now on.
                        </>
                    }
                    work={async () => {
                        await ask("DELETE", `/v1/keys/${row.id}`);
                        tell(`Key ${row.name} is removed`);
                        done();
                    }}
                />
            )}
        </span>
    );
}

function Keys() {
    const answer = useAnswer<GetV1Keys>("/v1/keys");
    return (
        <Part
            title="Keys and tokens"
            lead="A page's key may only send. A new secret of a key leaves the old one a week."
        >
            <NewKey done={answer.again} />
            <Shown answer={answer}>
                {({ keys = [] }) => (
                    <Table
                        caption="Keys"
                        noun="key"
                        id={(row) => row.id}
                        rows={keys ?? []}
                        columns={[
                            { title: "For", kind: "name", cell: (row) => row.name, value: (row) => row.name },
                            {
                                title: "Kind",
                                cell: (row) => <Tag>{row.kind.replace("_", " ")}</Tag>,
                                value: (row) => row.kind,
                            },
                            {
                                title: "Role",
                                cell: (row) => (row.role === "none" ? "–" : row.role),
                                value: (row) => row.role,
                            },
                            { title: "Begins", cell: (row) => <code>{row.hint}</code> },
                            {
                                title: "Made",
                                cell: (row) => <Age at_ms={row.made_ms} />,
                                value: (row) => row.made_ms,
                            },
                            {
                                title: "Ends",
                                cell: (row) => (row.expires_ms ? <Age at_ms={row.expires_ms} /> : "never"),
                            },
                            { title: "Actions", cell: (row) => <KeyRow row={row} done={answer.again} /> },
                        ]}
                    />
                )}
            </Shown>
        </Part>
    );
}

function NewPerson({ done }: { done: () => void }) {
    const [name, setName] = useState(""),
        [role, setRole] = useState("viewer"),
        [password, setPassword] = useState(""),
        doing = useDoing();
    return (
        <form
            class="controls"
            onSubmit={(event) => {
                event.preventDefault();
                doing.run(async () => {
                    await ask("POST", "/v1/people", { name, role, password });
                    tell(`${name} may sign in`);
                    setName("");
                    setPassword("");
                    done();
                });
            }}
        >
            <Field label="Person" name="name" value={name} set={setName} error={doing.error} isRequired />
            <Choice label="Their role" value={role} set={setRole} options={ROLES} />
            <Field
                label="Password"
                name="password"
                type="password"
                complete="new-password"
                value={password}
                set={setPassword}
                error={doing.error}
                isRequired
            />
            <Button type="submit" class="button primary" isOff={doing.isDoing}>
                Add them
            </Button>
            <Trouble error={doing.error} />
        </form>
    );
}

type PersonRow = NonNullable<GetV1People["people"]>[number];

function RemovePerson({ row, done }: { row: PersonRow; done: () => void }) {
    const [isSure, ask_sure] = useState(false);
    return (
        <>
            <button type="button" class="button danger" onClick={() => ask_sure(true)}>
                Remove
            </button>
            {isSure && (
                <Sure
                    title="Remove this person"
                    typed={row.name}
                    button="Remove"
                    close={() => ask_sure(false)}
                    words="Their sessions end at once."
                    work={async () => {
                        await ask("DELETE", `/v1/people/${row.id}`);
                        tell(`${row.name} may no longer sign in`);
                        done();
                    }}
                />
            )}
        </>
    );
}

function People() {
    const answer = useAnswer<GetV1People>("/v1/people");
    return (
        <Part
            title="People"
            lead="Who may sign in, and as what. Adding somebody who is there changes their password and role."
        >
            <NewPerson done={answer.again} />
            <Shown answer={answer}>
                {({ people = [] }) =>
                    (people ?? []).length === 0 ? (
                        <Empty>Nobody yet: tokens are used by programs, people sign in by name.</Empty>
                    ) : (
                        <Table
                            caption="People"
                            noun="person"
                            id={(row) => row.id}
                            rows={people ?? []}
                            columns={[
                                { title: "Name", kind: "name", cell: (row) => row.name, value: (row) => row.name },
                                { title: "Role", cell: (row) => <Tag>{row.role}</Tag>, value: (row) => row.role },
                                {
                                    title: "Since",
                                    cell: (row) => <Age at_ms={row.made_ms} />,
                                    value: (row) => row.made_ms,
                                },
                                {
                                    title: "Actions",
                                    cell: (row) => <RemovePerson row={row} done={answer.again} />,
                                },
                            ]}
                        />
                    )
                }
            </Shown>
        </Part>
    );
}

function Destinations() {
    const answer = useAnswer<GetV1Destinations>("/v1/destinations", 30_000);
    return (
        <Part
            title="Destinations"
            lead="Where messages go, as the settings say it, and how each way fared in the last seven days."
        >
            <Shown answer={answer}>
                {({ destinations }) =>
                    destinations.length === 0 ? (
                        <Empty>
                            There is none: name one under channels in holdfast.yaml, then nothing stands in the way
                            of a first message.
                        </Empty>
                    ) : (
                        <Table
                            caption="Destinations"
                            noun="destination"
                            csv="destinations"
                            id={(row) => row.name}
                            rows={destinations}
                            columns={[
                                {
                                    title: "Name",
                                    kind: "name",
                                    cell: (row) => (
                                        <>
                                            {row.name} {row.is_stopped && <Tag kind="is-alert">stopped</Tag>}
                                            {row.is_signed === false && (
                                                <Tag
                                                    kind="is-alert"
                                                    title="DKIM does not sign for the From's domain"
                                                >
                                                    unsigned
                                                </Tag>
                                            )}
                                        </>
                                    ),
                                    value: (row) => row.name,
                                },
                                { title: "Kind", cell: (row) => row.kind, value: (row) => row.kind },
                                {
                                    title: "Leads to",
                                    kind: "wide",
                                    cell: (row) => <code>{row.leads_to}</code>,
                                    value: (row) => row.leads_to,
                                },
                                {
                                    title: "Messages",
                                    kind: "wide",
                                    cell: (row) => (
                                        <a href={to("messages", null, { channel: row.name })}>
                                            {Object.entries(row.messages)
                                                .map(([state, n]) => `${String(n)} ${state}`)
                                                .join(", ") || "none"}
                                        </a>
                                    ),
                                    value: (row) => JSON.stringify(row.messages),
                                },
                                {
                                    title: "Last sent",
                                    cell: (row) => <Age at_ms={row.sent_ms} />,
                                    value: (row) => row.sent_ms,
                                },
                            ]}
                        />
                    )
                }
            </Shown>
        </Part>
    );
}

function Chain() {
    const [isAsked, askNow] = useState(false),
        answer = useAnswer<GetV1Audit>(isAsked ? "/v1/audit?limit=1&check=chain" : null),
        chain = answer.data?.chain as { rows: number; is_whole: boolean; why: string } | null | undefined;
    return (
        <p class="actions">
            <button
                type="button"
                class="button"
                onClick={() => {
                    askNow(true);
                    answer.again();
                }}
            >
                Check the chain
            </button>
            <span role="status">
                {chain
                    ? chain.is_whole
                        ? `The chain of ${chain.rows} rows is whole: nothing in it was changed or cut off.`
                        : `The chain is broken: ${sentence(chain.why)}`
                    : ""}
            </span>
        </p>
    );
}

function Audit({ asked }: { asked: URLSearchParams }) {
    const before = asked.get("before"),
        who = asked.get("who") ?? "";
    const query = new URLSearchParams([
            ["limit", "50"],
            ...(before ? [["before", before]] : []),
            ...(who ? [["who", who]] : []),
        ]),
        answer: Answer<GetV1Audit> = useAnswer<GetV1Audit>(`/v1/audit?${query}`, 30_000);
    return (
        <Part
            title="Who changed what"
            lead="What people did with their own hands, newest first, and the chain that shows whether anything of it was changed later."
        >
            <Chain />
            <div class="controls">
                <Field
                    label="By whom"
                    name="who"
                    value={who}
                    set={(next) => look({ who: next, before: null }, false)}
                />
            </div>
            <Shown answer={answer}>
                {({ acts }) =>
                    acts.length === 0 ? (
                        <Empty>Nobody has changed anything{who ? " by this name" : ""}.</Empty>
                    ) : (
                        <>
                            <Table
                                caption="Acts"
                                noun="act"
                                csv="audit"
                                id={(row) => row.id}
                                rows={acts}
                                columns={[
                                    {
                                        title: "When",
                                        cell: (row) => <Age at_ms={row.at_ms} />,
                                        value: (row) => new Date(row.at_ms).toISOString(),
                                    },
                                    {
                                        title: "Who",
                                        kind: "name",
                                        cell: (row) => row.who,
                                        value: (row) => row.who,
                                    },
                                    {
                                        title: "What",
                                        kind: "wide",
                                        cell: (row) => row.what,
                                        value: (row) => row.what,
                                    },
                                    {
                                        title: "About",
                                        cell: (row) => (row.customer ? <CustomerLink id={row.customer} /> : "–"),
                                        value: (row) => row.customer,
                                    },
                                ]}
                            />
                            <p class="actions">
                                {before && (
                                    <button type="button" class="button" onClick={() => history.back()}>
                                        Newer ones
                                    </button>
                                )}
                                {acts.length === 50 && (
                                    <button
                                        type="button"
                                        class="button"
                                        onClick={() => look({ before: acts.at(-1)?.id })}
                                    >
                                        Older ones
                                    </button>
                                )}
                            </p>
                        </>
                    )
                }
            </Shown>
        </Part>
    );
}

export default function SettingsPage({ asked }: ViewProps) {
    const may = useMay();
    return (
        <>
            <Head title="Settings" lead="Who may do what, what is stopped, and who changed what." />
            {may("POST /v1/stop") && <KillSwitch />}
            {may("GET /v1/destinations") && <Destinations />}
            {may("GET /v1/keys") && <Keys />}
            {may("GET /v1/people") && <People />}
            {may("GET /v1/audit") && <Audit asked={asked} />}
        </>
    );
}
