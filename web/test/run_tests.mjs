/* run_tests.mjs [FOLDER] - compiles the tests into FOLDER and runs them with Node's own runner; those that need a
 * browser run when PAGES names the folder of the made-up pages. */
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const folder = resolve(process.argv[2] ?? join(here, "../../build/web/test"));
const units = readdirSync(here).filter((name) => name.endsWith(".test.ts"));
await build({ entryPoints: units.map((name) => join(here, name)), outdir: folder, bundle: true, format: "esm",
    platform: "neutral", external: ["node:*"], outExtension: { ".js": ".mjs" }, logLevel: "error" });
const files = units.map((name) => join(folder, name.replace(/\.ts$/, ".mjs")));
if (process.env.PAGES) files.push(...readdirSync(here).filter((name) =>
    name.endsWith(".test.mjs")).map((name) => join(here, name)));
const { status } = spawnSync(process.execPath, ["--test", "--test-reporter=tap", ...files], { stdio: "inherit" });
process.exit(status ?? 1);
