// warehouse_proxy.mjs SERVER - stands before a clickhouse-server, prints its port, and answers wrongly where it is told to:
// GET /cut?nth=N      the Nth answer from now that has a body breaks off at any byte and ends as if it were whole
// GET /torn?part=P    any answer, with probability P, breaks off at any byte: in its head, between or within its chunks, before
//                     its last row, or before its first byte
// GET /silent?nth=N   the Nth INSERT with a body from now is done there, and the connection closes without an answer
// GET /late?nth=N     the Nth INSERT with a body from now is kept, and the connection closes;  GET /deliver  it is done there now
// GET /held?nth=N     the Nth request from now is done there and never answered
// GET /odd            counts get a row of the proxy's own, and rows come for ever;  GET /well  as the server answers
// Each says how many answers were spoilt since the last.
import http from 'node:http';

const server = process.argv[2];
const held = [];
let late = null;    // what is kept, to be done later
let mode = 'well', left = 0, part = 0, n_spoilt = 0, seed = Number(process.env.SEED ?? 1);
const below = n => { seed = (seed * 1103515245 + 12345) % 2147483648; return Math.floor(seed / 2147483648 * n); };

// The whole of what would be said, head and all, up to any byte of it; ends as whatever ends with its connection.
function tear(code, text, reply) {
    const lines = [`HTTP/1.1 ${code} OK`, 'Content-Type: application/octet-stream', 'X-ClickHouse-Summary: {}'];
    const kind = below(4), step = 1 + below(Math.max(1, text.length));
    let bytes;
    if (kind === 0) {           // no length: the end of the connection is the end
        bytes = Buffer.concat([Buffer.from([...lines, 'Connection: close', '', ''].join('\r\n')), text]);
    } else if (kind === 1) {    // a length, which is then not kept
        bytes = Buffer.concat([Buffer.from([...lines, `Content-Length: ${text.length}`, '', ''].join('\r\n')), text]);
    } else {                    // chunks
        const parts = [Buffer.from([...lines, 'Transfer-Encoding: chunked', '', ''].join('\r\n'))];
        for (let at = 0; at < text.length; at += step) {
            const chunk = text.subarray(at, at + step);
            parts.push(Buffer.from(chunk.length.toString(16) + '\r\n'), chunk, Buffer.from('\r\n'));
        }
        bytes = Buffer.concat([...parts, Buffer.from('0\r\n\r\n')]);
    }
    const last = below(3);      // anywhere, within the head, or within the last bytes
    const to = last === 0 ? below(bytes.length) : last === 1 ? below(bytes.length - text.length) : bytes.length - 1 - below(40);
    reply.socket.write(bytes.subarray(0, Math.max(0, to)), () => kind === 2 ? reply.socket.resetAndDestroy() : reply.socket.end());
}

function answer(request, body, code, text, reply) {
    if (mode === 'held' && code === 200 && --left === 0) {
        n_spoilt++;
        held.push(reply);
        return;
    }
    if (mode === 'silent' && code === 200 && /INSERT/.test(decodeURIComponent(request.url)) && --left === 0) {
        n_spoilt++;
        return reply.socket.destroy();
    }
    if (mode === 'torn' && code === 200 && below(1e6) < part * 1e6) {
        n_spoilt++;
        return tear(code, text, reply);
    }
    reply.writeHead(code);
    if (mode === 'cut' && code === 200 && text.length && --left === 0) {
        n_spoilt++;
        return reply.end(text.subarray(0, below(text.length)));
    }
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
    if (told.pathname === '/deliver') {
        late(code => reply.end(`${code}\n`));
        return;
    }
    if (request.method === 'GET') {
        mode = told.pathname.slice(1), left = Number(told.searchParams.get('nth')), part = Number(told.searchParams.get('part'));
        reply.end(`${n_spoilt}\n`);
        n_spoilt = 0;
        return;
    }
    const parts = [];
    request.on('data', part => parts.push(part)).on('end', () => {
        const body = Buffer.concat(parts), all = [];
        const send = done => {
            const sent = http.request(server + request.url, { method: request.method, headers: request.headers },
                got => got.resume().on('end', () => done(got.statusCode)));
            sent.end(body);
        };
        if (mode === 'late' && /INSERT/.test(decodeURIComponent(request.url)) && --left === 0) {
            n_spoilt++;
            late = send;
            return reply.destroy();
        }
        const there = http.request(server + request.url, { method: request.method, headers: request.headers }, got =>
            got.on('data', part => all.push(part)).on('end', () => answer(request, body, got.statusCode, Buffer.concat(all), reply)));
        there.on('error', () => reply.destroy());
        there.end(body);
    });
}).listen(0, '127.0.0.1', function () { console.log(this.address().port); });
