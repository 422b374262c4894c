/* main.tsx - reads the report that the program put into the page and draws it. */
import "./style/page.css";
import "./style/table.css";
import "./style/chart.css";
import { Component, render, type ComponentChildren as Children } from "preact";
import { useLayoutEffect } from "preact/hooks";
import { formatSeconds, sentenceCase } from "./page/format.ts";
import { startTheme } from "./page/theme.ts";
import { Icon, LOGO, PRINT, ThemeButton } from "./part/icon.tsx";
import type { Report } from "./report.ts";
import { GROUPS, SECTIONS } from "./section/list.ts";
import { Navigation, type Chapter } from "./section/navigation.tsx";
import type { Group, Section } from "./section/section.tsx";
import { provenance, Summary } from "./section/summary.tsx";

const BROKEN = <p class="callout">This part could not be drawn: the data is not as expected.</p>;

/* A part that cannot be drawn does not take the others with it. */
class Guarded extends Component<{ id: string; children: Children }, { isBroken: boolean }> {
    override state = { isBroken: false };
    static getDerivedStateFromError(): { isBroken: boolean } {
        return { isBroken: true };
    }
    override componentDidCatch(error: unknown): void {
        console.error(`section ${this.props.id}`, error);
    }
    override render() {
        return this.state.isBroken ? BROKEN : this.props.children;
    }
}

interface Drawn extends Pick<Section, "id" | "title" | "group"> {
    body: Children;
}

/* The sections that this report has. */
function drawn(report: Report): Drawn[] {
    const held: Drawn[] = [];
    for (const { id, title, group, draw } of SECTIONS) {
        let body: Children = BROKEN;
        try {
            body = draw(report);
        } catch (error) {
            console.error(`section ${id}`, error);
        }
        if (body) held.push({ id, title, group, body });
    }
    return held;
}

function Masthead({ report }: { report: Report }) {
    return (
        <header class="masthead">
            <div class="masthead-inner">
                <a class="brand" href="#summary">
                    <Icon path={LOGO} size={26} />
                    <span>Holdfast</span>
                </a>
                <span class="provenance">{provenance(report)}</span>
                <span class="masthead-buttons">
                    <button
                        type="button"
                        class="button quiet print"
                        aria-label="Print"
                        title="Print"
                        onClick={() => print()}
                    >
                        <Icon path={PRINT} />
                    </button>
                    <ThemeButton />
                </span>
            </div>
        </header>
    );
}

function Footer({ seconds }: { seconds: Report["seconds"] }) {
    const known = Object.entries(seconds ?? {}).filter(([, value]) => typeof value === "number");
    return (
        <footer class="footer">
            {known.length > 0 && (
                <p>
                    Made in{" "}
                    {known.map(([name, value], i) => (
                        <>
                            {i > 0 && ", "}
                            {name === "total" ? (
                                <strong>{formatSeconds(value)} in all</strong>
                            ) : (
                                `${sentenceCase(name).toLowerCase()} ${formatSeconds(value)}`
                            )}
                        </>
                    ))}
                    .
                </p>
            )}
            <p>
                Intervals hold 95 times in 100. Made by Holdfast; nothing was sent anywhere, and this page loads
                nothing from a network.
            </p>
        </footer>
    );
}

function Page({ report }: { report: Report }) {
    const sections = drawn(report);
    const chapters = (Object.entries(GROUPS) as [Group, string][])
        .map(([group, title]): Chapter<Drawn> => ({
            title,
            sections: sections.filter((one) => one.group === group),
        }))
        .filter((chapter) => chapter.sections.length > 0);
    useLayoutEffect(() => {
        if (location.hash.length > 1) document.getElementById(location.hash.slice(1))?.scrollIntoView();
    }, []);
    return (
        <>
            <Masthead report={report} />
            <div class="layout">
                <Navigation chapters={chapters} />
                <main id="content" tabIndex={-1}>
                    <Guarded id="summary">
                        <Summary report={report} />
                    </Guarded>
                    {chapters.map((chapter) => (
                        <div class="group" key={chapter.title}>
                            <p class="group-title" aria-hidden="true">
                                {chapter.title}
                            </p>
                            {chapter.sections.map((one) => (
                                <section
                                    id={one.id}
                                    class="section"
                                    aria-labelledby={`${one.id}-title`}
                                    key={one.id}
                                >
                                    <h2 id={`${one.id}-title`}>{one.title}</h2>
                                    <Guarded id={one.id}>
                                        <div class="section-body">{one.body}</div>
                                    </Guarded>
                                </section>
                            ))}
                        </div>
                    ))}
                </main>
            </div>
            <Footer seconds={report.seconds} />
        </>
    );
}

const Nothing = () => (
    <main id="content" class="empty">
        <h1>This page holds no report.</h1>
        <p>
            Make one from a file: <code>holdfast run orders.csv</code>
        </p>
    </main>
);

function read(): Report | null {
    try {
        return JSON.parse(document.getElementById("holdfast-data")?.textContent ?? "null") as Report | null;
    } catch (error) {
        console.error("the data in this page is not JSON", error);
        return null;
    }
}

startTheme();
const report = read(),
    page = document.getElementById("page");
if (report?.title) document.title = `${report.title} · Holdfast`;
if (page) {
    page.replaceChildren();
    render(report ? <Page report={report} /> : <Nothing />, page);
}
