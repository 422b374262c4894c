// role.mjs PROGRAM - serves an empty database and asks every route as everybody.
import { check, conclude, serve } from './server.mjs';

const server = await serve(process.argv[2], 'role.holdfast', '--trusted-proxy', '127.0.0.1');
const { paths } = await fetch(server.address + '/openapi.json').then((got) => got.json());
const operations = Object.entries(paths).flatMap(([path, methods]) => Object.entries(methods).map(([method, one]) => ({ path, method, ...one })));

// Those that the document names, so that none can be forgotten here.
const roles = [...new Set(operations.flatMap((one) => (one['x-roles'] ?? '').split(', ')))].filter(Boolean);
check('there are roles to try', ['viewer', 'marketer', 'success', 'analyst', 'engineer', 'privacy', 'lead', 'admin'].every((role) => roles.includes(role)), roles);
const callers = [['nobody', null], ['page key', server.page_key], ['write key', server.write_key]];
for (const role of roles) {
    const made = await fetch(server.address + '/v1/keys', { method: 'POST', headers: { authorization: `Bearer ${server.token}` },
        body: JSON.stringify({ kind: 'token', name: role, role }) }).then((got) => got.json());
    callers.push([role, made.secret]);
}

function mayCome(operation, who) {
    if (operation.security.length === 0) return true;
    const schemes = operation.security.flatMap(Object.keys);
    if (who === 'page key') return schemes.includes('pageKey');
    if (who === 'write key') return schemes.includes('writeKey');
    return (operation['x-roles'] ?? '').split(', ').includes(who);
}

let n = 0;
for (const operation of operations) for (const [who, secret] of callers) {
    const { path, method } = operation;
    if (path === '/v1/session' && method === 'delete') continue;        // open to all who are known
    // Each from an address of its own, as a proxy tells it: wrong keys are limited by address.
    const headers = { ...(secret ? { authorization: `Bearer ${secret}` } : {}), 'x-forwarded-for': `192.0.2.${n++ % 250}` };
    const { status, body } = await fetch(server.address + path.replace('{key}', secret ?? 'nothing').replace(/\{[^}]*\}/g, 'nobody-here'),
        { method, headers, body: operation.requestBody ? '{}' : undefined, signal: AbortSignal.timeout(300000) });
    await body?.cancel();
    const isKey = who.endsWith(' key'), takesKeys = operation.security.some((one) => one.writeKey);
    const isKnown = who !== 'nobody' && isKey === takesKeys, isRefused = status === 401 || status === 403;
    const isOpen = operation.security.length === 0 || path.startsWith('/v1/pixel/');        // a picture, whatever is wrong
    const isRight = isOpen ? !isRefused || path.startsWith('/v1/webhooks/') || path === '/v1/session'
        : !isKnown ? status === 401 : mayCome(operation, who) ? !isRefused : status === 403;
    if (!isRight) check(`${method} ${path} as ${who}`, false, status);
}
check('every route refuses whom it must, and no other', n > 1000, n);
await server.stop();
conclude('role');
