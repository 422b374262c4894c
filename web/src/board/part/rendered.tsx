/* rendered.tsx - a message as a real person would get it: as a phone and as a desktop show it, and a test of it sent. */
import { useMemo, useState } from "preact/hooks";
import { sentence } from "../../page/prose.ts";
import type { PostV1MessagesRender } from "../answers.ts";
import { ask } from "../ask.ts";
import { tell } from "../notice.tsx";
import { useMay, usePerson } from "../session.ts";
import { useDoing } from "../use_answer.ts";
import { Facts } from "../../part/block.tsx";
import { Trouble } from "./basic.tsx";
import { Button } from "./button.tsx";
import { Dialog, Field } from "./form.tsx";

function Test({ asked }: { asked: Asked }) {
    const person = usePerson(),
        [address, set] = useState(person.name.includes("@") ? person.name : ""),
        doing = useDoing();
    return (
        <form
            class="controls"
            onSubmit={(event) => {
                event.preventDefault();
                doing.run(async () => {
                    await ask("POST", "/v1/messages/test", { ...asked, address: address.trim() });
                    tell(`A test is on its way to ${address.trim()}`);
                });
            }}
        >
            <Field
                label="Send a test to"
                name="address"
                value={address}
                set={set}
                error={doing.error}
                note="It carries what this person would get; nobody else gets it."
                isRequired
            />
            <Button type="submit" class="button" isOff={doing.isDoing || !address.trim()}>
                Send the test
            </Button>
            <Trouble error={doing.error} />
        </form>
    );
}

interface Asked {
    yaml?: string | undefined;
    journey?: string | undefined;
    step: string;
    customer: string;
    event?: unknown;
}

/* What the frame's policy would refuse anyway is left out, so that the browser has nothing to complain of: scripts, style
 * sheets (styles of single elements stay) and pictures from elsewhere.  The frame is a sandbox in which nothing runs. */
export const quiet = (html: string): string =>
    html
        .replace(/<script\b[\s\S]*?<\/script\s*>/gi, "")
        .replace(/<style\b[\s\S]*?<\/style\s*>/gi, "")
        .replace(/<(?:script|style|link|base|iframe|object|embed|meta\s+http-equiv)\b[^>]*>/gi, "")
        .replace(/\s(?:src|srcset|background)\s*=/gi, " data-left-out=")
        .replace(/url\s*\(/gi, "none(")
        .replace(/\son\w+\s*=/gi, " data-left-out=");

type Markup = { createHTML: (text: string) => string };
const markup = (
    window as unknown as { trustedTypes?: { createPolicy: (name: string, rules: Markup) => Markup } }
).trustedTypes?.createPolicy("mail", { createHTML: quiet });

function Shape({ html, width, title }: { html: string; width: number; title: string }) {
    /* The same object as long as the words are: another one would load the frame again. */
    const words = useMemo(() => (markup ? markup.createHTML(html) : quiet(html)), [html]);
    return (
        <figure class="mail">
            <iframe
                sandbox=""
                title={title}
                srcdoc={words}
                style={{ width: `${width}px` }}
            />
            <figcaption class="note">{title}</figcaption>
        </figure>
    );
}

export function RenderedMessage({ asked, close }: { asked: Asked; close: () => void }) {
    const [told, show] = useState<PostV1MessagesRender | null>(null),
        doing = useDoing(),
        may = useMay();
    if (!told && !doing.isDoing && !doing.error)
        doing.run(async () => show(await ask<PostV1MessagesRender>("POST", "/v1/messages/render", asked)));
    return (
        <Dialog title={`What ${asked.customer} would get`} close={close} isWide>
            <Trouble error={doing.error} />
            {told && (
                <>
                    <Facts
                        rows={[
                            ["By", told.channel],
                            ["Subject", told.subject],
                            told.missing.length > 0 && [
                                "Missing",
                                `${told.missing.join(", ")}: as it stands it is not sent to this person`,
                            ],
                            told.problem !== null && ["Wrong", sentence(told.problem)],
                        ]}
                    />
                    {told.html !== null && (
                        <div class="mails">
                            <Shape html={told.html} width={320} title="On a phone" />
                            <Shape html={told.html} width={560} title="On a desktop" />
                        </div>
                    )}
                    {(told.text ?? told.body) && (
                        <pre class="command" tabIndex={0} aria-label="As text">
                            <code>{told.text ?? told.body}</code>
                        </pre>
                    )}
                    {may("POST /v1/messages/test") && told.problem === null && <Test asked={asked} />}
                </>
            )}
        </Dialog>
    );
}

export function Rendered({
    yaml,
    step,
    customer,
    event,
}: {
    yaml: string;
    step: string;
    customer: string;
    event: string;
}) {
    const [isOpen, open] = useState(false),
        may = useMay();
    let carried: unknown = {};
    try {
        carried = JSON.parse(event || "{}");
    } catch {
        /* the form says so */
    }
    if (!may("POST /v1/messages/render")) return null;
    return (
        <>
            {" "}
            <button type="button" class="button quiet-text" onClick={() => open(true)}>
                Show the message
            </button>
            {isOpen && (
                <RenderedMessage asked={{ yaml, step, customer, event: carried }} close={() => open(false)} />
            )}
        </>
    );
}
