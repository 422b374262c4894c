/* theme.ts - light or dark: what the system says, unless the reader chose; and the colours for the charts. */
import { h, icon } from "./dom.ts";

type Choice = "light" | "dark";
const KEY = "holdfast-theme";
const SUN = "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM12 2v3M12 19v3M2 12h3M19 12h3M5 5l2 2M17 17l2 2M19 5l-2 2M7 " +
    "17l-2 2";
const MOON = "M20 14.5A8.5 8.5 0 0 1 9.5 4 8.5 8.5 0 1 0 20 14.5z";
const system = matchMedia("(prefers-color-scheme: dark)");
const listeners: (() => void)[] = [];

/* Storage is forbidden in some places a file is opened from; the choice then lasts as long as the page. */
function stored(): Choice | null {
    try {
        const choice = localStorage.getItem(KEY);
        return choice === "light" || choice === "dark" ? choice : null;
    } catch { return null; }
}

export function isDark(): boolean {
    const chosen = document.documentElement.dataset["theme"];
    return chosen ? chosen === "dark" : system.matches;
}

/* Called at every change of colours; what it returns ends that. */
export function onThemeChange(listener: () => void): () => void {
    listeners.push(listener);
    return () => { listeners.splice(listeners.indexOf(listener), 1); };
}
const tell = () => { for (const listener of listeners) listener(); };

/* Before the first paint: the reader's earlier choice. */
export function startTheme(): void {
    const choice = stored();
    if (choice) document.documentElement.dataset["theme"] = choice;
    system.addEventListener("change", tell);
}

export function toggleTheme(): void {
    const choice: Choice = isDark() ? "light" : "dark";
    document.documentElement.dataset["theme"] = choice;
    try { localStorage.setItem(KEY, choice); } catch { /* lasts as long as the page */ }
    tell();
}

export function themeButton(): HTMLElement {
    const button = h("button", { type: "button", class: "button quiet theme", onclick: toggleTheme });
    const draw = () => {
        const next = isDark() ? "light" : "dark";
        button.replaceChildren(icon(next === "light" ? SUN : MOON));
        button.setAttribute("aria-label", `Show in ${next} colours`);
        button.title = `Show in ${next} colours`;
    };
    draw();
    onThemeChange(draw);
    return button;
}

export interface Colours {
    ink: string; muted: string; line: string; faint: string; surface: string;
    accent: string; fill: string; rock: string;
}

/* The page's colours, as they are now, for the charts. */
export function colours(): Colours {
    const style = getComputedStyle(document.documentElement);
    const read = (name: string) => style.getPropertyValue(`--${name}`).trim();
    return { ink: read("ink"), muted: read("muted"), line: read("line"), faint: read("faint"),
        surface: read("surface"), accent: read("accent"), fill: read("fill"), rock: read("rock") };
}
