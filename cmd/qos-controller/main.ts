import { pino } from "pino";
import { KubeConfigError } from "../../src/adapters/kubernetes/kubeconfig.ts";
import { ConfigurationError, readConfiguration } from "../../src/config/read.ts";
import { readArguments } from "./arguments.ts";
import { startController } from "./controller.ts";

/** Reads the configuration, starts the controller and stops it gracefully on SIGTERM or SIGINT. */
async function main(): Promise<void> {
	const { config, kubeconfig, context } = readArguments(process.argv.slice(2));
	const configuration = readConfiguration(config);
	const logger = pino({ level: configuration.logLevel, base: null, timestamp: pino.stdTimeFunctions.isoTime });
	const controller = await startController({ configuration, kubeconfig, context, logger });
	let stopping = false;
	for (const signal of ["SIGTERM", "SIGINT"] as const) {
		process.on(signal, () => {
			// A second Ctrl-C means now.
			if (stopping) process.exit(signal === "SIGINT" ? 130 : 143);
			stopping = true;
			logger.info({ signal }, "stopping");
			void controller.stop().then(() => logger.info("stopped"));
		});
	}
}

try {
	await main();
} catch (error) {
	const message = error instanceof Error ? error.message : String(error);
	console.error(
		`error: ${message}${isPort(error) ? "; set webhook.port, agent.port or health.port to one that is free" : ""}`,
	);
	if (!isExpected(error) && error instanceof Error) console.error(error.stack);
	// Watches and timers that were started already would keep the process alive.
	process.exit(1);
}

/** Errors whose one line says all there is to say: configuration, kubeconfig, a port that is taken. */
function isExpected(error: unknown): boolean {
	if (error instanceof ConfigurationError || error instanceof KubeConfigError) return true;
	return isPort(error);
}

function isPort(error: unknown): boolean {
	return error instanceof Error && "code" in error && (error.code === "EADDRINUSE" || error.code === "EACCES");
}
