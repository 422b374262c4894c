/* Builds report.html into one file, or with --mode board the server's page into chunks.
 *
 * The report: script and style inlined, everything else forbidden by a content policy. Charts set the style of
 * single elements; style-src is for browsers that do not know the two that say it apart.
 * The server's page: chunks with hashed names, each compressed beside itself; the server sends the policy. */
import { createHash } from "node:crypto";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { defineConfig, type Plugin, type UserConfig } from "vite";

const PLACE_FOR_DATA = '<script id="holdfast-data" type="application/json">null</script>';

/* Puts the one script and the one style sheet into the report. The policy names the script by its hash, so that
 * nothing in the data can ever run. */
function inlineEverything(): Plugin {
    return {
        name: "inline-everything",
        enforce: "post",
        generateBundle(_, bundle) {
            const page = Object.values(bundle).find((file) => file.fileName.endsWith(".html"));
            if (page?.type !== "asset") throw new Error("no page in the bundle");
            let script = "", style = "";
            for (const [name, file] of Object.entries(bundle)) {
                if (file === page) continue;
                if (file.type === "chunk") script += file.code;
                else if (name.endsWith(".css")) style += String(file.source);
                else throw new Error(`${name} cannot be inlined`);
                delete bundle[name];
            }
            script = "\n" + script.trim().replaceAll("</script", "<\\/script").replaceAll("<!--", "<\\!--") + "\n";
            style = style.trim();
            const hash = (text: string) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
            const policy = `default-src 'none'; script-src ${hash(script)}; style-src-elem ${hash(style)}; ` +
                "style-src-attr 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";
            const html = String(page.source)
                .replace(/\s*<link rel="stylesheet"[^>]*>/g, "")
                .replace(/<script type="module"[^>]*><\/script>\s*/g, "")
                .replace('<meta charset="utf-8">', () =>
                    `<meta charset="utf-8">\n<meta http-equiv="Content-Security-Policy" content="${policy}">`)
                .replace("</head>", () => `<style>${style}</style>\n</head>`)
                .replace("</body>", () => `<script type="module">${script}</script>\n</body>`);
            if (html.split(PLACE_FOR_DATA).length !== 2) throw new Error("the place for the data must occur exactly once");
            page.source = html;
        },
    };
}

/* Every chunk is carried compressed only: the server unpacks it for the few who cannot. */
function compressEverything(): Plugin {
    return {
        name: "compress-everything",
        async writeBundle({ dir }, bundle) {
            for (const name of Object.keys(bundle)) {
                const path = join(dir ?? "", name);
                await writeFile(`${path}.gz`, gzipSync(await readFile(path), { level: 9 }));
                await rm(path);
            }
        },
    };
}

const report: UserConfig["build"] = {
    outDir: "../build/web",
    emptyOutDir: false,
    cssCodeSplit: false,
    rollupOptions: { input: "report.html", output: { inlineDynamicImports: true } },
};

const board: UserConfig["build"] = {
    outDir: "../build/web/board",
    emptyOutDir: true,
    cssCodeSplit: false,
    rollupOptions: { input: "board.html", output: { entryFileNames: "assets/[name]-[hash].js",
        chunkFileNames: "assets/[name]-[hash].js", assetFileNames: "assets/[name]-[hash][extname]",
        hoistTransitiveImports: false } },
};

export default defineConfig(({ mode }) => ({
    base: mode === "board" ? "/" : "./",
    esbuild: { jsx: "automatic", jsxImportSource: "preact" },
    build: {
        target: "es2021",
        modulePreload: false,
        assetsInlineLimit: 0,
        reportCompressedSize: false,
        ...(mode === "board" ? board : report),
    },
    logLevel: "warn",
    plugins: [mode === "board" ? compressEverything() : inlineEverything()],
}));
