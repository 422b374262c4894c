/* section.tsx - one part of the report: its heading, the sentence that says what it shows, and what is drawn. */
import type { ComponentChildren as Children } from "preact";
import { sentence } from "../page/prose.ts";
import { Prose } from "../part/block.tsx";
import type { Maybe, Report } from "../report.ts";

export type Group = "act" | "understand" | "trust";

export interface Section {
    id: string; /* also the address: report.html#drivers */
    group: Group;
    title: string;
    draw: (report: Report) => Children; /* nothing when the report has no such part */
}

/* A paragraph of the program's words, or nothing when there are none. */
export const Paragraph = ({ text, kind }: { text: Maybe<string>; kind?: string }) =>
    text ? (
        <p class={kind}>
            <Prose text={sentence(text)} />
        </p>
    ) : null;

export const Lead = ({ text }: { text: Maybe<string> }) => <Paragraph text={text} kind="lead" />;

/* A part within a section. */
export const Within = ({ title, lead, children }: { title: string; lead?: Maybe<string>; children?: Children }) => (
    <div class="part">
        <h3>{title}</h3>
        <Paragraph text={lead} kind="part-lead" />
        {children}
    </div>
);

/* A small note on how to read what is above. */
export const Note = ({ children }: { children: Children }) => <p class="note">{children}</p>;

export const Folded = ({ title = "Show as table", children }: { title?: string; children: Children }) => (
    <details class="as-table">
        <summary>{title}</summary>
        {children}
    </details>
);
