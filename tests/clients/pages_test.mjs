/* pages_test.mjs - the browser clients of PostHog and RudderStack on a page of another origin, with a page key and only
 * the host changed: what is said before a page is left arrives. */
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { existsSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { openBrowser } from "../../web/test/browser.mjs";
import { openProxy } from "./proxy.mjs";
import { eventually, openServer } from "./serving.mjs";

const { resolve: whereIs } = createRequire(import.meta.url);
const folderOf = (name) => dirname(whereIs(`${name}/package.json`));
const PAGE = '<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><title>Boots</title>';

let server, browser;
before(async () => {
    [server, browser] = await Promise.all([openServer(), openBrowser(process.env.SCRATCH)]);
});
after(() => Promise.all([browser?.close(), server?.stop()]));

/* The shop's own pages beside the client's files, on a host of its own, so that no cookie of another visit is there. */
let n_shops = 0;
async function openShop(folder) {
    const shop = createServer(({ url }, reply) => {
        const file = join(folder, basename(new URL(url, "http://shop").pathname));
        if (!/\.m?js$/.test(url)) reply.setHeader("content-type", "text/html").end(PAGE);
        else if (existsSync(file)) reply.setHeader("content-type", "text/javascript").end(readFileSync(file));
        else reply.writeHead(404).end();
    });
    await new Promise((resolve) => shop.listen(0, `127.0.1.${2 + n_shops++}`, resolve));
    shop.unref();
    const { address, port } = shop.address(), tab = await browser.page(`http://${address}:${port}/`);
    return { ...tab, async close() {
        await tab.close();
        shop.closeAllConnections();
        shop.close();
    } };
}

const ordersOf = async (id) => (await server.customer(id))?.timeline.filter(({ kind }) => kind === "order").length ?? 0;
const paths = (proxy) => new Set(proxy.seen.map(({ method, path }) => `${method} ${path}`));

/* Runs in the page: a visitor says who it is.  A headless browser is taken for a robot else. */
async function posthogVisit(key, address, id) {
    const { default: posthog } = await import("/module.no-external.js");
    window.posthog = posthog;
    posthog.init(key, { api_host: address, opt_out_useragent_filter: true, person_profiles: "always" });
    posthog.identify(id);
}

/* Runs in the page: an order, and the next page at once. */
function posthogOrder() {
    window.posthog.capture("Order Completed", { revenue: 42 });
    window.location.href = "/thanks";
}

test("posthog-js: an order that is followed by a navigation arrives, six times of six", async () => {
    const proxy = await openProxy(server.url, { seed: 91 });
    for (let i = 0; i < 6; i++) {
        const tab = await openShop(join(folderOf("posthog-js"), "dist"));
        const n_before = proxy.seen.length;
        await tab.run(posthogVisit, server.pageKey, proxy.url, `hog-page-${i}`);
        await eventually(() => proxy.seen.slice(n_before).some(({ path, status }) => path.startsWith("/flags/") && status === 200),
            `visit ${i}; seen: ${[...paths(proxy)]}`);
        await tab.look(posthogOrder);
        await eventually(async () => await ordersOf(`hog-page-${i}`) === 1, `order ${i}; seen: ${[...paths(proxy)]}`);
        await tab.close();
    }
    for (const path of [`GET /array/${server.pageKey}/config`, "POST /flags/?v=2", "POST /e/"])
        assert.ok(paths(proxy).has(path), `${path} of ${[...paths(proxy)]}`);
    assert.deepEqual(proxy.seen.filter(({ status }) => status >= 400), []);
    await proxy.close();
});

/* Runs in the page: three orders by way of the beacon. */
async function rudderOrders(key, address, id) {
    const { RudderAnalytics } = await import("/index.mjs");
    const rudder = new RudderAnalytics();
    rudder.load(key, address, { configUrl: address, useBeacon: true, beaconQueueOptions: { flushQueueInterval: 60000 } });
    await new Promise((resolve) => rudder.ready(resolve));
    rudder.identify(id);
    for (let i = 0; i < 3; i++) rudder.track("Order Completed", { order_id: `${id}-${i}`, revenue: 42 });
}

test("RudderStack's browser client: what waits for the beacon arrives when the page is left", async () => {
    const proxy = await openProxy(server.url, { seed: 92 });
    const tab = await openShop(join(dirname(whereIs("@rudderstack/analytics-js/bundled")), "../esm"));
    await tab.run(rudderOrders, server.pageKey, proxy.url, "rudder-page");
    await tab.send("Page.navigate", { url: "about:blank" });
    await eventually(async () => await ordersOf("rudder-page") === 3, `the orders; seen: ${[...paths(proxy)]}`);
    assert.ok([...paths(proxy)].some((one) => one.startsWith("POST /beacon/v1/batch")), [...paths(proxy)].join());
    await tab.close();
    await proxy.close();
});

/* Runs in the page: a customer, an order, a page. */
async function customerioVisit(key, address, id) {
    const script = document.createElement("script");
    await new Promise((resolve) => document.head.append(Object.assign(script, { src: "/index.js", onload: resolve })));
    const analytics = window.AnalyticsNext.AnalyticsBrowser.load({ writeKey: key, cdnURL: address });
    await analytics.identify(id, { email: `${id}@example.com` });
    await analytics.track("Order Completed", { order_id: `${id}-1`, revenue: 42 });
    await analytics.page("Thanks");
}

test("Customer.io's browser client: with only its host changed, and its name before the key, what it says arrives", async () => {
    const proxy = await openProxy(server.url, { seed: 93 });
    const tab = await openShop(join(folderOf("@customerio/cdp-analytics-browser"), "dist/umd"));
    await tab.run(customerioVisit, `customerio_${server.pageKey}`, proxy.url, "pipelines-page");
    await eventually(async () => await ordersOf("pipelines-page") === 1, `the order; seen: ${[...paths(proxy)]}`);
    assert.deepEqual(proxy.seen.filter(({ status }) => status >= 400), []);
    await tab.close();
    await proxy.close();
});

test("Customer.io's browser client with a key as it is sends to its maker, and the server says what to do", async () => {
    const fast = await openServer({ environment: { HOLDFAST_CLOCK_RATE: "1000" } });        /* a minute in 60 ms */
    const tab = await openShop(join(folderOf("@customerio/cdp-analytics-browser"), "dist/umd"));
    const quiet = async () => (await fast.call("GET", "/v1/sources")).body.quiet_pages;
    await tab.run(`(...visit) => { void (${customerioVisit})(...visit); }`, fast.pageKey, fast.url, "quiet-page");
    const asked = await eventually(async () => {
        await tab.run((url) => fetch(url, { cache: "no-store" }).then(({ ok }) => ok), `${fast.url}/v1/projects/${fast.pageKey}/settings`);
        return (await quiet())[0];
    }, "the page to be told as quiet");
    assert.ok(asked.asked >= 5 && asked.last_ms - asked.since_ms >= 60000, JSON.stringify(asked));
    assert.match(fast.said(), /warning pages with the key '.*' \(number \d+\) asked .* sent nothing: in Customer\.io's client/);
    assert.match((await fast.call("GET", "/metrics")).body, /^holdfast_pages_quiet 1$/m);
    await tab.reload();
    await tab.run(customerioVisit, `customerio_${fast.pageKey}`, fast.url, "quiet-page");
    await eventually(async () => (await quiet()).length === 0, "the page to be heard");
    await tab.close();
    await fast.stop();
});

/* With a second integration Segment's client would fetch a part of itself from its maker's host, and wait for it. */
test("the settings of Segment's client name nothing but where to send", async () => {
    const answer = await fetch(`${server.url}/v1/projects/${server.pageKey}/settings`);
    assert.deepEqual(Object.keys((await answer.json()).integrations), ["Segment.io"]);
});

test("the settings of Customer.io's client are found by its name before the key, or in the path", async () => {
    for (const path of [`/v1/projects/customerio_${server.pageKey}`, `/customerio/v1/projects/${server.pageKey}`]) {
        const { integrations } = await (await fetch(`${server.url}${path}/settings`)).json();
        assert.deepEqual(Object.keys(integrations), ["Customer.io Data Pipelines"]);
        assert.equal(integrations["Customer.io Data Pipelines"].apiKey, server.pageKey);
    }
});
