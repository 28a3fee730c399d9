import { API_VERSION, GROUP } from "../../../src/api/v1alpha1/group.ts";
import type { Context } from "../commands/command.ts";
import type { VersionOptions } from "../commands/version.ts";
import { printValue } from "../output/print.ts";
import { version as pluginVersion } from "../version.ts";

/** Prints the plugin's version, and unless `client`, those of the server. */
export async function runVersion({ client, output }: VersionOptions, { terminal, session }: Context): Promise<void> {
	const server = client ? undefined : await (await import("./server.ts")).askServer((await session()).client);
	const clientVersion = { gitVersion: pluginVersion(), apiVersion: API_VERSION };
	if (output) {
		await printValue(terminal, { clientVersion, ...(server && { serverVersion: server }) }, output);
		return;
	}
	terminal.write(`Client Version: ${clientVersion.gitVersion}\nClient API: ${API_VERSION}\n`);
	if (server) terminal.write(`Server Version: ${server.gitVersion}\nServer API: ${served(server.apiVersions)}\n`);
}

function served(apiVersions: readonly string[]): string {
	return apiVersions.length === 0 ? `<none> (${GROUP} is not installed)` : apiVersions.join(", ");
}
