/* sample.ts - made-up reports to develop and test the page with: a shop's orders, what they will spend, and a table of customers.
 * The numbers are drawn from a fixed seed and agree with one another where a reader would notice. */
import type { Action, Backtest, Cohort, Driver, Estimate, Maybe, Model, Month, Report } from "../src/report.ts";

/* A small generator of numbers in [0, 1): mulberry32. */
function generator(seed: number): () => number {
    let state = seed >>> 0;
    return () => {
        state = (state + 0x6d2b79f5) >>> 0;
        let t = Math.imul(state ^ (state >>> 15), 1 | state);
        t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
        return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
    };
}
const next = generator(7);
const between = (low: number, high: number) => low + (high - low) * next();
const round = (value: number, digits: number) => Number(value.toFixed(digits));
const estimate = (value: number, half: number): Estimate =>
    ({ value: round(value, 4), low: round(value - half, 4), high: round(value + half, 4) });
const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

const MONTHS = Array.from({ length: 18 },
    (_, index) => `${2022 + Math.floor((index + 6) / 12)}-${String((index + 6) % 12 + 1).padStart(2, "0")}`);
const GROUPS = ["Champions", "Loyal", "At risk", "Cannot lose them", "Promising", "Hibernating"];
const STAGES = ["active", "cooling", "lapsed", "returning"];

function model(name: string, auc: number, more: Partial<Model> = {}): Model {
    return { name, auc: estimate(auc, 0.016), pr_auc: estimate(auc - 0.05, 0.025),
        log_loss: estimate(0.69 - (auc - 0.5) * 0.55, 0.012),
        brier: estimate(0.25 - (auc - 0.5) * 0.22, 0.006), ece: estimate(0.03 - (auc - 0.7) * 0.05, 0.008),
        precision: estimate(auc - 0.12, 0.02), recall: estimate(auc - 0.08, 0.02), f1: estimate(auc - 0.1, 0.018),
        over_rule: name === "rule" ? null : estimate(auc - 0.741, 0.012),
        settings: name === "boosting" ? "120 trees of depth 4" : null,
        threshold: 0.47, seconds: round(between(0.1, 3), 2), chosen: false, refused: null, ...more };
}

function orderActions(n: number): Action[] {
    const rows: Action[] = [];
    for (let index = 0; index < n; index++) {
        const churn = round(between(0.35, 0.97), 3), value_if_stays_cents = Math.round(1200 * Math.exp(between(0, 6)));
        const days = Math.round(between(40, 240)), gap = Math.round(between(14, 60));
        const last = new Date(Date.UTC(2023, 11, 31) - days * 86_400_000).toISOString().slice(0, 10);
        rows.push({ customer: String(12346 + index * 7), churn, value_if_stays_cents,
            expected_loss_cents: Math.round(churn * value_if_stays_cents),
            rfm_group: GROUPS[Math.floor(next() * GROUPS.length)],
            stage: STAGES[Math.floor(next() * STAGES.length)], last_order: last,
            reasons: [`has not ordered for ${days} days; usually orders every ${gap}`,
                `spent ${Math.round(between(20, 80))}% less in the last 90 days than in the 90 before`,
                ...(next() < 0.4 ? ["against: 14 different items in all orders"] : [])] });
    }
    rows.sort((a, b) => (b.expected_loss_cents ?? 0) - (a.expected_loss_cents ?? 0));
    const hostile = rows[3];
    if (hostile) {                               /* text that must stay text, on the page and in a spreadsheet */
        hostile.customer = "=HYPERLINK(\"x\")";
        hostile.reasons = ["<img src=x onerror=alert(1)> is only text", ...(hostile.reasons ?? [])];
    }
    return rows;
}

