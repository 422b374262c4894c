/* segment_browser_test.mjs - @segment/analytics-next in a headless Chromium, on a page of another origin. */
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { existsSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { openBrowser } from "../../web/test/browser.mjs";
import { openProxy } from "./proxy.mjs";
import { email } from "./segment_shop.mjs";
import { Ledger, eventually, openServer } from "./serving.mjs";
import { checkSealed } from "./shop_check.mjs";

const { resolve: whereIs } = createRequire(import.meta.url);
const BUNDLE = join(dirname(whereIs("@segment/analytics-next/package.json")), "dist/umd");
const PAGE = '<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><title>Boots</title>' +
    '<script src="/index.js"></script>';

let server, browser;
before(async () => {
    [server, browser] = await Promise.all([openServer(), openBrowser(process.env.SCRATCH)]);
});
after(() => Promise.all([browser?.close(), server?.stop()]));

/* The shop's own pages: the client's bundle and nothing else.  Each shop has a host of its own, so that no
 * cookie of another visit is there.  Returns the tab of its page, with the page's origin. */
let n_shops = 0;
async function openShop() {
    const shop = createServer(({ url }, reply) => {
        const file = join(BUNDLE, basename(new URL(url, "http://shop").pathname));
        if (!url.endsWith(".js")) reply.setHeader("content-type", "text/html").end(PAGE);
        else if (existsSync(file)) reply.setHeader("content-type", "text/javascript").end(readFileSync(file));
        else reply.writeHead(404).end();
    });
    await new Promise((resolve) => shop.listen(0, `127.0.0.${2 + n_shops++}`, resolve));
    shop.unref();
    const { address, port } = shop.address(), origin = `http://${address}:${port}`;
    const tab = await browser.page(`${origin}/`);
    return { ...tab, origin, async close() {
        await tab.close();
        shop.closeAllConnections();
        shop.close();
    } };
}

/* Runs in the page: starts the client as its documentation says, with another host for settings and events. */
function start(writeKey, address, delivery) {
    const { AnalyticsBrowser } = window.AnalyticsNext;
    window.analytics = AnalyticsBrowser.load({ writeKey, cdnURL: address }, { integrations: { "Segment.io": {
        apiHost: `${address.replace("http://", "")}/v1`, protocol: "http", deliveryStrategy: delivery } } });
    return window.analytics.ready().then(() => window.analytics.instance.user().anonymousId());
}

/* Runs in the page: a visit.  Resolves when the client has taken all of it. */
async function visit(userId, mail, n_orders) {
    const { analytics } = window, calls = [];
    await analytics.page("Home");
    await analytics.track("Product Viewed", { product_id: "boot", price: 129 });
    await analytics.identify(userId, { email: mail, name: "Ada Lovelace", plan: "pro" });
    for (let i = 0; i < n_orders; i++)
        calls.push(analytics.track("Order Completed", { order_id: `${userId}-${i}`, revenue: 50 + i / 100 }));
    calls.push(analytics.group("kelp", { employees: 12 }), analytics.screen("Basket"));
    await Promise.all(calls);
}

function expectVisit(ledger, id, n_orders) {
    ledger.expect(id, "page").expect(id, "Product Viewed", 12900).expect(id, "traits").expect(id, "traits")
        .expect(id, "screen");
    for (let i = 0; i < n_orders; i++) ledger.expect(id, "order", 5000 + i);
}

/* Until the server has all of the ledger: the client goes on trying in the background. */
const arrived = (ledger, id) => eventually(async () =>
    (await server.customer(id))?.timeline.length >= ledger.size, `the visit of ${id} to arrive`);

test("a visit arrives once through every fault, each call a request", async () => {
    const proxy = await openProxy(server.url, { seed: 71, courses: [["failed"], ["busy"], ["cut"], ["forgotten"],
        ["denied"], ["halved"], ["slow"], []] });
    const tab = await openShop(), ledger = new Ledger();
    const anonymousId = await tab.run(start, server.writeKey, proxy.url);
    await tab.run(visit, "next-1", email("next-1"), 12);
    expectVisit(ledger, "next-1", 12);
    await arrived(ledger, "next-1");
    await ledger.check(server);
    assert.equal(Object.keys(proxy.counts).length, 7, JSON.stringify(proxy.counts));
    assert.equal((await server.customer(`anonymous:${anonymousId}`)).timeline.length, ledger.size);
    const { traits } = await server.customer("next-1");
    assert.equal(traits.plan, "pro");
    assert.equal(traits.account, "kelp");
    await checkSealed(server, ["next-1"]);

    const paths = new Set(proxy.seen.map((entry) => `${entry.method} ${entry.path}`));
    for (const path of [`GET /v1/projects/${server.writeKey}/settings`, "OPTIONS /v1/p", "POST /v1/p",
                        "POST /v1/t", "POST /v1/i", "POST /v1/g", "POST /v1/s"])
        assert.ok(paths.has(path), `${path} of ${[...paths]}`);
    for (const { headers } of proxy.seen.filter(({ method }) => method === "POST")) {
        assert.equal(headers["content-type"], "text/plain");
        assert.equal(headers.origin, tab.origin);
    }
    await tab.close();
    await proxy.close();
});

test("batches arrive once through every fault", async () => {
    const proxy = await openProxy(server.url, { seed: 72,
        courses: [["denied"], ["busy", "forgotten"], ["halved"], ["slow"]] });
    const tab = await openShop(), ledger = new Ledger();
    await tab.run(start, server.writeKey, proxy.url, { strategy: "batching", config: { size: 5, timeout: 200 } });
    await tab.run(visit, "next-2", email("next-2"), 20);
    expectVisit(ledger, "next-2", 20);
    await arrived(ledger, "next-2");
    await ledger.check(server);
    assert.ok(proxy.seen.some(({ method, path }) => method === "POST" && path === "/v1/b"));
    assert.ok(proxy.seen.every(({ method, path }) => method !== "POST" || path === "/v1/b"));
    await tab.close();
    await proxy.close();
});

test("what is on its way when the page is left arrives once", async () => {
    const proxy = await openProxy(server.url, { seed: 73 });
    const tab = await openShop(), ledger = new Ledger();
    const delivery = { strategy: "batching", config: { size: 100, timeout: 60000 } };
    await tab.run(start, server.writeKey, proxy.url, delivery);
    await tab.run((id) => {
        for (let i = 0; i < 5; i++) window.analytics.track("Left", { value: i }, { userId: id });
        return window.analytics.track("Left", { value: 5 }, { userId: id });
    }, "next-3");
    assert.ok(!proxy.seen.some(({ method }) => method === "POST"), "nothing was sent yet");
    for (let i = 0; i < 6; i++) ledger.expect("next-3", "Left", i * 100);
    await tab.send("Page.navigate", { url: "about:blank" });
    await arrived(ledger, "next-3");
    await ledger.check(server);
    await tab.close();
    await proxy.close();
});

test("what was stored but never confirmed before the page was left is sent again and stored once", async () => {
    const proxy = await openProxy(server.url, { seed: 74, courses: [["denied"]] });
    const tab = await openShop(), ledger = new Ledger();
    await tab.run(start, server.writeKey, proxy.url);
    await tab.run((id) => window.analytics.track("Came Back", { value: 3 }, { userId: id }), "next-4");
    await tab.reload();
    await tab.run(start, server.writeKey, proxy.url);
    await eventually(() => proxy.seen.some(({ attempt, status }) => attempt === 1 && status === 200), "it again");
    ledger.expect("next-4", "Came Back", 300);
    await arrived(ledger, "next-4");
    await ledger.check(server);
    await tab.close();
    await proxy.close();
});

test("a beacon, which carries no headers, is known by the key in its body", async () => {
    const tab = await openShop();
    const isSent = await tab.run((url, writeKey) => navigator.sendBeacon(`${url}/v1/t`, JSON.stringify(
        { writeKey, userId: "next-5", event: "Closed", messageId: "beacon-1" })), server.url, server.writeKey);
    assert.equal(isSent, true);
    const ledger = new Ledger().expect("next-5", "Closed");
    await arrived(ledger, "next-5");
    await ledger.check(server);
    await tab.close();
});

test("a page of another origin can read why it was refused and when to come back", async () => {
    const tab = await openShop();
    const said = await tab.run(async (url) => {
        const answer = await fetch(`${url}/v1/t`, { method: "POST", body: "{}", headers: {
            authorization: `Basic ${btoa("wk_nobody:")}`, "content-type": "text/plain", "x-retry-count": "1",
            anonymousid: "a", sentat: "b" } });
        return { status: answer.status, body: await answer.json() };
    }, server.url);
    assert.equal(said.status, 401);
    assert.equal(said.body.success, false);
    const origin = "https://shop.example";
    const wanted = ["authorization", "content-type", "x-retry-count", "anonymousid", "sentat", "rsa-retry-time"];
    const preflight = await fetch(`${server.url}/v1/b/`, { method: "OPTIONS", headers: { origin,
        "access-control-request-method": "POST", "access-control-request-headers": wanted.join() } });
    const allowed = preflight.headers.get("access-control-allow-headers")?.toLowerCase() ?? "";
    assert.ok(preflight.status === 200 || preflight.status === 204);
    for (const name of wanted) assert.ok(allowed.includes(name), `${name} in ${allowed}`);
    const answer = await fetch(`${server.url}/v1/t`, { method: "POST", body: "{}", headers: { origin } });
    assert.match(answer.headers.get("access-control-expose-headers") ?? "", /retry-after/i);
    await tab.close();
});
