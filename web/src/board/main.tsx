/* main.tsx - the server's page for people: who is signed in, which page the address names, and the frame around it. */
import "../style/page.css";
import "../style/table.css";
import "../style/chart.css";
import "../style/board.css";
import { render, type ComponentType } from "preact";
import { useEffect, useErrorBoundary, useLayoutEffect, useState } from "preact/hooks";
import { startTheme } from "../page/theme.ts";
import type { GetV1Status } from "./answers.ts";
import { ask, keepToken, mayBeSignedIn, noteSignedIn, onSessionEnd, Refusal } from "./ask.ts";
import { setServerTime } from "./clock.ts";
import { Frame } from "./frame.tsx";
import { KeyHelp, useGlobalKeys } from "./keys.tsx";
import { Notices } from "./notice.tsx";
import { Palette } from "./palette.tsx";
import { Empty, Head, Trouble, Waiting } from "./part/basic.tsx";
import { to, usePlace } from "./place.ts";
import { may, PersonContext, type Person } from "./session.ts";
import { SignIn } from "./sign_in.tsx";
import { VIEWS, type View, type ViewProps } from "./views.ts";

/* ECharts-like libraries empty elements by markup; nothing else ever becomes markup here. */
type Factory = { createPolicy: (name: string, rules: { createHTML: (text: string) => string | null }) => unknown };
(window as unknown as { trustedTypes?: Factory }).trustedTypes?.createPolicy("default", {
    createHTML: (text) => (text === "" ? "" : null),
});

const homeOf = (person: Person): View => {
    const mine = VIEWS.find((one) => one.home?.includes(person.role) && may(person, one.needs));
    return mine ?? (VIEWS[0] as View);
};

function Loaded({ view, props }: { view: View; props: ViewProps }) {
    const [page, set] = useState<{ view: View; Page: ComponentType<ViewProps> | null; error: unknown }>({
        view,
        Page: null,
        error: null,
    });
    const [error, reset] = useErrorBoundary();
    useEffect(() => {
        reset();
        let isOver = false;
        view.load().then(
            ({ default: Page }) => {
                if (!isOver) set({ view, Page, error: null });
            },
            () => {
                if (!isOver)
                    set({
                        view,
                        Page: null,
                        error: new Refusal(
                            0,
                            "old",
                            "this page is of another version of the server: load it again",
                            null,
                        ),
                    });
            },
        );
        return () => {
            isOver = true;
        };
    }, [view]);
    if (error)
        return (
            <>
                <Head title={view.title} />
                <Trouble error={error} again={reset} />
            </>
        );
    if (page.view !== view || (!page.Page && !page.error)) return <Waiting />;
    return page.Page ? (
        <page.Page key={props.argument} {...props} />
    ) : (
        <>
            <Head title={view.title} />
            <Trouble error={page.error} again={() => location.reload()} />
        </>
    );
}

/* Where what had the focus is gone, as a button that did its work is, the dialog or the page around it has it: nobody begins
 * again at the top.  What is only moved keeps it.  Who knows a better place gives it in the turn that draws, before this. */
function useFocusKept(): void {
    useLayoutEffect(() => {
        let last: Element | null = null;
        const focused = (event: FocusEvent): void => {
            last = event.target instanceof Element ? event.target : null;
        };
        const observer = new MutationObserver((changes) => {
            const lost = last;
            if (!(lost instanceof HTMLElement) || document.activeElement !== document.body) return;
            if (!lost.isConnected) {
                last = null;
                const dialog = [...document.querySelectorAll("dialog[open]")].at(-1),
                    around = dialog?.querySelector("button") ?? document.getElementById("content");
                around?.focus({ preventScroll: true });
            } else if (changes.some(({ removedNodes }) => [...removedNodes].some((node) => node.contains(lost))))
                lost.focus({ preventScroll: true });
        });
        addEventListener("focusin", focused);
        observer.observe(document.body, { childList: true, subtree: true });
        return () => {
            removeEventListener("focusin", focused);
            observer.disconnect();
        };
    }, []);
}

function Shell({ person, signOut }: { person: Person; signOut: () => void }) {
    const place = usePlace(),
        [open, setOpen] = useState<"palette" | "help" | null>(null);
    const view = place.page === "" ? homeOf(person) : VIEWS.find((one) => one.name === place.page);
    useGlobalKeys(
        () => setOpen("palette"),
        () => setOpen("help"),
    );
    useFocusKept();
    useLayoutEffect(() => {
        scrollTo({ top: 0, behavior: "instant" });
        document.getElementById("content")?.focus({ preventScroll: true });
    }, [place.page, place.argument]);
    return (
        <>
            <Frame
                place={{ ...place, page: view?.name ?? place.page }}
                openPalette={() => setOpen("palette")}
                signOut={signOut}
            >
                {!view ? (
                    <>
                        <Head title="Not found" />
                        <Empty
                            actions={
                                <a class="button" href={to("")}>
                                    Go home
                                </a>
                            }
                        >
                            There is no such page. It may have been renamed, or the link was cut off.
                        </Empty>
                    </>
                ) : !may(person, view.needs) ? (
                    <>
                        <Head title={view.title} />
                        <Empty
                            actions={
                                <a class="button" href={to("")}>
                                    Go home
                                </a>
                            }
                        >
                            The role {person.role} may not see this page. An administrator gives roles in Settings.
                        </Empty>
                    </>
                ) : (
                    <Loaded view={view} props={{ argument: place.argument, asked: place.asked }} />
                )}
            </Frame>
            <Notices />
            {open === "palette" && <Palette close={() => setOpen(null)} />}
            {open === "help" && <KeyHelp close={() => setOpen(null)} />}
        </>
    );
}

function App({ first, why: begun }: { first: Person | null; why: unknown }) {
    const [person, set] = useState(first),
        [why, setWhy] = useState<string | null>(null);
    const leave = (words: string | null): void => {
        keepToken(null);
        noteSignedIn(false);
        setWhy(words);
        set(null);
    };
    onSessionEnd(() => leave("The session has ended: sign in again. What you had written is kept."));
    if (begun)
        return (
            <main id="content" class="empty">
                <h1>Holdfast</h1>
                <Trouble error={begun} again={() => location.reload()} />
            </main>
        );
    if (!person)
        return (
            <SignIn
                why={why}
                enter={(who) => {
                    noteSignedIn(true);
                    setWhy(null);
                    set(who);
                }}
            />
        );
    return (
        <PersonContext.Provider value={person}>
            <Shell
                person={person}
                signOut={() => {
                    ask("DELETE", "/v1/session")
                        .catch(() => {
                            /* it has ended by itself */
                        })
                        .finally(() => leave(null));
                }}
            />
        </PersonContext.Provider>
    );
}

async function start(): Promise<void> {
    startTheme();
    let person: Person | null = null,
        why: unknown = null;
    if (mayBeSignedIn()) {
        try {
            person = await ask<Person>("GET", "/v1/session");
            setServerTime((await ask<GetV1Status>("GET", "/v1/status")).now_ms);
        } catch (error) {
            if (!(error instanceof Refusal && error.status === 401)) why = error;
        }
    }
    const page = document.getElementById("page");
    if (page) render(<App first={person} why={why} />, page);
}

void start();