function drivers(): Driver[] {
    const curve = (from: number, to: number, effect: (x: number) => number) =>
        Array.from({ length: 13 }, (_, index) => {
            const x = from + (to - from) * index / 12;
            const half = 0.05 + 0.1 * Math.abs(effect(x));
            return { value: round(x, 2), effect: round(effect(x), 3), low: round(effect(x) - half, 3),
                high: round(effect(x) + half, 3), n: 160 };
        });
    return [
        { feature: "order_recency_days", meaning: "days since the last order", importance: 0.34,
            direction: "raises", curve: curve(0, 240, (x) => 1.5 * Math.tanh((x - 60) / 50)) },
        { feature: "order_count_decayed_90d", meaning: "orders lately (half-life 90 days)", importance: 0.21,
            direction: "lowers", curve: curve(0, 8, (x) => 1 - 2 * Math.sqrt(x / 8)) },
        { feature: "order_gap_ratio", meaning: "silence compared with the usual gap", importance: 0.13,
            direction: "raises", curve: curve(0, 6, (x) => 0.9 * Math.tanh(x - 2)) },
        { feature: "order_amount_trend", meaning: "spend lately compared with before", importance: 0.09,
            direction: "lowers", curve: curve(-1, 1, (x) => -0.5 * x) },
        { feature: "order_tenure_days", meaning: "days since the first order", importance: 0.07,
            direction: "lowers", curve: curve(0, 540, (x) => 0.4 - x / 900) },
        { feature: "order_item_distinct", meaning: "different items bought", importance: 0.05,
            direction: "mixed", curve: curve(1, 60, (x) => 0.3 * Math.cos(x / 12)) },
        { feature: "country = Germany", meaning: "whether country is Germany", importance: 0.055,
            direction: "raises", curve: [{ value: 0, effect: -0.1, low: -0.14, high: -0.06 },
                { value: 1, effect: 0.5, low: 0.4, high: 0.7 }] },
        { feature: "order_weekday_weekend_share", meaning: "share of orders at the weekend", importance: 0.02,
            direction: "mixed", curve: null },
    ];
}

function timeline(): Month[] {
    return MONTHS.map((month, index) => {
        const season = 1 + 0.25 * Math.sin((index - 2) / 12 * 2 * Math.PI) + (/-11$/.test(month) ? 0.5 : 0);
        const customers = Math.round(760 * season * between(0.94, 1.06)),
            fresh = Math.round(customers * (0.46 - index * 0.018));
        return { month, orders: Math.round(customers * 1.4), customers, new_customers: fresh,
            revenue_cents: Math.round(customers * 1.4 * 31_500), partial: index === MONTHS.length - 1 };
    });
}

function cohortRows(): Cohort[] {
    return MONTHS.slice(0, -1).map((cohort, index) => ({ cohort, customers: Math.round(between(220, 420)),
        retained: Array.from({ length: MONTHS.length - index }, (_, month) =>
            month === 0 ? 1 : round(0.18 + 0.22 * Math.exp(-month / 3) + between(-0.03, 0.03), 3)) }));
}

function deciles(base: number) {
    const lifts = [2.02, 1.78, 1.52, 1.29, 1.08, 0.84, 0.62, 0.44, 0.27, 0.14];
    return lifts.map((lift, index) => ({ decile: index + 1, n: 261,
        predicted: round(Math.min(0.97, lift * base * 1.01), 3), observed: round(lift * base, 3), lift,
        low: round(lift - 0.14, 3), high: round(lift + 0.14, 3), captured: round(lift / 10, 3) }));
}

const calibrationBins = (n: number) => Array.from({ length: 10 }, (_, index) => {
    const predicted = 0.05 + index * 0.1,
        observed = Math.min(0.99, Math.max(0.01, predicted + between(-0.03, 0.03)));
    const half = 1.96 * Math.sqrt(observed * (1 - observed) / n);
    return { predicted: round(predicted, 3), observed: round(observed, 3),
        low: round(Math.max(0, observed - half), 3), high: round(Math.min(1, observed + half), 3), n };
});
const roc = (power: number): [number, number][] =>
    Array.from({ length: 41 }, (_, index) => [index / 40, round(Math.pow(index / 40, power), 4)]);

