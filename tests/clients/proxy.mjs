/* proxy.mjs - stands between a client and the server and goes wrong as networks and servers do, from a fixed seed.
 *
 * A request is known again by what is in it, so each has its own course: which faults it meets, one per attempt,
 * before it goes through.  Courses are dealt out of a shuffled deck, so every one of them comes up. */
import { createServer, request as httpRequest } from "node:http";
import { createHash } from "node:crypto";
import { gunzipSync } from "node:zlib";

/* The faults, by name.  `before` the server sees the request, or after it has stored what is in it. */
const FAULTS = {
    failed: { before: true, status: 500 },              /* 500 */
    busy: { before: true, status: 429, headers: { "Retry-After": "1" } },
    cut: { before: true },                              /* the connection is reset */
    forgotten: { before: false },                       /* stored, then reset without an answer */
    denied: { before: false, status: 500 },             /* stored, yet answered with 500 */
    halved: { before: false, halved: true },            /* stored, then reset within the answer */
    slow: { slow: true },                               /* goes through in pieces, late */
};

/* Numbers in [0, 1) that depend on the seed only. */
export function chance(seed) {
    let n = 0;
    return () => createHash("sha256").update(`${seed} ${n++}`).digest().readUInt32BE(0) / 2 ** 32;
}

/* Every course once in random order, then again. */
function* deal(courses, draw) {
    for (;;) {
        const deck = [...courses];
        for (let i = deck.length - 1; i > 0; i--) {
            const k = Math.floor(draw() * (i + 1));
            [deck[i], deck[k]] = [deck[k], deck[i]];
        }
        yield* deck;
    }
}

const unpack = (body) => (body[0] === 0x1f && body[1] === 0x8b ? gunzipSync(body) : body).toString("utf8");

/* What a request is known by: the ids in it; without any, all of it. */
function nameOf(method, path, text) {
    const ids = [...text.matchAll(/"(?:messageId|uuid)":"([^"]+)"/g)].map((match) => match[1]);
    return createHash("sha256").update(ids.length ? ids.join() : `${method} ${path} ${text}`).digest("hex");
}

const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/* Sends the request on; slowly, if asked.  Returns the answer whole. */
function forward(target, { method, path, headers, body }, isSlow) {
    return new Promise((resolve, reject) => {
        const out = httpRequest(new URL(path, target), { method, agent: false,
            headers: { ...headers, host: target.host, connection: "close" } }, async (answer) => {
            const parts = [];
            for await (const part of answer) parts.push(part);
            resolve({ status: answer.statusCode, headers: answer.headers, body: Buffer.concat(parts) });
        });
        out.on("error", reject);
        if (!isSlow || body.length < 2) { out.end(body); return; }
        out.write(body.subarray(0, body.length / 2));
        setTimeout(() => out.end(body.subarray(body.length / 2)), 30);
    });
}

function replyHalf(reply, answer) {
    reply.writeHead(answer.status, { ...answer.headers, "content-length": answer.body.length });
    reply.write(answer.body.subarray(0, answer.body.length / 2), () => reply.socket.resetAndDestroy());
}

/* Browsers may read what any origin is answered; the server's own answers are not touched. */
const OPEN = { "Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": "Retry-After" };

async function serve(state, incoming, reply) {
    const parts = [];
    for await (const part of incoming) parts.push(part);
    const body = Buffer.concat(parts), { method, url: path, headers } = incoming, text = unpack(body);
    const entry = { method, path, headers, text, bytes: body.length, at_ms: performance.now(), attempt: 0 };
    state.seen.push(entry);
    let fault;
    if (method !== "OPTIONS" && method !== "GET" && !state.isCalm) {
        const name = nameOf(method, path, text);
        if (!state.courses.has(name)) state.courses.set(name, { faults: state.deck.next().value, attempt: 0 });
        const course = state.courses.get(name);
        entry.fault = course.faults[course.attempt];
        entry.attempt = course.attempt++;
        fault = FAULTS[entry.fault];
        if (entry.fault) state.counts[entry.fault] = (state.counts[entry.fault] ?? 0) + 1;
    }
    if (fault?.before) {
        if (!fault.status) return reply.socket.resetAndDestroy();
        return reply.writeHead(fault.status, { ...OPEN, ...fault.headers }).end("{}");
    }
    const answer = await forward(state.target, { method, path, headers, body }, fault?.slow);
    entry.status = answer.status, entry.answer = answer.body.toString("utf8");
    if (fault?.slow) await wait(120);
    if (fault?.halved) return replyHalf(reply, answer);
    if (fault && !fault.slow)
        return fault.status ? reply.writeHead(fault.status, OPEN).end("{}") : reply.socket.resetAndDestroy();
    delete answer.headers.connection;
    reply.writeHead(answer.status, answer.headers).end(answer.body);
}

/* Opens a proxy before the server at `target` ("http://127.0.0.1:8080").
 * courses  lists of names of FAULTS; a request that met all of its list goes through unharmed.
 * Returns { url, seen, counts, calm(), close() }: seen tells of every request, in order of arrival:
 * { method, path, headers, text (unpacked), bytes, at_ms, attempt, fault, status and answer of the server }. */
export async function openProxy(target, { seed, courses = [[]] }) {
    const state = { target: new URL(target), deck: deal(courses, chance(seed)), courses: new Map(), seen: [],
        counts: {}, isCalm: false };
    const server = createServer((incoming, reply) => {
        serve(state, incoming, reply).catch((error) => {
            state.seen.at(-1).error = error;
            reply.socket?.resetAndDestroy();
        });
    });
    await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
    server.unref();             /* a test that failed may leave it open */
    return { url: `http://127.0.0.1:${server.address().port}`, seen: state.seen, counts: state.counts,
        /* From now on everything goes through. */
        calm() { state.isCalm = true; },
        close() { server.closeAllConnections(); return new Promise((resolve) => server.close(resolve)); } };
}
