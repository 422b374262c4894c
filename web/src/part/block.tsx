/* block.tsx - what pages and reports are made of: parts, figures, facts, tags and reasons. */
import type { ComponentChildren as Children } from "preact";
import { useId } from "preact/hooks";
import { prose } from "../page/prose.ts";

const FLAG = /(--[a-z][a-z0-9-]*)/;

/* A sentence of the program's: a flag of a command in it is code, which does not break at its dashes. */
export const Prose = ({ text }: { text: string }) => (
    <>
        {text.split(FLAG).map((one, i) =>
            i % 2 === 1 ? (
                <code class="flag" key={i}>
                    {one}
                </code>
            ) : (
                one
            ),
        )}
    </>
);

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
            {lead && <p class="part-lead">{typeof lead === "string" ? <Prose text={lead} /> : lead}</p>}
            {children}
        </section>
    );
}

export interface Figure {
    label: string;
    number: Children;
    mark?: Children; /* a small drawing of it */
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
                            {item.mark && <dd class="figure-mark">{item.mark}</dd>}
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
    title?: string | undefined;
}) => (
    <span class={`tag ${kind}`.trim()} title={title}>
        {children}
    </span>
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
                    <li key={one}>
                        <Prose text={prose(one)} />
                    </li>
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
