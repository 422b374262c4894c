/* segment_node_test.mjs - @segment/analytics-node, the client of today's servers. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { Analytics } from "@segment/analytics-node";
import { openProxy } from "./proxy.mjs";
import { tellShop, traits } from "./segment_shop.mjs";
import { Ledger, PATIENCE_MS, command, openServer } from "./serving.mjs";
import { checkSealed, checkStitched } from "./shop_check.mjs";

let server;
before(async () => { server = await openServer(); });
after(() => server?.stop());

/* Calls the client; the promise resolves with what it says became of the event: an error, or nothing. */
const told = (client, calls) => (type, message) =>
    calls.push(new Promise((resolve) => client[type](message, resolve)));

test("a week of a shop arrives once through every fault", async () => {
    const proxy = await openProxy(server.url, { seed: 11, courses: [["failed"], ["busy"], ["cut"], ["forgotten"],
        ["denied", "forgotten"], ["halved"], ["slow"], []] });
    const client = new Analytics({ httpRequestTimeout: PATIENCE_MS, writeKey: server.writeKey, host: proxy.url, flushAt: 5, flushInterval: 200 });
    const ledger = new Ledger(), calls = [];
    const ids = tellShop(told(client, calls), ledger, { prefix: "node", seed: 1 });
    await client.closeAndFlush({ timeout: PATIENCE_MS });
    assert.deepEqual((await Promise.all(calls)).filter(Boolean), [], "the client gave up on nothing");
    assert.deepEqual(Object.keys(proxy.counts).sort(),
        ["busy", "cut", "denied", "failed", "forgotten", "halved", "slow"], "every fault came up");
    const again = proxy.seen.filter((entry) => entry.attempt > 0);
    assert.ok(again.length > 0 && again.every((entry) => entry.headers["x-retry-count"] === `${entry.attempt}`));
    assert.ok(proxy.seen.every((entry) => entry.status === undefined || entry.answer === '{"success":true}'));
    await ledger.check(server);
    const { accepted, repeated, refused } = await server.messages();
    const forwarded = proxy.seen.filter((entry) => entry.status === 200)
        .reduce((n, entry) => n + JSON.parse(entry.text).batch.length, 0);
    assert.deepEqual({ accepted, repeated, refused },
        { accepted: calls.length, repeated: forwarded - calls.length, refused: 0 });
    assert.ok(repeated > 0, "something came twice");
    await checkStitched(server, ids, "node");
    const known = JSON.parse(await command("identity", "show", "node-0", "--db", server.database, "--json"));
    const [visitor, mail, ...ids_of_user] = known.identities.sort();
    assert.deepEqual([visitor, ...ids_of_user], ["anonymous:node-visitor-0", "node-0", "node-0-before"]);
    assert.match(mail, /^email:[0-9a-f]{32}$/, "an address is known by its keyed hash only");
    await checkSealed(server, ids);
    await proxy.close();
});

test("a server that is busy is asked again after the second it names", async () => {
    const proxy = await openProxy(server.url, { seed: 12, courses: [["busy"]] });
    const client = new Analytics({ httpRequestTimeout: PATIENCE_MS, writeKey: server.writeKey, host: proxy.url, flushAt: 1 });
    client.track({ userId: "patient", event: "Waited" });
    await client.closeAndFlush({ timeout: PATIENCE_MS });
    const [first, second] = proxy.seen;
    assert.ok(second.at_ms - first.at_ms >= 990, `asked again after ${second.at_ms - first.at_ms} ms`);
    await new Ledger().expect("patient", "Waited").check(server);
    await proxy.close();
});

test("an unknown write key is refused once and for all with 401", async () => {
    const proxy = await openProxy(server.url, { seed: 13 });
    const client = new Analytics({ httpRequestTimeout: PATIENCE_MS, writeKey: "wk_nobody", host: proxy.url, flushAt: 1 });
    const calls = [];
    told(client, calls)("track", { userId: "stranger", event: "Knocked" });
    await client.closeAndFlush({ timeout: PATIENCE_MS });
    assert.match(String(await calls[0]), /401/);
    assert.equal(proxy.seen.length, 1, "and never sent again");
    assert.equal(proxy.seen[0].status, 401);
    assert.equal(JSON.parse(proxy.seen[0].answer).success, false);
    assert.equal(await server.customer("stranger"), null);
    await proxy.close();
});

