import { join } from "node:path";
import { type Supervision, type SupervisionOptions, superviseIn } from "../cluster/supervision/supervision.ts";
import { type Cgroups, clusterFolders } from "./cgroups.ts";
import { type Network, SERVICE_ADDRESS } from "./network.ts";

/** What the namespaces of a cluster are made of. */
export interface Enclosed {
	readonly dir: string;
	readonly isTemporary: boolean;
	readonly network: Network;
	readonly cgroups: Cgroups;
	readonly onExit: SupervisionOptions["onExit"];
}

/** A supervisor whose programs live in namespaces of their own, joined to the host by one link. */
export function superviseEnclosed({ dir, isTemporary, network, cgroups, onExit }: Enclosed): Supervision {
	const script = join(import.meta.dirname, "scripts", "enclose.sh");
	const folder = isTemporary ? dir : join(dir, "machines");
	const settings = [`NETWORK=${network.prefix}`, `LINK=${network.link}`, `SERVICE=${SERVICE_ADDRESS}`];
	return superviseIn({
		enclosure: {
			launcher: ["env", ...settings, "bash", script, folder, clusterFolders(cgroups).join(" ")],
			log: join(dir, "logs", "namespaces.log"),
		},
		onExit,
	});
}
