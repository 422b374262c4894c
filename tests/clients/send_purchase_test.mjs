/* send_purchase_test.mjs - examples/send_purchase.mjs as the README tells it: a purchase goes in, features, score,
 * reasons and a decision come out. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { Ledger, eventually, openServer } from "./serving.mjs";

const servers = [];
after(() => Promise.all(servers.map((server) => server.stop())));

/* Runs a program to its end; resolves with { status, errors }. */
function run(program, ...args) {
    const child = spawn(program, args, { stdio: ["ignore", "ignore", "pipe"] });
    let errors = "";
    child.stderr.setEncoding("utf8").on("data", (text) => { errors += text; });
    return new Promise((resolve) => child.on("close", (status) => resolve({ status, errors })));
}

const example = (...args) => run(process.execPath, "send_purchase.mjs", ...args);
const decide = (server, customer) => server.call("POST", "/v1/decide", { customer, placement: "basket",
    candidates: ["free_shipping", "call"] });

test("on an empty database the purchase is there, and what is missing for a score is said", async () => {
    const server = await openServer();
    servers.push(server);
    assert.deepEqual(await example(server.url, server.writeKey), { status: 0, errors: "" });
    await new Ledger().expect("ada", "traits").expect("ada", "order", 14990).expect("ada", "order_item", 12990)
        .expect("ada", "order_item", 2000).check(server);
    const ada = await server.customer("ada");
    assert.equal(ada.traits.country, "DE");
    assert.match(ada.missing, /model|history|data/);
    const { status, body } = await decide(server, "ada");
    assert.equal(status, 200, JSON.stringify(body));
    assert.equal(typeof body.reason, "string");
    assert.ok(["nothing", "free_shipping", "call"].includes(body.action));
});

test("a wrong key is told, with a status", async () => {
    const { status, errors } = await example(servers[0].url, "wk_nobody");
    assert.equal(status, 1);
    assert.match(errors, /not sent: .*401/);
});

test("a customer of a trained shop buys: features, score, reasons and decision a moment later", async () => {
    const folder = mkdtempSync(join(process.env.SCRATCH, "shop-")), database = join(folder, "shop.holdfast");
    const from = new Date(Date.now() - 400 * 86400_000).toISOString().slice(0, 10);
    const { status, errors } = await run(process.env.HOLDFAST, "simulate", "--customers", "300", "--days", "400",
        "--from", from, "--out", folder, "--quiet");
    assert.equal(status, 0, errors);
    const trained = await run(process.env.HOLDFAST, "run", join(folder, "orders.csv"), "--db", database, "--out",
        join(folder, "report.html"), "--search-seconds", "1", "--quiet");
    assert.equal(trained.status, 0, trained.errors);
    const server = await openServer({ database });
    servers.push(server);
    const { body: { customers: [{ customer, prediction: prediction_before }] } } =
        await server.call("GET", "/v1/customers?order=prediction&limit=1");
    assert.deepEqual(await example(server.url, server.writeKey, customer), { status: 0, errors: "" });

    const after_it = await eventually(async () => {
        const one = await server.customer(customer);
        return one.scores.churn.value < prediction_before && one;
    }, "who has just bought to be less likely to leave");
    const feature = (name) => after_it.features.find((one) => one.name === name);
    assert.ok(feature("order_recency_days").value < 0.01, JSON.stringify(feature("order_recency_days")));
    assert.ok(after_it.reasons.length > 0 && after_it.reasons.every((reason) => typeof reason === "string"));
    assert.equal(after_it.timeline.filter((event) => event.amount_cents === 14990).length, 1);
    const { body } = await decide(server, customer);
    assert.equal(body.customer, customer);
    assert.equal(typeof body.reason, "string");
    assert.ok(body.propensity > 0 && body.propensity <= 1);
    const { body: kept } = await server.call("GET", `/v1/decisions/${body.decision_id}`);
    assert.equal(kept.action, body.action);
});
