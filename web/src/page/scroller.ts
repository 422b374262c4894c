/* scroller.ts - a box in which a wide table scrolls sideways, so that the page itself never does. */
import { h } from "./dom.ts";

const labels = new WeakMap<Element, string>();

/* Only a box that has something to scroll is a stop for the keyboard and a region for screen readers. */
const observer = new ResizeObserver((entries) => {
    for (const { target } of entries) {
        if (target.scrollWidth > target.clientWidth + 1) {
            target.setAttribute("tabindex", "0");
            target.setAttribute("role", "region");
            target.setAttribute("aria-label", labels.get(target) ?? "");
        } else {
            target.removeAttribute("tabindex");
            target.removeAttribute("role");
            target.removeAttribute("aria-label");
        }
    }
});

export function scroller(label: string, table: HTMLTableElement): HTMLElement {
    const box = h("div", { class: "table-scroll" }, table);
    labels.set(box, label);
    observer.observe(box);
    return box;
}
