/* sign_in.tsx - with a name and a password, which begins a session, or with a token. */
import { useLayoutEffect, useState } from "preact/hooks";
import { sentence } from "../page/prose.ts";
import { ask, keepToken, Refusal } from "./ask.ts";
import { Button } from "./part/button.tsx";
import type { Person } from "./session.ts";
import { useDoing } from "./use_answer.ts";

function Entry({
    id,
    label,
    type,
    complete,
    value,
    set,
}: {
    id: string;
    label: string;
    type: "text" | "password";
    complete: string;
    value: string;
    set: (value: string) => void;
}) {
    return (
        <p class="field">
            <label for={id}>{label}</label>
            <input
                id={id}
                type={type as "text"}
                autocomplete={complete}
                required
                spellcheck={false}
                autocapitalize="none"
                value={value}
                onInput={(event) => set(event.currentTarget.value)}
            />
        </p>
    );
}

function Wrong({ error }: { error: unknown }) {
    return error ? (
        <p class="field-error" role="alert">
            {sentence(error instanceof Refusal ? error.message : String(error))}
        </p>
    ) : null;
}

/* `enter` is called once somebody is in. `why` says why one has to sign in again. */
export function SignIn({ why, enter }: { why: string | null; enter: (person: Person) => void }) {
    const [name, setName] = useState(""),
        [password, setPassword] = useState(""),
        [token, setToken] = useState("");
    const person = useDoing(),
        holder = useDoing();
    useLayoutEffect(() => {
        document.title = "Sign in · Holdfast";
        document.getElementById("name")?.focus();
    }, []);
    return (
        <main id="content" class="sign-in" tabIndex={-1}>
            <h1>Sign in</h1>
            {why && (
                <p class="callout" role="status">
                    {why}
                </p>
            )}
            <form
                class="sign-in-way"
                onSubmit={(event) => {
                    event.preventDefault();
                    person.run(async () => {
                        keepToken(null);
                        enter(await ask<Person>("POST", "/v1/session", { name, password }));
                    });
                }}
            >
                <h2>As a person</h2>
                <p class="note">An administrator adds people, in Settings or with holdfast access.</p>
                <Entry id="name" label="Name" type="text" complete="username" value={name} set={setName} />
                <Entry
                    id="password"
                    label="Password"
                    type="password"
                    complete="current-password"
                    value={password}
                    set={setPassword}
                />
                <Button type="submit" class="button primary" isOff={person.isDoing}>
                    Sign in
                </Button>
                <Wrong error={person.error} />
            </form>
            <form
                class="sign-in-way"
                onSubmit={(event) => {
                    event.preventDefault();
                    holder.run(async () => {
                        const who = await ask<Person>("GET", "/v1/session", undefined, undefined, token.trim());
                        keepToken(token.trim());
                        enter(who);
                    });
                }}
            >
                <h2>With a token</h2>
                <p class="note">
                    The first start of the server printed one. It stays in this tab and is gone with it.
                </p>
                <Entry id="token" label="Token" type="password" complete="off" value={token} set={setToken} />
                <Button type="submit" class="button primary" isOff={holder.isDoing}>
                    Use this token
                </Button>
                <Wrong error={holder.error} />
            </form>
        </main>
    );
}
