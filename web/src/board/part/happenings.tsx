/* happenings.tsx - what happens right now: the last lines of the server's stream, drawn at most four times a second. */
import { useEffect, useRef, useState } from "preact/hooks";
import { formatMoney, formatShare } from "../../page/format.ts";
import type { GetV1SegmentsId } from "../answers.ts";
import { ask, follow, Refusal } from "../ask.ts";
import { serverNow } from "../clock.ts";
import { Part } from "../../part/block.tsx";
import { Age, CustomerLink, Trouble } from "./basic.tsx";
import { to } from "../place.ts";
import { useMay } from "../session.ts";

const MOST_LINES = 25,
    AGAIN_MS = 3000,
    DRAW_MS = 250;

interface Line {
    customer?: string;
    kind?: string;
    amount_cents?: number;
    segment?: number;
    entered?: boolean;
    question?: string;
    question_kind?: string;
    prediction?: number | null;
    action?: string;
    placement?: string;
}
interface Row {
    number: number;
    kind: string;
    line: Line;
    at_ms: number;
}

const names = new Map<number, Promise<string>>();

/* A segment's name is asked for when it is met first. */
function SegmentLink({ id }: { id: number }) {
    const [name, set] = useState(`segment ${id}`);
    useEffect(() => {
        const asked =
            names.get(id) ??
            ask<GetV1SegmentsId>("GET", `/v1/segments/${id}`).then(
                (one) => one.name,
                () => `segment ${id}`,
            );
        names.set(id, asked);
        void asked.then(set);
    }, [id]);
    return <a href={to("segment", id)}>{name}</a>;
}

function Words({ kind, line }: { kind: string; line: Line }) {
    switch (kind) {
        case "event":
            return (
                <>
                    <strong>{line.kind ?? "event"}</strong>
                    {line.amount_cents ? ` of ${formatMoney(line.amount_cents, "")}` : ""}
                </>
            );
        case "score":
            return (
                <>
                    scored anew:{" "}
                    <strong>
                        {line.question_kind === "spend" && line.prediction != null
                            ? formatMoney(100 * line.prediction, "")
                            : formatShare(line.prediction)}
                    </strong>{" "}
                    {line.question ?? ""}
                </>
            );
        case "segment":
            return (
                <>
                    {line.entered ? "entered " : "left "}
                    <SegmentLink id={line.segment ?? 0} />
                </>
            );
        case "decision":
            return (
                <>
                    decided: <strong>{line.action ?? ""}</strong> at {line.placement ?? ""}
                </>
            );
        default:
            return <>{kind}</>;
    }
}

export function Happenings() {
    const [rows, set] = useState<Row[]>([]),
        [error, setError] = useState<unknown>(null),
        next = useRef(1);
    useEffect(() => {
        const ending = new AbortController();
        let waiting: Row[] = [],
            timer = 0;
        const draw = (): void => {
            timer = 0;
            const fresh = waiting;
            waiting = [];
            set((before) => [...fresh.reverse(), ...before].slice(0, MOST_LINES));
        };
        const take = (kind: string, data: string): void => {
            if (kind === "missed") return;
            waiting.push({ number: next.current++, kind, line: JSON.parse(data) as Line, at_ms: serverNow() });
            if (waiting.length > MOST_LINES) waiting = waiting.slice(-MOST_LINES);
            if (timer === 0) timer = window.setTimeout(draw, DRAW_MS);
        };
        const go = (): void => {
            follow("/v1/events", take, ending.signal).then(
                () => {
                    setTimeout(go, AGAIN_MS);
                },
                (why: unknown) => {
                    if (ending.signal.aborted) return;
                    if (why instanceof Refusal) setError(why);
                    else setTimeout(go, AGAIN_MS);
                },
            );
        };
        go();
        return () => {
            ending.abort();
            clearTimeout(timer);
        };
    }, []);
    return (
        <div>
            <Trouble error={error} />
            {rows.length === 0 && !error && <p class="note">Nothing yet since this page was opened.</p>}
            <ol class="happenings" aria-label="What happened last">
                {rows.map((row) => (
                    <li key={row.number}>
                        <span class={`happening-kind is-${row.kind}`}>{row.kind}</span>
                        <span>
                            {row.line.customer ? <CustomerLink id={row.line.customer} /> : "somebody"}{" "}
                            <Words kind={row.kind} line={row.line} />
                        </span>
                        <Age at_ms={row.at_ms} />
                    </li>
                ))}
            </ol>
        </div>
    );
}

export function FirstEvent() {
    const may = useMay();
    const body = '{"userId":"ada","event":"Order Completed","properties":{"order_id":"1","revenue":42}}';
    return (
        <Part
            title="Send the first one"
            lead="Any client of Segment, RudderStack, PostHog or Customer.io does, with this server as its host. Or by hand, with the write key that the first start printed:"
        >
            <pre class="command" tabIndex={0} aria-label="A command that sends an event">
                <code>{`curl -u "$WRITE_KEY:" -H 'content-type: application/json' \\\n  ${location.origin}/v1/track -d '${body}'`}</code>
            </pre>
            {may("GET /v1/rejects") && (
                <p>
                    Or <a href={to("data")}>bring in a file</a> of orders, events or customers: it is shown how each
                    column is read before anything is taken in.
                </p>
            )}
        </Part>
    );
}
