/* basic.tsx - what every page is made of: its head, parts, figures, notes, what went wrong, and what waits. */
import type { ComponentChildren as Children } from "preact";
import { useEffect, useId, useState } from "preact/hooks";
import { prose, sentence } from "../../page/prose.ts";
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
            {lead && <p class="lead">{lead}</p>}
        </div>
    );
}

export function Part({
    title,
    lead,
    actions,
    children,
}: {
    title: string;
    lead?: Children;
    actions?: Children;
    children?: Children;
}) {
    const id = useId();
    return (
        <section class="part" aria-labelledby={id}>
            <div class="part-head">
                <h2 class="part-title" id={id}>
                    {title}
                </h2>
                {actions && <div class="actions">{actions}</div>}
            </div>
            {lead && <p class="part-lead">{lead}</p>}
            {children}
        </section>
    );
}

export interface Figure {
    label: string;
    number: Children;
    meaning?: Children;
    tone?: "good" | "bad" | undefined;
    href?: string | undefined;
}

/* Large numbers in a row: each with a label above and what it means below. */
export function Figures({ items }: { items: (Figure | null | false | undefined)[] }) {
    return (
        <dl class="figures">
            {items.map(
                (item) =>
                    item && (
                        <div class="figure" key={item.label}>
                            <dt>{item.href ? <a href={item.href}>{item.label}</a> : item.label}</dt>
                            <dd class={`figure-number ${item.tone ? `is-${item.tone}` : ""}`}>{item.number}</dd>
                            {item.meaning && <dd class="figure-meaning">{item.meaning}</dd>}
                        </div>
                    ),
            )}
        </dl>
    );
}

export function Facts({ rows }: { rows: ([string, Children] | null | false)[] }) {
    const known = rows.filter(
        (row): row is [string, Children] => !!row && row[1] !== null && row[1] !== undefined && row[1] !== "",
    );
    return known.length === 0 ? null : (
        <dl class="facts">
            {known.map(([name, value]) => (
                <div key={name}>
                    <dt>{name}</dt>
                    <dd>{value}</dd>
                </div>
            ))}
        </dl>
    );
}

export const Tag = ({
    children,
    kind = "",
    title,
}: {
    children: Children;
    kind?: string | undefined;
    title?: string;
}) => (
    <span class={`tag ${kind}`.trim()} title={title}>
        {children}
    </span>
);

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
                {sentence(is ? error.message : "This part could not be drawn")}
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

const AGAINST = "against: "; /* as the program marks them */

/* Why the model says what it says: what speaks for it, and apart from that what speaks against it. */
export function Reasons({ reasons, most = 99 }: { reasons: string[] | null | undefined; most?: number }) {
    if (!reasons || reasons.length === 0) return <span>–</span>;
    const against = reasons.filter((one) => one.startsWith(AGAINST)).map((one) => one.slice(AGAINST.length));
    const favour = reasons.filter((one) => !one.startsWith(AGAINST));
    const list = (kind: string, rows: string[]) =>
        rows.length === 0 ? null : (
            <ul class={`reasons ${kind}`.trim()}>
                {rows.slice(0, most).map((one) => (
                    <li key={one}>{prose(one)}</li>
                ))}
            </ul>
        );
    return (
        <div>
            {list("", favour)}
            {against.length > 0 && (
                <span class="reasons-side">{favour.length > 0 ? "Against it" : "Only against it"}</span>
            )}
            {list("against", against)}
        </div>
    );
}
