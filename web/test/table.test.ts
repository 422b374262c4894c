/* The order of rows, the search in them, and their export. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { csvCell, csvText, tabText } from "../src/page/csv.ts";
import { filterRows, sortRows } from "../src/page/sort.ts";

const rows = [{ name: "item 10", n: 3 }, { name: "item 2", n: null }, { name: "Item 1", n: 30 },
    { name: "", n: 3 }];

test("numbers sort by size and what is unknown comes last in either direction", () => {
    assert.deepEqual(sortRows(rows, (row) => row.n, true).map((row) => row.n), [30, 3, 3, null]);
    assert.deepEqual(sortRows(rows, (row) => row.n, false).map((row) => row.n), [3, 3, 30, null]);
});

test("texts sort as people read them", () => {
    assert.deepEqual(sortRows(rows, (row) => row.name, false).map((row) => row.name),
        ["Item 1", "item 2", "item 10", ""]);
    assert.deepEqual(sortRows(rows, (row) => row.name, true).map((row) => row.name),
        ["item 10", "item 2", "Item 1", ""]);
});

test("sorting leaves the rows as they were and keeps equal rows in order", () => {
    const before = rows.map((row) => row.name);
    assert.deepEqual(sortRows(rows, (row) => row.n, true).map((row) => row.name),
        ["Item 1", "item 10", "", "item 2"]);
    assert.deepEqual(rows.map((row) => row.name), before);
});

test("every word of the search must occur, in any order and case", () => {
    assert.deepEqual(filterRows(rows, (row) => row.name, "1 ITEM").map((row) => row.name), ["item 10", "Item 1"]);
    assert.equal(filterRows(rows, (row) => row.name, "  ").length, rows.length);
    assert.equal(filterRows(rows, (row) => row.name, "item x").length, 0);
});

test("a cell that looks like a formula is exported as text", () => {
    for (const start of ["=", "+", "-", "@", "\t", "\r", " =", "|"])
        assert.equal(csvCell(`${start}1`).replace(/^"/, "").charAt(0), "'",
            `begins with ${JSON.stringify(start)}`);
    assert.equal(csvCell(-12.5), "-12.5");
    assert.equal(csvCell("plain"), "plain");
    assert.match(tabText(["a"], [["=1+1"]]), /\n'=1\+1\n/);
});

test("separators, quotes and line ends inside a cell survive", () => {
    assert.equal(csvText(["a", "b"], [['say "hi", now', "two\nlines"], [null, 3]]),
        'a,b\r\n"say ""hi"", now","two\nlines"\r\n,3\r\n');
    assert.equal(tabText(["a", "b"], [["x\ty", "1\n2"]]), "a\tb\nx y\t1 2\n");
});
