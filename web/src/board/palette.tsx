/* palette.tsx - one field that finds pages, customers, segments and journeys, and goes there. */
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { GetV1Find } from "./answers.ts";
import { Dialog } from "./part/form.tsx";
import { go, to } from "./place.ts";
import { may, usePerson } from "./session.ts";
import { useAnswer, useStill } from "./use_answer.ts";
import { VIEWS } from "./views.ts";

interface Choice {
    address: string;
    title: string;
    words: string;
    kind: string;
}

const PLACES: Record<string, (name: string) => string> = {
    customer: (name) => to("customer", name),
    segment: (name) => to("segment", name),
    journey: (name) => to("journey", name),
    experiment: (name) => to("experiment", name),
    question: (name) => to("models", name),
};

function useChoices(text: string): { choices: Choice[]; isWaiting: boolean } {
    const person = usePerson(),
        still = useStill(text.trim(), 150),
        words = text.trim().toLowerCase();
    const { data, isOld } = useAnswer<GetV1Find>(still ? `/v1/find?text=${encodeURIComponent(still)}` : null);
    const pages = VIEWS.filter(
        (one) => !one.under && may(person, one.needs) && `${one.title} ${one.words}`.toLowerCase().includes(words),
    ).map((one): Choice => ({ address: to(one.name), title: one.title, words: one.words, kind: "page" }));
    const found =
        words && data
            ? data.found.map((one): Choice => ({
                  address: (PLACES[one.kind] ?? (() => to("")))(one.id),
                  title: one.name,
                  words: one.words,
                  kind: one.kind,
              }))
            : [];
    const isNamed = (one: Choice): boolean => one.title.toLowerCase() === words;
    return {
        choices: [
            ...found.filter(isNamed),
            ...pages,
            ...found.filter((one) => !isNamed(one)),
        ].slice(0, 14),
        isWaiting: words !== "" && (isOld || still !== text.trim()),
    };
}

export function Palette({ close }: { close: () => void }) {
    const [text, set] = useState(""),
        [at, setAt] = useState(0),
        [isEntered, setEntered] = useState(false) /* Enter was pressed before it was looked up */,
        list = useRef<HTMLUListElement>(null);
    const { choices, isWaiting } = useChoices(text),
        chosen = Math.min(at, choices.length - 1);
    useEffect(() => {
        list.current?.children[chosen]?.scrollIntoView({ block: "nearest" });
    }, [chosen]);
    const choose = (one: Choice | undefined): void => {
        if (one) {
            close();
            go(one.address);
        }
    };
    useLayoutEffect(() => {
        if (!isEntered || isWaiting) return;
        setEntered(false);
        choose(choices[chosen]);
    });
    return (
        <Dialog title="Find anything" close={close}>
            <input
                class="palette-field"
                type="text"
                role="combobox"
                aria-expanded="true"
                aria-controls="palette-list"
                aria-label="A page, a customer, a segment"
                aria-activedescendant={choices[chosen] ? `palette-${chosen}` : undefined}
                autocomplete="off"
                spellcheck={false}
                autofocus
                placeholder="a page, an id or whole address, a segment"
                value={text}
                onInput={(event) => {
                    set(event.currentTarget.value);
                    setAt(0);
                    setEntered(false);
                }}
                onKeyDown={(event) => {
                    if (event.key === "ArrowDown") {
                        event.preventDefault();
                        setAt(Math.min(choices.length - 1, chosen + 1));
                    }
                    if (event.key === "ArrowUp") {
                        event.preventDefault();
                        setAt(Math.max(0, chosen - 1));
                    }
                    if (event.key === "Enter") {
                        event.preventDefault();
                        setEntered(true);
                    }
                }}
            />
            <ul class="palette-list" id="palette-list" role="listbox" aria-label="Found" ref={list}>
                {choices.map((one, i) => (
                    <li
                        key={one.address}
                        id={`palette-${i}`}
                        role="option"
                        aria-selected={i === chosen}
                        onClick={() => choose(one)}
                        onMouseMove={() => setAt(i)}
                    >
                        <span class="palette-title" dir="auto">
                            {one.title}
                        </span>
                        <span class="palette-words">{one.words}</span>
                        <span class="tag">{one.kind}</span>
                    </li>
                ))}
            </ul>
            <p class="note" role="status">
                {isWaiting
                    ? "Looking"
                    : choices.length === 0
                      ? "Nothing was found. Ids are found by their beginning, " +
                        "addresses only as a whole, because they are sealed."
                      : "Arrow keys choose, Enter goes there."}
            </p>
        </Dialog>
    );
}
