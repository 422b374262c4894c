/* Builds report.html, or with --mode live live.html, into one file: script and style inlined, everything else
 * forbidden by a content policy. Charts set the style of single elements; style-src is for browsers that do not know
 * the two that say it apart. */
import { createHash } from "node:crypto";
import { defineConfig, type Plugin } from "vite";

const PLACE_FOR_DATA = '<script id="holdfast-data" type="application/json">null</script>';

/* Puts the one script and the one style sheet into the page. The policy names the script by its hash, so that
 * nothing in the data can ever run. A report may connect to nothing, the live page to its own server. */
function inlineEverything(isLive: boolean): Plugin {
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
                           `style-src-attr 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'${isLive ? "; connect-src 'self'" : ""}`;
            const html = String(page.source)
                .replace(/\s*<link rel="stylesheet"[^>]*>/g, "")
                .replace(/<script type="module"[^>]*><\/script>\s*/g, "")
                .replace('<meta charset="utf-8">', () =>
                    `<meta charset="utf-8">\n<meta http-equiv="Content-Security-Policy" content="${policy}">`)
                .replace("</head>", () => `<style>${style}</style>\n</head>`)
                .replace("</body>", () => `<script type="module">${script}</script>\n</body>`);
            if (!isLive && html.split(PLACE_FOR_DATA).length !== 2) throw new Error("the place for the data must occur " +
                "exactly once");
            page.source = html;
        },
    };
}

export default defineConfig(({ mode }) => ({
    base: "./",
    build: {
        outDir: "../build/web",
        emptyOutDir: false,
        target: "es2021",
        modulePreload: false,
        cssCodeSplit: false,
        assetsInlineLimit: 0,
        reportCompressedSize: false,
        rollupOptions: { input: mode === "live" ? "live.html" : "report.html", output: { inlineDynamicImports: true } },
    },
    logLevel: "warn",
    plugins: [inlineEverything(mode === "live")],
}));
