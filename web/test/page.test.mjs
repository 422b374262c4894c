/* The built page with made-up reports in a headless Chromium: what a reader sees with a mouse, a keyboard or a
 * screen reader, on a phone and a desktop, in light and dark. PAGES names the folder that dev/sample_pages.mjs
 * has filled. */
import assert from "node:assert/strict";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";
import { brokenNames, lowContrast } from "./accessibility.mjs";
import { openBrowser } from "./browser.mjs";

const folder = resolve(process.env.PAGES);
const address = (name) => pathToFileURL(join(folder, `${name}.html`)).href;
const PHONE = { width: 360, height: 740 };
let browser;
before(async () => { browser = await openBrowser(folder); });
after(async () => { await browser.close(); });

/* Opens a page, runs the checks, and demands that nothing was complained about and nothing requested. */
async function visit(name, setting, checks) {
    const page = await browser.page(address(name), setting);
    try {
        await checks(page);
        assert.deepEqual(page.complaints, [], "the console is silent");
        assert.deepEqual(page.requests, [], "nothing is requested");
    } finally { await page.close(); }
}
const frame = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
const ALL = ["actions", "risk-value", "pilot", "drivers", "groups", "timeline", "cohorts", "retention",
    "value", "scenario", "quality", "models", "backtest", "calibration", "lift", "experiments"];
const sections = () => [...document.querySelectorAll("main section.section")].map((section) => section.id);

