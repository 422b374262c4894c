/* What the builder does to a journey's text: comments, order and what nobody touched stay. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
    addBranch,
    addStep,
    copyStep,
    moveStep,
    nextOf,
    readJourney,
    removeStep,
    setScalar,
    waysOf,
    type JourneyText,
    type StepAt,
} from "../src/board/journey_text.ts";

const TEXT = `# Who buys is thanked.
journey: thanks
trigger: {event: order}   # by any order
steps:
  # let it settle
  - {id: settle, delay: 1s}
  - {id: mail, send: email, subject: "Hi: {{ x }}", html: a.html} # the mail
  - {id: fork, split: [
      {when: "order_count >= 5", steps: [{id: call, task: "Call"}, {id: note, delay: 1d}]},
      {otherwise: []}]}
  - id: back
    wait: {event: order}
    at_most: 7d
edit: move
`;
const of = (journey: JourneyText, id: string): StepAt => {
    const found = journey.steps.find((step) => step.id === id);
    assert.ok(found, `there is a step ${id}`);
    return found;
};
const ids = (text: string): string =>
    readJourney(text)
        .steps.map((step) => step.id)
        .join(" ");
const READ = readJourney(TEXT);

test("all steps are found, with what they are", () => {
    assert.equal(READ.problem, null);
    assert.equal(ids(TEXT), "settle mail fork call note back");
    assert.deepEqual(
        READ.steps.map((step) => step.kind),
        ["delay", "send", "split", "task", "delay", "wait"],
    );
    assert.equal(of(READ, "back").line, 11);
});

test("a step is added anywhere, and nothing else changes", () => {
    const top = addStep(READ, "delay", { list: READ.top, index: 1 }).text;
    assert.equal(ids(top), "settle pause mail fork call note back");
    assert.equal(top.replace("  - {id: pause, delay: 1d}\n", ""), TEXT);
    const list = of(READ, "call").list;
    assert.equal(ids(addStep(READ, "coupon", { list, index: 2 }).text), "settle mail fork call note code back");
    assert.equal(ids(addStep(READ, "coupon", { list, index: 0 }).text), "settle mail fork code call note back");
    const other = of(READ, "fork").branches[1];
    assert.ok(other);
    assert.match(
        addStep(READ, "exit", { list: other.list, index: 0 }).text,
        /\{otherwise: \[\{id: out, exit: true\}\]\}/,
    );
    assert.equal(
        ids(addStep(READ, "exit", { list: READ.top, index: 4 }).text),
        "settle mail fork call note back out",
    );
    const late = of(READ, "back").branches[0];
    assert.ok(late);
    const told = addStep(READ, "task", { list: late.list, index: 0 });
    assert.match(told.text, /at_most: 7d\n {4}otherwise: \[\{id: call_2, task/);
    assert.equal(ids(told.text), "settle mail fork call note back call_2");
});

test("the first step of an empty journey makes the list", () => {
    for (const text of ["journey: a\ntrigger: {event: b}\nsteps: []\n", "journey: a\nsteps:\n", "journey: a\n"]) {
        const journey = readJourney(text);
        assert.equal(ids(addStep(journey, "delay", { list: journey.top, index: 0 }).text), "pause");
    }
});

test("a step is removed with the comments above it", () => {
    const without = removeStep(TEXT, of(READ, "settle"));
    assert.doesNotMatch(without, /let it settle/);
    assert.equal(ids(without), "mail fork call note back");
    assert.equal(ids(removeStep(TEXT, of(READ, "call"))), "settle mail fork note back");
    assert.equal(ids(removeStep(TEXT, of(READ, "note"))), "settle mail fork call back");
    assert.equal(ids(removeStep(TEXT, of(READ, "back"))), "settle mail fork call note");
    let text = TEXT;
    for (const id of ["back", "fork", "mail", "settle"]) text = removeStep(text, of(readJourney(text), id));
    assert.match(text, /^# Who buys is thanked.\n.*steps: \[\]\nedit: move\n$/s);
});

test("a step moves up, down, into a branch and out of it", () => {
    const { top } = READ,
        call = of(READ, "call"),
        move = (id: string, list = top, index = 0): string => moveStep(READ, of(READ, id), { list, index }) ?? "";
    assert.match(move("settle", top, 2), /# the mail\n {2}# let it settle\n {2}- \{id: settle/);
    assert.equal(ids(move("back")), "back settle mail fork call note");
    assert.equal(ids(move("mail", call.list, 1)), "settle fork call mail note back");
    assert.equal(ids(move("call", top, 0)), "call settle mail fork note back");
    assert.equal(ids(move("back", call.list, 2)), "settle mail fork call note back");
    assert.equal(readJourney(move("back", call.list, 2)).problem, null);
    assert.equal(ids(move("note", call.list, 0)), "settle mail fork note call back");
    assert.equal(moveStep(READ, of(READ, "fork"), { list: call.list, index: 0 }), null);
    assert.equal(moveStep(READ, of(READ, "mail"), { list: top, index: 2 }), null);
});

test("a copy has ids of its own", () => {
    assert.equal(ids(copyStep(READ, of(READ, "fork"))), "settle mail fork call note fork_2 call_2 note_2 back");
    assert.equal(ids(copyStep(READ, of(READ, "call"))), "settle mail fork call call_2 note back");
});

test("a value is written in its place, quoted where it must be", () => {
    const scalar = (id: string, name: string) => of(READ, id).scalars.find((one) => one.name === name)!;
    assert.match(setScalar(TEXT, scalar("settle", "delay"), "2d"), /\{id: settle, delay: 2d\}/);
    assert.match(setScalar(TEXT, scalar("mail", "subject"), 'a "b"'), /subject: "a \\"b\\"", html/);
    assert.match(setScalar(TEXT, scalar("settle", "delay"), "no: way"), /delay: "no: way"\}/);
});

test("ways lead on as the journey does", () => {
    const next = nextOf(READ),
        ways = (id: string) =>
            waysOf(of(READ, id), next.get(of(READ, id)) ?? null).map(
                (way) => `${way.words}>${way.to?.id ?? "end"}`,
            );
    assert.deepEqual(ways("fork"), ["order_count >= 5>call", "otherwise>back"]);
    assert.deepEqual(ways("note"), [">back"]);
    assert.deepEqual(ways("back"), ["it happened>end", "time is over>end"]);
    assert.equal(
        readJourney(addBranch(READ, of(READ, "fork"))).steps.find((step) => step.id === "fork")?.branches.length,
        3,
    );
});

test("a text that cannot be read says where", () => {
    const read = readJourney("journey: a\nsteps:\n  - {id: a\n");
    assert.ok(read.problem);
    assert.ok(read.line >= 3);
    for (const text of ["", "[]", "- a", "a", "steps: 3", "steps: [1, {}, []]", "steps: {a: b}"])
        readJourney(text);
});
