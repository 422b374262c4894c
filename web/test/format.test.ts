/* Numbers, money, shares and dates as people read them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { prose, sentence } from "../src/page/prose.ts";
import { formatCompact, formatCount, formatDate, formatInterval, formatMoney, formatMoneyTick, formatMoneyWhole,
    formatMonth, formatQuantity,
    formatSeconds, formatShare, formatTick, formatUnit, plural, UNKNOWN } from "../src/page/format.ts";

test("what is not known is a dash, whatever the kind", () => {
    for (const format of [formatCount, formatCompact, formatQuantity, formatShare, formatSeconds])
        for (const value of [null, undefined, NaN, Infinity]) assert.equal(format(value), UNKNOWN);
    assert.equal(formatMoney(null, "GBP"), UNKNOWN);
    assert.equal(formatDate(null), UNKNOWN);
});

test("money is exact when small, whole when middling and compact when large", () => {
    assert.equal(formatMoney(1250, "GBP"), "£12.50");
    assert.equal(formatMoney(125_000, "GBP"), "£1,250");
    assert.equal(formatMoney(41_230_000, "GBP"), "£412k");
    assert.equal(formatMoney(-41_230_000, "GBP"), "−\u2060£412k");
    assert.equal(formatMoney(99_999_960, "USD"), "$1M");
    assert.equal(formatMoney(-125_000, "EUR"), "−\u2060€1,250");
    assert.equal(formatMoney(0, "USD"), "$0");
    assert.equal(formatMoneyWhole(125_031_000, "GBP"), "£1,250,310");
});

test("money without a currency, or with one that does not exist, is shown as a number", () => {
    assert.equal(formatMoney(1250, ""), "12.50");
    assert.equal(formatMoney(1250, "not a currency"), "12.50");
});

test("a share has a decimal only where it matters and is never rounded to nothing", () => {
    assert.equal(formatShare(0.4312), "43\u202f%");
    assert.equal(formatShare(0.0312), "3.1\u202f%");
    assert.equal(formatShare(0.0995), "10\u202f%");
    assert.equal(formatShare(0.00007), "<0.1\u202f%");
    assert.equal(formatShare(0), "0\u202f%");
    assert.equal(formatShare(1), "100\u202f%");
});

test("quantities keep about three digits", () => {
    assert.deepEqual([0.24261, 4.414, 12.44, 9582.43, 7].map(formatQuantity),
        ["0.243", "4.41", "12.4", "9,582", "7"]);
    assert.deepEqual([3.14159, 812, 12_345, 1_230_000].map(formatCompact), ["3.14", "812", "12.3k", "1.23M"]);
});

test("an interval needs both its ends", () => {
    assert.equal(formatInterval(0.78, 0.82, (value) => value.toFixed(2)), "0.78 to 0.82");
    assert.equal(formatInterval(null, 0.82, String), "");
});

test("dates do not move with the reader's time zone and other text is left alone", () => {
    assert.equal(formatDate("2011-12-09T23:59:00Z"), "9 Dec 2011");
    assert.equal(formatDate("2011-09-01"), "1 Sep 2011");
    assert.equal(formatMonth("2010-12"), "Dec 2010");
    assert.equal(formatDate("yesterday"), "yesterday");
    assert.equal(formatDate("2011-99-99"), "2011-99-99");
});

test("seconds become minutes and units follow their number", () => {
    assert.deepEqual([0.04, 1.24, 48.2, 125].map(formatSeconds), ["0.04 s", "1.2 s", "48 s", "2 min 5 s"]);
    assert.equal(formatUnit(0.3, "share", ""), "30\u202f%");
    assert.equal(formatUnit(0.125, "share", ""), "12.5\u202f%");
    assert.equal(formatUnit(90, "days", ""), "90 days");
    assert.equal(formatUnit(1, "days", ""), "1 day");
    assert.equal(formatUnit(1250, "cents", "GBP"), "£12.50");
    assert.equal(formatUnit("Churn", "", ""), "Churn");
    assert.equal(plural(1, "customer"), "1 customer");
    assert.equal(plural(3900, "customer"), "3,900 customers");
});

test("sentences are set with readable dates and unbreakable percent signs", () => {
    assert.equal(prose("2,658 orders in 2011-11, 43 % of all; fitted to 2011-07-12"),
        "2,658 orders in Nov 2011, 43\u202f% of all; fitted to 12 Jul 2011");
    assert.equal(prose("item 2011-113 and 2011-11-31x stay"), "item 2011-113 and 2011-11-31x stay");
    assert.equal(sentence("logistic L2 is the simplest"), "Logistic L2 is the simplest.");
    assert.equal(sentence("Is it?"), "Is it?");
});

test("the numbers along an axis are all short or all whole", () => {
    assert.deepEqual([0, 500, 1000, 1500, 12_000, 2_000_000, -8000].map(formatTick),
        ["0", "500", "1k", "1.5k", "12k", "2M", "−\u20608k"]);
    assert.deepEqual([0, 50_000, 150_000, 200_000_000].map((cents) => formatMoneyTick(cents, "GBP")),
        ["£0", "£500", "£1.5k", "£2M"]);
});
