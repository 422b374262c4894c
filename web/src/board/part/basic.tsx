/* basic.tsx - what every page of the dashboard has: its head, what went wrong, and what waits. */
import type { ComponentChildren as Children } from "preact";
import { useEffect, useState } from "preact/hooks";
import { sentence } from "../../page/prose.ts";
import { Prose } from "../../part/block.tsx";
import { Refusal } from "../ask.ts";
import { formatAge, formatInstant } from "../clock.ts";
import { to } from "../place.ts";
import type { Answer } from "../use_answer.ts";

/* A page's name, the sentence that says what it shows and what to do next, and what can be done. */
export function Head({
    title,
    lead,
    actions,
    back,
    name,
}: {
    title: string;
    lead?: Children;
    actions?: Children;
    back?: [string, string];
    name?: string;
}) {
    useEffect(() => {
        document.title = `${name ?? title} · Holdfast`;
    }, [title, name]);
    return (
        <div class="page-head">
            {back && (
                <p class="back">
                    <a href={back[0]}>{back[1]}</a>
                </p>
            )}
            <div class="page-title">
                <h1 class={title.length > 40 ? "is-long" : undefined}>{title}</h1>
                {actions && <div class="actions">{actions}</div>}
            </div>
            {lead && <p class="lead">{typeof lead === "string" ? <Prose text={lead} /> : lead}</p>}
        </div>
    );
}

const WHAT_TO_DO: Record<number, string> = {
    0: "",
    403: " Ask an administrator for a role that may.",
    429: " Wait a minute, then try again.",
    500: " Try again; if it stays, look into the server's log.",
    503: " Try again in a minute.",
};

/* What went wrong, in the server's words, and what to do. */
export function Trouble({ error, again }: { error: unknown; again?: (() => void) | undefined }) {
    if (!error) return null;
    const is = error instanceof Refusal;
    if (!is) console.error(error);
    return (
        <div class="callout is-trouble" role="alert">
            <p>
                <Prose text={sentence(is ? error.message : "This part could not be drawn")} />
                {is ? (WHAT_TO_DO[error.status] ?? "") : ""}
            </p>
            {again && (
                <p class="actions">
                    <button type="button" class="button" onClick={again}>
                        Try again
                    </button>
                </p>
            )}
        </div>
    );
}

/* Draws an answer once it is there. A newer one replaces it where it stands. */
export function Shown<T>({
    answer,
    children,
    rows = 3,
}: {
    answer: Answer<T>;
    children: (data: T) => Children;
    rows?: number;
}) {
    if (answer.data === null && answer.error) return <Trouble error={answer.error} again={answer.again} />;
    if (answer.data === null) return <Waiting rows={rows} />;
    return (
        <div aria-busy={answer.isOld ? "true" : undefined}>
            {answer.error ? <Trouble error={answer.error} again={answer.again} /> : null}
            {children(answer.data)}
        </div>
    );
}

export function Waiting({ rows = 3 }: { rows?: number }) {
    return (
        <div class="waiting" role="status" aria-label="Asking the server">
            {Array.from({ length: rows }, (_, i) => (
                <span key={i} class="waiting-row" />
            ))}
        </div>
    );
}

/* What stands where there is nothing: why, and the first step. */
export const Empty = ({ children, actions }: { children: Children; actions?: Children }) => (
    <div class="callout is-empty">
        <p>{children}</p>
        {actions && <p class="actions">{actions}</p>}
    </div>
);

/* How long ago; kept true while it is looked at. The exact instant is its title. */
export function Age({ at_ms }: { at_ms: number | null | undefined }) {
    const [, redraw] = useState(0);
    useEffect(() => {
        const timer = setInterval(() => {
            if (!document.hidden) redraw((n) => n + 1);
        }, 5000);
        return () => clearInterval(timer);
    }, []);
    if (at_ms === null || at_ms === undefined) return <span>–</span>;
    return (
        <time class="age" dateTime={new Date(at_ms).toISOString()} title={formatInstant(at_ms)}>
            {formatAge(at_ms)}
        </time>
    );
}

export const CustomerLink = ({ id }: { id: string }) =>
    id === "" ? (
        <span>nobody in particular</span>
    ) : (
        <a class="customer-link" href={to("customer", id)} dir="auto">
            {id}
        </a>
    );
