import { createHash } from "node:crypto";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { createConnection, createServer, type Server as SocketServer } from "node:net";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";

/** What a running cluster tells another shell. */
export interface ClusterState {
	readonly pid: number;
	readonly dir: string;
	readonly kubeconfig: string;
	readonly prometheusUrl: string;
	/** Empty without MLflow. */
	readonly mlflowUrl: string;
	/** Its nodes run real containers. */
	readonly real: boolean;
	/** False while it is starting. */
	readonly ready: boolean;
	/** RFC 3339. */
	readonly startedAt: string;
	/** Why an order could not be carried out. */
	readonly failure?: string;
}

/** What is to happen to a real node. */
export type NodeOrder =
	| { readonly action: "kill" | "power-off" | "revive"; readonly node: string }
	/** `speed` in CPUs. */
	| { readonly action: "speed"; readonly node: string; readonly speed: number };

export type Request = "status" | "stop" | NodeOrder;

/**
 * The socket through which the owner of the cluster in `dir` is asked. Not in `dir`, since a socket's path
 * must be shorter than 108 bytes. Who answers there is alive: no process id can be mistaken.
 */
function socketPath(dir: string): string {
	const key = createHash("sha256").update(dir).digest("hex").slice(0, 16);
	return join(tmpdir(), `kubectl-qos-${userInfo().uid}-${key}.sock`);
}

/**
 * Answers other shells. Rejects when a cluster is already running in `dir`.
 * @param answer called for each request; the connection stays open until it resolves
 */
export async function serveControl(
	dir: string,
	answer: (request: Request) => Promise<ClusterState>,
): Promise<SocketServer> {
	const running = await ask(dir, "status");
	if (running !== undefined) {
		throw new Error(
			`a cluster is already running in ${dir} (process ${running.pid}): "npm run cluster -- down" stops it, --dir starts another`,
		);
	}
	const path = socketPath(dir);
	// Left over from an owner that was killed.
	rmSync(path, { force: true });
	const server = createServer((socket) => {
		socket.on("error", () => socket.destroy());
		socket.once("data", (data) => {
			const respond = async () => socket.end(JSON.stringify(await answer(JSON.parse(data.toString()))));
			respond().catch(() => socket.destroy());
		});
	});
	await once(server.listen(path), "listening");
	return server;
}

/** The answer of the cluster in `dir`; `undefined` when none is running. */
export async function ask(dir: string, request: Request): Promise<ClusterState | undefined> {
	const socket = createConnection(socketPath(dir));
	try {
		await once(socket, "connect");
		socket.write(JSON.stringify(request));
		const state: ClusterState = JSON.parse(await text(socket));
		return state;
	} catch {
		socket.destroy();
		return undefined;
	}
}
