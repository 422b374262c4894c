// A mailbox on this machine: takes every message that a mail relay would and keeps it as FOLDER/1.eml, 2.eml ...
//   node examples/mailbox.mjs PORT FOLDER
import { createServer } from "node:net";
import { mkdirSync, writeFileSync } from "node:fs";

const [port, folder = "mail"] = process.argv.slice(2);
let n = 0;
mkdirSync(folder, { recursive: true });

const server = createServer((socket) => {
    let rest = "", message = null;
    const say = (line) => socket.write(`${line}\r\n`);
    const keep = () => {
        n += 1;
        writeFileSync(`${folder}/${n}.eml`, message.map((line) => line.replace(/^\./, "")).join("\n"));
        message = null;
        say("250 kept");
    };
    const hear = (line) => {
        if (message && line === ".") keep();
        else if (message) message.push(line);
        else if (/^DATA/i.test(line)) { message = []; say("354 go on"); }
        else if (/^QUIT/i.test(line)) { say("221 bye"); socket.end(); }
        else say("250 mailbox");
    };
    socket.setEncoding("latin1");
    socket.on("error", () => {});
    socket.on("data", (bytes) => {
        const lines = (rest + bytes).split("\r\n");
        rest = lines.pop();
        lines.forEach(hear);
    });
    say("220 mailbox");
});
server.listen(Number(port), "127.0.0.1", () => console.log(`a mailbox at ${server.address().port}`));
