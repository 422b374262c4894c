/* send_purchase.mjs ADDRESS WRITE_KEY [CUSTOMER] - tells `holdfast serve` that a customer has bought, with
 * the client that shops use for Segment: npm install @segment/analytics-node */
import { Analytics } from "@segment/analytics-node";

const [host, writeKey, userId = "ada"] = process.argv.slice(2);
const analytics = new Analytics({ host, writeKey });
analytics.on("error", ({ reason }) => {
    console.error(`not sent: ${reason?.message ?? reason}`);
    process.exitCode = 1;
});

analytics.identify({ userId, traits: { email: `${userId}@example.com`, country: "DE" } });
analytics.track({ userId, event: "Order Completed", properties: {
    order_id: `order-${Date.now()}`, revenue: 149.9, currency: "EUR",
    products: [{ product_id: "boot", price: 129.9, quantity: 1 }, { product_id: "sock", price: 10, quantity: 2 }],
} });
await analytics.closeAndFlush();
