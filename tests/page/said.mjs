/* said.mjs NAME PROGRAM - reads what a shop was told of in every way (NAME.txt, .html, .score.json, .report.json, .scores.csv) and
 * compares the numbers, also with those of a server over the same database; see said_test.sh. */
import { readFileSync } from "node:fs";
import { serve, until } from "../server.mjs";

const name = process.argv[2], read = (ending) => readFileSync(`${name}.${ending}`, "utf8");
const text = read("txt"), score = JSON.parse(read("score.json")), again = JSON.parse(read("report.json"));
const page = JSON.parse(/<script id="holdfast-data" type="application\/json">(.*?)<\/script>/s.exec(read("html"))[1]);
const wrong = [];

function same(what, a, b, off = 1e-4) {
    const is = typeof a === "number" && typeof b === "number" ? Math.abs(a - b) <= off * Math.max(1, Math.abs(a), Math.abs(b))
        : JSON.stringify(a) === JSON.stringify(b);
    if (!is) wrong.push(`${what}: ${JSON.stringify(a)} and ${JSON.stringify(b)}`);
}

/* The page carries fewer digits than --json. */
const digits = (value) => JSON.parse(JSON.stringify(value, (_, one) => typeof one === "number" ? Number(one.toPrecision(5)) : one));

/* Three digits of a number, as sentences give them. */
function rough(value) {
    if (value < 100 && value !== Math.floor(value)) return value < 10 ? value.toFixed(2) : value.toFixed(1);
    const unit = value < 1000 ? 1 : 10 ** (Math.floor(Math.log10(value)) - 2);
    return Math.round(Math.round(value / unit) * unit).toLocaleString("en-US");
}

