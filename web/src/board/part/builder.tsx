/* builder.tsx - a condition as rows of tests joined by AND or OR, where it is no more than that; the text stays what
 * counts, and whatever rows cannot say stays text. */
import { Button } from "./button.tsx";
import { type FieldOf, fieldWords, quotedName } from "./condition.tsx";
import { Choice, Field } from "./form.tsx";

export interface Test {
    name: string;
    is: string;
    value: string;
}
interface Tests {
    join: "AND" | "OR";
    tests: Test[];
}

const OPERATORS: [string, string][] = [
    [">", "more than"],
    [">=", "at least"],
    ["<", "less than"],
    ["<=", "at most"],
    ["=", "is"],
    ["<>", "is not"],
    ["IS NULL", "is not known"],
    ["IS NOT NULL", "is known"],
];

const TEST =
    /^\s*([A-Za-z_]\w*|"(?:[^"]|"")+")\s*(>=|<=|<>|!=|>|<|=|IS\s+NOT\s+NULL|IS\s+NULL)\s*('(?:[^']|'')*'|-?\d+(?:\.\d+)?)?\s*$/i;

/* Splits at a word outside of quotes; null where there are brackets, which rows cannot say. */
function split(text: string, word: "AND" | "OR"): string[] | null {
    const parts: string[] = [];
    let from = 0,
        quote = "";
    for (let i = 0; i < text.length; i++) {
        const letter = text[i] ?? "";
        if (quote) {
            if (letter === quote) quote = "";
            continue;
        }
        if (letter === "'" || letter === '"') {
            quote = letter;
            continue;
        }
        if (letter === "(" || letter === ")") return null;
        const found = /\s/.test(letter) && new RegExp(`^\\s+${word}\\s`, "i").exec(text.slice(i));
        if (found) {
            parts.push(text.slice(from, i));
            i += found[0].length - 2;
            from = i + 1;
        }
    }
    parts.push(text.slice(from));
    return parts;
}

/* The rows that say the same as the text; null: no rows do. */
function testsOf(text: string): Tests | null {
    if (!text.trim()) return { join: "AND", tests: [] };
    const ands = split(text, "AND"),
        ors = split(text, "OR");
    if (!ands || !ors || (ands.length > 1 && ors.length > 1)) return null;
    const join = ors.length > 1 ? ("OR" as const) : ("AND" as const),
        tests: Test[] = [];
    for (const part of join === "OR" ? ors : ands) {
        const found = TEST.exec(part),
            is = (found?.[2] ?? "").toUpperCase().replace(/\s+/g, " ").replace("!=", "<>");
        if (!found || (found[3] === undefined) !== is.startsWith("IS")) return null;
        const name = found[1] ?? "",
            value = found[3] ?? "";
        tests.push({
            name: name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name,
            is,
            value: value.startsWith("'") ? value.slice(1, -1).replaceAll("''", "'") : value,
        });
    }
    return { join, tests };
}

export function textOf({ join, tests }: Tests, fields: FieldOf[]): string {
    return tests
        .map(({ name, is, value }) => {
            const isText =
                fields.find((one) => one.name === name)?.type === "text" || !/^-?\d+(\.\d+)?$/.test(value);
            return is.startsWith("IS")
                ? `${quotedName(name)} ${is}`
                : `${quotedName(name)} ${is} ${isText ? `'${value.replaceAll("'", "''")}'` : value}`;
        })
        .join(` ${join} `);
}

export function Builder({ text, set, fields }: { text: string; set: (text: string) => void; fields: FieldOf[] }) {
    const tests = testsOf(text);
    if (!tests)
        return (
            <p class="note">
                This condition has brackets, functions or a mix of AND and OR: it is edited as text.
            </p>
        );
    const change = (next: Partial<Tests>): void => set(textOf({ ...tests, ...next }, fields));
    const put = (i: number, test: Partial<Test>): void =>
        change({ tests: tests.tests.map((one, j) => (j === i ? { ...one, ...test } : one)) });
    const names = fields.map((one): [string, string] => [one.name, one.name]);
    return (
        <div class="builder">
            {tests.tests.length > 1 && (
                <Choice
                    label="Customers of whom"
                    value={tests.join}
                    set={(join) => change({ join: join as "AND" | "OR" })}
                    options={[
                        ["AND", "all of these hold"],
                        ["OR", "one of these holds"],
                    ]}
                />
            )}
            {tests.tests.map((test, i) => {
                const field = fields.find((one) => one.name === test.name);
                return (
                    <div class="builder-row" key={i} role="group" aria-label={`Test ${i + 1}`}>
                        <Choice
                            label="What"
                            value={test.name}
                            set={(name) => put(i, { name })}
                            options={field ? names : [[test.name, test.name], ...names]}
                        />
                        <Choice label="Is" value={test.is} set={(is) => put(i, { is })} options={OPERATORS} />
                        {!test.is.startsWith("IS") && (
                            <Field
                                label="Value"
                                value={test.value}
                                set={(value) => put(i, { value })}
                                list={field?.usual.map((one) => one.value) ?? []}
                            />
                        )}
                        <button
                            type="button"
                            class="button"
                            aria-label={`Remove test ${i + 1}`}
                            onClick={() => change({ tests: tests.tests.filter((_, j) => j !== i) })}
                        >
                            Remove
                        </button>
                        {field && <p class="note">{fieldWords(field)}</p>}
                    </div>
                );
            })}
            <Button
                type="button"
                class="button"
                isOff={fields.length === 0}
                onClick={() => {
                    const first = fields[0];
                    if (first)
                        change({
                            tests: [
                                ...tests.tests,
                                {
                                    name: first.name,
                                    is: first.type === "text" ? "=" : ">",
                                    value:
                                        first.type === "text"
                                            ? (first.usual[0]?.value ?? "")
                                            : String(Math.round((first.quantiles?.[2] ?? 0) * 100) / 100),
                                },
                            ],
                        });
                }}
            >
                Add a test
            </Button>
        </div>
    );
}
