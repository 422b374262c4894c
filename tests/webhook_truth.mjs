// webhook_truth.mjs - shops whose truth is known tell of themselves by Stripe's and Shopify's webhooks: shuffled, twice,
// with test orders, refunds and cancellations; what the program then says of them is the truth.
//
// usage: node webhook_truth.mjs PROGRAM FOLDER
import { createHmac } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { check, conclude, serve } from './server.mjs';

const [program, folder] = process.argv.slice(2);
const DAY = 86400, START = Date.UTC(2026, 0, 5) / 1000;
let drawn = 7;
const draw = (n) => { drawn = (drawn * 48271) % 2147483647; return drawn % n; };
function shuffle(list) {
    for (let i = list.length - 1; i > 0; i--) {
        const j = draw(i + 1);
        [list[i], list[j]] = [list[j], list[i]];
    }
    return list;
}

/* What is true: money by customer, and orders by month. */
function books() {
    const people = new Map(), months = new Map();
    const month = (s) => new Date(s * 1000).toISOString().slice(0, 7);
    const of = (map, key) => map.get(key) ?? map.set(key, { orders: 0, cents: 0, refunds: 0, back: 0 }).get(key);
    return {
        people, months,
        sale: (who, s, cents) => [of(people, who), of(months, month(s))].forEach((x) => { x.orders++; x.cents += cents; }),
        back: (who, s, cents) => [of(people, who), of(months, month(s))].forEach((x) => { x.refunds++; x.back += cents; }),
    };
}

/* Stripe's events of one shop. */
function stripeShop(currency, unit, people) {
    const truth = books(), events = [];
    let n = 0;
    const tell = (type, created, object, more = {}) => events.push({ id: `evt_${++n}`, object: 'event', type, created,
        livemode: true, data: { object: { currency, ...object }, ...more.data }, ...more.event });
    const cents = (amount) => Math.round(amount * unit);
    for (let person = 0; person < people; person++) {
        const customer = `cus_${person}`, email = `s${person}@example.com`, who = `shop-${person}`;
        tell('customer.created', START, { id: customer, email, metadata: { user_id: who } });
        for (let k = 0; k < 2 + person % 3; k++) {
            const at = START + (k * 35 + draw(20)) * DAY, amount = 500 + 30 * draw(300), id = `${person}_${k}`;
            const kind = (person + k) % 5, charge = { id: `ch_${id}`, payment_intent: `pi_${id}`, customer, paid: true,
                captured: true, amount, amount_captured: amount, billing_details: { email } };
            if (kind === 0) {       /* a subscription, as told since 2025: its intent names the invoice, its charge nothing */
                tell('invoice.paid', at, { id: `in_${id}`, customer, customer_email: email, amount_paid: amount,
                    parent: { subscription_details: { metadata: { user_id: who } } },
                    lines: { data: [{ amount, quantity: 1, pricing: { price_details: { product: 'prod_1' } } }] } });
                tell('invoice.payment_succeeded', at, { id: `in_${id}`, customer, amount_paid: amount });
                tell('payment_intent.succeeded', at, { id: `pi_${id}`, customer, amount_received: amount,
                    latest_charge: charge.id, payment_details: { order_reference: `in_${id}` } });
                tell('charge.succeeded', at, charge);
            } else if (kind === 1) {    /* and as before */
                tell('invoice.paid', at, { id: `in_${id}`, customer, amount_paid: amount, charge: charge.id,
                    payment_intent: `pi_${id}`, lines: { data: [{ amount, price: { product: 'prod_2' } }] } });
                tell('charge.succeeded', at, { ...charge, invoice: `in_${id}` });
                tell('payment_intent.succeeded', at, { id: `pi_${id}`, customer, amount_received: amount,
                    invoice: `in_${id}`, latest_charge: charge.id });
            } else if (kind === 2) {    /* a checkout that is paid later, and one that only keeps a card */
                tell('checkout.session.completed', at - 60, { id: `cs_${id}`, mode: 'payment', payment_status: 'unpaid',
                    customer, payment_intent: `pi_${id}`, amount_total: amount });
                tell('checkout.session.async_payment_succeeded', at, { id: `cs_${id}`, mode: 'payment', customer,
                    payment_status: 'paid', payment_intent: `pi_${id}`, amount_total: amount, client_reference_id: who });
                tell('checkout.session.completed', at, { id: `cs_s${id}`, mode: 'setup', customer, amount_total: null,
                    payment_status: 'no_payment_required' });
                tell('invoice.paid', at, { id: `in_t${id}`, customer, amount_paid: 0 });
            } else if (kind === 3) {    /* a charge of the old kind, first set aside */
                const old = { ...charge, payment_intent: null, invoice: null };
                tell('charge.succeeded', at - DAY, { ...old, captured: false, amount_captured: 0 });
                tell('charge.captured', at, old);
                tell('invoice.payment_failed', at, { id: `in_f${id}`, customer, amount_due: 999 });
            } else {
                tell('payment_intent.succeeded', at, { id: `pi_${id}`, customer, amount_received: amount });
            }
            truth.sale(who, at, cents(amount));
            if ((person + 2 * k) % 4 === 0) {       /* first a part, then the rest */
                const part = amount - 470;
                tell('charge.refunded', at + 5 * DAY, { ...charge, amount_refunded: part },
                    { data: { previous_attributes: { amount_refunded: 0 } } });
                truth.back(who, at + 5 * DAY, cents(part));
                if (person % 8 === 0) {
                    tell('charge.refunded', at + 9 * DAY, { ...charge, amount_refunded: amount, refunded: true },
                        { data: { previous_attributes: { amount_refunded: part, refunded: false } } });
                    truth.back(who, at + 9 * DAY, cents(amount - part));
                }
            }
            tell('payment_intent.succeeded', at, { id: `pi_x${id}`, customer, amount_received: 7777 },
                { event: { livemode: false } });
            tell('charge.refunded', at, { ...charge, id: `ch_x${id}`, amount_refunded: 7777 },
                { event: { livemode: false } });
        }
    }
    /* Guests have no customer at Stripe: only the charge and the checkout know their address. */
    for (let guest = 0; guest < 6; guest++) {
        const at = START + (10 + guest) * DAY, amount = 1000 + 10 * guest, email = `Guest${guest}@Example.com`;
        tell('charge.succeeded', at, { id: `ch_g${guest}`, payment_intent: `pi_g${guest}`, customer: null, paid: true,
            captured: true, amount, amount_captured: amount, billing_details: { email } });
        tell('checkout.session.completed', at, { id: `cs_g${guest}`, mode: 'payment', payment_status: 'paid', customer: null,
            customer_details: { email }, payment_intent: `pi_g${guest}`, amount_total: amount });
        truth.sale(email.toLowerCase(), at, cents(amount));
    }
    return { truth, events };
}

