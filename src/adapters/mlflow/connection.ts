import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { Agent, type Dispatcher, request } from "undici";
import { z } from "zod";
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

const errorAnswer = z.object({ error_code: z.string(), message: z.string().default("") });

/** HTTP to one MLflow server. Every failure is a MlflowError. */
export class MlflowConnection {
	/** The server's address without credentials. */
	readonly base: string;
	/** The server as messages name it. */
	readonly address: string;
	private readonly options: MlflowConnectionOptions;
	private agent: Promise<Agent> | undefined;
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
			throw MlflowError.ofAnswer(where, status, { code, message });
		}
		throw MlflowError.notJson(where, status, { contentType: contentTypeOf(headers), text });
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
			if (error instanceof MlflowError) {
				// A certificate file that could not be read is looked for again.
				this.agent = undefined;
				throw error;
			}
			throw signal?.aborted === true
				? MlflowError.timedOut(where, this.options.timeout)
				: MlflowError.unreachable(where, error);
		}
	}

	private async createAgent(): Promise<Agent> {
		const { caFile, clientCertificateFile, insecureTls, timeout } = this.options;
		const ca = await readCredential(caFile, "mlflow.caFile");
		const pem = await readCredential(clientCertificateFile, "mlflow.clientCertificateFile");
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
		const url = new URL(trackingUri);
		const name = username ?? decodeURIComponent(url.username);
		const password =
			(await readCredential(passwordFile, "mlflow.passwordFile"))?.trimEnd() ??
			this.options.password ??
			decodeURIComponent(url.password);
		if (name !== "" && password !== "") {
			return `Basic ${Buffer.from(`${name}:${password}`).toString("base64")}`;
		}
		const bearer = (await readCredential(tokenFile, "mlflow.tokenFile"))?.trim() ?? token ?? "";
		return bearer === "" ? undefined : `Bearer ${bearer}`;
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

function parseJson(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}

function contentTypeOf(headers: Dispatcher.ResponseData["headers"]): string {
	const type = headers["content-type"];
	return typeof type === "string" ? type : "no content type";
}

async function readCredential(file: string | undefined, field: string): Promise<string | undefined> {
	if (file === undefined) return undefined;
	try {
		return await readFile(file, "utf8");
	} catch (error) {
		const code = error instanceof Error && "code" in error ? String(error.code) : "unreadable";
		throw new MlflowError(`${field} ${file} cannot be read (${code})`, "Unreachable");
	}
}
