/* use_answer.ts - an answer of the server as a page's state: asked for, there, or refused; asked again when it may
 * have changed. What is shown stays until the next answer is there, so that nothing flickers and focus stays. */
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { ask, noteBehind, Refusal } from "./ask.ts";

export interface Answer<T> {
    data: T | null; /* the last answer of this path */
    error: unknown; /* why there is none, or no newer one */
    isOld: boolean; /* data are of the path before */
    again: () => void;
}

const NEWER_AFTER_MS = 1000; /* how soon is asked whether an answer that was behind is worked out anew */

/* Asks for a path whenever it changes, and every so many milliseconds while somebody looks, which may hang on what was
 * answered; 0: not again. Once it is not asked again any more, the last answer is asked for. A path null: for nothing. */
export function useAnswer<T>(path: string | null, every: number | ((data: T | null) => number) = 0): Answer<T> {
    const [state, set] = useState<{ path: string | null; data: T | null; error: unknown }>({
        path: null,
        data: null,
        error: null,
    });
    const [nth, setNth] = useState(0);
    const every_ms = typeof every === "function" ? every(state.path === path ? state.data : null) : every;
    useEffect(() => {
        if (path === null) {
            set({ path, data: null, error: null });
            return undefined;
        }
        const ending = new AbortController();
        let isAsked = false,
            newer: ReturnType<typeof setTimeout> | undefined;
        /* One at a time: a slow answer is not overtaken, nor a slow server asked the more often. */
        const once = (): void => {
            if (isAsked) return;
            isAsked = true;
            clearTimeout(newer);
            ask<T>("GET", path, undefined, ending.signal, undefined, (age_ms) => {
                if (ending.signal.aborted) return;
                noteBehind(path, age_ms);
                if (age_ms !== null) newer = setTimeout(once, NEWER_AFTER_MS);
            }).then(
                (data) => {
                    isAsked = false;
                    if (!ending.signal.aborted) set({ path, data, error: null });
                },
                (error: unknown) => {
                    isAsked = false;
                    if (ending.signal.aborted) return;
                    set((before) => ({ path, data: before.path === path ? before.data : null, error }));
                },
            );
        };
        once();
        const timer =
            every_ms > 0
                ? setInterval(() => {
                      if (!document.hidden) once();
                  }, every_ms)
                : 0;
        return () => {
            ending.abort();
            clearInterval(timer);
            clearTimeout(newer);
            noteBehind(path, null);
        };
    }, [path, every_ms, nth]);
    const again = useCallback(() => setNth((n) => n + 1), []);
    return {
        data: state.data,
        error: state.path === path ? state.error : null,
        isOld: state.path !== path,
        again,
    };
}

/* A value that follows another once it has been still for a while: what is typed, before it is asked for. */
export function useStill<T>(value: T, still_ms = 250): T {
    const [still, set] = useState(value);
    useEffect(() => {
        const timer = setTimeout(() => set(value), still_ms);
        return () => clearTimeout(timer);
    }, [value, still_ms]);
    return still;
}

interface Doing {
    isDoing: boolean;
    error: unknown;
    run: (work: () => Promise<void>) => void;
    clear: () => void;
}

/* Something that is done once at a time, and what went wrong with it. */
export function useDoing(): Doing {
    const [state, set] = useState<{ isDoing: boolean; error: unknown }>({ isDoing: false, error: null });
    const isDoing = useRef(false);
    return {
        ...state,
        clear: () => set({ isDoing: false, error: null }),
        run: (work) => {
            if (isDoing.current) return;
            isDoing.current = true;
            set({ isDoing: true, error: null });
            work()
                .then(
                    () => null,
                    (error: unknown) => error,
                )
                .then(
                    (error) => {
                        isDoing.current = false;
                        set({ isDoing: false, error });
                    },
                    () => {
                        /* nothing throws here */
                    },
                );
        },
    };
}

/* Drafts that the browser did not keep: they last as long as the page, which asks before it goes. */
const unkept = new Map<string, string>();
addEventListener("beforeunload", (event) => {
    if (unkept.size > 0) event.preventDefault();
});

/* A text that survives a closed tab until it is sent: kept under a name in this browser.  Returns it; sets it; and drops it, once
 * it was sent: what was typed while the answer was on its way is no part of what was sent, so it stays, and is returned. */
export function useDraft(
    name: string,
    otherwise: string,
): [string, (text: string) => void, (sent?: string) => string | null] {
    const key = `holdfast-draft-${name}`;
    const read = (): string => {
        try {
            return unkept.get(key) ?? localStorage.getItem(key) ?? otherwise;
        } catch {
            return otherwise;
        }
    };
    const [text, set] = useState(read),
        latest = useRef(text);
    latest.current = text;
    useEffect(() => {
        set(read());
    }, [key, otherwise]);
    return [
        text,
        (next) => {
            set(next);
            latest.current = next;
            try {
                localStorage.setItem(key, next);
                unkept.delete(key);
            } catch {
                unkept.set(key, next);
            }
        },
        (sent) => {
            if (sent !== undefined && latest.current !== sent) return latest.current;
            unkept.delete(key);
            try {
                localStorage.removeItem(key);
            } catch {
                /* it was never kept */
            }
            return null;
        },
    ];
}

export const isRefusal = (error: unknown, status: number): error is Refusal =>
    error instanceof Refusal && error.status === status;
