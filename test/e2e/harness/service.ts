import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** What a Service is in a cluster: one address for several replicas, connection by connection. */
export interface Service {
	readonly port: number;
	stop(): Promise<void>;
}

/** Forwards connections to local ports in turn, past those where nobody listens. */
export async function startService(ports: readonly number[]): Promise<Service> {
	const open = new Set<Socket>();
	let turn = 0;
	function forward(client: Socket, attempts: number): void {
		const port = ports[turn++ % ports.length] as number;
		const server = connect({ host: "127.0.0.1", port });
		let connected = false;
		server.once("connect", () => {
			connected = true;
			client.pipe(server).pipe(client);
		});
		server.on("error", () => {
			if (connected || attempts <= 1) client.destroy();
			else forward(client, attempts - 1);
		});
		server.on("close", () => connected && client.destroy());
		client.on("close", () => server.destroy());
	}
	const service = createServer((client) => {
		open.add(client);
		client.on("error", () => undefined);
		client.on("close", () => open.delete(client));
		forward(client, ports.length);
	});
	service.listen(0, "127.0.0.1");
	await once(service, "listening");
	return {
		port: (service.address() as AddressInfo).port,
		async stop() {
			const closed = once(service, "close");
			service.close();
			for (const socket of open) socket.destroy();
			await closed;
		},
	};
}
