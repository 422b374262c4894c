/* icon.tsx - drawings of ours (never of the data), hidden from screen readers; and the button for light and dark. */
import { useEffect, useState } from "preact/hooks";
import { isDark, onThemeChange, toggleTheme } from "../page/theme.ts";

export const LOGO =
    "M12 2v9M12 11c0 4-2 5-4 6.500S5 20 4 22M12 11c0 4 2 5 4 6.500S19 20 20 22M12 11v11M12 " +
    "5.500c2.500 0 4-1.200 5-3M12 8.500c-2.500 0-4-1.200-5-3";
export const LEAVE = "M9 4H5v16h4M14 8l4 4-4 4M18 12H9";
export const LOOK = "M11 4a7 7 0 1 1 0 14 7 7 0 0 1 0-14zM16.5 16.5 21 21";
export const PRINT = "M7 8V3h10v5M7 17H4v-7a2 2 0 0 1 2-2h12a2 2 0 0 1 2 2v7h-3M7 14h10v7H7z";
export const MENU = "M4 7h16M4 12h16M4 17h16";
const SUN =
    "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM12 2v3M12 19v3M2 12h3M19 12h3M5 5l2 2M17 17l2 2M19 5l-2 2M7 17l-2 2";
const MOON = "M20 14.5A8.5 8.5 0 0 1 9.5 4 8.5 8.5 0 1 0 20 14.5z";

export const Icon = ({ path, size = 18 }: { path: string; size?: number }) => (
    <svg
        viewBox="0 0 24 24"
        width={size}
        height={size}
        fill="none"
        stroke="currentColor"
        stroke-width="1.75"
        stroke-linecap="round"
        stroke-linejoin="round"
        aria-hidden="true"
        focusable="false"
    >
        <path d={path} />
    </svg>
);

export function ThemeButton() {
    const [, redraw] = useState(0);
    useEffect(() => onThemeChange(() => redraw((n) => n + 1)), []);
    const words = `Show in ${isDark() ? "light" : "dark"} colours`;
    return (
        <button type="button" class="button quiet theme" aria-label={words} title={words} onClick={toggleTheme}>
            <Icon path={isDark() ? SUN : MOON} />
        </button>
    );
}
