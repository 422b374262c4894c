/* form.tsx - fields with their labels and what is wrong with them, dialogs of the browser's own, and the question that
 * stands before what cannot be undone. */
import type { ComponentChildren as Children } from "preact";
import { useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import { sentence } from "../../page/prose.ts";
import { Refusal } from "../ask.ts";
import { Trouble } from "./basic.tsx";
import { useDoing } from "../use_answer.ts";
import { Button } from "./button.tsx";

interface FieldOptions {
    label: string;
    value: string;
    set: (value: string) => void;
    note?: Children;
    error?: unknown;
    name?: string;
    type?: "text" | "search" | "password" | "number" | "date";
    rows?: number;
    placeholder?: string;
    complete?: string;
    isCode?: boolean;
    isRequired?: boolean;
    list?: string[];
}

/* The field that a refusal names shows it; without a name the form does. */
export const errorOf = (error: unknown, name: string): string | null =>
    error instanceof Refusal && error.field === name ? sentence(error.message) : null;

export function Field(options: FieldOptions) {
    const id = useId(),
        { label, value, set, note, name = "", rows, list } = options;
    const wrong = errorOf(options.error, name);
    const shared = {
        id,
        value,
        required: options.isRequired,
        placeholder: options.placeholder,
        spellcheck: false,
        name,
        "aria-invalid": wrong ? (true as const) : undefined,
        "aria-describedby": wrong ? `${id}-wrong` : note ? `${id}-note` : undefined,
        onInput: (event: Event) => set((event.currentTarget as HTMLInputElement).value),
    };
    return (
        <p class="field">
            <label for={id}>{label}</label>
            {rows ? (
                <textarea rows={rows} class={options.isCode ? "is-code" : undefined} {...shared} />
            ) : (
                <input
                    type={(options.type ?? "text") as "text"}
                    autocomplete={options.complete ?? "off"}
                    autocapitalize="none"
                    list={list ? `${id}-list` : undefined}
                    {...shared}
                />
            )}
            {list && (
                <datalist id={`${id}-list`}>
                    {list.map((one) => (
                        <option key={one} value={one} />
                    ))}
                </datalist>
            )}
            {wrong ? (
                <span class="field-error" id={`${id}-wrong`} role="alert">
                    {wrong}
                </span>
            ) : (
                note && (
                    <span class="note" id={`${id}-note`}>
                        {note}
                    </span>
                )
            )}
        </p>
    );
}

export function Choice({
    label,
    value,
    set,
    options,
    isHidden = false,
}: {
    label: string;
    value: string;
    set: (value: string) => void;
    options: [string, string][];
    isHidden?: boolean;
}) {
    const id = useId();
    return (
        <p class="field choice">
            <label for={id} class={isHidden ? "unseen" : undefined}>
                {label}
            </label>
            <select id={id} value={value} onChange={(event) => set(event.currentTarget.value)}>
                {options.map(([name, words]) => (
                    <option key={name} value={name}>
                        {words}
                    </option>
                ))}
            </select>
        </p>
    );
}

/* Open while it is drawn; Escape, a click beside it and the cross close it. */
export function Dialog({
    title,
    close,
    children,
    isWide = false,
}: {
    title: string;
    close: () => void;
    children: Children;
    isWide?: boolean;
}) {
    const box = useRef<HTMLDialogElement>(null),
        isGone = useRef(false),
        id = useId();
    /* As it is drawn and as it goes: closing gives the focus back to what had it, before any other key is heard. */
    useLayoutEffect(() => {
        const dialog = box.current;
        dialog?.showModal();
        return () => {
            isGone.current = true;
            dialog?.close();
        };
    }, []);
    return (
        <dialog
            ref={box}
            class={isWide ? "dialog is-wide" : "dialog"}
            aria-labelledby={id}
            onClose={() => {
                if (!isGone.current) close();
            }}
            onMouseDown={(event) => {
                if (event.target === box.current) close();
            }}
        >
            <div class="dialog-body">
                <div class="dialog-head">
                    <h2 id={id}>{title}</h2>
                    <button type="button" class="button quiet" aria-label="Close" onClick={close}>
                        ×
                    </button>
                </div>
                {children}
            </div>
        </dialog>
    );
}

/* Before what is written down with a reason. */
export function Reasoned({
    title,
    words,
    button,
    work,
    close,
}: {
    title: string;
    words: string;
    button: string;
    work: (reason: string) => Promise<void>;
    close: () => void;
}) {
    const [reason, set] = useState(""),
        doing = useDoing();
    return (
        <Dialog title={title} close={close}>
            <form
                onSubmit={(event) => {
                    event.preventDefault();
                    doing.run(async () => {
                        await work(reason);
                        close();
                    });
                }}
            >
                <p>{words}</p>
                <Field label="Why" name="reason" value={reason} set={set} error={doing.error} isRequired />
                <Trouble error={doing.error} />
                <p class="actions">
                    <Button type="submit" class="button danger" isOff={!reason.trim() || doing.isDoing}>
                        {button}
                    </Button>
                    <button type="button" class="button" onClick={close}>
                        Cancel
                    </button>
                </p>
            </form>
        </Dialog>
    );
}

/* Before what cannot be undone: whom it reaches, and the number or name that has to be typed. */
export function Sure({
    title,
    words,
    typed,
    button,
    work,
    close,
}: {
    title: string;
    words: Children;
    typed: string;
    button: string;
    work: () => Promise<void>;
    close: () => void;
}) {
    const [text, set] = useState(""),
        doing = useDoing();
    return (
        <Dialog title={title} close={close}>
            <form
                onSubmit={(event) => {
                    event.preventDefault();
                    if (text.trim() === typed)
                        doing.run(async () => {
                            await work();
                            close();
                        });
                }}
            >
                <p>{words}</p>
                <Field label={`Type ${typed} to go on`} value={text} set={set} />
                <Trouble error={doing.error} />
                <p class="actions">
                    <Button type="submit" class="button danger" isOff={text.trim() !== typed || doing.isDoing}>
                        {button}
                    </Button>
                    <button type="button" class="button" onClick={close}>
                        Cancel
                    </button>
                </p>
            </form>
        </Dialog>
    );
}
