/* segment_shop.mjs - a small shop's week, told to any client that speaks Segment's calls.
 *
 * Visitors look around unknown, say who they are, buy, send back; some belong to a company, some had another id
 * before.  Every event is written into the ledger as the server must hold it. */
import { chance } from "./proxy.mjs";

const PRODUCTS = [["shoe", 7995], ["boot", 12900], ["sock", 450], ["hat", 1999]];
const PLANS = ["free", "pro"], COUNTRIES = ["DE", "AT", "CH"];

export const email = (id) => `${id}@mail.example`;
export const traits = (id, i) => ({ email: email(id), name: `Ada ${id} Lovelace`, plan: PLANS[i % 2],
    country: COUNTRIES[i % 3] });

function order(draw, number) {
    const lines = Array.from({ length: 1 + Math.floor(draw() * 3) }, () => {
        const [sku, price_cents] = PRODUCTS[Math.floor(draw() * PRODUCTS.length)];
        return { sku, price_cents, quantity: 1 + Math.floor(draw() * 3) };
    });
    const total_cents = lines.reduce((sum, line) => sum + line.price_cents * line.quantity, 0);
    return { lines, total_cents, properties: { order_id: `order-${number}`, currency: "EUR",
        revenue: total_cents / 100, products: lines.map(({ sku, price_cents, quantity }) =>
            ({ product_id: sku, price: price_cents / 100, quantity })) } };
}

function expectOrder(ledger, id, { lines, total_cents }, sign = 1) {
    const kind = sign < 0 ? "refund" : "order";
    ledger.expect(id, kind, sign * total_cents);
    for (const line of lines) ledger.expect(id, `${kind}_item`, sign * line.price_cents * line.quantity);
}

/* Calls tell(type, message) for each event, in order; message as @segment/analytics-node takes it.  Types:
 * identify, track, page, screen, group, alias.  Returns the ids of the customers.
 * `prefix` keeps the customers of one client apart from another's; `lacks` names types the client has not. */
export function tellShop(tell, ledger, { prefix, seed, n_customers = 6, n_orders = 4, lacks = [] }) {
    const draw = chance(seed), ids = [];
    const can = (type) => !lacks.includes(type);
    for (let i = 0; i < n_customers; i++) {
        const userId = `${prefix}-${i}`, anonymousId = `${prefix}-visitor-${i}`;
        ids.push(userId);
        tell("page", { anonymousId, name: "Home", properties: { url: "https://shop.example/?q=1", path: "/" } });
        tell("track", { anonymousId, event: "Product Viewed", properties: { product_id: "shoe", price: 79.95 } });
        tell("identify", { userId, anonymousId, traits: traits(userId, i) });
        ledger.expect(userId, "page").expect(userId, "Product Viewed", 7995).expect(userId, "traits");
        for (let k = 0; k < n_orders; k++) {
            const bought = order(draw, `${userId}-${k}`);
            tell("track", { userId, event: "Order Completed", properties: bought.properties });
            expectOrder(ledger, userId, bought);
            if (k > 0) continue;
            tell("track", { userId, event: "Order Refunded", properties: bought.properties });
            expectOrder(ledger, userId, bought, -1);
        }
        if (can("screen")) {
            tell("screen", { userId, name: "Basket" });
            ledger.expect(userId, "screen");
        }
        if (can("group") && i % 2 === 0) {
            tell("group", { userId, groupId: `${prefix}-company`, traits: { name: "Kelp GmbH", employees: 12 } });
            ledger.expect(userId, "traits");
        }
        if (can("alias") && i % 3 === 0) {
            tell("track", { userId: `${userId}-before`, event: "Signed Up", properties: {} });
            tell("alias", { userId, previousId: `${userId}-before` });
            ledger.expect(userId, "Signed Up").expect(userId, "traits");
        }
    }
    return ids;
}
