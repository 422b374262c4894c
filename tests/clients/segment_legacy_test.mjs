/* segment_legacy_test.mjs - analytics-node, the client that older servers still run. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import Analytics from "analytics-node";
import { openProxy } from "./proxy.mjs";
import { tellShop } from "./segment_shop.mjs";
import { Ledger, openServer } from "./serving.mjs";
import { checkSealed, checkStitched } from "./shop_check.mjs";

let server;
before(async () => { server = await openServer(); });
after(() => server?.stop());

/* It flushes its first event alone, later ones in batches, and calls back for each event. */
const told = (client, calls) => (type, message) =>
    calls.push(new Promise((resolve) => client[type](message, resolve)));
const quiet = { errorHandler() {} };

test("a week of a shop arrives once through every fault", async () => {
    const proxy = await openProxy(server.url, { seed: 21, courses: [["failed"], ["busy"], ["cut"], ["forgotten"],
        ["denied", "forgotten"], ["halved"], ["slow"], []] });
    const client = new Analytics(server.writeKey, { host: proxy.url, flushAt: 5, flushInterval: 100, ...quiet });
    const ledger = new Ledger(), calls = [];
    const ids = tellShop(told(client, calls), ledger, { prefix: "legacy", seed: 2 });
    const errors = (await Promise.all(calls)).filter(Boolean);
    assert.ok(errors.every((error) => /aborted/.test(error)), String(errors));  /* of a half answer */
    assert.equal(Object.keys(proxy.counts).length, 7, "every fault came up");
    await ledger.check(server);
    await checkStitched(server, ids, "legacy");
    await checkSealed(server, ids);
    await proxy.close();
});

test("ids that are numbers are their digits", async () => {
    const client = new Analytics(server.writeKey, { host: server.url, ...quiet });
    await new Promise((resolve) => client.track({ userId: 4711, event: "Counted" }, resolve));
    await new Ledger().expect("4711", "Counted").check(server);
});