function imported(): Report["import"] {
    return {
        rows: 541_909, accepted: 541_871, rejected: 38, repeated: 0, no_customer: 135_080, customers: 4371,
        events: 421_530,
        from: "2022-07-01", to: "2023-12-31", seconds: 0.61,
        mapping: [
            { column: "InvoiceNo", role: "order", format: "C… is a refund",
                why: "repeats over consecutive lines", flag: "--order InvoiceNo" },
            { column: "CustomerID", role: "customer", format: "number",
                why: "named like a customer, 4,372 distinct values", flag: "--customer CustomerID" },
            { column: "InvoiceDate", role: "time", format: "M/D/YYYY h:mm", why: "every value is a date",
                flag: "--time InvoiceDate" },
            { column: "Quantity", role: "quantity", format: null, why: "whole numbers, some negative",
                flag: "--quantity Quantity" },
            { column: "UnitPrice", role: "price", format: null, why: "numbers with two decimals",
                flag: "--price UnitPrice" },
        ],
    };
}

function quality(): Report["quality"] {
    return {
        findings: [
            { severity: "ok", title: "Dates are plausible",
                detail: "All times lie between 1 Jul 2022 and 31 Dec 2023.", count: null, share: null },
            { severity: "warning", title: "135,080 rows have no customer",
                detail: "They are kept and counted, but cannot belong to anybody's history.",
                count: 135_080, share: 0.249 },
            { severity: "note", title: "5,268 rows are exact repeats of another",
                detail: "Both were kept: the same item can be on an invoice twice.", count: 5268,
                share: 0.0097 },
            { severity: "problem", title: "38 rows could not be read",
                detail: "Their date is not a date. See holdfast rejects.", count: 38, share: 0.00007 },
        ],
        columns: [
            { name: "InvoiceNo", role: "order", kind: "text", missing_share: 0, distinct: 25_900,
                example: "536365" },
            { name: "CustomerID", role: "customer", kind: "number", missing_share: 0.249, distinct: 4372,
                example: "17850" },
            { name: "Quantity", role: "quantity", kind: "number", missing_share: 0, distinct: 722,
                example: "6" },
            { name: "Description", role: null, kind: "text", missing_share: 0.0027, distinct: 4223,
                example: "WHITE HANGING HEART T-LIGHT HOLDER" },
        ],
    };
}

/* The question, the models that competed, and how well the chosen one does. */
function evidence(): Partial<Report> {
    return {
        question: {
            name: "churn", sentence: "will not order in the next 90 days", goal: "order", horizon_days: 90,
            why: "Orders are the most frequent event that brings money; 90 days is three times the usual gap " +
                "between two orders.",
            cutoffs: ["2023-01-04", "2023-04-04", "2023-07-04"], test_at: "2023-10-02", positives: 2891,
            rows: 6527, base_rate: 0.443, validation: "held-out time", active_days: 365,
            chosen_because: "logistic L2 is the simplest model within noise of the best, boosting: AUC 0.801 " +
                "against 0.804.",
        },
        models: [
            model("boosting", 0.804, { seconds: 2.8 }),
            model("logistic L2", 0.801, { chosen: true, seconds: 0.21 }),
            model("logistic L1", 0.8, { seconds: 0.34 }),
            model("forest", 0.792, { seconds: 1.9 }),
            model("rule", 0.741, { seconds: 0.02 }),
            model("constant", 0.5, { auc: { value: 0.5, low: 0.5, high: 0.5 }, seconds: 0,
                refused: "It does not beat the simple rule: AUC 0.50 against 0.74." }),
        ],
        calibration: { sentence: "Probabilities can be taken at their word: on average they are 1.9 points " +
            "off.", bins: calibrationBins(261) },
        deciles: { sentence: "In the riskiest tenth, twice as many left as on average; the first three " +
            "tenths hold more than half of all who left.", rows: deciles(0.443) },
        roc: roc(0.25),
        drivers: { sentence: "Silence matters most: the risk climbs from day 60 on, and faster for customers " +
            "who used to order often.", rows: drivers() },
    };
}

/* The shop over time. */
function history(): Partial<Report> {
    return {
        timeline: { sentence: "Revenue grew by 12% over the year, and the share of it from new customers " +
            "fell: more now depends on those who stay.", rows: timeline() },
        cohorts: { sentence: "About a third of a month's new customers order again in the month after; after " +
            "half a year one in five does.", rows: cohortRows() },
        retention: { lapse_days: 90, sentence: "Half of all customers are gone after 200 days; the first 60 " +
            "days decide.",
            rows: Array.from({ length: 19 }, (_, index) => {
                const share = 0.24 + 0.76 * Math.exp(-index / 6), half = 0.006 + index * 0.0018;
                return { day: index * 30, share: round(share, 4), low: round(share - (index ? half : 0), 4),
                    high: round(Math.min(1, share + (index ? half : 0)), 4) };
            }) },
    };
}

