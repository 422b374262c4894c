/* navigation.tsx - the list of sections: a column beside the report where it is wide, a fold-out where it is not. */
import { useEffect, useState } from "preact/hooks";
import type { Section } from "./section.tsx";

type Entry = Pick<Section, "id" | "title">;
export interface Chapter<T extends Entry = Entry> {
    title: string;
    sections: T[];
}

const wide = matchMedia("(min-width: 1180px)");

/* The section that is being read. */
function useReading(ids: string[]): string | undefined {
    const [seen, set] = useState<ReadonlySet<string>>(new Set());
    useEffect(() => {
        const held = new Set<string>();
        const observer = new IntersectionObserver(
            (changes) => {
                for (const { target, isIntersecting } of changes)
                    if (isIntersecting) held.add(target.id);
                    else held.delete(target.id);
                set(new Set(held));
            },
            { rootMargin: "-20% 0px -70% 0px" },
        );
        for (const id of ids) {
            const element = document.getElementById(id);
            if (element) observer.observe(element);
        }
        return () => observer.disconnect();
    }, []);
    return ids.find((id) => seen.has(id));
}

function useIsWide(): boolean {
    const [isWide, set] = useState(wide.matches);
    useEffect(() => {
        const look = (): void => set(wide.matches);
        wide.addEventListener("change", look);
        return () => wide.removeEventListener("change", look);
    }, []);
    return isWide;
}

export function Navigation({ chapters }: { chapters: Chapter[] }) {
    const reading = useReading(chapters.flatMap((chapter) => chapter.sections.map((one) => one.id))),
        isWide = useIsWide(),
        [isOpen, open] = useState(false);
    return (
        <nav class="navigation" aria-label="Sections">
            <details
                class="nav-fold"
                open={isWide || isOpen}
                onToggle={(event) => open(event.currentTarget.open && !isWide)}
            >
                <summary>Contents</summary>
                <ul class="nav-list">
                    {chapters.map((chapter) => (
                        <li key={chapter.title}>
                            <span class="nav-group">{chapter.title}</span>
                            <ul>
                                {chapter.sections.map((one) => (
                                    <li key={one.id}>
                                        <a
                                            href={`#${one.id}`}
                                            aria-current={one.id === reading ? "true" : undefined}
                                            onClick={() => open(false)}
                                        >
                                            {one.title}
                                        </a>
                                    </li>
                                ))}
                            </ul>
                        </li>
                    ))}
                </ul>
            </details>
        </nav>
    );
}