function csv(lines) {
    const cells = (line) => [...line.matchAll(/("(?:[^"]|"")*"|[^,]*)(?:,|$)/g)].map((found) => found[1]);
    const [head, ...rows] = lines.trim().split(/\r?\n/).map(cells);
    return rows.map((row) => Object.fromEntries(head.map((key, i) => [key, row[i]])));
}

const scored = csv(read("scores.csv")).filter((row) => row.churn_probability !== "");
const rows = scored.filter((row) => row.stage !== "left");
const sum = (of) => rows.reduce((total, row) => total + of(row), 0);
const chance = (row) => Number(row.churn_probability), { summary } = page, risk = summary.at_risk;

same("asked: page and export", summary.asked, rows.length);
same("asked: page and score", summary.asked, score.asked);
same("asked and at risk", risk.customers, summary.asked);
same("leavers: page and export", risk.expected_leavers.value, sum(chance), 1e-3);
same("leavers: page and score", risk.expected_leavers.value, score.expected_yes);
for (const [way, other] of [["score", score.at_risk], ["report", again.at_risk]]) {
    same(`at risk: page and ${way}`, risk.revenue_cents, other.revenue_cents);
    same(`its range: page and ${way}`, [risk.low_cents, risk.high_cents], [other.low_cents, other.high_cents]);
    same(`backtest: page and ${way}`, digits(risk.backtest), digits(other.backtest));
}
same("headline: page and report again", summary.headline, again.summary.headline);
if (!text.includes(summary.headline)) wrong.push(`the terminal does not say: ${summary.headline}`);
const { value, low, high } = risk.expected_leavers, said = `${rough(value)} (${rough(low)} to ${rough(high)})`;
if (!summary.headline.includes(said)) wrong.push(`the headline has not ${said}: ${summary.headline}`);

if (risk.revenue_cents !== null) {
    const stays = (row) => Number(row.value_if_stays);
    same("at risk: page and chance x value if they stay", risk.revenue_cents / 100, sum((row) => chance(row) * stays(row)), 2e-3);
    same("at risk and the expected losses", risk.revenue_cents / 100, sum((row) => Number(row.expected_loss)), 2e-3);
    if (!summary.headline.includes(rough(risk.revenue_cents / 100))) wrong.push("the headline has another amount");
    if (page.risk_value) same("at risk and the cells of where it sits", risk.revenue_cents / 100,
        page.risk_value.cells.reduce((total, cell) => total + cell.expected_loss_cents, 0) / 100, 2e-3);
} else if (/\d (EUR|GBP)|expected loss/i.test(text)) wrong.push("money is spoken of where none is known");

const { rows: listed } = page.actions, known = new Map(rows.map((row) => [row.customer, row]));
same("the list is as long as it says", listed.length, Math.min(50, summary.asked));
for (const row of listed) {
    const exported = known.get(row.customer);
    if (!exported) { wrong.push(`${row.customer} stands in the list and was not asked`); continue; }
    same(`${row.customer}: chance`, row.churn, chance(exported), 1e-3);
    if (risk.revenue_cents === null) continue;
    same(`${row.customer}: loss`, row.expected_loss_cents / 100, Number(exported.expected_loss), 1e-3);
    same(`${row.customer}: chance x value`, row.expected_loss_cents, row.churn * row.value_if_stays_cents, 1e-3);
}
const judged = page.calibration.bins.reduce((n, bin) => n + bin.n, 0);
same("judged: question and calibration", page.question.judged, judged);
if (!text.includes(`${judged} customers`)) wrong.push(`the terminal does not say that ${judged} customers judged`);
for (const sentence of summary.sentences)
    if (!text.includes(sentence)) wrong.push(`the terminal does not say: ${sentence}`);

/* How often each range held, and no driver whose direction no person would give as a reason. */
const holds = (range, actual) => range.low <= actual && actual <= range.high;
const tried = risk.backtest, held = tried.filter((day) => holds(day.expected_leavers, day.actual_leavers)).length;
const heldMoney = tried.filter((day) => holds({ low: day.low_cents, high: day.high_cents }, day.actual_cents)).length;
const told = `held what then happened ${held} of ${tried.length} times` +
    (risk.revenue_cents === null ? "." : `, the range for the money ${heldMoney} of ${tried.length} times.`);
if (tried.length && !summary.sentences.some((one) => one.endsWith(told))) wrong.push(`nothing says that the range ${told}`);
for (const row of page.drivers.rows)
    if (/^(order|session)_(count|active_days|amount_(sum|90d|365d))/.test(row.feature) && row.direction === "raises")
        wrong.push(`more of ${row.feature} is said to raise the chance of leaving`);

/* ---- the routes that the live page asks: all of it as of the end of the history, as above */

const server = await serve(process.argv[3], `${name}.holdfast`, "--as-of", "last-event", "--quiet");
const ask = async (path, body) => (await fetch(server.address + path, { method: body ? "POST" : "GET", body: body && JSON.stringify(body),
    headers: { authorization: `Bearer ${server.token}`, "content-type": "application/json" } })).json();
const model = await ask(`/v1/models/${again.question?.name ?? "churn"}`);
const { customers: queue } = await ask("/v1/customers?limit=200");
same("asked: page and route", summary.asked, model.at_risk.customers);
same("asked: page and the route's spread", summary.asked, model.spread.reduce((n, one) => n + one, 0));
same("leavers: page and route", digits(risk.expected_leavers), digits(model.at_risk.expected_leavers), 1e-3);
const words = (headline) => headline.replace(/with them goes .*?:/, "with them goes:").replaceAll(/ [A-Z]{3} /g, " ");
if (model.spread.length) same("headline: page and route", words(summary.headline), words(model.headline));
for (const key of ["revenue_cents", "low_cents", "high_cents"]) same(`${key}: page and route`, risk[key], model.at_risk[key], 1e-3);
same("backtest: page and route", digits(risk.backtest), digits(model.at_risk.backtest));
if (risk.revenue_cents !== null) {
    const order = queue.filter((one) => one.expected_loss_cents > 0).slice(0, listed.length).map((one) => one.customer);
    same("the list: page and route", listed.filter((one) => one.expected_loss_cents > 0).map((one) => one.customer), order);
} else same("the list by chance: page and route", digits(listed.map((row) => row.churn)),
    digits(queue.slice(0, listed.length).map((one) => one.prediction)));
const { sources } = await ask("/v1/sources"), { needs, until_ms, from_ms, points } = await ask("/v1/overview");
if (sources.length || needs.some((need) => need.kind === "source")) wrong.push("a file is said to be silent");
if (until_ms % 86400000 || from_ms % 86400000 || points.some((one) => one.at_ms % 86400000)) wrong.push("its days are not days");
for (const one of queue) {
    const row = known.get(one.customer);
    if (!row) { wrong.push(`${one.customer} stands in the route's list and was not asked`); continue; }
    same(`${one.customer}: chance by the route`, one.prediction, chance(row), 1e-3);
    if (risk.revenue_cents !== null) same(`${one.customer}: loss by the route`, one.expected_loss_cents / 100, Number(row.expected_loss), 1e-3);
}
/* What is usual is so among those who are asked. */
const silent = (row) => Math.floor((queue[0].scored_ms - 1 - Date.parse(row.last_order)) / 86400000);
const days = rows.filter((row) => row.last_order).map(silent).sort((a, b) => a - b), middle = days[Math.floor(days.length / 2)];
for (const reason of queue.flatMap((one) => one.reasons)) {
    const usual = /has not ordered for \d+ days \(usual among all: ([\d,.]+) day/.exec(reason)?.[1];
    const only = /only (one|[\d,.]+)[^(]*\(usual among all: ([\d,.]+)/.exec(reason)?.slice(1).map((said) => said === "one" ? 1 : Number(said.replace(",", "")));
    if (only && only[0] >= only[1]) wrong.push(`${reason}, which is no less than usual`);
    if (usual && Math.abs(Number(usual.replace(",", "")) - middle) > 2) wrong.push(`${reason}, where the middle is ${middle}`);
}
/* A reason stands on the side on which a person would put it, says what somebody has, and says one thing once. */
const number = (words) => Number(words.replaceAll(",", ""));
for (const { customer, reasons } of queue) {
    const silences = reasons.filter((reason) => /has not (ordered|visited)|last (order|session) |usually (orders|visits) every/.test(reason));
    if (silences.length > 1) wrong.push(`${customer} is told of one silence more than once: ${silences.join(" | ")}`);
    for (const reason of reasons) {
        if (/^against: (spent nothing|no (order|session)|has not )/.test(reason)) wrong.push(`${customer}: a comfort is "${reason}"`);
        if (/ (is|are) not /.test(reason)) wrong.push(`${customer}: "${reason}" says what somebody has not`);
        const lately = /(?:^|worth )([\d,.]+)(?: orders?| sessions?)? in the last \d+ days \(usual among all: ([\d,.]+)\)/.exec(reason.replace("against: ", ""));
        if (lately && (number(lately[1]) > number(lately[2])) !== reason.startsWith("against: "))
            wrong.push(`${customer}: "${reason}" stands on the wrong side`);
    }
}
for (const { customer } of queue.slice(0, 5)) {
    const one = await ask(`/v1/customers/${encodeURIComponent(customer)}?timeline=0`), row = known.get(customer);
    if (!row) continue;
    same(`${customer}: chance on their own page`, one.scores[model.question].value, chance(row), 1e-3);
    same(`${customer}: worth on their own page`, one.scores.value_12m_cents.value / 100, Number(row.expected_value), 1e-2);
    const alive = row.p_alive_pareto_nbd || row.p_alive;
    if (alive) same(`${customer}: a customer still`, one.scores.p_alive.value, Number(alive), 1e-3);
    same(`${customer}: group`, one.rfm_group ?? "", row.rfm_group);
}
/* A segment of everybody loses what its members lose. */
const { id } = await ask("/v1/segments", { name: "everybody", expression: "1 = 1" });
await until(async () => (await ask(`/v1/segments/${id}`)).is_complete);
const worth = await ask(`/v1/segments/${id}/worth`), mean = (of) => scored.reduce((total, row) => total + of(row), 0) / scored.length;
same("a segment's scored: export and route", scored.length, worth.n_scored);
same("a segment's chance: export and route", mean(chance), worth.churn, 1e-3);
same("a segment's loss: export and route", scored.length * mean((row) => Number(row.expected_loss)), worth.expected_loss_cents / 100, 1e-3);
await server.stop();

console.log(wrong.length === 0 ? "nothing contradicts" : wrong.join("\n"));
process.exit(wrong.length === 0 ? 0 : 1);
