/* theme.ts - light or dark: what the system says, unless the reader chose. */

type Choice = "light" | "dark";
const KEY = "holdfast-theme";
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
