/* condition.tsx - a condition as text with completion, as a list of tests, and how many it would be while it is typed. */
import { useEffect, useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import { formatQuantity, formatShare, plural } from "../../page/format.ts";
import type { GetV1Fields, PostV1SegmentsPreview } from "../answers.ts";
import { ask, Refusal } from "../ask.ts";
import { sentence } from "../../page/prose.ts";
import { errorOf } from "./form.tsx";

export type FieldOf = GetV1Fields["fields"][number];

const valueWords = (field: FieldOf, value: number): string =>
    field.unit === "cents"
        ? `${formatQuantity(value)} cents` /* which conditions take */
        : field.unit === "share"
          ? formatShare(value)
          : formatQuantity(value);

/* What it means, who has it, and usual values. */
export function fieldWords(field: FieldOf): string {
    const { quantiles, usual } = field;
    const [low, high] = [1, 3].map((i) => valueWords(field, quantiles?.[i] ?? 0));
    const values = quantiles
        ? `usually ${low === high ? low : `${low} to ${high}`}`
        : usual.length > 0
          ? usual
                .slice(0, 4)
                .map((one) => one.value)
                .join(", ")
          : "";
    const coverage =
        field.coverage === null || field.coverage > 0.995 ? "" : `${formatShare(field.coverage)} have one`;
    return [field.meaning, values, coverage].filter(Boolean).join("; ");
}

export const quotedName = (name: string): string =>
    /^[A-Za-z_]\w*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`;

/* The word before the caret, to be completed: of a name, or the value after "name = '". */
function completions(
    text: string,
    caret: number,
    fields: FieldOf[],
): { from: number; rows: { put: string; title: string; words: string }[] } {
    const before = text.slice(0, caret),
        value = /([A-Za-z_]\w*|"[^"]+")\s*(?:=|<>|IN\s*\([^)]*)\s*'([^']*)$/i.exec(before);
    if (value) {
        const name = (value[1] ?? "").replaceAll('"', ""),
            begun = (value[2] ?? "").toLowerCase();
        const field = fields.find((one) => one.name.toLowerCase() === name.toLowerCase());
        return {
            from: caret - begun.length,
            rows: (field?.usual ?? [])
                .filter((one) => one.value.toLowerCase().startsWith(begun))
                .map((one) => ({
                    put: `${one.value.replaceAll("'", "''")}'`,
                    title: one.value,
                    words: formatShare(one.share),
                })),
        };
    }
    const word = /[A-Za-z_]\w*$/.exec(before)?.[0] ?? "",
        lower = word.toLowerCase();
    if (word.length < 2 || fields.some((one) => one.name === word)) return { from: caret, rows: [] };
    const rank = (one: FieldOf): number =>
        one.name.toLowerCase().startsWith(lower) ? 0 : one.name.toLowerCase().includes(lower) ? 1 : 2;
    return {
        from: caret - word.length,
        rows: fields
            .filter((one) => `${one.name} ${one.meaning}`.toLowerCase().includes(lower))
            .sort((a, b) => rank(a) - rank(b))
            .slice(0, 8)
            .map((one) => ({ put: quotedName(one.name), title: one.name, words: fieldWords(one) })),
    };
}

