/* dom.ts - makes elements. Text always becomes a text node: nothing from the data is ever parsed as markup. */

export type Child = Node | string | number | null | undefined | false | Child[];
type Listener = (event: Event) => void;
type Attributes = Record<string, string | number | boolean | null | undefined | Listener | Record<string, string>>;

/* h("p", { class: "lead", onclick: f, vars: { "--share": "0.4" } }, "text", child): attributes that are null or
 * false are left out, functions become listeners, `vars` sets CSS properties. */
export function h<K extends keyof HTMLElementTagNameMap>(
    tag: K, attributes?: Attributes | null, ...children: Child[]): HTMLElementTagNameMap[K] {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes ?? {})) {
        if (value === null || value === undefined || value === false) continue;
        if (typeof value === "function") element.addEventListener(name.slice(2), value);
        else if (typeof value === "object") {
            for (const [property, text] of Object.entries(value)) element.style.setProperty(property, text);
        } else element.setAttribute(name, value === true ? "" : String(value));
    }
    append(element, children);
    return element;
}

function append(element: Element, children: Child[]): void {
    for (const child of children) {
        if (child === null || child === undefined || child === false) continue;
        if (Array.isArray(child)) append(element, child);
        else element.append(typeof child === "number" ? String(child) : child);
    }
}

/* An <svg> drawn from path data of ours (never of the data), hidden from screen readers. */
export function icon(path: string, size = 18): SVGSVGElement {
    const space = "http://www.w3.org/2000/svg";
    const svg = document.createElementNS(space, "svg");
    for (const [name, value] of Object.entries({ viewBox: "0 0 24 24", width: size, height: size, fill: "none",
        stroke: "currentColor", "stroke-width": 1.75, "stroke-linecap": "round", "stroke-linejoin": "round",
        "aria-hidden": "true", focusable: "false" })) svg.setAttribute(name, String(value));
    const line = document.createElementNS(space, "path");
    line.setAttribute("d", path);
    svg.append(line);
    return svg;
}