/* Shopify's deliveries of one shop. */
function shopifyShop() {
    const truth = books(), deliveries = [];
    const time = (s) => new Date(s * 1000).toISOString().replace('.000Z', '+00:00');
    const money = (cents) => (cents / 100).toFixed(2);
    let n = 0;
    const tell = (topic, body) => deliveries.push({ topic, id: `d-${++n}`, body });
    for (let person = 0; person < 18; person++) {
        const customer = { id: 5000 + person, email: `p${person}@example.com` }, who = String(customer.id);
        tell('customers/create', { ...customer, created_at: time(START) });
        for (let k = 0; k < 2 + person % 3; k++) {
            const id = 100000 + person * 10 + k, at = START + (k * 33 + draw(20)) * DAY, cents = 1000 + draw(20000);
            const kind = (person + k) % 6;
            const order = { id, name: `#${id - 90000}`, order_number: id - 90000, customer, email: customer.email,
                currency: 'EUR', created_at: time(at), processed_at: time(at), updated_at: time(at), cancelled_at: null,
                total_price: money(cents), financial_status: 'paid', test: false,
                line_items: [{ product_id: 1 + k, price: money(cents), quantity: 1, total_discount: '0.00' }] };
            const after = (s, more) => ({ ...order, updated_at: time(at + s), ...more });
            const refund = (nth, s, amount, more = {}) => tell('refunds/create', { id: id * 10 + nth, order_id: id,
                created_at: time(at + s), processed_at: time(at + s), refund_line_items: [],
                transactions: amount === null ? [] : [{ kind: 'refund', status: 'success', amount: money(amount) }], ...more });
            if (kind === 0) {           /* paid at once, told three times, packed, given back in part and then whole */
                tell('orders/create', order);
                tell('orders/paid', order);
                tell('orders/updated', after(DAY, { fulfillment_status: 'fulfilled' }));
                refund(1, 3 * DAY, 300);
                refund(2, 4 * DAY, cents - 300);
                tell('orders/updated', after(4 * DAY, { financial_status: 'refunded' }));
                truth.sale(who, at, cents);
                truth.back(who, at + 3 * DAY, 300);
                truth.back(who, at + 4 * DAY, cents - 300);
            } else if (kind === 1) {    /* paid later */
                tell('orders/create', { ...order, financial_status: 'pending' });
                tell('orders/paid', after(DAY, {}));
                tell('orders/updated', after(2 * DAY, {}));
                truth.sale(who, at, cents);
            } else if (kind === 2) {    /* cancelled, with what belongs to it */
                tell('orders/create', order);
                refund(1, DAY, cents);
                tell('orders/cancelled', after(DAY, { cancelled_at: time(at + DAY), financial_status: 'refunded' }));
                tell('orders/updated', after(DAY + 5, { cancelled_at: time(at + DAY), financial_status: 'refunded' }));
            } else if (kind === 3) {    /* a test, and its refund */
                tell('orders/create', { ...order, test: true });
                refund(1, DAY, cents, { transactions: [{ kind: 'refund', status: 'success', test: true, amount: money(cents) }] });
            } else if (kind === 4) {    /* edited: the later amount holds; goods come back, no money does */
                tell('orders/create', order);
                tell('orders/updated', after(DAY, { total_price: money(cents + 500) }));
                refund(1, 2 * DAY, null);
                refund(2, 2 * DAY, 400, { transactions: [{ kind: 'refund', status: 'error', amount: '4.00' }] });
                truth.sale(who, at, cents + 500);
            } else {
                tell('orders/create', order);
                truth.sale(who, at, cents);
            }
        }
    }
    return { truth, deliveries };
}

