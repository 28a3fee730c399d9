import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Agent, fetch } from "undici";
import { lastLines } from "./last-lines.ts";
import { freePorts } from "./ports.ts";
import { pythonOf } from "./programs/python.ts";
import type { CommandLine, Exited } from "./supervision/messages.ts";
import { type Supervision, superviseIn } from "./supervision/supervision.ts";
import { waitFor } from "./wait.ts";

export interface MlflowOptions {
	/** Ask for a name and a password. Default: anyone may do anything. */
	readonly auth?: "basic" | undefined;
	/** PEM files of a serving certificate for `localhost`, its key and its authority: it speaks TLS alone. */
	readonly tls?: { readonly certificateFile: string; readonly keyFile: string; readonly caFile: string } | undefined;
	/** Keeps database and artifacts; default: a temporary folder, removed by `stop`. */
	readonly dir?: string | undefined;
	/** Called when the server dies by itself; default: nobody is told. */
	readonly onExit?: ((message: string) => void) | undefined;
}

/** A real MLflow server. Every method rejects with an Error that says what failed and where to look. */
export interface Mlflow {
	readonly url: string;
	readonly dir: string;
	/** Its administrator, with `auth`. */
	readonly credentials: { readonly username: string; readonly password: string };
	/** Suspends it: connections are accepted, nothing answers. */
	freeze(): void;
	thaw(): void;
	/** Kills it. */
	kill(): Promise<void>;
	/** Starts it again after `kill`, on its port and data. Resolves when it answers. */
	revive(): Promise<void>;
	/** Ends it; a temporary folder goes too. */
	stop(): Promise<void>;
}

const HERE = join(import.meta.dirname, "programs", "mlflow");
const NAME = "mlflow";
/** Two thirds of the start are imports; on a machine that is busy they take their time. */
const READY_TIMEOUT_MS = 90_000;

/** Interpreter with MLflow, installed into the user's cache when it is missing (once). */
export function mlflowPython(): Promise<string> {
	return pythonOf({
		name: NAME,
		requirements: join(HERE, "requirements.txt"),
		leastVersion: "3.10",
		cost: "40 s, 360 MB",
	});
}

/** Starts MLflow on a free loopback port; it ends with `stop`, or with this process. Resolves when it answers. */
export async function startMlflow(options: MlflowOptions = {}): Promise<Mlflow> {
	const python = await mlflowPython();
	const dir = options.dir ?? (await mkdtemp(join(tmpdir(), "kubectl-qos-mlflow-")));
	await mkdir(dir, { recursive: true });
	const [port = 0] = await freePorts(1);
	const credentials = { username: "admin", password: options.auth === "basic" ? randomBytes(12).toString("hex") : "" };
	const url = options.tls ? `https://localhost:${port}` : `http://127.0.0.1:${port}`;
	const command = await commandLine(python, { dir, port, auth: options.auth, tls: options.tls, ...credentials });
	let died: string | undefined;
	const supervision = superviseIn({
		temporaryFolder: options.dir === undefined ? dir : undefined,
		onExit(exited) {
			died = exitMessage(exited, command.log);
			options.onExit?.(died);
		},
	});
	const start = async () => {
		supervision.start(NAME, command);
		await untilHealthy(url, () => died, options.tls?.caFile);
	};
	try {
		await start();
	} catch (error) {
		await supervision.end();
		throw error;
	}
	return mlflowOf({ url, dir, credentials, supervision, start });
}

function mlflowOf(server: {
	readonly url: string;
	readonly dir: string;
	readonly credentials: Mlflow["credentials"];
	readonly supervision: Supervision;
	readonly start: () => Promise<void>;
}): Mlflow {
	const { url, dir, credentials, supervision, start } = server;
	return {
		url,
		dir,
		credentials,
		freeze: () => supervision.signal(NAME, "SIGSTOP"),
		thaw: () => supervision.signal(NAME, "SIGCONT"),
		kill: () => supervision.kill(NAME),
		revive: start,
		stop: () => supervision.end(),
	};
}

interface ServerOptions {
	readonly dir: string;
	readonly port: number;
	readonly auth: MlflowOptions["auth"];
	readonly tls: MlflowOptions["tls"];
	readonly username: string;
	readonly password: string;
}

async function commandLine(python: string, { dir, port, auth, tls, ...admin }: ServerOptions): Promise<CommandLine> {
	const args = [join(HERE, "serve.py"), "server", "--host", "127.0.0.1", "--port", String(port), "--workers", "1"];
	args.push("--backend-store-uri", `sqlite:///${join(dir, "mlflow.db")}`);
	args.push("--serve-artifacts", "--artifacts-destination", join(dir, "artifacts"));
	if (tls) args.push("--uvicorn-opts", `--ssl-certfile ${tls.certificateFile} --ssl-keyfile ${tls.keyFile}`);
	const env: Record<string, string> = {
		// Consumers of jobs that nobody gives it take 2 GB.
		MLFLOW_SERVER_ENABLE_JOB_EXECUTION: "false",
		MLFLOW_DISABLE_TELEMETRY: "true",
	};
	if (auth === "basic") {
		args.push("--app-name", "basic-auth");
		env["MLFLOW_AUTH_CONFIG_PATH"] = await writeAuthentication(dir, admin);
		env["MLFLOW_FLASK_SERVER_SECRET_KEY"] = randomBytes(16).toString("hex");
	}
	return { file: python, args, env, log: join(dir, "mlflow.log") };
}

async function writeAuthentication(dir: string, admin: { username: string; password: string }): Promise<string> {
	const file = join(dir, "basic-auth.ini");
	const lines = [
		"[mlflow]",
		"default_permission = READ",
		`database_uri = sqlite:///${join(dir, "users.db")}`,
		`admin_username = ${admin.username}`,
		`admin_password = ${admin.password}`,
		"authorization_function = mlflow.server.auth:authenticate_request_basic_auth",
	];
	await writeFile(file, `${lines.join("\n")}\n`, { mode: 0o600 });
	return file;
}

async function untilHealthy(url: string, died: () => string | undefined, caFile?: string): Promise<void> {
	const dispatcher = new Agent(caFile === undefined ? {} : { connect: { ca: readFileSync(caFile, "utf8") } });
	const probe = async () => (await fetch(`${url}/health`, { dispatcher, signal: AbortSignal.timeout(2000) })).ok;
	const check = () => {
		const message = died();
		if (message !== undefined) throw new Error(message);
	};
	try {
		await waitFor(probe, { what: "MLflow ready", timeoutMs: READY_TIMEOUT_MS, check });
	} finally {
		await dispatcher.close();
	}
}

function exitMessage({ code, signal, error }: Exited, log: string): string {
	const how = signal === null ? `with code ${code}` : `by ${signal}`;
	return `MLflow ended ${how}; the last lines of its log:\n${error ?? lastLines(log, 15)}`;
}
