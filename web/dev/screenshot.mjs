/* screenshot.mjs PAGE FOLDER - pictures of a page as a phone, a tablet and a desktop show it, in light and
 * dark. */
import { mkdirSync, writeFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { openBrowser } from "../test/browser.mjs";

const [file, folder = ".", only = ""] = process.argv.slice(2);
mkdirSync(folder, { recursive: true });
const browser = await openBrowser(folder);
for (const [name, width, height] of [["phone", 360, 740], ["tablet", 820, 1100], ["desktop", 1440, 900]])
    for (const dark of [false, true]) {
        const title = `${basename(file, ".html")}-${name}-${dark ? "dark" : "light"}`;
        if (!title.includes(only)) continue;
        const page = await browser.page(pathToFileURL(resolve(file)).href, { width, height, dark });
        writeFileSync(join(folder, `${title}.png`), await page.picture());
        if (page.complaints.length > 0) console.log(title, page.complaints);
        await page.close();
    }
await browser.close();
