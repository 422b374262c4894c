// server.mjs - what tests of a running server share: checks that are counted, and a server on a free port.
import { spawn } from 'node:child_process';

/* How long is waited for what is to come: a machine may be slow, and what has come costs no waiting. */
export const PATIENCE_MS = 120000;

/* What hangs for ever ends, too, and has failed. */
export function endSometime() {
    setTimeout(() => { console.log('FAILED: it has no end'); process.exit(1); }, 30 * 60000).unref();
}

/* Looks again and again until look() answers what is true, and answers that, or the last when patience ends. */
export async function until(look, patience_ms = PATIENCE_MS) {
    for (const end = Date.now() + patience_ms; ;) {
        const found = await look();
        if (found || Date.now() > end) return found;
        await new Promise((resolve) => setTimeout(resolve, 60));
    }
}

let passed = 0, failed = 0;

export function check(what, is, detail) {
    if (is) { passed++; return; }
    failed++;
    console.log(`FAILED: ${what}${detail === undefined ? '' : ': ' + JSON.stringify(detail).slice(0, 600)}`);
}

/* Ends the program: 1 if a check failed. */
export function conclude(name) {
    console.log(`${name}: ${passed} passed, ${failed} failed`);
    process.exit(failed ? 1 : 0);
}

/* What it prints at its start, as JSON; stop() drains it, errors() is its log. It ends with this program. */
export function serve(program, database, ...flags) {
    const child = spawn(program, ['serve', '--db', database, '--listen', '127.0.0.1:0', '--json', ...flags],
                        { stdio: ['ignore', 'pipe', 'pipe'] });
    const ended = new Promise((resolve) => child.on('exit', resolve));
    let errors = '';
    child.stderr.on('data', (bytes) => { errors += bytes; });
    process.on('exit', () => child.kill());
    return new Promise((resolve, reject) => {
        child.on('exit', () => reject(new Error(`the server ended: ${errors}`)));
        let start = '';
        child.stdout.on('data', (bytes) => {
            start += bytes;
            if (!start.trimEnd().endsWith('}')) return;
            const told = JSON.parse(start);
            if (!told.address) return reject(new Error(`the server does not start: ${start}`));
            resolve({ ...told, stop: () => { child.kill('SIGTERM'); return ended; }, errors: () => errors });
        });
    });
}