const inTurn = async (list, of) => { for (const one of list) await of(one); };

/* One after the other, in the order given.  What was not taken. */
async function send(url, requests) {
    const refused = [];
    await inTurn(requests, async ({ path, headers, body }) => {
        const answer = await fetch(url + path, { method: 'POST', headers: headers(body), body });
        if (answer.status !== 200) refused.push([answer.status, await answer.text(), body.slice(0, 300)]);
    });
    return refused;
}

const netOf = (truth) => [...truth.people.values()].reduce((sum, p) => sum + p.cents - p.back, 0);

function compare(what, truth, kpi, of) {
    const said = Object.fromEntries(kpi.rows.filter((row) => row.orders > 0).map((row) => [row.month, row.orders]));
    const meant = Object.fromEntries([...truth.months].filter(([, m]) => m.orders).sort().map(([month, m]) => [month, m.orders]));
    check(`${what}: orders of every month`, JSON.stringify(said) === JSON.stringify(meant), { said, meant });
    const revenue = kpi.rows.reduce((sum, row) => sum + row.revenue_cents, 0), net = netOf(truth);
    check(`${what}: money`, revenue === net, [revenue, net]);
    const buyers = [...truth.people.values()].filter((p) => p.orders > 0).length;
    check(`${what}: customers`, kpi.customers === buyers, [kpi.customers, buyers]);
    for (const [who, p] of truth.people) {
        const timeline = of(who);
        const sums = ['order', 'refund'].map((kind) => timeline.filter((e) => e.kind === kind && e.amount_cents))
            .flatMap((list) => [list.length, list.reduce((sum, e) => sum + e.amount_cents, 0)]);
        const wanted = [p.orders, p.cents, p.refunds, -p.back];
        check(`${what}: ${who}`, JSON.stringify(sums) === JSON.stringify(wanted), { sums, wanted });
    }
}

async function tryShop(what, truth, requests, source) {
    const database = `${folder}/${what}.holdfast`, server = await serve(program, database);
    const url = server.address, bearer = { Authorization: `Bearer ${server.token}` };
    const given = await fetch(`${url}/v1/webhooks/${source}/secret`, { method: 'PUT', headers: bearer,
        body: JSON.stringify({ secret: 'whsec_shop' }) });
    check(`${what}: its secret is given`, given.status === 200, given.status);
    const refused = await send(url, [...requests, ...shuffle([...requests])]);
    check(`${what}: every delivery is taken`, refused.length === 0, refused.slice(0, 3));
    const timelines = new Map();
    for (const who of truth.people.keys()) {
        const answer = await fetch(`${url}/v1/customers/${encodeURIComponent(who)}`, { headers: bearer });
        timelines.set(who, answer.status === 200 ? (await answer.json()).timeline : []);
    }
    await server.stop();
    const run = (...words) => JSON.parse(execFileSync(program, [...words, '--db', database, '--json', '--quiet'],
        { encoding: 'utf8' }));
    compare(what, truth, run('kpi', '--goal', 'order'), (who) => timelines.get(who));
    const segments = run('segment', '--goal', 'order'), sum = (list) => list.reduce((all, row) => all + row.revenue_cents, 0);
    const net = netOf(truth);
    check(`${what}: the groups' money is all of it`, sum(segments.rfm) === net && sum(segments.stages) === net,
        [sum(segments.rfm), sum(segments.stages), net]);
}

const signStripe = (body) => {
    const t = Math.floor(Date.now() / 1000);
    return { 'Stripe-Signature': `t=${t},v1=${createHmac('sha256', 'whsec_shop').update(`${t}.${body}`).digest('hex')}` };
};
for (const [currency, unit, people] of [['eur', 1, 16], ['jpy', 100, 4], ['kwd', .1, 4]]) {
    const { truth, events } = stripeShop(currency, unit, people);
    const requests = shuffle(events.map((event) => ({ path: '/v1/webhooks/stripe', headers: signStripe,
        body: JSON.stringify(event) })));
    await tryShop(`stripe-${currency}`, truth, requests, 'stripe');
}
const { truth, deliveries } = shopifyShop();
await tryShop('shopify', truth, shuffle(deliveries.map(({ topic, id, body }) => ({
    path: '/v1/webhooks/shopify', body: JSON.stringify(body),
    headers: (text) => ({ 'X-Shopify-Topic': topic, 'X-Shopify-Webhook-Id': id, 'X-Shopify-Event-Id': id,
        'X-Shopify-Hmac-Sha256': createHmac('sha256', 'whsec_shop').update(text).digest('base64') }) }))), 'shopify');
conclude('webhooks');
