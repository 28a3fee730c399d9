import { stringify } from "yaml";
import { WORKLOAD_IMAGE } from "../../test/real-nodes/workloads/image.ts";
import { NAMESPACES, podMetadata, podSpec, serviceOf } from "../truth/manifests.ts";
import { APP, type Cpu } from "./situations.ts";

interface Placed extends Cpu {
	readonly name: string;
	readonly node: string;
}

/** The app as a pod of that name on that node, and its Service. */
export function appOn({ name, node, request, limit }: Placed): string {
	const args = ["serve", "-cost", `${APP.costMilliseconds}ms`, "-drain=0s"];
	const spec = podSpec({ reference: WORKLOAD_IMAGE }, { args, cpuRequest: request, cpuLimit: limit, serves: true });
	return [pod(name, node, { metadata: podMetadata(name), spec }), serviceOf(name)].join("---\n");
}

/** A pod that burns CPU on that node. */
export function burnerOn({ name, node, request, limit }: Placed): string {
	const spec = podSpec(
		{ reference: WORKLOAD_IMAGE },
		{ args: ["burn"], cpuRequest: request, cpuLimit: limit, serves: false },
	);
	return pod(name, node, { metadata: {}, spec });
}

function pod(name: string, node: string, { metadata, spec }: { metadata: object; spec: object }): string {
	return stringify({
		apiVersion: "v1",
		kind: "Pod",
		metadata: { ...metadata, name, namespace: NAMESPACES.apps },
		spec: { ...spec, nodeSelector: { "kubernetes.io/hostname": node } },
	});
}
