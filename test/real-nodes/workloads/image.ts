import { writeProgramImage } from "../program-image.ts";

/** Name that pods know the workload by. */
export const WORKLOAD_IMAGE = "kubectl-qos.local/workload:1";

/** Writes an OCI image archive of one layer that holds the workload. */
export function writeImage(program: string, archive: string): Promise<void> {
	return writeProgramImage(archive, { reference: WORKLOAD_IMAGE, name: "workload", program, user: 65534 });
}
