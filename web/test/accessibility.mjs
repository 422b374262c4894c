/* accessibility.mjs - checks that run inside the page: names, order, and the contrast of all text (WCAG AA). Each
 * function is sent to the browser as it stands, so it uses nothing from outside itself. */

/* What a screen reader could not name or would read in the wrong order. */
export function brokenNames() {
    const broken = [], tell = (what, one) => broken.push(`${what}: ${one.outerHTML.slice(0, 90)}`);
    const name = (one) => (one.getAttribute("aria-label") ?? one.labels?.[0]?.textContent ?? one.textContent
        ?? "").trim();
    for (const one of document.querySelectorAll("button, a, summary, input, select, [role=img], " +
        "[role=region], nav"))
        if (!name(one)) tell("has no name", one);
    for (const one of document.querySelectorAll("th")) if (!one.hasAttribute("scope")) tell("has no scope", one);
    for (const one of document.querySelectorAll("table"))
        if (!one.querySelector("caption")?.textContent) tell("has no caption", one);
    for (const one of document.querySelectorAll("section"))
        if (!document.getElementById(one.getAttribute("aria-labelledby"))) tell("has no heading", one);
    const ids = [...document.querySelectorAll("[id]")].map((one) => one.id);
    for (const id of ids) if (ids.indexOf(id) !== ids.lastIndexOf(id)) broken.push(`id ${id} occurs twice`);
    for (const link of document.querySelectorAll("a[href^='#']"))
        if (!document.getElementById(link.getAttribute("href").slice(1))) tell("leads nowhere", link);
    let level = 0;
    for (const heading of document.querySelectorAll("h1, h2, h3, h4")) {
        const next = Number(heading.tagName[1]);
        if (next > level + 1) tell(`follows a heading of level ${level}`, heading);
        level = next;
    }
    if (document.querySelectorAll("h1").length !== 1) broken.push("there is not one h1");
    if (document.querySelectorAll("main").length !== 1) broken.push("there is not one main");
    if (!document.documentElement.lang) broken.push("the page has no language");
    return broken;
}

/* Texts whose contrast with what is behind them is too low: below 4.5, or 3 when large. */
export function lowContrast() {
    const context = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
    const cache = new Map();
    function rgba(colour) {
        if (!cache.has(colour)) {
            context.clearRect(0, 0, 1, 1);
            context.fillStyle = colour;
            context.fillRect(0, 0, 1, 1);
            cache.set(colour, [...context.getImageData(0, 0, 1, 1).data]);
        }
        return cache.get(colour);
    }
    const luminance = (colour) => {
        const [r, g, b] = rgba(colour).map((part) => part / 255).map((part) => part <= 0.04045 ? part / 12.92
            : ((part + 0.055) / 1.055) ** 2.4);
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const behind = (one) => {
        for (let at = one; at; at = at.parentElement) {
            const colour = getComputedStyle(at).backgroundColor;
            if (rgba(colour)[3] > 250) return colour;
        }
        return "white";
    };
    const found = new Set(), walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
        const one = walker.currentNode.parentElement, style = getComputedStyle(one);
        if (!walker.currentNode.nodeValue.trim() || one.closest(".unseen, script, style, noscript, svg title")
            || style.visibility === "hidden") continue;
        const isSvg = one instanceof SVGElement;
        const [ink, ground] = [luminance(isSvg ? style.fill : style.color), luminance(behind(one))];
        const ratio = (Math.max(ink, ground) + 0.05) / (Math.min(ink, ground) + 0.05);
        const size = parseFloat(style.fontSize),
            isLarge = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
        if (ratio < (isLarge ? 3 : 4.5)) found.add(`${ratio.toFixed(2)} ${one.className} ` +
            `"${walker.currentNode.nodeValue.trim().slice(0, 30)}"`);
    }
    return [...found].slice(0, 20);
}
