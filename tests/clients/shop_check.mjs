/* shop_check.mjs - what the server must know of the shop's customers beside their events, and must not show. */
import assert from "node:assert/strict";
import { email, traits } from "./segment_shop.mjs";

/* A visitor's id and an id from before lead to the customer that they became. */
export async function checkStitched(server, ids, prefix, { hasAlias = true, hasGroup = true } = {}) {
    for (const [i, id] of ids.entries()) {
        const customer = await server.customer(id), { plan, country } = traits(id, i);
        assert.equal(customer.traits.plan, plan);
        assert.equal(customer.traits.country, country);
        if (hasGroup && i % 2 === 0) assert.equal(customer.traits.account, `${prefix}-company`);
        const others = [`anonymous:${prefix}-visitor-${i}`];
        if (hasAlias && i % 3 === 0) others.push(`${id}-before`);
        for (const other of others) {
            const same = await server.customer(other);
            assert.equal(same?.timeline.length, customer.timeline.length, `${other} is ${id}`);
        }
    }
}

/* Who somebody is stands nowhere in the database's files, nor in the events and traits that are shown. */
export async function checkSealed(server, ids) {
    const files = server.files();
    for (const id of ids) {
        const { timeline, traits: shown } = await server.customer(id);
        for (const secret of [email(id), "Lovelace"]) {
            assert.ok(files.every((bytes) => !bytes.includes(secret)), `${secret} is in a file in clear`);
            assert.ok(!JSON.stringify([timeline, shown]).includes(secret), `${secret} is shown of ${id}`);
        }
    }
}
