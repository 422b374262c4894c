// warehouse_chdb.mjs MODULES FOLDER - a second implementation behind the first one's HTTP: the chdb library of MODULES answers
// as a clickhouse-server would, with its data in FOLDER.  Prints its port.
import http from 'node:http';
import { createRequire } from 'node:module';
import { rmSync, writeFileSync } from 'node:fs';

const [modules, folder] = process.argv.slice(2);
const { Session } = createRequire(`${modules}/`)('chdb');
const session = new Session(folder);
await session.queryAsync('SET output_format_json_quote_64bit_integers = 1');
let n = 0, last = Promise.resolve();

async function run(told, body) {
    const statement = told.get('query');
    if (!statement) return (await session.queryAsync(body.toString(), { format: 'TabSeparated' })).bytes();
    const path = `${folder}.${++n}`, into = statement.match(/^INSERT INTO (\S+) FORMAT Native$/);
    writeFileSync(path, body);
    try {
        await session.queryAsync(`INSERT INTO ${into[1]} SELECT * FROM file('${path}', 'Native')`);
    } finally { rmSync(path); }
    return '';
}

http.createServer((request, reply) => {
    const parts = [], told = new URL(request.url, 'http://here').searchParams;
    request.on('data', part => parts.push(part)).on('end', () => {
        last = last.then(() => run(told, Buffer.concat(parts))).then(
            bytes => reply.end(bytes), why => { reply.writeHead(500); reply.end(String(why.message ?? why)); });
    });
}).listen(0, '127.0.0.1', function () { console.log(this.address().port); });