function value(): Report["value"] {
    return {
        sentence: "Your customers are expected to spend £1.9M over the next year; half of it comes from " +
            "9% of them.", unit: "week",
        bgnbd: { r: 0.243, alpha: 4.414, a: 0.793, b: 2.426, log_likelihood: -9582.4,
            se: { r: 0.0126, alpha: 0.378, a: 0.186, b: 0.705 } },
        gamma_gamma: { p: 6.25, q: 3.74, gamma: 15.44, log_likelihood: -4055.9 },
        calibration_end: "2023-03-31",
        tracking: Array.from({ length: 78 }, (_, week) => {
            const expected = 260 * (1 - Math.exp(-(week + 2) / 14)) * (1 - week / 400);
            return { period: week + 1, actual: Math.round(expected * between(0.86, 1.15)),
                expected: round(expected, 1) };
        }),
        by_frequency: [0, 1, 2, 3, 4, 5, 6, 7].map((frequency) => ({
            frequency, customers: Math.round(1600 * Math.exp(-frequency / 2)),
            actual: round(0.24 + frequency * 0.62 * between(0.9, 1.1), 3),
                expected: round(0.22 + frequency * 0.62, 3),
        })),
        holdout_note: "Fitted on the first nine months, compared with the nine that followed: 3% more " +
            "orders came than expected.",
        total_cents: 190_520_000, total_orders: 6048.2, horizon_days: 365,
        p_alive_histogram: Array.from({ length: 10 }, (_, index) => ({
            from: index / 10, to: (index + 1) / 10, customers: Math.round(180
                    + 60 * Math.pow(Math.abs(index - 3.5), 1.6)),
        })),
    };
}

/* A made-up experiment whose effect shows by and by, its money, the program and a plan. */
function proof(): Partial<Report> {
    const looks = ["mail", "coupon"].flatMap((arm, which) => Array.from({ length: 12 }, (_, at) => {
        const value = which ? 0.1 + 0.4 / (at + 1) : 1.45 - 1.2 / (at + 1), half = 1.9 / Math.sqrt(at + 1);
        return { day: `2023-${String(at % 12 + 1).padStart(2, "0")}-20`, arm, n: 420 * (at + 1),
            absolute: { value, low: value - half, high: value + half },
            always_valid: { low: value - 1.55 * half, high: value + 1.55 * half } };
    }));
    const results = ["mail", "coupon"].flatMap((arm) => [
        { metric: "margin", kind: "mean", arm, n: 2520, ...looks.filter((look) => look.arm === arm).at(-1) },
        { metric: "kept", kind: "proportion", arm, n: 2520, absolute: { value: 0.0856, low: 0.012, high: 0.159 },
            always_valid: { low: -0.021, high: 0.192 } }]);
    return {
        experiments: [{ experiment: "winback", control: "control", results, over_time: looks,
            health: { warnings: ["12 of 7560 people have not had their whole window of 28 days yet and are left out of margin"] },
            verdict: { word: "better", sentence: "mail changes margin by +1.35 (0.50 to 2.20), against control.",
                would_change: "Another population or time." } },
        { experiment: "banner", refusal: "nobody was exposed in banner yet, so there is nothing to compare" }],
        campaigns: [{ campaign: "winback", arm: "mail", n: 2520, incremental_profit: { value: 3402, low: 1260, high: 5544 },
            cost: 504, roi: { value: 6.75, low: 2.5, high: 11 } },
        { campaign: "winback", arm: "coupon", n: 2520, incremental_profit: { value: -310, low: -2400, high: 1780 }, cost: 1904,
            roi: { value: -0.16, low: -1.26, high: 0.93 } }],
        program: { so_far: { sentence: "Since 2023-01-01 the program earned GBP 41,200 (95 % interval: GBP 8,100 to GBP 74,300) "
            + "beyond what the control group's customers bring; holding out 218 customers cost GBP 2,170." },
            months: Array.from({ length: 12 }, (_, at) => ({ month: `2023-${String(at + 1).padStart(2, "0")}`, forgone_cents: 18_000,
                incremental_profit_cents: { value: 343_000 * (at % 3), low: -500_000 * (at % 3) - 90_000, high: 1_200_000 },
                so_far_cents: { value: 343_000 * (at + 1), low: 343_000 * (at + 1) - 960_000 * Math.sqrt(at + 1),
                    high: 343_000 * (at + 1) + 960_000 * Math.sqrt(at + 1) } })) },
        scenario: { draws: 100_000, outputs: { profit: { mean: 6395.4, p5: 3950.5, p50: 6244.8, p95: 9364.1, at_medians: 6386.3,
            chance_below_zero: 0.004 } },
            tornado: { profit: [{ input: "response", low: 4909.5, high: 8101.7 }, { input: "order", low: 5209.6, high: 7562.9 },
                { input: "margin", low: 5533.5, high: 7027.7 }, { input: "cost_of_a_contact_by_post", low: 6586, high: 6186 }] } },
    };
}

