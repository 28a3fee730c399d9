import { once } from "node:events";
import { createServer } from "node:net";

/** So many free TCP ports of the loopback, all different. Another process may still take one before it is used. */
export async function freePorts(count: number): Promise<number[]> {
	const servers = Array.from({ length: count }, () => createServer().listen(0, "127.0.0.1"));
	await Promise.all(servers.map((server) => once(server, "listening")));
	const ports = servers.map((server) => {
		const address = server.address();
		if (address === null || typeof address === "string") throw new Error("no TCP port could be bound on 127.0.0.1");
		return address.port;
	});
	await Promise.all(servers.map((server) => once(server.close(), "close")));
	return ports;
}
