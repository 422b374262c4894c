/* rudder_test.mjs - @rudderstack/rudder-sdk-node: packed bodies that call themselves a form. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import Rudder from "@rudderstack/rudder-sdk-node";
import { openProxy } from "./proxy.mjs";
import { tellShop } from "./segment_shop.mjs";
import { Ledger, openServer } from "./serving.mjs";
import { checkSealed, checkStitched } from "./shop_check.mjs";

let server;
before(async () => { server = await openServer(); });
after(() => server?.stop());

const told = (client, calls) => (type, message) =>
    calls.push(new Promise((resolve) => client[type](message, resolve)));
const options = { flushAt: 5, flushInterval: 50, logLevel: "none", errorHandler() {} };

test("a week of a shop arrives once through every fault", async () => {
    const proxy = await openProxy(server.url, { seed: 31, courses: [["failed"], ["busy"], ["cut"], ["forgotten"],
        ["denied", "forgotten"], ["halved"], ["slow"], []] });
    const client = new Rudder(server.writeKey, { dataPlaneUrl: proxy.url, ...options });
    const ledger = new Ledger(), calls = [];
    const ids = tellShop(told(client, calls), ledger, { prefix: "rudder", seed: 3 });
    const errors = (await Promise.all(calls)).filter(Boolean);
    assert.ok(errors.every((error) => /aborted/.test(error)), String(errors));  /* of a half answer */
    assert.equal(Object.keys(proxy.counts).length, 7, "every fault came up");
    assert.ok(proxy.seen.every(({ headers }) => headers["content-encoding"] === "gzip" &&
        headers["content-type"] === "application/x-www-form-urlencoded"));
    await ledger.check(server);
    await checkStitched(server, ids, "rudder");
    await checkSealed(server, ids);
    await proxy.close();
});

test("an unknown write key is told to the client's error handler", async () => {
    const client = new Rudder("wk_nobody", { dataPlaneUrl: server.url, ...options });
    const error = await new Promise((resolve) => client.track({ userId: "stranger", event: "Knocked" }, resolve));
    assert.match(String(error), /Unauthorized|401/);
    assert.equal(await server.customer("stranger"), null);
});

test("without packing it is taken too", async () => {
    const client = new Rudder(server.writeKey, { dataPlaneUrl: server.url, gzip: false, ...options });
    const error = await new Promise((resolve) => client.track({ userId: "plain", event: "Sent" }, resolve));
    assert.equal(error, undefined);
    await new Ledger().expect("plain", "Sent").check(server);
});
