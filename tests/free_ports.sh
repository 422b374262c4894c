# free_ports.sh - read in by scripts that have to name a port before they listen there.
# free_ports N - so many on which nobody listens now.  None is of those that the system gives to whoever asks for any: nobody
# takes one before it is used, nor while a server that listened there is down.
free_ports() {
    node -e 'const net = require("net"), open = [];
        const first = parseInt(require("fs").readFileSync("/proc/sys/net/ipv4/ip_local_port_range", "utf8"));
        const any = () => first > 12000 ? 10000 + Math.floor(Math.random() * (first - 10000)) : 0;
        const next = () => {
            if (open.length === +process.argv[1]) {
                console.log(open.map((s) => s.address().port).join(" "));
                open.forEach((s) => s.close());
                return;
            }
            const server = net.createServer();
            server.on("error", next).listen(any(), "127.0.0.1", () => { open.push(server); next(); });
        };
        next();' "$1"
}