test("a bad event costs only itself", async () => {
    const proxy = await openProxy(server.url, { seed: 14 }), { refused: refused_before } = await server.messages();
    const client = new Analytics({ httpRequestTimeout: PATIENCE_MS, writeKey: server.writeKey, host: proxy.url, flushAt: 3 });
    const calls = [], tell = told(client, calls);
    tell("track", { userId: "good", event: "First" });
    tell("track", { userId: "x".repeat(300), event: "Too Long" });
    tell("track", { userId: "good", event: "Order Completed", properties: { revenue: "12.5" } });
    await client.closeAndFlush({ timeout: PATIENCE_MS });
    assert.deepEqual((await Promise.all(calls)).filter(Boolean), []);
    assert.deepEqual(proxy.seen.map((entry) => entry.status), [200]);
    await new Ledger().expect("good", "First").expect("good", "order", 1250).check(server);
    assert.equal((await server.messages()).refused, refused_before + 1);
    await proxy.close();
});

test("clocks that are wrong are set right by the time of sending", async () => {
    const client = new Analytics({ httpRequestTimeout: PATIENCE_MS, writeKey: server.writeKey, host: server.url, flushAt: 1 });
    const before_ms = Date.now();
    client.track({ userId: "punctual", event: "Long Ago", timestamp: new Date("2020-02-29T12:00:00Z") });
    client.track({ userId: "punctual", event: "Tomorrow", timestamp: new Date(before_ms + 86400_000) });
    await client.closeAndFlush({ timeout: PATIENCE_MS });
    const timeline = (await server.customer("punctual")).timeline;
    const time = (kind) => timeline.find((event) => event.kind === kind).time_ms;
    assert.ok(Math.abs(time("Long Ago") - Date.UTC(2020, 1, 29, 12)) < 2000);
    assert.ok(time("Tomorrow") >= before_ms - 1000 && time("Tomorrow") <= Date.now(), "never in the future");
});

test("traits replace each other", async () => {
    const client = new Analytics({ httpRequestTimeout: PATIENCE_MS, writeKey: server.writeKey, host: server.url, flushAt: 1 });
    client.identify({ userId: "moving", traits: { ...traits("moving", 0), country: "DE" } });
    await client.flush();
    client.identify({ userId: "moving", traits: { country: "AT" } });
    await client.closeAndFlush({ timeout: PATIENCE_MS });
    const { traits: held } = await server.customer("moving");
    assert.equal(held.country, "AT");
    assert.equal(held.plan, "free");
});

test("a restart forgets nothing: what comes again is dropped, what was refused can be mended", async () => {
    let shop = await openServer();
    const send = async (...events) => {
        const client = new Analytics({ httpRequestTimeout: PATIENCE_MS, writeKey: shop.writeKey, host: shop.url });
        for (const event of events) client.track(event);
        await client.closeAndFlush({ timeout: PATIENCE_MS });
    };
    const first = { userId: "regular", messageId: "order-1", event: "Order Completed", properties: { total: 20 } };
    await send(first, { userId: "x".repeat(300), event: "Too Long", messageId: "long-1" });
    await shop.stop();

    const { messages } = JSON.parse(await command("rejects", "--db", shop.database, "--json", "--limit", "0"));
    assert.deepEqual(messages.map(({ field, protocol }) => [field, protocol]), [["batch[1].userId", "segment"]]);
    messages[0].raw.userId = "mended";
    const file = `${shop.database}.mended.json`;
    writeFileSync(file, JSON.stringify({ messages }));
    await command("rejects", file, "--replay", "--db", shop.database);

    shop = await openServer({ database: shop.database, keys: { writeKey: shop.writeKey, token: shop.token } });
    await send(first, { ...first, messageId: "order-2" });
    const { accepted, repeated } = await shop.messages();
    assert.deepEqual({ accepted, repeated }, { accepted: 1, repeated: 1 });
    await new Ledger().expect("regular", "order", 2000).expect("regular", "order", 2000)
        .expect("mended", "Too Long").check(shop);
    await shop.stop();
});
