/* frame.tsx - what stands around every page: the list of pages, who is signed in, and what is stopped. */
import { useLayoutEffect, useRef } from "preact/hooks";
import type { GetV1Stop } from "./answers.ts";
import { ask } from "./ask.ts";
import { tell, tellTrouble } from "./notice.tsx";
import { Age } from "./part/basic.tsx";
import { to, type Place } from "./place.ts";
import { may, usePerson } from "./session.ts";
import { useAnswer } from "./use_answer.ts";
import { VIEWS } from "./views.ts";
import { AsOf } from "./as_of.tsx";
import { Icon, ThemeButton, LOGO, LEAVE, LOOK, MENU } from "../part/icon.tsx";
import type { ComponentChildren as Children } from "preact";

function Pages({ current, chosen }: { current: string; chosen?: () => void }) {
    const person = usePerson();
    return (
        <ul class="board-list">
            {VIEWS.filter((one) => !one.under && may(person, one.needs)).map((one) => (
                <li key={one.name}>
                    <a
                        href={to(one.name)}
                        onClick={chosen}
                        aria-current={one.name === current ? "page" : undefined}
                    >
                        {one.title}
                    </a>
                </li>
            ))}
        </ul>
    );
}

/* What is stopped is always in sight. */
function Stops() {
    const { data } = useAnswer<GetV1Stop>("/v1/stop", 15_000),
        person = usePerson();
    if (!data || data.stops.length === 0) return null;
    return (
        <aside class="callout is-trouble stops" aria-label="What is stopped">
            <p>
                <strong>
                    {data.stops.some((one) => one.scope === "all")
                        ? "Nothing is sent."
                        : "Some of it is not sent."}
                </strong>{" "}
                {data.stops.map((one) => (
                    <span key={one.scope}>
                        {" "}
                        {one.scope === "all" ? "Everything" : one.scope} was stopped by {one.who}{" "}
                        <Age at_ms={one.since_ms} />.
                    </span>
                ))}
                {may(person, "DELETE /v1/stop") && (
                    <>
                        {" "}
                        <a href={to("settings")}>Lift it in Settings.</a>
                    </>
                )}
            </p>
        </aside>
    );
}

/* The kill switch: at once, and undone as quickly. */
function stopAll(): void {
    ask("POST", "/v1/stop", { scope: "all" }).then(
        () =>
            tell("Nothing more is sent, of anything", async () => {
                await ask("DELETE", "/v1/stop", { scope: "all" });
            }),
        tellTrouble,
    );
}

export function Frame({
    place,
    openPalette,
    signOut,
    children,
}: {
    place: Place;
    openPalette: () => void;
    signOut: () => void;
    children: Children;
}) {
    const person = usePerson(),
        menu = useRef<HTMLDialogElement>(null);
    const view = VIEWS.find((one) => one.name === place.page),
        current = view?.under ?? view?.name ?? "";
    useLayoutEffect(() => {
        menu.current?.close();
    }, [place.page, place.argument]);
    return (
        <div class="board">
            <a
                class="skip"
                href="#content"
                onClick={(event) => {
                    event.preventDefault();
                    document.getElementById("content")?.focus();
                }}
            >
                Skip to the content
            </a>
            <header class="masthead">
                <div class="masthead-inner">
                    <button
                        type="button"
                        class="button quiet menu-button"
                        aria-label="Pages"
                        onClick={() => menu.current?.showModal()}
                    >
                        <Icon path={MENU} />
                    </button>
                    <a class="brand" href={to("")} aria-label="Holdfast, home">
                        <Icon path={LOGO} size={26} />
                        <span>Holdfast</span>
                    </a>
                    <button type="button" class="find-button" onClick={openPalette}>
                        <Icon path={LOOK} size={16} />
                        <span>Find anything</span>
                        <kbd>Ctrl K</kbd>
                    </button>
                    <span class="masthead-buttons">
                        <span class="provenance person">
                            {person.name}, {person.role}
                        </span>
                        {may(person, "POST /v1/stop") && (
                            <button type="button" class="button danger stop-button" onClick={stopAll}>
                                Stop sending
                            </button>
                        )}
                        <ThemeButton />
                        <button
                            type="button"
                            class="button quiet"
                            aria-label="Sign out"
                            title="Sign out"
                            onClick={signOut}
                        >
                            <Icon path={LEAVE} />
                        </button>
                    </span>
                </div>
            </header>
            <dialog
                ref={menu}
                class="menu"
                aria-label="Pages"
                onMouseDown={(event) => {
                    if (event.target === menu.current) menu.current?.close();
                }}
            >
                <nav aria-label="Pages">
                    <Pages current={current} chosen={() => menu.current?.close()} />
                </nav>
            </dialog>
            <div class="board-body">
                <nav class="board-nav" aria-label="Pages">
                    <Pages current={current} />
                </nav>
                <main id="content" tabIndex={-1}>
                    <Stops />
                    <AsOf />
                    {children}
                </main>
            </div>
        </div>
    );
}