export function ordersReport(): Report {
    const actionRows = orderActions(1000);
    return {
        schema: 1, as_of: "2023-12-31T18:20:00Z", title: "shop_orders.csv", shape: "order_lines", currency: "GBP",
        summary: {
            headline: "Of 2,610 customers about 1,100 (1,010 to 1,180) will have no order in the next 90 days, and " +
                "with them goes about GBP 412,000 (361,000 to 469,000) of what they would spend.",
            sentences: ["Of those at risk, 96 customers hold more than half of the loss: begin with them.",
                "The strongest sign is a silence longer than a customer's own habit."],
            customers: 4371, asked: 2610, expected_yes: 1096.4, base_rate: 0.443,
            at_risk: { customers: 2610, expected_leavers: { value: 1096.4, low: 1010, high: 1180 },
                revenue_cents: 41_230_000, low_cents: 36_110_000, high_cents: 46_870_000, backtest: backtest() },
        },
        words: { is_churn: true, is_spend: false, verb: "have no order", past: "had no order",
            chance: "Chance of no order" },
        assumptions: [
            { name: "margin", label: "Gross margin", value: 0.3, unit: "share", flag: "--margin",
                note: "assumed; give your own" },
            { name: "horizon", label: "Horizon", value: 90, unit: "days", flag: "--horizon",
                note: "three times the usual gap of 31 days" },
            { name: "active_days", label: "Active means an order within", value: 365, unit: "days",
                flag: "--active", note: null },
        ],
        import: imported(),
        quality: quality(),
        ...evidence(),
        ...history(),
        value: value(),
        groups: groups(),
        risk_value: { sentence: "£231K of the expected loss sits with 143 customers of high value and high risk.",
            risk_bands: ["low", "medium", "high"], value_bands: ["low", "medium", "high"],
            cells: [[612, 900_000], [388, 2_400_000], [291, 3_800_000], [402, 2_100_000], [271, 5_600_000],
                [214, 9_300_000], [188, 4_400_000], [101, 8_700_000], [143, 23_100_000]]
                .map(([customers, expected_loss_cents], index) =>
                    ({ risk: index % 3, value: Math.floor(index / 3), customers, expected_loss_cents })) },
        actions: { sentence: "The first 50 customers on this list hold 31% of the expected loss. Call those " +
            "with reasons you can answer.", total: 2610, rows: actionRows },
        pilot: { sentence: "Take 812 customers at risk, treat half of them drawn by chance, and compare " +
            "after 90 days. Give what writing to one costs with --contact-cost.",
            per_group: 1530, baseline: 0.62, detectable: 0.05, power: 0.8, alpha: 0.05,
            available: 2610, is_enough: true, pays_from: 0.05, saved_cents: 37_600 },
        ...proof(),
        seconds: { import: 0.61, features: 0.18, train: 4.9, score: 0.03, total: 6.4 },
    };
}