export function ConditionField({
    label,
    value,
    set,
    fields,
    error,
    name = "where",
    rows = 2,
}: {
    label: string;
    value: string;
    set: (text: string) => void;
    fields: FieldOf[];
    error?: unknown;
    name?: string;
    rows?: number;
}) {
    const id = useId(),
        box = useRef<HTMLTextAreaElement>(null),
        placed = useRef<number | null>(null) /* where the caret goes behind what was put in */,
        [caret, setCaret] = useState<number | null>(null),
        [at, setAt] = useState(0);
    const found = caret === null ? { from: 0, rows: [] } : completions(value, caret, fields),
        wrong = errorOf(error, name),
        chosen = Math.min(at, found.rows.length - 1);
    const complete = (put: string): void => {
        const text = value.slice(0, found.from) + put + value.slice(caret ?? value.length),
            end = found.from + put.length;
        set(text);
        setCaret(null);
        placed.current = end;
    };
    /* In the turn that draws it: what is typed next stands behind it. */
    useLayoutEffect(() => {
        if (placed.current === null) return;
        box.current?.focus();
        box.current?.setSelectionRange(placed.current, placed.current);
        placed.current = null;
    });
    return (
        <div class="field condition">
            <label for={id}>{label}</label>
            <textarea
                id={id}
                name={name}
                ref={box}
                rows={rows}
                class="is-code"
                spellcheck={false}
                autocapitalize="none"
                value={value}
                placeholder="churn > 0.6 AND order_recency_days > 60"
                aria-controls={`${id}-list`}
                aria-autocomplete="list"
                aria-invalid={wrong ? true : undefined}
                aria-activedescendant={found.rows.length > 0 ? `${id}-${chosen}` : undefined}
                aria-describedby={`${id}-wrong`}
                onInput={(event) => {
                    set(event.currentTarget.value);
                    setCaret(event.currentTarget.selectionStart);
                    setAt(0);
                }}
                onBlur={() => setTimeout(() => setCaret(null), 150)}
                onKeyDown={(event) => {
                    if (found.rows.length === 0) return;
                    if (event.key === "ArrowDown") {
                        event.preventDefault();
                        setAt((chosen + 1) % found.rows.length);
                    }
                    if (event.key === "ArrowUp") {
                        event.preventDefault();
                        setAt((chosen + found.rows.length - 1) % found.rows.length);
                    }
                    if (event.key === "Enter" || event.key === "Tab") {
                        event.preventDefault();
                        complete(found.rows[chosen]?.put ?? "");
                    }
                    if (event.key === "Escape") {
                        event.preventDefault();
                        event.stopPropagation();
                        setCaret(null);
                    }
                }}
            />
            <ul
                class="completions"
                id={`${id}-list`}
                role="listbox"
                aria-label="Names that fit"
                hidden={found.rows.length === 0}
            >
                {found.rows.map((one, i) => (
                    <li
                        key={one.title}
                        id={`${id}-${i}`}
                        role="option"
                        aria-selected={i === chosen}
                        onMouseDown={(event) => {
                            event.preventDefault();
                            complete(one.put);
                        }}
                    >
                        <code>{one.title}</code>
                        <span>{one.words}</span>
                    </li>
                ))}
            </ul>
            <span id={`${id}-wrong`} class={wrong ? "field-error" : "unseen"} role={wrong ? "alert" : undefined}>
                {wrong ?? "Names are completed while you type; arrow keys choose."}
            </span>
        </div>
    );
}

export interface Preview {
    data: PostV1SegmentsPreview | null;
    words: string;
    error: unknown;
    isOld: boolean;
}

const QUICK_MS = 250,
    EXACT_MS = 3000;

/* How many a condition would select: at once from a sample, then exactly. Asked anew when it changes; what was asked before ends. */
export function usePreview(expression: string): Preview {
    const [state, set] = useState<{ of: string; data: PostV1SegmentsPreview | null; error: unknown }>({
        of: "",
        data: null,
        error: null,
    });
    useEffect(() => {
        if (!expression.trim()) {
            set({ of: expression, data: null, error: null });
            return undefined;
        }
        const ending = new AbortController();
        const once = (limit_ms: number): Promise<PostV1SegmentsPreview> =>
            ask<PostV1SegmentsPreview>("POST", "/v1/segments/preview", { expression, limit_ms }, ending.signal);
        void (async () => {
            try {
                const quick = await once(QUICK_MS);
                set({ of: expression, data: quick, error: null });
                if (!quick.is_exact) set({ of: expression, data: await once(EXACT_MS), error: null });
            } catch (error) {
                if (!ending.signal.aborted) set({ of: expression, data: null, error });
            }
        })();
        return () => ending.abort();
    }, [expression]);
    const isOld = state.of !== expression,
        { data } = state;
    const words = !expression.trim()
        ? ""
        : isOld
          ? "Counting"
          : state.error
            ? state.error instanceof Refusal
                ? sentence(state.error.message)
                : ""
            : data
              ? `${data.is_exact ? "" : "About "}${plural(data.n_members, "customer")} of ${plural(data.n_customers, "customer")}` +
                `${data.n_customers > 0 ? `, ${formatShare(data.n_members / data.n_customers)}` : ""}` +
                `${data.is_exact ? "" : `; from a sample of ${data.n_seen}`}.${data.absent.length > 0 ? ` Nobody has a value of ${data.absent.join(", ")}.` : ""}`
              : "";
    return { data, words, error: isOld ? null : state.error, isOld };
}
