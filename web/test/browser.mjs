/* browser.mjs - drives a headless Chromium over a pipe (its DevTools protocol): no port, no library.
 * SLOWED=20 makes each tab that many times slower; LATE=800 holds each answer of /v1 back for up to so many milliseconds, each
 * for another while: what a test reads too early, and what a page takes in the wrong order, is seen then. */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";

const FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--hide-scrollbars",
    "--remote-debugging-pipe"];

/* Starts a browser with an empty profile inside `folder`. Returns { page(file), close() }. */
export async function openBrowser(folder, program = process.env.CHROMIUM ?? "chromium") {
    const profile = mkdtempSync(join(folder, "profile-"));
    const child = spawn(program, [...FLAGS, `--user-data-dir=${profile}`, "about:blank"],
        { stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"] });
    const waiting = new Map(), listeners = new Set();
    let id = 0, held = "";
    const ended = new Promise((resolve) => child.on("exit", resolve));
    child.on("error", (error) => { for (const { reject } of waiting.values()) reject(error); });
    child.on("exit",
             () => { for (const { reject } of waiting.values()) reject(new Error("the browser ended")); });
    child.stdio[4].setEncoding("utf8").on("data", (text) => {
        const messages = (held + text).split("\0");
        held = messages.pop();
        for (const message of messages) receive(JSON.parse(message));
    });
    function receive(message) {
        const answer = waiting.get(message.id);
        if (!answer) { for (const listener of listeners) listener(message); return; }
        waiting.delete(message.id);
        if (message.error) answer.reject(new Error(`${answer.method}: ${message.error.message}`));
        else answer.resolve(message.result);
    }
    function send(method, params = {}, sessionId = undefined) {
        return new Promise((resolve, reject) => {
            waiting.set(++id, { resolve, reject, method });
            child.stdio[3].write(JSON.stringify({ id, method, params, sessionId }) + "\0");
        });
    }
    return {
        page: (address, setting) => openPage(send, listeners, address, setting),
        async close() {
            await send("Browser.close").catch(() => {});
            await ended;
            rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
        },
    };
}

/* What a tab says: complaints (errors, warnings and exceptions of the console), and the requests it makes
 * beside that for its own document. load() resolves when the page is there the next time. */
function listenTo(sessionId, address, listeners) {
    const complaints = [], requests = [];
    let onLoad;
    const load = () => new Promise((resolve) => { onLoad = resolve; });
    const listener = ({ method, params, sessionId: from }) => {
        if (from !== sessionId) return;
        if (method === "Page.loadEventFired") onLoad();
        if (method === "Runtime.exceptionThrown") complaints.push(textOf(params.exceptionDetails));
        if (method === "Runtime.consoleAPICalled" && ["error", "warning", "assert"].includes(params.type))
            complaints.push(params.args.map((arg) => arg.value ?? arg.description).join(" "));
        if (method === "Log.entryAdded" && ["error", "warning"].includes(params.entry.level))
            complaints.push(params.entry.text);
        const url = params?.request?.url;
        if (method === "Network.requestWillBeSent" && url !== address && !/^(data|blob):/.test(url))
            requests.push(url);
    };
    listeners.add(listener);
    return { complaints, requests, load, stop: () => listeners.delete(listener) };
}

/* Each answer of /v1 comes up to so much later, another while each. */
async function holdBack(to, sessionId, listeners, late_ms) {
    const listener = ({ method, params, sessionId: from }) => {
        if (from !== sessionId || method !== "Fetch.requestPaused") return;
        setTimeout(() => to("Fetch.continueRequest", { requestId: params.requestId }).catch(() => { /* it was given up */ }),
            Math.random() * late_ms);
    };
    if (late_ms > 0) {
        listeners.add(listener);
        await to("Fetch.enable", { patterns: [{ urlPattern: "*/v1/*", requestStage: "Response" }] });
    }
    return { stop: () => listeners.delete(listener) };
}

const textOf = (details) => details.exception?.description ?? details.text;

/* Opens an address in a tab of its own; setting: { width, height, dark }. */
async function openPage(send, listeners, address, { width = 1280, height = 900, dark = false } = {}) {
    const { targetId } = await send("Target.createTarget", { url: "about:blank" });
    const { sessionId } = await send("Target.attachToTarget", { targetId, flatten: true });
    const to = (method, params) => send(method, params, sessionId);
    const heard = listenTo(sessionId, address, listeners);
    for (const domain of ["Page", "Runtime", "Log", "Network"]) await to(`${domain}.enable`);
    await to("Emulation.setDeviceMetricsOverride", { width, height, deviceScaleFactor: 1, mobile: false });
    await to("Emulation.setEmulatedMedia", { features: [
        { name: "prefers-color-scheme", value: dark ? "dark" : "light" },
        { name: "prefers-reduced-motion", value: "reduce" }] });
    await to("Emulation.setCPUThrottlingRate", { rate: Number(process.env.SLOWED ?? 1) });
    const late = await holdBack(to, sessionId, listeners, Number(process.env.LATE ?? 0));
    const loaded = heard.load();
    await to("Page.navigate", { url: address });
    await loaded;

    const page = {
        complaints: heard.complaints, requests: heard.requests, send: to,
        /* The value of a function run in the page with JSON arguments. */
        async run(what, ...args) {
            const { result, exceptionDetails } = await to("Runtime.evaluate",
                                                          { awaitPromise: true, returnByValue: true,
                expression: `(${what})(...${JSON.stringify(args)})` });
            if (exceptionDetails) throw new Error(textOf(exceptionDetails));
            return result.value;
        },
        /* The same; nothing while the page gives way to another, as it does where it loads itself again. */
        look: (what, ...args) => page.run(what, ...args).catch((error) => {
            if (!/navigated or closed|context was destroyed|find context|Promise was collected/.test(error.message)) throw error;
        }),
        /* Loads it again; what is asked of it next is asked of the new one. */
        async reload() {
            const again = heard.load();
            await to("Page.reload");
            await again;
        },
        /* at_s: when it was pressed, in seconds since 1970, where how soon after another is what matters. */
        async key(key, code, windowsVirtualKeyCode, at_s = undefined) {
            const text = key === "Enter" ? "\r" : key === " " ? " " : undefined,
                pressed = { key, code, windowsVirtualKeyCode, timestamp: at_s };
            await to("Input.dispatchKeyEvent", { type: "keyDown", ...pressed, text });
            await to("Input.dispatchKeyEvent", { type: "keyUp", ...pressed });
        },
        /* A picture of the whole page (every chart is drawn first), or of `clip` { x, y, width, height }. */
        async picture(clip) {
            await page.drawAll();
            const { cssContentSize: { width: across, height: down } } = await to("Page.getLayoutMetrics");
            const { data } = await to("Page.captureScreenshot", { format: "png", captureBeyondViewport: true,
                clip: { x: 0, y: 0, width: across, height: down, ...clip, scale: 1 } });
            return Buffer.from(data, "base64");
        },
        drawAll: () => page.run(scrollThrough),
        async close() {
            heard.stop();
            late.stop();
            await send("Target.closeTarget", { targetId });
        },
    };
    return page;
}

/* Runs in the page: scrolls through it once, so that every chart has come into view (they are drawn 600
 * pixels ahead). */
async function scrollThrough() {
    const frame = () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
    for (let y = 0; y < document.body.scrollHeight; y += 1200) {
        scrollTo({ top: y, behavior: "instant" });
        await frame();
    }
    scrollTo({ top: 0, behavior: "instant" });
    await frame();
}
