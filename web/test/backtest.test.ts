/* How far off what was said before is told to be. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { levelOf } from "../src/section/backtest_level.ts";

const day = (as_of: string, said: number, came: number) => ({ as_of, asked: 1000, actual_leavers: came,
    expected_leavers: { value: said, low: said - 50, high: said + 50 }, revenue_cents: null, low_cents: null,
    high_cents: null, actual_cents: null });

test("a number that came true is neither too low nor too high", () => {
    assert.match(levelOf([day("2023-04-04", 400, 500), day("2024-07-03", 300, 300)]),
        /^ The number said was 20\u202f% too low as of .+, right as of [^,]+\.$/);
});

test("of days on which nobody left nothing is said to be off", () => {
    assert.equal(levelOf([day("2023-04-04", 4, 0), day("2023-07-03", 3, 0)]), "");
});

test("days within one year cannot tell a season", () => {
    assert.match(levelOf([day("2023-04-04", 400, 500), day("2023-07-03", 300, 310)]), /within one year/);
    assert.doesNotMatch(levelOf([day("2023-04-04", 400, 500), day("2024-07-03", 300, 310)]), /within one year/);
});
