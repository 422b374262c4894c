/* sign_in.ts - with a name and a password, which begins a session, or with a token. */
import { h } from "../page/dom.ts";
import { ask, keepToken, Refusal } from "./ask.ts";
import { sentence, type Person } from "./view.ts";

function input(id: string, label: string, type: string, complete: string): { box: HTMLElement; field: HTMLInputElement } {
    const field = h("input", { id, type, autocomplete: complete, required: true, spellcheck: "false",
        autocapitalize: "none" });
    return { box: h("p", { class: "field" }, h("label", { for: id }, label), field), field };
}

/* One of the two ways: a form that says at its end what was wrong. */
function way(title: string, words: string, boxes: HTMLElement[], button: string, send: () => Promise<Person>,
    done: (person: Person) => void): HTMLElement {
    const told = h("p", { class: "field-error", role: "alert", hidden: true });
    return h("form", { class: "sign-in-way", onsubmit: (event) => {
        event.preventDefault();
        told.hidden = true;
        send().then(done, (error: unknown) => {
            told.textContent = sentence(error instanceof Refusal ? error.message : String(error));
            told.hidden = false;
        });
    } }, h("h2", null, title), h("p", { class: "note" }, words), boxes,
        h("button", { type: "submit", class: "button primary" }, button), told);
}

/* Draws the forms into the place; `done` is called once somebody is in. `why` says why one has to sign in again. */
export function signIn(place: HTMLElement, why: string | null, done: (person: Person) => void): void {
    const name = input("name", "Name", "text", "username");
    const password = input("password", "Password", "password", "current-password");
    const token = input("token", "Token", "password", "off");
    place.replaceChildren(h("main", { id: "content", class: "sign-in", tabindex: "-1" },
        h("h1", null, "Sign in"),
        why ? h("p", { class: "callout", role: "status" }, why) : null,
        way("As a person", "An administrator adds people: holdfast access --help.", [name.box, password.box], "Sign in",
            async () => {
                keepToken(null);
                return ask<Person>("POST", "/v1/session", { name: name.field.value, password: password.field.value });
            }, done),
        way("With a token", "The first start of the server printed one. It stays in this tab and is gone with it.",
            [token.box], "Use this token", async () => {
                const text = token.field.value.trim();
                const person = await ask<Person>("GET", "/v1/session", undefined, undefined, text);
                keepToken(text);
                return person;
            }, done)));
    name.field.focus();
}
