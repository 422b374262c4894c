/* navigation.ts - the list of sections: a column beside the page where it is wide, a fold-out where it is not. */
import { h } from "./dom.ts";

export interface Entry { id: string; title: string; group: string; element: HTMLElement }

export function navigation(entries: Entry[]): HTMLElement {
    const links = new Map<string, HTMLAnchorElement>();
    const groups = [...new Set(entries.map((entry) => entry.group))];
    const list = (group: string) => h("li", null, h("span", { class: "nav-group" }, group),
        h("ul", null, entries.filter((entry) => entry.group === group).map((entry) => {
            const link = h("a", { href: `#${entry.id}` }, entry.title);
            links.set(entry.id, link);
            return h("li", null, link);
        })));
    const fold = h("details", { class: "nav-fold" }, h("summary", null, "Contents"),
        h("ul", { class: "nav-list" }, groups.map(list)));
    fold.addEventListener("click", (event) => {
        if ((event.target as Element).closest("a") && !wide.matches) fold.open = false;
    });
    const unfold = () => { fold.open = wide.matches; };
    wide.addEventListener("change", unfold);
    unfold();
    follow(entries, links);
    return h("nav", { class: "navigation", "aria-label": "Sections" }, fold);
}

const wide = matchMedia("(min-width: 1180px)");

/* Marks the section that is being read. */
function follow(entries: Entry[], links: Map<string, HTMLAnchorElement>): void {
    const seen = new Set<string>();
    const observer = new IntersectionObserver((changes) => {
        for (const change of changes) {
            if (change.isIntersecting) seen.add(change.target.id);
            else seen.delete(change.target.id);
        }
        const reading = entries.find((entry) => seen.has(entry.id));
        for (const [id, link] of links) {
            if (id === reading?.id) link.setAttribute("aria-current", "true");
            else link.removeAttribute("aria-current");
        }
    }, { rootMargin: "-20% 0px -70% 0px" });
    for (const entry of entries) observer.observe(entry.element);
}
