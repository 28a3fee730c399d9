import { z } from "zod";
import { API_VERSION, GROUP } from "../../../src/api/v1alpha1/group.ts";
import { OUTPUT_FLAG, outputOf } from "../arguments/flags.ts";
import { type ApiClient, isMissing } from "../client/client.ts";
import { usage } from "../errors.ts";
import { printValue } from "../output/print.ts";
import { version as pluginVersion } from "../version.ts";
import { defineCommand } from "./command.ts";

/** `kubectl qos version`: of the plugin, the API server and the served API. */
export const version = defineCommand({
	name: "version",
	summary: "Show the versions of the plugin and of what the cluster serves",
	usage: "",
	examples: [["kubectl qos version --client", "Ask no cluster"]],
	flags: [{ name: "client", kind: "boolean", description: "Only the plugin's own version" }, OUTPUT_FLAG],
	options: (flags, operands) => {
		if (operands.length > 0) throw usage(`extra arguments: [${operands.join(" ")}]`);
		const output = outputOf(flags);
		if (output === "wide" || output === "name") throw usage(`--output must be 'yaml' or 'json'`);
		return { client: flags.isSet("client"), output };
	},
	run: async ({ client, output }, { terminal, session }) => {
		const server = client ? undefined : await askServer((await session()).client);
		const clientVersion = { gitVersion: pluginVersion(), apiVersion: API_VERSION };
		if (output) {
			await printValue(terminal, { clientVersion, ...(server && { serverVersion: server }) }, output);
			return;
		}
		terminal.write(`Client Version: ${clientVersion.gitVersion}\nClient API: ${API_VERSION}\n`);
		if (server) terminal.write(`Server Version: ${server.gitVersion}\nServer API: ${served(server.apiVersions)}\n`);
	},
});

interface ServerVersion {
	readonly gitVersion: string;
	/** Versions of our group that the server serves, preferred one first; empty: not installed. */
	readonly apiVersions: readonly string[];
}

async function askServer(client: ApiClient): Promise<ServerVersion> {
	const [version, group] = await Promise.all([client.get("/version"), client.get(`/apis/${GROUP}`)]);
	const { gitVersion } = z.object({ gitVersion: z.string().default("<unknown>") }).parse(version);
	const served = z.object({ versions: z.array(z.object({ groupVersion: z.string() })).default([]) }).parse(group);
	return { gitVersion, apiVersions: isMissing(group) ? [] : served.versions.map(({ groupVersion }) => groupVersion) };
}

function served(apiVersions: readonly string[]): string {
	return apiVersions.length === 0 ? `<none> (${GROUP} is not installed)` : apiVersions.join(", ");
}
