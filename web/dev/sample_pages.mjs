/* sample_pages.mjs PAGE FOLDER - writes FOLDER/{orders,spend,table,empty,holed-N}.html: the built PAGE with made-up data
 * inside, put in as the program does it. Without arguments the page of build/web, beside itself. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const page = process.argv[2] ?? join(here, "../../build/web/report.html");
const folder = process.argv[3] ?? join(here, "../../build/web/sample");
const before = '<script id="holdfast-data" type="application/json">', after = "</script>";

mkdirSync(folder, { recursive: true });
const script = join(folder, "sample.mjs");
await build({ entryPoints: [join(here, "sample.ts")], outfile: script, bundle: true, format: "esm",
    platform: "node", logLevel: "error" });
const { holedReport, ordersReport, spendReport, tableReport } = await import(script);

const reports = { orders: ordersReport(), spend: spendReport(), table: tableReport(), empty: { schema: 1 },
    "holed-1": holedReport(1), "holed-2": holedReport(2), "holed-3": holedReport(3) };
const html = readFileSync(page, "utf8"), parts = html.split(`${before}null${after}`);
if (parts.length !== 2) throw new Error(`${page} has not exactly one place for the data`);
for (const [name, report] of Object.entries(reports)) {
    const json = JSON.stringify(report).replaceAll("<", "\\u003c");
    writeFileSync(join(folder, `${name}.html`), `${parts[0]}${before}${json}${after}${parts[1]}`);
}
