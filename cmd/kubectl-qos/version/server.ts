import { z } from "zod";
import { GROUP } from "../../../src/api/v1alpha1/group.ts";
import { type ApiClient, isMissing } from "../client/client.ts";

/** What the API server says of itself. */
export interface ServerVersion {
	readonly gitVersion: string;
	/** Versions of our group that the server serves, preferred one first; empty: not installed. */
	readonly apiVersions: readonly string[];
}

/** Asks for the API server's version and for what of ours it serves. @throws PluginError */
export async function askServer(client: ApiClient): Promise<ServerVersion> {
	const [version, group] = await Promise.all([client.get("/version"), client.get(`/apis/${GROUP}`)]);
	const { gitVersion } = z.object({ gitVersion: z.string().default("<unknown>") }).parse(version);
	const served = z.object({ versions: z.array(z.object({ groupVersion: z.string() })).default([]) }).parse(group);
	return { gitVersion, apiVersions: isMissing(group) ? [] : served.versions.map(({ groupVersion }) => groupVersion) };
}
