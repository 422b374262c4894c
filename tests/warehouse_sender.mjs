// warehouse_sender.mjs - a shop's client: for each line of its input, a number, sends as many events to $address with $key, four
// requests at a time, each again until it is acknowledged; then says the number.
import http from 'node:http';
import readline from 'node:readline';

const OF_REQUEST = 250, AT_ONCE = 4;
const agent = new http.Agent({ keepAlive: true, maxSockets: AT_ONCE });
let number = 0, seed = 5;
const below = n => { seed = (seed * 1103515245 + 12345) % 2147483648; return Math.floor(seed / 2147483648 * n); };

const post = body => new Promise(resolve => {
    const request = http.request(process.env.address + '/v1/batch', { method: 'POST', agent, headers: {
        'Content-Type': 'application/json', Authorization: 'Basic ' + Buffer.from(process.env.key + ':').toString('base64') } }, reply => {
        reply.on('error', () => resolve(0)).on('end', () => resolve(reply.statusCode)).resume();
    });
    request.on('error', () => resolve(0)).end(body);
});

async function send(n) {
    const batch = [];
    for (let i = 0; i < n; i++, number++)
        batch.push({ type: 'track', userId: 'c' + below(20000), event: number % 3 ? 'Product Viewed' : 'Product Added', messageId: 'm' + number,
            properties: { product_id: 'p' + below(500), value: below(9000) / 100 } });
    const body = JSON.stringify({ batch });
    for (let code; (code = await post(body)) !== 200; await new Promise(resolve => setTimeout(resolve, 50)))
        if (code >= 400 && code < 500 && code !== 429) throw new Error(`refused with ${code}`);
}

for await (const line of readline.createInterface({ input: process.stdin })) {
    let left = Number(line);
    await Promise.all(Array.from({ length: AT_ONCE }, async () => {
        while (left > 0) {
            const n = Math.min(left, OF_REQUEST);
            left -= n;
            await send(n);
        }
    }));
    console.log(line);
}
