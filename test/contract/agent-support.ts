import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Agent, fetch } from "undici";
import type { Cluster } from "../cluster/cluster.ts";
import { freePorts } from "../cluster/ports.ts";
import { waitFor } from "../cluster/wait.ts";
import { type ControllerProcess, startController } from "../e2e/harness/controller.ts";
import { CONTROLLER_NAMESPACE, kubeconfigAs, startInstalled } from "./kubernetes-support.ts";

export interface Answer {
	readonly status: number;
	readonly headers: Headers;
	/** Parsed JSON, else text. */
	readonly body: unknown;
}

export interface CallOptions {
	readonly method?: string;
	/** Default: no `Authorization` header. */
	readonly token?: string | undefined;
	/** Sent as JSON; a string as it is. */
	readonly json?: unknown;
	readonly headers?: Readonly<Record<string, string>>;
}

/** A real controller on a real control plane, with callers of different rights. */
export interface AgentStage {
	readonly cluster: Cluster;
	readonly controller: ControllerProcess;
	readonly url: string;
	/** PEM file of the authority that signed the server's certificate. */
	readonly caFile: string;
	/** Of ServiceAccounts in namespace `shop`. */
	readonly tokens: Readonly<Record<"admin" | "editor" | "viewer" | "nobody", string>>;
	readonly call: (path: string, options?: CallOptions) => Promise<Answer>;
	stop(): Promise<void>;
}

/** Whoever holds a role, and where: `undefined` is the whole cluster. */
const BINDINGS = [
	["admin", "cluster-admin", undefined],
	["editor", "qos-editor", "shop"],
	["viewer", "qos-viewer", "shop"],
	["viewer", "kubectl-qos-agent-reader", undefined],
] as const;

/** @param section of the configuration, merged over what the stage needs */
export async function startAgentStage(section: Record<string, unknown> = {}): Promise<AgentStage> {
	const cluster = await startInstalled({ nodes: 1 });
	try {
		const tokens = await createCallers(cluster);
		const [port = 0] = await freePorts(1);
		const token = await cluster.kubectl(["create", "token", "kubectl-qos-controller", "-n", CONTROLLER_NAMESPACE]);
		const kubeconfig = await kubeconfigAs(cluster, "controller", { token: token.trim() });
		const controller = await startController({
			name: "controller",
			cluster: { ...cluster, kubeconfig },
			configuration: {
				// There is none: what the agent does needs no measurements.
				prometheus: { url: "http://user:secret@127.0.0.1:9" },
				agent: { enabled: true, host: "127.0.0.1", port, ...section },
			},
		});
		const caFile = join(cluster.dir, "agent-ca.pem");
		const caBundle = [
			"get",
			"mutatingwebhookconfiguration",
			"kubectl-qos",
			"-o",
			"jsonpath={.webhooks[0].clientConfig.caBundle}",
		];
		const url = `${section["plainHttp"] === true ? "http" : "https"}://127.0.0.1:${port}`;
		await untilListening(controller);
		const ca = Buffer.from(await cluster.kubectl(caBundle), "base64").toString();
		await writeFile(caFile, ca);
		const dispatcher = new Agent({ connect: { ca } });
		return {
			cluster,
			controller,
			url,
			caFile,
			tokens,
			call: (path, options) => call(url + path, dispatcher, options),
			async stop() {
				await dispatcher.close();
				await controller.kill();
				await cluster.stop();
			},
		};
	} catch (error) {
		await cluster.stop();
		throw error;
	}
}

async function untilListening(controller: ControllerProcess): Promise<void> {
	const isServed = async () => (await controller.log()).includes("the agent's API is served");
	const check = async () => {
		if ((await controller.probe("/livez")) === 0 && (await controller.log()).includes("error:")) {
			throw new Error(`the controller did not start:\n${await controller.log()}`);
		}
	};
	await waitFor(isServed, { what: "agent's API served", timeoutMs: 60_000 }).catch(async (error: unknown) => {
		await check();
		throw error;
	});
}

async function createCallers(cluster: Cluster): Promise<AgentStage["tokens"]> {
	const names = ["admin", "editor", "viewer", "nobody"] as const;
	await cluster.kubectl(["create", "namespace", "shop"]);
	for (const name of names) await cluster.kubectl(["create", "serviceaccount", name, "-n", "shop"]);
	for (const [name, role, namespace] of BINDINGS) {
		const [kind, scope] = namespace === undefined ? ["clusterrolebinding", []] : ["rolebinding", ["-n", namespace]];
		const flags = [`--clusterrole=${role}`, `--serviceaccount=shop:${name}`, ...scope];
		await cluster.kubectl(["create", kind, `agent-${name}-${role}`, ...flags]);
	}
	const tokens = await Promise.all(names.map((name) => cluster.kubectl(["create", "token", name, "-n", "shop"])));
	const [admin = "", editor = "", viewer = "", nobody = ""] = tokens.map((token) => token.trim());
	return { admin, editor, viewer, nobody };
}

async function call(url: string, dispatcher: Agent, options: CallOptions = {}): Promise<Answer> {
	const { method = "GET", token, json, headers } = options;
	const body = json === undefined ? undefined : typeof json === "string" ? json : JSON.stringify(json);
	const response = await fetch(url, {
		dispatcher,
		method,
		headers: {
			...(token !== undefined && { authorization: `Bearer ${token}` }),
			...(body !== undefined && { "content-type": "application/json" }),
			...headers,
		},
		...(body !== undefined && { body }),
	});
	const text = await response.text();
	const isJson = response.headers.get("content-type")?.startsWith("application/json") ?? false;
	return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
}
