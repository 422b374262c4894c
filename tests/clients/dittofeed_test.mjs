/* dittofeed_test.mjs - @dittofeed/sdk-node: it never tries again by itself, but the program around it may. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import dittofeed from "@dittofeed/sdk-node";
import { openProxy } from "./proxy.mjs";
import { tellShop } from "./segment_shop.mjs";
import { Ledger, openServer } from "./serving.mjs";
import { checkSealed, checkStitched } from "./shop_check.mjs";

const { DittofeedSdk } = dittofeed;
let server;
before(async () => { server = await openServer(); });
after(() => server?.stop());

/* Sends one event, under the same id until the client says that it went through. */
async function send(type, message) {
    for (let left = 5; ; left--) {
        DittofeedSdk[type](message);
        try { return await DittofeedSdk.flush(); } catch (error) { if (left === 0) throw error; }
    }
}

test("a week of a shop arrives once through every fault", async () => {
    const proxy = await openProxy(server.url, { seed: 61, courses: [["failed"], ["busy"], ["cut"], ["forgotten"],
        ["denied", "forgotten"], ["halved"], ["slow"], [], [], []] });
    const basic = Buffer.from(`${server.writeKey}:`).toString("base64");
    await DittofeedSdk.init({ writeKey: `Basic ${basic}`, host: proxy.url });
    const ledger = new Ledger(), messages = [];
    const ids = tellShop((type, message) => messages.push([type, message]), ledger,
                         { prefix: "ditto", seed: 6, n_customers: 3, lacks: ["group", "alias"] });
    for (const [i, [type, message]] of messages.entries())
        await send(type, { messageId: `ditto-message-${i}`, ...message });
    assert.equal(Object.keys(proxy.counts).length, 7, "every fault came up");
    await ledger.check(server);
    await checkStitched(server, ids, "ditto", { hasAlias: false, hasGroup: false });
    await checkSealed(server, ids);
    await proxy.close();
});