/* Earlier days; at one of them the range did not hold what came. */
function backtest(): Backtest[] {
    return [["2023-04-04", 0.92], ["2023-07-03", 1.31], ["2023-10-01", 1.04]].map(([as_of, off], index) => {
        const n = 760 + 140 * index, cents = 28_400_000 + 5_100_000 * index;
        return { as_of: String(as_of), asked: 1900 + 300 * index, actual_leavers: Math.round(n * Number(off)),
            expected_leavers: { value: n, low: Math.round(n * 0.9), high: Math.round(n * 1.1) },
            revenue_cents: cents, low_cents: Math.round(cents * 0.82), high_cents: Math.round(cents * 1.18),
            actual_cents: Math.round(cents * Number(off)) };
    });
}

function groups(): Report["groups"] {
    const rfm = [["Champions", "bought lately, often, and for much", 412, 0.58, 12, 9.1, 0.11],
        ["Loyal", "come back regularly", 701, 0.22, 31, 4.8, 0.24],
        ["Promising", "new, with a good start", 498, 0.06, 24, 1.4, 0.46],
        ["At risk", "bought often, but not for a while", 377, 0.09, 118, 4.1, 0.71],
        ["Cannot lose them", "your best of old, long silent", 96, 0.04, 171, 8.3, 0.83],
        ["Hibernating", "bought once or twice, long ago", 526, 0.01, 229, 1.3, 0.89]] as const;
    const stages = [["new", "first order within 30 days", 214], ["active", "within their usual gap", 1102],
        ["cooling", "silent for up to twice the usual gap", 566], ["lapsed", "silent for longer", 634],
        ["returning", "back after a long silence", 94]] as const;
    return {
        sentence: "412 champions bring 58% of the revenue; 96 customers you cannot afford to lose have been " +
            "silent for half a year.",
        rfm: rfm.map(([name, description, customers, revenue, recency_days, frequency, churn]) => ({
            name, description, customers, share: round(customers / 2610, 4), recency_days, frequency, churn,
            revenue_cents: Math.round(revenue * 220_000_000),
            monetary_cents: Math.round(revenue * 220_000_000 / customers),
        })),
        clusters: { k: 3, silhouette: 0.41, stability: 0.95, rows: [
            { name: "Frequent and broad", description: "9 orders, 41 different items, every 19 days",
                customers: 487, share: 0.187, churn: 0.14, value_cents: 214_000 },
            { name: "Occasional", description: "3 orders, every 58 days, steady spend", customers: 1320,
                share: 0.506, churn: 0.42, value_cents: 48_000 },
            { name: "Once and gone quiet", description: "1 order, 140 days ago", customers: 803, share: 0.307,
                churn: 0.81, value_cents: 9_500 }] },
        stages: stages.map(([name, description, customers]) => ({ name, description, customers,
            share: round(customers / 2610, 4), revenue_cents: customers * 61_000 })),
    };
}

/* What a row is about is never missing; everything said of it may be. */
const KEYS = new Set(["name", "column", "severity", "title", "customer", "feature", "importance", "month",
    "cohort", "day", "share", "decile", "predicted", "observed", "period", "frequency", "value", "effect",
        "from", "to", "customers", "risk", "experiment", "campaign", "arm", "metric", "input", "low", "high"]);

/* The report of orders with about a third of all its other fields null: what a page must bear. */
export function holedReport(seed: number): Report {
    const chance = generator(seed);
    const punch = (value: unknown): unknown => {
        if (Array.isArray(value)) return chance() < 0.05 ? [] : value.map(punch);
        if (value === null || typeof value !== "object") return value;
        return Object.fromEntries(Object.entries(value).map(([key, held]) => [key,
            !KEYS.has(key) && chance() < 0.3 ? null : punch(held)]));
    };
    const holed = punch(ordersReport()) as Record<string, unknown>;
    const whole = ordersReport() as unknown as Record<string, unknown>;
    for (const key of Object.keys(whole)) holed[key] ??= chance() < 0.7 ? punch(whole[key]) : null;
    return holed as Report;
}

