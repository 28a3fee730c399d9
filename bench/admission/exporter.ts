import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** A page as node_exporter would serve it, of nodes that keep as busy as they are; in a process of its own. */
const nodes = process.argv.slice(2);
const startedAt = performance.now();

function page(): string {
	const elapsed = (performance.now() - startedAt) / 1000;
	const names = nodes.map((name) => `node_uname_info{instance="${name}",nodename="${name}"} 1\n`);
	const cpu = nodes.map((name, index) => {
		const busyCores = 1 + (index % 50) / 10;
		return `node_cpu_seconds_total{instance="${name}",cpu="0",mode="user"} ${(busyCores * elapsed).toFixed(3)}\n`;
	});
	return ["# TYPE node_uname_info gauge\n", ...names, "# TYPE node_cpu_seconds_total counter\n", ...cpu].join("");
}

const server = createServer((_request, response) => {
	response.setHeader("content-type", "text/plain; version=0.0.4; charset=utf-8");
	response.end(page());
});
server.listen(0, "127.0.0.1", () => process.send?.((server.address() as AddressInfo).port));
process.once("disconnect", () => process.exit());
