/* reasons.ts - why the model says what it says: what speaks for it, and apart from that what speaks against it. */
import { h } from "./dom.ts";
import { prose } from "./prose.ts";

const AGAINST = "against: ";        /* as the program marks them */

export function reasonList(reasons: string[]): HTMLElement {
    const against = reasons.filter((one) => one.startsWith(AGAINST)).map((one) => one.slice(AGAINST.length));
    const favour = reasons.filter((one) => !one.startsWith(AGAINST));
    const list = (kind: string, rows: string[]) => rows.length === 0 ? null
        : h("ul", { class: `reasons ${kind}`.trim() }, rows.map((one) => h("li", null, prose(one))));
    return h("div", null, list("", favour), against.length > 0
        ? h("span", { class: "reasons-side" }, favour.length > 0 ? "Against it" : "Only against it") : null,
        list("against", against));
}
