/* as_of.tsx - as of when the server answers, said above every page where that is not now, and asked once where the
 * history has ended. */
import type { GetV1AsOf } from "./answers.ts";
import { ask } from "./ask.ts";
import { formatDay, isDated } from "./clock.ts";
import { Trouble } from "./part/basic.tsx";
import { useMay } from "./session.ts";
import { useAnswer, useDoing } from "./use_answer.ts";

export function AsOf() {
    const { data } = useAnswer<GetV1AsOf>("/v1/as-of"),
        may = useMay(),
        doing = useDoing();
    if (!data || (data.history_end_ms === null && !data.is_still)) return null;
    const { history_end_ms: end_ms, is_asked, is_still } = data,
        isTable = end_ms !== null && !isDated(end_ms - 1), /* which knows no days */
        date = end_ms === null ? "" : isTable ? "the table" : formatDay(end_ms - 1);
    const choose = (as_of: string): void =>
        doing.run(async () => {
            await ask("PUT", "/v1/as-of", { as_of });
            location.reload();
        });
    const button = (words: string, as_of: string, isFirst = false) => (
        <button type="button" class={isFirst ? "button primary" : "button"} onClick={() => choose(as_of)}>
            {words}
        </button>
    );
    const mayChoose = may("PUT /v1/as-of");
    return (
        <aside class="as-of callout" aria-label="As of when">
            <p>
                {is_asked ? (
                    <>
                        <strong>
                            {isTable ? "What was imported is a table without days. " : `The history ends on ${date}. `}
                        </strong>
                        Everything here is as of then, but for customers who have done something since. Is this a shop that is open, or a history to look
                        at? From today on, time passes for everybody; answers as of then stay until better ones
                        replace them. At the last event, time stands still, nothing is sent and no timer of a
                        person runs.
                        {mayChoose ? "" : " Whoever may train models says which."}
                    </>
                ) : is_still ? (
                    <>
                        <strong>
                            {end_ms === null
                                ? "Time stands still. "
                                : isTable
                                  ? "As of a table without days. "
                                  : `As of ${date}. `}
                        </strong>
                        {isTable ? "Time stands" : "Time stands at the last event"}: nothing is sent, and no timer of
                        a person runs.
                    </>
                ) : (
                    <>
                        Time goes on from today.{" "}
                        {isTable
                            ? "What was imported is a table without days"
                            : `The history that was imported ends on ${date}`}
                        : scores as of then say so, and stay until better ones replace them.
                    </>
                )}
            </p>
            {mayChoose && (
                <p class="actions">
                    {is_asked && (
                        <>
                            {button("Go on from today", "now", true)}
                            {button(`Stay at ${date}`, "last-event")}
                        </>
                    )}
                    {!is_asked && is_still && button("Go on from today", "now")}
                    {!is_asked && !is_still && button(`Go back to ${date}`, "last-event")}
                </p>
            )}
            <Trouble error={doing.error} />
        </aside>
    );
}
