import { setTimeout as sleep } from "node:timers/promises";
import { Agent, type Dispatcher, request } from "undici";
import { z } from "zod";
import { basicAuthorization, readCredential, userInfo } from "../../http/credentials.ts";
import { parseJson } from "../../http/json.ts";
import { MlflowError } from "./errors.ts";

export interface MlflowConnectionOptions {
	/** Address of the tracking server, with a path prefix where it has one; may hold `user:password@`. */
	readonly trackingUri: string;
	/** Seconds that one call may take, retries included, and that a download may stand still. */
	readonly timeout: number;
	/** Basic authentication, which wins over a token; both parts are needed. */
	readonly username?: string | undefined;
	readonly password?: string | undefined;
	/** Files are read anew for every call, since credentials rotate. */
	readonly passwordFile?: string | undefined;
	readonly token?: string | undefined;
	readonly tokenFile?: string | undefined;
	/** PEM file with the certificate authorities to trust instead of the system's. */
	readonly caFile?: string | undefined;
	/** PEM file with this client's certificate and its key. */
	readonly clientCertificateFile?: string | undefined;
	/** Trust any certificate. */
	readonly insecureTls?: boolean | undefined;
}

export interface MlflowCall {
	readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
	/** Below the address, with its query. */
	readonly path: string;
	/** Sent as JSON. */
	readonly body?: unknown;
	/** Sent as they are, instead of a body. */
	readonly bytes?: Uint8Array | undefined;
	/** Tried again after a failure that may pass. */
	readonly idempotent: boolean;
}

/** Before the second and the third try, ms. */
const RETRY_DELAYS_MS = [100, 500];
const LARGEST_ANSWER = 64 * 2 ** 20;
/** A download may take so many times the timeout, as long as it never stands still for one. */
const DOWNLOAD_TIMEOUTS = 60;

/** Characters of a secret that is looked for in messages: shorter ones are everywhere. */
const LEAST_SECRET = 4;

const errorAnswer = z.object({ error_code: z.string(), message: z.string().default("") });

/** HTTP to one MLflow server. Every failure is a MlflowError. */
export class MlflowConnection {
	/** The server's address without credentials. */
	readonly base: string;
	/** The server as messages name it. */
	readonly address: string;
	private readonly options: MlflowConnectionOptions;
	private agent: Promise<Agent> | undefined;
	/** What was sent last and no message may repeat. */
	private secrets: readonly string[] = [];
	/** The server's time at its last answer, ms since the epoch, to the second; `undefined` before it told any. */
	serverTime: number | undefined;

	constructor(options: MlflowConnectionOptions) {
		this.options = options;
		const { origin, pathname } = new URL(options.trackingUri);
		this.base = `${origin}${pathname.replace(/\/+$/, "")}`;
		this.address = `MLflow at ${this.base}`;
	}

	/** The JSON that a call is answered with. */
	async json(call: MlflowCall): Promise<unknown> {
		const signal = AbortSignal.timeout(this.options.timeout * 1000);
		for (let attempt = 0; ; attempt++) {
			try {
				return await this.once(call, signal);
			} catch (error) {
				const delay = RETRY_DELAYS_MS[attempt];
				const again = call.idempotent && error instanceof MlflowError && error.transient;
				if (!again || delay === undefined || signal.aborted) throw error;
				await sleep(delay * (0.5 + Math.random()));
			}
		}
	}

	/** The bytes at a path, in chunks; ends with a MlflowError when there are more than `maxBytes`. */
	async *bytes(path: string, maxBytes: number): AsyncGenerator<Uint8Array> {
		const where = this.where("GET", path);
		const signal = AbortSignal.timeout(this.options.timeout * DOWNLOAD_TIMEOUTS * 1000);
		const answer = await this.send({ method: "GET", path, idempotent: true }, signal);
		try {
			const announced = Number(answer.headers["content-length"] ?? 0);
			if (announced > maxBytes) throw tooLarge(where, maxBytes);
			let size = 0;
			for await (const chunk of answer.body) {
				size += chunk.length;
				if (size > maxBytes) throw tooLarge(where, maxBytes);
				yield chunk;
			}
		} catch (error) {
			throw error instanceof MlflowError ? error : MlflowError.unreachable(where, error);
		} finally {
			// Nothing more of it is read.
			answer.body.on("error", () => undefined).destroy();
		}
	}

	/** Puts a file at a path. */
	async put(path: string, bytes: Uint8Array): Promise<void> {
		const signal = AbortSignal.timeout(this.options.timeout * DOWNLOAD_TIMEOUTS * 1000);
		const { body } = await this.send({ method: "PUT", path, bytes, idempotent: true }, signal);
		await body.dump();
	}

	/** Closes its connections. */
	async close(): Promise<void> {
		const agent = await this.agent?.catch(() => undefined);
		await agent?.destroy();
	}

	private where(method: string, path: string): string {
		return `${this.address} (${method} ${path.replace(/\?.*$/, "")})`;
	}

