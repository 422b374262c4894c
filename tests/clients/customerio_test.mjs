/* customerio_test.mjs - customerio-node: its Pipelines client speaks Segment's calls, its Track client its own. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { PipelinesClient, TrackClient } from "customerio-node";
import { openProxy } from "./proxy.mjs";
import { email, tellShop } from "./segment_shop.mjs";
import { Ledger, PATIENCE_MS, eventually, openServer } from "./serving.mjs";
import { checkSealed, checkStitched } from "./shop_check.mjs";

let server;
before(async () => { server = await openServer(); });
after(() => server?.stop());

const hasTo = { timeout: PATIENCE_MS, retry: { minTimeoutMs: 20 } };

test("Pipelines: a week of a shop arrives once through every fault, one call a request", async () => {
    const proxy = await openProxy(server.url, { seed: 41, courses: [["failed"], ["busy"], ["cut"], ["forgotten"],
        ["denied", "forgotten"], ["halved"], ["slow"], [], [], [], []] });
    const client = new PipelinesClient(server.writeKey, { url: `${proxy.url}/v1`, ...hasTo });
    const ledger = new Ledger(), calls = [];
    const ids = tellShop((type, message) => calls.push(client[type](message)), ledger,
                         { prefix: "pipe", seed: 4 });
    await Promise.all(calls);
    assert.equal(Object.keys(proxy.counts).length, 7, "every fault came up");
    await ledger.check(server);
    await checkStitched(server, ids, "pipe");
    await checkSealed(server, ids);
    await proxy.close();
});

test("Pipelines: a batch of calls arrives once", async () => {
    const proxy = await openProxy(server.url, { seed: 42, courses: [["forgotten", "denied"]] });
    const client = new PipelinesClient(server.writeKey, { url: `${proxy.url}/v1`, ...hasTo });
    const ledger = new Ledger(), items = [];
    tellShop((type, message) => items.push({ type, ...message }), ledger, { prefix: "pipe-batch", seed: 5 });
    await client.batch(items);
    await ledger.check(server);
    await proxy.close();
});

test("Pipelines: a batch that is too large is refused with 400 and not sent again", async () => {
    const proxy = await openProxy(server.url, { seed: 46 });
    const client = new PipelinesClient(server.writeKey, { url: `${proxy.url}/v1`, ...hasTo });
    const item = { type: "track", userId: "large", event: "Fits Not", properties: { pad: "x".repeat(30000) } };
    await assert.rejects(client.batch(Array(150).fill(item)), (error) => error.statusCode === 400);
    assert.equal(proxy.seen.length, 1);
    assert.equal(await server.customer("large"), null);
    await proxy.close();
});

test("Pipelines: strict mode is told what is wrong, otherwise it goes to the dead letters", async () => {
    const broken = { userId: "x".repeat(300), event: "Too Long" };
    const strict = new PipelinesClient(server.writeKey, { url: `${server.url}/v1`, strictMode: true, ...hasTo });
    await assert.rejects(strict.track(broken), (error) =>
        error.statusCode === 400 && /userId/.test(error.body ?? error.message));
    await strict.track({ userId: "strict", event: "Fine" });
    const lax = new PipelinesClient(server.writeKey, { url: `${server.url}/v1`, ...hasTo });
    const { success, warning } = await lax.track(broken);
    assert.ok(success && /not kept/.test(warning), warning);
    await new Ledger().expect("strict", "Fine").check(server);
});

test("Track: people, events, devices, merges and suppression", async () => {
    const proxy = await openProxy(server.url, { seed: 43,
        courses: [["failed"], ["busy"], ["cut"], ["slow"], [], []] });
    const client = new TrackClient("site", server.writeKey, { url: `${proxy.url}/api/v1`, ...hasTo });
    const ledger = new Ledger();
    await client.identify("track-1", { email: email("track-1"), first_name: "Ada Lovelace", plan: "pro" });
    await client.track("track-1", { name: "Order Completed", data: { revenue: 19.9, currency: "EUR" } });
    await client.trackPageView("track-1", "https://shop.example/boots");
    await client.trackAnonymous("wanderer", { name: "Looked", data: { what: "boots" } });
    await client.identify("track-1", { anonymous_id: "wanderer" });
    await client.addDevice("track-1", "device-token-7", "ios", { last_used: 1700000000 });
    ledger.expect("track-1", "traits").expect("track-1", "order", 1990).expect("track-1", "page")
        .expect("track-1", "Looked").expect("track-1", "traits").expect("track-1", "traits");
    await client.identify("track-2", { email: email("track-2") });
    await client.track("track-2", { name: "Read" });
    await client.mergeCustomers("id", "track-1", "id", "track-2");
    await ledger.expect("track-1", "traits").expect("track-1", "Read").expect("track-1", "traits").check(server);
    assert.equal((await server.customer("track-2")).customer, (await server.customer("track-1")).customer);
    await checkSealed(server, ["track-1", "track-2"]);
    await proxy.close();
});

test("Track: an event with an id of its own is stored once, however often it is sent", async () => {
    const proxy = await openProxy(server.url, { seed: 44, courses: [["forgotten", "denied", "halved"]] });
    const client = new TrackClient("site", server.writeKey, { url: `${proxy.url}/api/v1`, ...hasTo });
    await client.track("track-3", { id: "01BX5ZZKBKACTAV9WEVGEMMVRZ", name: "Once", timestamp: 1700000000 });
    assert.equal(proxy.seen.length, 4);
    await new Ledger().expect("track-3", "Once").check(server);
    await proxy.close();
});

test("Track: who is suppressed leaves no trace until that ends", async () => {
    const client = new TrackClient("site", server.writeKey, { url: `${server.url}/api/v1`, ...hasTo });
    await client.track("shy", { name: "Before" });
    await client.suppress("shy");
    await client.track("shy", { name: "During" });
    await client.unsuppress("shy");
    await client.track("shy", { name: "After" });
    const kinds = (await server.customer("shy")).timeline.map((event) => event.kind);
    assert.ok(!kinds.includes("During"), String(kinds));
    assert.ok(kinds.includes("After"));
});

test("Track: who is destroyed is forgotten", async () => {
    const client = new TrackClient("site", server.writeKey, { url: `${server.url}/api/v1`, ...hasTo });
    await client.identify("gone", { email: email("gone"), plan: "pro" });
    await client.destroy("gone");
    await eventually(async () => await server.customer("gone") === null, "the erasure, which follows the answer");
});

test("a wrong key is refused without another try", async () => {
    const proxy = await openProxy(server.url, { seed: 45 });
    const client = new TrackClient("site", "wk_nobody", { url: `${proxy.url}/api/v1`, ...hasTo });
    await assert.rejects(client.track("stranger", { name: "Knocked" }), (error) => error.statusCode === 401);
    assert.equal(proxy.seen.length, 1);
    await proxy.close();
});
