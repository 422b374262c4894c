/* scroller.tsx - a box in which a wide table scrolls sideways, so that the page itself never does. */
import type { ComponentChildren as Children } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

/* Only a box that has something to scroll is a stop for the keyboard and a region for screen readers. */
export function Scroller({ label, children }: { label: string; children: Children }) {
    const box = useRef<HTMLDivElement>(null),
        [isWide, set] = useState(false);
    useEffect(() => {
        const one = box.current;
        if (!one) return undefined;
        const observer = new ResizeObserver(() => set(one.scrollWidth > one.clientWidth + 1));
        for (const element of [one, ...one.children]) observer.observe(element);
        return () => observer.disconnect();
    }, []);
    return (
        <div
            ref={box}
            class="table-scroll"
            {...(isWide ? { role: "region", "aria-label": label, tabIndex: 0 } : {})}
        >
            {children}
        </div>
    );
}