test("a report of orders shows every section, with every chart drawn", () => visit("orders", {}, async (page) => {
    assert.match(await page.run(() => document.querySelector("h1").textContent),
        /^Of 2,610 customers about 1,100 \(1,010 to 1,180\) will have no order/);
    assert.deepEqual(await page.run(sections), ALL);
    const plots = await page.run(() => [...document.querySelectorAll(".drawing")].map((plot) =>
        plot.querySelectorAll("svg :is(path, rect, circle)").length));
    assert.ok(plots.length >= 14, `${plots.length} charts`);
    assert.ok(plots.every((n) => n > 1), `each chart has marks: ${plots}`);
    const text = await page.run(() => document.body.innerText);
    for (const part of ["£412k", "£361k to £469k", "1,100", "Risk is not response",
        "8.56 points", "1.2 to 15.9", "It does not beat the simple rule", "135,080 rows have no customer"])
        assert.ok(text.includes(part), part);
    assert.ok(!/undefined|NaN|null|\[object/.test(text), "no gaps in the text");
}));

test("a flag within a sentence is code that stays on one line", () => visit("orders", PHONE, async (page) => {
    const flags = await page.run(() => [...document.querySelectorAll("#pilot .lead code")].map((code) =>
        [code.textContent, code.getClientRects().length]));
    assert.deepEqual(flags, [["--contact-cost", 1]]);
}));

test("a report of what is spent tells amounts, and no chance above one", () => visit("spend", {}, async (page) => {
    await page.run(() => { for (const fold of document.querySelectorAll("details")) fold.open = true; });
    for (const id of ["actions", "groups", "calibration", "lift"]) {
        const text = await page.run((id) => document.getElementById(id).innerText, id);
        const shares = [...text.matchAll(/([\d,]+(?:\.\d+)?)\s?%/g)].map(([, share]) => Number(share.replace(",", "")));
        assert.ok(shares.every((share) => share <= 100), `${id}: ${shares}`);
        assert.match(text, /£\d/, id);
    }
    assert.match(await page.run(() => document.querySelector("#lift table").innerText),
        /Said\s+Came\s+Of all it holds[\s\S]*£97\.93\s+£96\.96\s+20\s%/);
}));

test("a report of a table leaves out what a table cannot have", () => visit("table", {}, async (page) => {
    assert.deepEqual(await page.run(sections),
        ["actions", "pilot", "drivers", "groups", "quality", "models", "calibration", "lift"]);
    const text = await page.run(() => document.body.innerText);
    assert.ok(!/undefined|NaN|null|\[object/.test(text), "no gaps in the text");
}));

test("a report without anything in it says so", () => visit("empty", {}, async (page) => {
    assert.deepEqual(await page.run(sections), []);
    assert.equal(await page.run(() => document.querySelectorAll("h1").length), 1);
}));

for (const n of [1, 2, 3])
    test(`a report with a third of its fields missing is drawn as far as it goes (${n})`,
        () => visit(`holed-${n}`, PHONE, async (page) => {
            assert.ok((await page.run(sections)).length > 3);
        assert.ok(!/undefined|NaN|null|\[object|could not be drawn/.test(await page.run(() =>
            document.body.innerText)), "no gaps in the text");
        assert.equal(await page.run(() => document.documentElement.scrollWidth), 360);
    }));

test("text from a customer's file stays text", () => visit("orders", {}, async (page) => {
    assert.ok(await page.run(() => document.body.innerText.includes("<img src=x onerror=alert(1)> is only text")));
    assert.equal(await page.run(() => document.querySelectorAll("main img, main script").length), 0);
}));

for (const name of ["orders", "table", "empty"])
    test(`${name} fits a phone of 360 pixels, unfolded too`, () => visit(name, PHONE, async (page) => {
            if (name === "orders") await keepPicture(page, "orders-phone");
        await page.run(() => { for (const fold of document.querySelectorAll("details")) fold.open = true; });
        assert.equal(await page.run(() => document.documentElement.scrollWidth), 360);
        assert.deepEqual(await page.run(() => [...document.querySelectorAll("main *")].filter((one) => {
            const box = one.getBoundingClientRect();
            return box.right > 361 && box.width > 0 && !one.closest(".table-scroll, .unseen");
        }).map((one) => one.outerHTML.slice(0, 80))), []);
    }));

for (const dark of [false, true]) for (const name of ["orders", "table"])
    test(`${name} has names, order and contrast in ${dark ? "dark" : "light"} colours`,
        () => visit(name, { dark }, async (page) => {
            await page.run(() => { for (const fold of document.querySelectorAll("details")) fold.open = true; });
        assert.deepEqual(await page.run(brokenNames), []);
        assert.deepEqual(await page.run(lowContrast), []);
        if (name === "orders") await keepPicture(page, `orders-desktop-${dark ? "dark" : "light"}`);
    }));

/* Kept beside the pages, for a person to look at. */
async function keepPicture(page, name) {
    const picture = await page.picture({ height: 3000 });
    assert.ok(picture.length > 10_000, "the picture is not blank");
    writeFileSync(join(folder, `${name}.png`), picture);
}

test("the keyboard reaches the content first and sorts a table", () => visit("orders", {}, async (page) => {
    await page.key("Tab", "Tab", 9);
    assert.equal(await page.run(() => document.activeElement.className), "skip");
    assert.ok(await page.run(() => document.activeElement.getBoundingClientRect().top >= 0),
        "the skip link is seen");
    await page.key("Enter", "Enter", 13);
    assert.equal(await page.run(() => document.activeElement.id), "content");
    const risks = () => [...document.querySelectorAll("#actions tbody tr")].map((row) =>
        parseInt(row.cells[1].textContent, 10));
    const state = () => document.querySelectorAll("#actions th[scope=col]")[1].getAttribute("aria-sort");
    assert.equal(await page.run(state), "none");
    await page.run(() => { document.querySelectorAll("#actions th[scope=col] button")[1].focus(); });
    await page.key("Enter", "Enter", 13);
    assert.equal(await page.run(state), "descending");
    const down = await page.run(risks);
    assert.deepEqual(down, [...down].sort((a, b) => b - a));
    await page.key(" ", "Space", 32);
    assert.equal(await page.run(state), "ascending");
    const up = await page.run(risks);
    assert.deepEqual(up, [...up].sort((a, b) => a - b));
    assert.ok(up[0] < down[0]);
    assert.notEqual(await page.run(() => getComputedStyle(document.activeElement).outlineStyle), "none",
        "focus is seen");
}));

test("the list of a thousand customers is searched and unfolded piece by piece",
    () => visit("orders", {}, async (page) => {
    const count = () => document.querySelector("#actions [role=status]").textContent;
    assert.equal(await page.run(count), "10 of 1,000 customers");
    await page.run(() => { document.querySelector("#actions .table-foot button").click(); });
    await page.run(frame);
    assert.equal(await page.run(count), "210 of 1,000 customers");
    assert.equal(await page.run(() => document.querySelectorAll("#actions tbody tr").length), 210);
    await page.run(() => {
        const field = document.querySelector("#actions input");
        field.value = "champions cooling";
        field.dispatchEvent(new Event("input", { bubbles: true }));
    });
    await page.run(frame);
    const rows = await page.run(() =>
        [...document.querySelectorAll("#actions tbody tr")].map((row) => row.textContent));
    assert.equal(rows.length, 10);
    assert.match(await page.run(count), /^10 of \d\d customers/);
}));

test("the list is exported with every customer and without formulas", () => visit("orders", {}, async (page) => {
    const csv = await page.run(async () => {
        let blob;
        URL.createObjectURL = (given) => { blob = given; return "#"; };
        [...document.querySelectorAll("#actions button")].find((button) =>
            button.textContent === "CSV").click();
        return blob.text();
    });
    const lines = csv.trimEnd().split("\r\n");
    assert.equal(lines[0].replace("\ufeff", ""),
        "customer,churn,value_if_stays_cents,expected_loss_cents,rfm_group,stage,last_order,reasons");
    assert.equal(lines.length, 1001);
    assert.ok(lines.some((line) => line.startsWith("\"'=HYPERLINK(")), "the formula is text");
}));

test("the colours follow the reader's choice and keep it", () => visit("orders", {}, async (page) => {
    const background = () => getComputedStyle(document.body).backgroundColor;
    const light = await page.run(background);
    await page.run(() => { document.querySelector("button.theme").click(); });
    const dark = await page.run(background);
    assert.notEqual(dark, light);
    await page.reload();
    assert.equal(await page.run(background), dark);
    await page.run(() => { localStorage.clear(); });
}));

test("on a sheet of A4 nothing is cut off at the side", () => visit("orders", { width: 688 }, async (page) => {
    await page.send("Emulation.setEmulatedMedia", { media: "print" });
    assert.equal(await page.run(() => document.documentElement.scrollWidth), 688);
}));

test("on paper every chart is drawn, in light colours", () => visit("orders", { dark: true }, async (page) => {
    const { data } = await page.send("Page.printToPDF", { printBackground: true });
    assert.ok(Buffer.from(data, "base64").length > 50_000);
    writeFileSync(join(folder, "orders.pdf"), Buffer.from(data, "base64"));
    assert.equal(await page.run(() =>
        [...document.querySelectorAll(".drawing")].filter((plot) => !plot.querySelector("svg")).length), 0);
}));

test("the file is small, whole, and names no place but itself", async () => {
    const file = join(folder, "empty.html"), html = readFileSync(file, "utf8");
    assert.ok(statSync(file).size < 150_000, `${statSync(file).size} bytes`);
    assert.equal(html.split('<script id="holdfast-data" type="application/json">').length, 2);
    assert.match(html, /default-src 'none'; script-src 'sha256-/);
    assert.ok(!/sourceMappingURL|node_modules/.test(html));
    const code = html.replace(/\/\*[\s\S]*?\*\//g, "");
        /* licences of libraries stay as comments */
    const places = [...new Set(code.match(/\bhttps?:\/\/[^\s"'`)]+/g))].filter((place) =>
        !place.startsWith("http://www.w3.org/"));
    assert.deepEqual(places, []);
    assert.ok(!html.includes(resolve(".")), "no path of the machine it was built on");
});

test("the browser tells when the first paint came", () => visit("orders", {}, async (page) => {
    await page.send("Page.captureScreenshot", { format: "png" });
    const ms = await page.run(() => performance.getEntriesByName("first-contentful-paint")[0]?.startTime);
    console.log(`first paint after ${Math.round(ms)} ms`);
    assert.ok(ms > 0, String(ms));
}));
