/* posthog_test.mjs - posthog-node: packed batches with the key in the body. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { PostHog } from "posthog-node";
import { openProxy } from "./proxy.mjs";
import { email } from "./segment_shop.mjs";
import { Ledger, PATIENCE_MS, openServer } from "./serving.mjs";
import { checkSealed } from "./shop_check.mjs";

let server;
before(async () => { server = await openServer(); });
after(() => server?.stop());

const hasTo = { fetchRetryCount: 4, fetchRetryDelay: 50, requestTimeout: PATIENCE_MS, disableGeoip: true };

function visit(client, ledger, i) {
    const distinctId = `hog-${i}`, anonymous = `hog-visitor-${i}`;
    client.capture({ distinctId: anonymous, event: "$pageview", properties: { $pathname: "/" } });
    client.identify({ distinctId, properties: { email: email(distinctId), name: "Ada Lovelace", plan: "pro" } });
    client.alias({ distinctId, alias: anonymous });
    client.capture({ distinctId, event: "Order Completed", properties: { revenue: 10 + i / 100 } });
    client.capture({ distinctId, event: "Read", properties: { page: i } });
    ledger.expect(distinctId, "page").expect(distinctId, "traits").expect(distinctId, "traits")
        .expect(distinctId, "order", 1000 + i).expect(distinctId, "Read");
}

test("visits arrive once through every fault", async () => {
    const proxy = await openProxy(server.url, { seed: 51, courses: [["failed"], ["busy"], ["cut"], ["forgotten"],
        ["denied", "forgotten"], ["halved"], ["slow"], []] });
    const client = new PostHog(server.writeKey, { host: proxy.url, flushAt: 5, maxBatchSize: 5,
        flushInterval: 100, ...hasTo });
    const ledger = new Ledger(), ids = Array.from({ length: 10 }, (_, i) => `hog-${i}`), errors = [];
    client.on("error", (error) => errors.push(error));
    for (let i = 0; i < ids.length; i++) visit(client, ledger, i);
    await client.shutdown(PATIENCE_MS);
    assert.deepEqual(errors, []);
    assert.equal(Object.keys(proxy.counts).length, 7, JSON.stringify(proxy.counts));
    assert.ok(proxy.seen.every(({ path }) => path === "/batch/"));
    await ledger.check(server);
    for (const [i, id] of ids.entries()) {
        const customer = await server.customer(id), visitor = await server.customer(`hog-visitor-${i}`);
        assert.equal(customer.traits.plan, "pro");
        assert.equal(visitor?.timeline.length, customer.timeline.length);
    }
    await checkSealed(server, ids);
    await proxy.close();
});

test("a batch that is too large is refused with 413, halved, and arrives once", async () => {
    const proxy = await openProxy(server.url, { seed: 52 });
    const client = new PostHog(server.writeKey, { host: proxy.url, flushAt: 160, maxBatchSize: 160,
        flushInterval: 60000, ...hasTo });
    const ledger = new Ledger();
    for (let i = 0; i < 160; i++) {
        client.capture({ distinctId: "heavy", event: "Lifted", properties: { value: i, pad: "x".repeat(30000) } });
        ledger.expect("heavy", "Lifted", i * 100);
    }
    await client.shutdown(PATIENCE_MS);
    const statuses = proxy.seen.map((entry) => entry.status);
    assert.equal(statuses[0], 413, String(statuses));
    assert.deepEqual(statuses.slice(1), [200, 200]);
    await ledger.check(server);
    await proxy.close();
});

test("what is set once stays what it was first, until it is set", async () => {
    const client = new PostHog(server.writeKey, { host: server.url, flushAt: 1, ...hasTo });
    const identify = async ($set_once, $set = {}) => {
        client.identify({ distinctId: "first", properties: { $set, $set_once } });
        await client.flush();
    };
    await identify({ campaign: "spring", plan: "trial", nickname: "Ada" });
    await identify({ campaign: "summer", plan: "trial", nickname: "Eve" }, { plan: "pro" });
    await identify({ campaign: "autumn", plan: "late" });
    await client.shutdown(PATIENCE_MS);
    const { traits, personal } = await server.customer("first");
    assert.deepEqual([traits.campaign, traits.plan, personal.nickname], ["spring", "pro", "Ada"]);
});

test("groups are accounts and not customers", async () => {
    const client = new PostHog(server.writeKey, { host: server.url, flushAt: 1, ...hasTo });
    client.groupIdentify({ groupType: "company", groupKey: "kelp", properties: { employees: 5 } });
    client.capture({ distinctId: "member", event: "Joined", groups: { company: "kelp" } });
    await client.shutdown(PATIENCE_MS);
    const member = await server.customer("member");
    assert.deepEqual(member.timeline.filter((event) => event.kind === "Joined").length, 1);
    assert.equal(await server.customer("$company_kelp"), null);
});

test("a wrong key is refused", async () => {
    const proxy = await openProxy(server.url, { seed: 53 });
    const client = new PostHog("wk_nobody", { host: proxy.url, flushAt: 1, ...hasTo });
    client.capture({ distinctId: "stranger", event: "Knocked" });
    await client.shutdown(PATIENCE_MS).catch(() => {});
    assert.ok(proxy.seen.length > 0 && proxy.seen.every((entry) => entry.status === 401));
    assert.equal(await server.customer("stranger"), null);
    await proxy.close();
});
