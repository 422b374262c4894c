/* browser.mjs - drives a headless Chromium over a pipe (its DevTools protocol): no port, no library. */
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
 * beside that for its own document. `loaded` resolves when the page is there. */
function listenTo(sessionId, address, listeners) {
    const complaints = [], requests = [];
    let onLoad;
    const loaded = new Promise((resolve) => { onLoad = resolve; });
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
    return { complaints, requests, loaded, stop: () => listeners.delete(listener) };
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
    await to("Page.navigate", { url: address });
    await heard.loaded;

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
        async key(key, code, windowsVirtualKeyCode) {
            const text = key === "Enter" ? "\r" : key === " " ? " " : undefined,
                pressed = { key, code, windowsVirtualKeyCode };
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
