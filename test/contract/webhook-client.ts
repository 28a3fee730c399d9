import { once } from "node:events";
import { Agent, request } from "node:https";
import { pino } from "pino";
import { Registry } from "prom-client";
import { issueAuthority, issueLeaf } from "../../certs/issue.ts";
import type { KeyPair } from "../../certs/pair.ts";
import { startWebhook, type Webhook, type WebhookOptions } from "../../src/webhook/server.ts";
import { createWebhookTelemetry } from "../../src/webhook/telemetry.ts";

export interface Reply {
	readonly status: number;
	readonly headers: NodeJS.Dict<string | string[]>;
	readonly text: string;
}

export interface Call {
	readonly path?: string;
	readonly method?: string;
	readonly body?: string | Buffer;
	readonly headers?: Readonly<Record<string, string>>;
}

export interface TestWebhook {
	readonly webhook: Webhook;
	readonly registry: Registry;
	readonly logLines: readonly string[];
	/** Over one connection that is kept alive. */
	readonly call: (call: Call) => Promise<Reply>;
	stop(): Promise<void>;
}

export interface Identity {
	readonly authority: KeyPair;
	readonly leaf: KeyPair;
}

export async function newIdentity(): Promise<Identity> {
	const authority = await issueAuthority({ now: Date.now(), seconds: 3600 });
	return { authority, leaf: await issueLeaf(authority, ["127.0.0.1"], { now: Date.now(), seconds: 600 }) };
}

/** A webhook on a free port and a client that trusts it. */
export async function serve(
	identity: Identity,
	options: Pick<WebhookOptions, "decide"> & Partial<WebhookOptions>,
): Promise<TestWebhook> {
	const registry = new Registry();
	const logLines: string[] = [];
	const webhook = await startWebhook({
		host: "127.0.0.1",
		port: 0,
		certificate: identity.leaf,
		logger: pino({ level: "trace" }, { write: (line) => void logLines.push(line) }),
		telemetry: createWebhookTelemetry(registry),
		drainSeconds: 0,
		...options,
	});
	const agent = new Agent({ keepAlive: true, maxSockets: 1, ca: identity.authority.certificate });
	return {
		webhook,
		registry,
		logLines,
		call: (call) => send({ port: webhook.port, agent }, call),
		stop: async () => {
			agent.destroy();
			await webhook.stop();
		},
	};
}

export async function send(to: { readonly port: number; readonly agent: Agent }, call: Call): Promise<Reply> {
	const { path = "/mutate", method = "POST", body = "", headers = {} } = call;
	const outgoing = request({
		host: "127.0.0.1",
		port: to.port,
		agent: to.agent,
		method,
		path,
		headers: { "content-type": "application/json", ...headers },
	});
	outgoing.end(body);
	const [response] = await once(outgoing, "response");
	const chunks: Buffer[] = [];
	for await (const chunk of response) chunks.push(chunk as Buffer);
	return { status: response.statusCode, headers: response.headers, text: Buffer.concat(chunks).toString() };
}
