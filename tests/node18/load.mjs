/* load.mjs FOLDER... - loads every package that the package.json of each folder names, from its node_modules; says which cannot be. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

let passed = 0, failed = 0;
for (const folder of process.argv.slice(2)) {
    const file = resolve(folder, "package.json"), { dependencies, devDependencies } = JSON.parse(readFileSync(file, "utf8"));
    const find = createRequire(file);
    for (const name of Object.keys({ ...dependencies, ...devDependencies })) {
        if (name.startsWith("@types/")) continue;               // nothing that runs
        try {
            await import(pathToFileURL(find.resolve(name)));
            ++passed;
        } catch (error) {
            if (/^(HTMLElement|window|document|navigator) is not defined/.test(error.message)) { ++passed; continue; }   // a browser's
            ++failed;
            console.log(`FAILED: ${name} of ${folder} under Node ${process.version}: ${error.message.split("\n")[0]}`);
        }
    }
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);                                   // some packages hold timers
