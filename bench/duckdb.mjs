// duckdb.mjs JOB FOLDER [CSV] - does what DuckDB would be used for instead, and prints its seconds as JSON.
// DuckDB is its npm package, installed under FOLDER by tools/bench.sh.
import { createRequire } from "node:module";
import { resolve } from "node:path";
import { rmSync } from "node:fs";

const [job, folder, csv] = process.argv.slice(2);
const { DuckDBInstance } = createRequire(resolve(folder, "package.json"))("@duckdb/node-api");

const COLUMNS = "{'customer': 'VARCHAR', 'time': 'TIMESTAMP', 'event': 'VARCHAR', 'amount': 'DECIMAL(12,2)', 'item': 'VARCHAR'}";
const KINDS = ["page_view", "search", "session", "email_open", "email_click", "cart", "order", "refund"];
const HALF_LIVES_DAYS = [7, 30, 90, 365];
const RUNS = 3;

const remove = path => [path, `${path}.wal`].forEach(one => rmSync(one, { force: true }));

async function connect(path, work) {
    const instance = await DuckDBInstance.create(path);
    const connection = await instance.connect();
    try {
        return await work(connection);
    } finally {
        connection.closeSync();
        instance.closeSync();
    }
}

async function timed(work) {
    const began = process.hrtime.bigint();
    await work();
    return Number(process.hrtime.bigint() - began) / 1e9;
}

const median = seconds => seconds.sort((a, b) => a - b)[Math.floor(seconds.length / 2)];

// From no file to the table, durable: closing the database writes it out. It may put the rows in any order.
function importOnce(path) {
    return timed(() => connect(path, async connection => {
        await connection.run("SET preserve_insertion_order = false");
        await connection.run(`CREATE TABLE events AS SELECT * FROM read_csv('${csv}', header = true, columns = ${COLUMNS})`);
    }));
}

const importJson = path => timed(() => connect(path, async connection => {
    await connection.run("SET preserve_insertion_order = false");
    await connection.run(`CREATE TABLE events AS SELECT * FROM read_json('${csv}', format = 'newline_delimited', columns = ${COLUMNS})`);
}));

async function importJob(once) {
    const path = resolve(folder, "import.duckdb"), seconds = [];
    for (let run = 0; run < RUNS; run++) {
        remove(path);
        seconds.push(await once(path));
    }
    remove(path);
    return median(seconds);
}

// 66 features of every customer: the count, the last time, and for 8 kinds and 4 half-lives the decayed
// count and the decayed amount.  The weights are computed once per event, not once per sum.
const WEIGHTS = HALF_LIVES_DAYS.map(days => `pow(2.0, -age / ${days}.0) AS w${days}`).join(", ");
const WEIGHTED = `(SELECT customer, event, time, coalesce(amount, 0)::DOUBLE AS amount, ${WEIGHTS}
    FROM (SELECT *, date_diff('millisecond', time, TIMESTAMP '2024-01-01') / 86400000.0 AS age FROM events))`;
const perKind = column => KINDS.flatMap(kind => HALF_LIVES_DAYS.map(days => column(kind, days))).join(", ");

// As one writes it: 64 sums in one GROUP BY.
const ONE_STEP = `SELECT customer, count(*) AS n, max(time) AS last_time,
    ${perKind((kind, days) => `sum(CASE WHEN event = '${kind}' THEN w${days} ELSE 0 END) AS ${kind}_count_${days},
        sum(CASE WHEN event = '${kind}' THEN w${days} * amount ELSE 0 END) AS ${kind}_amount_${days}`)}
    FROM ${WEIGHTED} GROUP BY customer`;

// As someone tunes it: 8 sums by customer and kind, then the kinds side by side.
const TWO_STEPS = `SELECT customer, sum(n) AS n, max(last_time) AS last_time,
    ${perKind((kind, days) => `max(count_${days}) FILTER (event = '${kind}') AS ${kind}_count_${days},
        max(amount_${days}) FILTER (event = '${kind}') AS ${kind}_amount_${days}`)}
    FROM (SELECT customer, event, count(*) AS n, max(time) AS last_time,
            ${HALF_LIVES_DAYS.map(days => `sum(w${days}) AS count_${days}, sum(w${days} * amount) AS amount_${days}`).join(", ")}
          FROM ${WEIGHTED} GROUP BY customer, event) GROUP BY customer`;

async function featuresJob(query) {
    const path = resolve(folder, "features.duckdb");
    remove(path);
    await importOnce(path);
    const result = await connect(path, async connection => {
        const seconds = [];
        for (let run = 0; run < RUNS; run++)
            seconds.push(await timed(() => connection.run(`CREATE OR REPLACE TEMP TABLE features AS ${query}`)));
        return median(seconds);
    });
    remove(path);
    return result;
}

// Sums, squares and cross-products of 20 metrics by arm over 10 million units that are there already.
async function momentsJob() {
    const names = Array.from({ length: 20 }, (_, at) => `m${at}`);
    const aggregates = names.flatMap((a, i) => [`sum(${a})`, ...names.slice(0, i + 1).map(b => `sum(${a} * ${b})`)]);
    return connect(":memory:", async connection => {
        await connection.run("SET threads = 2");
        await connection.run(`CREATE TABLE units AS SELECT (random() < 0.5)::TINYINT AS arm,
            ${names.map(name => `random() AS ${name}`).join(", ")} FROM range(10000000)`);
        const seconds = [];
        for (let run = 0; run < RUNS; run++)
            seconds.push(await timed(() => connection.run(`SELECT arm, count(*), ${aggregates.join(", ")} FROM units GROUP BY arm`)));
        return median(seconds);
    });
}

async function version() {
    const rows = await connect(":memory:", async connection => (await connection.runAndReadAll("SELECT version()")).getRows());
    return rows[0][0].replace(/^v/, "");
}

const jobs = { import: () => importJob(importOnce), import_json: () => importJob(importJson), features: () => featuresJob(ONE_STEP), features_tuned: () => featuresJob(TWO_STEPS), moments: momentsJob };
const answer = job === "version" ? { version: await version() } : { job, seconds: await jobs[job](), peak_bytes: process.resourceUsage().maxRSS * 1024 };
console.log(JSON.stringify(answer));
