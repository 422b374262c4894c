// warehouse_proxy.mjs SERVER - stands before a clickhouse-server, prints its port, and answers wrongly where it is told to:
// GET /cut?nth=N    the Nth answer from now that has a body breaks off at any byte and ends as if it were whole
// GET /odd          counts get a row of the proxy's own, and rows come for ever;  GET /well  as the server answers
import http from 'node:http';

const server = process.argv[2];
let mode = 'well', left = 0, seed = Number(process.env.SEED ?? 1);
const below = n => { seed = (seed * 1103515245 + 12345) % 2147483648; return Math.floor(seed / 2147483648 * n); };

function answer(body, code, text, reply) {
    reply.writeHead(code);
    if (mode === 'cut' && code === 200 && text.length && --left === 0) return reply.end(text.subarray(0, below(text.length)));
    if (mode !== 'odd') return reply.end(text);
    if (body.includes('uniqExact(row)')) return reply.end(text.toString().replace(/"data":\s*\[/, '$& ["odd one"],').replace(
        /"rows": (\d+)/, (_, n) => `"rows": ${Number(n) + 1}`));
    if (!body.includes('FORMAT RowBinary')) return reply.end(text);
    const more = () => { while (!reply.destroyed && reply.write(text)); };
    reply.on('drain', more);
    more();
}

http.createServer((request, reply) => {
    const told = new URL(request.url, server);
    if (request.method === 'GET') {
        mode = told.pathname.slice(1), left = Number(told.searchParams.get('nth'));
        return reply.end();
    }
    const parts = [];
    request.on('data', part => parts.push(part)).on('end', () => {
        const body = Buffer.concat(parts), all = [];
        const there = http.request(server + request.url, { method: request.method, headers: request.headers }, got =>
            got.on('data', part => all.push(part)).on('end', () => answer(body, got.statusCode, Buffer.concat(all), reply)));
        there.on('error', () => reply.destroy());
        there.end(body);
    });
}).listen(0, '127.0.0.1', function () { console.log(this.address().port); });
