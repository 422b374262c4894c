/* serving.mjs - the server under test on a fresh database, and what it must hold in the end. */
import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { promisify } from "node:util";

const PROGRAM = process.env.HOLDFAST, FOLDER = process.env.SCRATCH;

/* How long anything is waited for, and how long a client waits for an answer: a machine may be slow. */
export const PATIENCE_MS = 120000;

/* Resolves with what `look` returns once that is true; looks again every few milliseconds. */
export async function eventually(look, what, most_ms = PATIENCE_MS) {
    for (const until = Date.now() + most_ms; ;) {
        const found = await look();
        if (found) return found;
        if (Date.now() > until) throw new Error(`waited ${most_ms} ms for ${what}`);
        await new Promise((resolve) => setTimeout(resolve, 20));
    }
}

/* Every start prints the address; only the first a page key, a write key and a token of an administrator. */
async function untilReady(child, said, keys) {
    const found = (pattern) => said.out.match(pattern)?.[0];
    const look = () => ({ url: found(/http:\/\/[\w.:[\]-]+/), writeKey: found(/\bwk_[\w-]+/), pageKey: found(/\bpk_[\w-]+/),
        token: found(/\bhf_[\w-]+/), ...keys });
    return eventually(() => {
        if (child.exitCode !== null) throw new Error(`holdfast serve ended: ${said.out}${said.errors}`);
        const ready = look();
        return ready.url && ready.writeKey && ready.token && ready;
    }, "the server to be ready");
}

/* Runs another of holdfast's commands; resolves with what it prints.  It must succeed. */
export async function command(...args) {
    const { stdout } = await promisify(execFile)(PROGRAM, args);
    return stdout;
}

/* Starts `holdfast serve` on a free port, on an empty database or the one named, with its `keys`
 * { writeKey, token } if that has been served before; with variables of its environment.  Returns { url, pageKey, writeKey, token, database } and the
 * functions below. */
export async function openServer({ database = join(mkdtempSync(join(FOLDER, "server-")), "shop.holdfast"),
    keys, environment = {} } = {}) {
    const folder = dirname(database), said = { out: "", errors: "" };
    const child = spawn(PROGRAM, ["serve", "--db", database, "--listen", "127.0.0.1:0"],
        { stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, ...environment } });
    writeFileSync(join(FOLDER, `${child.pid}.pid`), "");        /* for whoever cleans up after us */
    child.stdout.setEncoding("utf8").on("data", (text) => { said.out += text; });
    child.stderr.setEncoding("utf8").on("data", (text) => { said.errors += text; });
    const ended = new Promise((resolve) => child.on("exit", (status, signal) => resolve(status ?? signal)));
    const server = { ...await untilReady(child, said, keys), database };

    /* Asks as the administrator.  Returns { status, body } with the body parsed if it is JSON. */
    server.call = async (method, path, body = undefined) => {
        const answer = await fetch(server.url + path, { method, body: body && JSON.stringify(body),
            headers: { authorization: `Bearer ${server.token}` } })
            .catch((error) => { throw new Error(`${path}: ${error.cause ?? error}: ${server.said()}`); });
        const text = await answer.text(), isJson = /json/.test(answer.headers.get("content-type") ?? "");
        return { status: answer.status, body: isJson ? JSON.parse(text) : text };
    };
    /* Everything about one customer; null if nobody is known by the id. */
    server.customer = async (id) => {
        const { status, body } = await server.call("GET", `/v1/customers/${encodeURIComponent(id)}?timeline=1000`);
        if (status === 404) return null;
        assert.equal(status, 200, JSON.stringify(body));
        return body;
    };
    /* How many messages came, by what became of them: { accepted, repeated, refused, suppressed }. */
    server.messages = async () => {
        const { body } = await server.call("GET", "/metrics");
        const counts = body.matchAll(/^holdfast_messages_total\{outcome="(\w+)"\} (\d+)/gm);
        return Object.fromEntries([...counts].map(([, outcome, n]) => [outcome, Number(n)]));
    };
    /* All bytes of the database's files. */
    server.files = () => readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isFile())
        .map(({ name }) => readFileSync(join(folder, name)));
    server.said = () => said.out + said.errors;
    /* Ends it as an operator does; it must drain and leave nothing in memory. */
    server.stop = async () => {
        child.kill("SIGTERM");
        assert.equal(await ended, 0, server.said());
        assert.doesNotMatch(said.errors, /Sanitizer|runtime error/);
    };
    return server;
}

/* What a customer's timeline says, in one line per event that does not depend on their order. */
const lineOf = ({ kind, amount_cents = 0 }) => `${kind} ${amount_cents ?? 0}`;

/* What was handed to a client: each of it must be on the server once, and nothing else. */
export class Ledger {
    customers = new Map();      /* id -> lines */

    expect(id, kind, amount_cents = 0) {
        if (!this.customers.has(id)) this.customers.set(id, []);
        this.customers.get(id).push(lineOf({ kind, amount_cents }));
        return this;
    }
    get size() { return [...this.customers.values()].reduce((n, lines) => n + lines.length, 0); }

    async check(server) {
        for (const [id, lines] of this.customers) {
            const customer = await eventually(async () => {
                const one = await server.customer(id);
                return one?.timeline.length >= lines.length && one;
            }, `the ${lines.length} events of ${id}`);
            assert.deepEqual(customer.timeline.map(lineOf).sort(), [...lines].sort(), `the events of ${id}`);
        }
    }
}