/* The same shop asked what its customers will spend: every answer is an amount. */
export function spendReport(): Report {
    const orders = ordersReport(), { groups } = orders, mean = 48;
    const amounts = <T extends { churn?: Maybe<number> }>(rows: Maybe<T[]>): Maybe<T[]> =>
        rows?.map((row) => ({ ...row, churn: round(600 * (row.churn ?? 0), 2) }));
    return { ...orders, roc: [], risk_value: null, pilot: null,
        words: { is_churn: false, is_spend: true, verb: "have at least one order",
            past: "had at least one order", chance: "Expected spend" },
        groups: groups && { ...groups, rfm: amounts(groups.rfm),
            clusters: groups.clusters && { ...groups.clusters, rows: amounts(groups.clusters.rows) } },
        calibration: { sentence: null, bins: calibrationBins(2610).map((bin) => ({ ...bin,
            predicted: 300 * bin.predicted, observed: 300 * bin.observed, low: 280 * (bin.low ?? 0),
            high: 320 * (bin.high ?? 1) })) },
        deciles: { sentence: null, rows: deciles(0.443).map((row) => ({ ...row,
            predicted: round(mean * row.lift * 1.01, 2), observed: round(mean * row.lift, 2) })) },
        actions: orders.actions && { ...orders.actions, rows: amounts(orders.actions.rows) ?? [] } };
}

/* One row per customer with a label: no times, no orders, no money. */
export function tableReport(): Report {
    const orders = ordersReport();
    const rows: Action[] = Array.from({ length: 300 },
        (_, index) => ({ customer: `${String(7000 + index * 3)}-QPYBK`,
            churn: round(sigmoid(3 - index / 70), 3), value_if_stays_cents: 0,
        expected_loss_cents: 0, rfm_group: null, stage: null,
            last_order: null,
        reasons: ["pays month to month",
            next() < 0.5 ? "has been a customer for 2 months" : "has fibre without online security"] }));
    return {
        schema: 1, as_of: null, title: "telephone_customers.csv", shape: "table", currency: "",
        summary: { headline: "1,873 of 7,043 customers are likely to leave: those who pay month to month, " +
            "are new, and have fibre.", sentences: [], customers: 7043, asked: 7043,
            expected_yes: 1873.2, base_rate: 0.2654,
            at_risk: { customers: 7043, expected_leavers: { value: 1873, low: 1790, high: 1960 },
                revenue_cents: null, low_cents: null, high_cents: null, backtest: [] } },
        words: { is_churn: true, is_spend: false, verb: "churn", past: "churned", chance: "Chance to churn" },
        assumptions: [{ name: "target", label: "Label column", value: "Churn", unit: "", flag: "--target",
            note: "yes counts as leaving" }],
        import: { rows: 7043, accepted: 7043, rejected: 0, repeated: 0, no_customer: 0, customers: 7043,
            events: 7043, from: null, to: null, seconds: 0.04,
            mapping: [{ column: "customerID", role: "customer", format: null, why: "every value is distinct",
                flag: "--customer customerID" },
                { column: "Churn", role: "label", format: "Yes, No", why: "given", flag: "--target Churn" }] },
        quality: { findings: [{ severity: "ok", title: "No column gives the label away", detail: null,
            count: null, share: null }],
            columns: Array.from({ length: 21 },
                (_, index) => ({ name: `column_${index + 1}`, role: "trait",
                    kind: index % 3 ? "category" : "number", missing_share: index === 4 ? 0.0016 : 0,
                    distinct: 2 + index, example: "No" })) },
        question: { name: "Churn", sentence: "Churn is Yes", why: "The label column was given.", goal: null,
            horizon_days: null, cutoffs: null, test_at: null, positives: 1869, rows: 7043, base_rate: 0.2654,
            validation: "5-fold cross-validation" },
        models: [model("logistic L1", 0.845, { chosen: true }), model("boosting", 0.847), model("rule", 0.736),
            model("constant", 0.5, { refused: "It knows nothing of the customer." })],
        calibration: { sentence: null, bins: calibrationBins(700) },
        deciles: { sentence: null, rows: deciles(0.2654) }, roc: roc(0.2),
        drivers: { sentence: "Contract length matters most.", rows: (orders.drivers?.rows ?? []).slice(0, 4) },
        timeline: null, cohorts: null, retention: null, value: null,
        groups: { sentence: null, rfm: null, clusters: orders.groups?.clusters, stages: null },
        risk_value: null,
        actions: { sentence: "Begin at the top.", total: 7043, rows }, pilot: orders.pilot,
        seconds: { import: 0.04, train: 3.1, total: 3.3 },
    };
}
