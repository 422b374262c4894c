/* ask.ts - questions to the server: with the session's cookie, or with a token that lives as long as the tab. */

/* What the server said instead of an answer, in its own words. */
export class Refusal extends Error {
    constructor(
        readonly status: number,
        readonly code: string,
        message: string,
        readonly field: string | null,
    ) {
        super(message);
    }
}

const KEY = "holdfast-token",
    SIGNED_IN = "holdfast-signed-in";
let kept: string | null = null;
try {
    kept = sessionStorage.getItem(KEY);
} catch {
    /* lasts as long as the page */
}

/* Whether it is worth asking who one is: the session's cookie itself is hidden from this page. */
export function mayBeSignedIn(): boolean {
    try {
        return kept !== null || localStorage.getItem(SIGNED_IN) !== null;
    } catch {
        return true;
    }
}

export function noteSignedIn(is: boolean): void {
    try {
        if (is) localStorage.setItem(SIGNED_IN, "yes");
        else localStorage.removeItem(SIGNED_IN);
    } catch {
        /* then it is asked each time */
    }
}

/* A token for all questions from now on; null: the session's cookie alone. */
export function keepToken(token: string | null): void {
    kept = token;
    try {
        if (token) sessionStorage.setItem(KEY, token);
        else sessionStorage.removeItem(KEY);
    } catch {
        /* lasts as long as the page */
    }
}

let endSession: () => void = () => {
    /* nobody is signed in yet */
};

/* What is done when the server no longer knows who asks. */
export function onSessionEnd(work: () => void): void {
    endSession = work;
}

const headers = (token = kept): Record<string, string> => (token ? { authorization: `Bearer ${token}` } : {});

async function refusalOf(answer: Response): Promise<Refusal> {
    try {
        const told = (await answer.json()) as { code?: string; message?: string; field?: string };
        return new Refusal(answer.status, told.code ?? "", told.message ?? answer.statusText, told.field ?? null);
    } catch {
        return new Refusal(answer.status, "", `the server answered ${answer.status}`, null);
    }
}

/* A piece of a file goes as it is. */
const typeOf = (body: unknown): string => (body instanceof Blob ? "application/octet-stream" : "application/json");

/* How the overview is asked for before anybody chose anything, which a large shop has worked out by then. */
export const OVERVIEW = "/v1/overview?days=30&against=period";

/* Paths whose last answer is from before something that it may tell of, with when it was worked out: the server works out a
 * newer one meanwhile. */
const behind = new Map<string, number>();
let redrawBehind: (() => void) | null = null;

export function noteBehind(path: string, age_ms: number | null): void {
    const made_ms = Date.now() - (age_ms ?? 0);
    if (age_ms === null ? !behind.delete(path) : Math.abs((behind.get(path) ?? 0) - made_ms) < 3000) return;
    if (age_ms !== null) behind.set(path, made_ms);
    redrawBehind?.();
}
/* When the oldest of these was worked out, by this machine's clock; null: there is none. */
export const behindSince = (): number | null => (behind.size > 0 ? Math.min(...behind.values()) : null);
export function onBehind(work: (() => void) | null): void {
    redrawBehind = work;
}

const ageOf = (answer: Response): number | null =>
    answer.headers.get("x-newer-coming") ? 1000 * Number(answer.headers.get("age") ?? 0) : null;

/* The answer to one question. Throws a Refusal; its status is 0 where the server cannot be reached. takeAge: an answer
 * that is behind is taken rather than waited for, and this told its age; null: it is not behind. */
export async function ask<T>(
    method: string,
    path: string,
    body?: unknown,
    signal?: AbortSignal,
    token = kept,
    takeAge?: (age_ms: number | null) => void,
): Promise<T> {
    let answer: Response;
    try {
        answer = await fetch(path, {
            method,
            signal: signal ?? null,
            credentials: "same-origin",
            cache: "no-store",
            headers: {
                ...headers(token),
                ...(takeAge ? { "cache-control": "max-stale" } : {}),
                ...(body === undefined ? {} : { "content-type": typeOf(body) }),
            },
            body: body === undefined ? null : body instanceof Blob ? body : JSON.stringify(body),
        });
    } catch (error) {
        if (signal?.aborted) throw error;
        throw new Refusal(
            0,
            "unreachable",
            "The server cannot be reached: check that it runs, then try again.",
            null,
        );
    }
    if (!answer.ok) {
        if (answer.status === 401 && path !== "/v1/session") endSession();
        throw await refusalOf(answer);
    }
    try {
        const told = (await answer.json()) as T;
        takeAge?.(ageOf(answer));
        return told;
    } catch (error) {
        if (signal?.aborted) throw error;
        throw new Refusal(0, "unreadable", "Only half of the server's answer came: try again.", null);
    }
}

/* Follows the server-sent events of a path, one call of `take` a line, until aborted or the server ends. Not an
 * EventSource, which cannot send a token. */
export async function follow(
    path: string,
    take: (kind: string, data: string) => void,
    signal: AbortSignal,
): Promise<void> {
    const answer = await fetch(path, { headers: headers(), credentials: "same-origin", signal });
    if (!answer.ok || !answer.body) throw await refusalOf(answer);
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    for (let held = ""; ;) {
        const { done, value } = await reader.read();
        if (done) return;
        const blocks = (held + value).split("\n\n");
        held = blocks.pop() ?? "";
        for (const block of blocks) {
            const kind = /^event: (.*)$/m.exec(block)?.[1],
                data = /^data: (.*)$/m.exec(block)?.[1];
            if (kind && data) take(kind, data);
        }
    }
}

/* A path segment or a query's value as it may stand in an address. */
export const encode = encodeURIComponent;