	private async once(call: MlflowCall, signal: AbortSignal): Promise<unknown> {
		const where = this.where(call.method, call.path);
		try {
			const { body, statusCode, headers } = await this.send(call, signal);
			const text = await readText(body, where);
			const json = parseJson(text);
			if (json === undefined) {
				throw MlflowError.notJson(where, statusCode, { contentType: contentTypeOf(headers), text });
			}
			return json;
		} catch (error) {
			if (error instanceof MlflowError) throw error;
			throw signal.aborted ? MlflowError.timedOut(where, this.options.timeout) : MlflowError.unreachable(where, error);
		}
	}

	/** An answer of status 2xx with its body still to be read. */
	private async send(call: MlflowCall, signal?: AbortSignal): Promise<Dispatcher.ResponseData> {
		const where = this.where(call.method, call.path);
		const answer = await this.dispatch(call, where, signal);
		const { statusCode: status, headers, body } = answer;
		const servedAt = Date.parse(String(headers["date"]));
		if (!Number.isNaN(servedAt)) this.serverTime = servedAt;
		if (status >= 200 && status < 300) return answer;
		const text = await readText(body, where);
		const parsed = errorAnswer.safeParse(parseJson(text));
		if (parsed.success) {
			const { error_code: code, message } = parsed.data;
			throw MlflowError.ofAnswer(where, status, { code: this.redacted(code), message: this.redacted(message) });
		}
		throw MlflowError.notJson(where, status, { contentType: contentTypeOf(headers), text: this.redacted(text) });
	}

	/** Servers and proxies repeat in their errors what they were sent. */
	private redacted(text: string): string {
		return this.secrets.reduce((rest, secret) => rest.replaceAll(secret, "***"), text);
	}

	private secretly(header: string, secret: string): string {
		const [, credentials = ""] = header.split(" ");
		this.secrets = [credentials, secret].filter((text) => text.length >= LEAST_SECRET);
		return header;
	}

	private async dispatch(call: MlflowCall, where: string, signal?: AbortSignal): Promise<Dispatcher.ResponseData> {
		const authorization = await this.authorization();
		this.agent ??= this.createAgent();
		try {
			return await request(this.base + call.path, {
				dispatcher: await this.agent,
				method: call.method,
				headers: {
					accept: "application/json, */*",
					...(call.body === undefined ? {} : { "content-type": "application/json" }),
					...(authorization === undefined ? {} : { authorization }),
				},
				...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
				...(call.bytes === undefined ? {} : { body: call.bytes }),
				...(signal === undefined ? {} : { signal }),
			});
		} catch (error) {
			if (signal?.aborted === true) throw MlflowError.timedOut(where, this.options.timeout);
			// The files of certificates are read anew: they rotate too, and may have been missing.
			this.forgetAgent();
			throw error instanceof MlflowError ? error : MlflowError.unreachable(where, error);
		}
	}

	/** Calls under way end with the agent that they began with. */
	private forgetAgent(): void {
		const old = this.agent;
		this.agent = undefined;
		old?.then((agent) => agent.close()).catch(() => undefined);
	}

	private async createAgent(): Promise<Agent> {
		const { caFile, clientCertificateFile, insecureTls, timeout } = this.options;
		const ca = await readCredential(caFile, "mlflow.caFile", unreadable);
		const pem = await readCredential(clientCertificateFile, "mlflow.clientCertificateFile", unreadable);
		const milliseconds = timeout * 1000;
		return new Agent({
			connect: {
				timeout: milliseconds,
				...(ca === undefined ? {} : { ca }),
				...(pem === undefined ? {} : { cert: pem, key: pem }),
				...(insecureTls === true ? { rejectUnauthorized: false } : {}),
			},
			headersTimeout: milliseconds,
			bodyTimeout: milliseconds,
		});
	}

	private async authorization(): Promise<string | undefined> {
		const { trackingUri, username, token, tokenFile, passwordFile } = this.options;
		const inAddress = userInfo(new URL(trackingUri));
		const name = username ?? inAddress.username;
		const password =
			(await readCredential(passwordFile, "mlflow.passwordFile", unreadable))?.trimEnd() ??
			this.options.password ??
			inAddress.password;
		if (name !== "" && password !== "") return this.secretly(basicAuthorization(name, password), password);
		const bearer = (await readCredential(tokenFile, "mlflow.tokenFile", unreadable))?.trim() ?? token ?? "";
		return bearer === "" ? undefined : this.secretly(`Bearer ${bearer}`, bearer);
	}
}

async function readText(body: Dispatcher.ResponseData["body"], where: string): Promise<string> {
	const chunks: Buffer[] = [];
	let size = 0;
	for await (const chunk of body) {
		const bytes = Buffer.from(chunk);
		size += bytes.length;
		if (size > LARGEST_ANSWER) throw tooLarge(where, LARGEST_ANSWER);
		chunks.push(bytes);
	}
	return Buffer.concat(chunks).toString("utf8");
}

function tooLarge(where: string, maxBytes: number): MlflowError {
	return new MlflowError(`the answer of ${where} is larger than ${maxBytes / 2 ** 20} MiB`, "TooLarge");
}

function contentTypeOf(headers: Dispatcher.ResponseData["headers"]): string {
	const type = headers["content-type"];
	return typeof type === "string" ? type : "no content type";
}

function unreadable(message: string): MlflowError {
	return new MlflowError(message, "Unreachable");
}
