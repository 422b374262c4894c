// liquidjs.mjs FOLDER TEMPLATE DATA RUNS - renders a template so many times with liquidjs, parsed once, and prints the seconds
// of the median of five rounds and what it rendered, as JSON.  liquidjs is installed under FOLDER by tools/bench.sh.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";

const [folder, template, data, runs] = process.argv.slice(2);
const { Liquid } = createRequire(resolve(folder, "package.json"))("liquidjs");
const engine = new Liquid({ outputEscape: "escape", strictVariables: true });
const parsed = engine.parse(readFileSync(template, "utf8")), scope = JSON.parse(readFileSync(data, "utf8"));
const seconds = [];
for (let round = 0; round < 6; round++) {       // the first warms up
    const began = process.cpuUsage();
    for (let i = 0; i < Number(runs); i++) engine.renderSync(parsed, scope);
    const { user, system } = process.cpuUsage(began);      // its collector of garbage, too
    seconds.push((user + system) / 1e6);
}
console.log(JSON.stringify({ seconds: seconds.slice(1).sort((a, b) => a - b)[2], text: engine.renderSync(parsed, scope) }));
