import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import type { UnpackedImage } from "./archive.ts";

/** What a runtime does for a container, but for network and limits: the image is its root, read-only. */
const ENTER = [
	"mount --bind $ROOT $ROOT",
	"mount --bind $ROOT/etc/kubectl-qos $ROOT/etc/kubectl-qos",
	"mount -o remount,bind,ro $ROOT",
	"mount -t proc proc $ROOT/proc",
	'exec env --ignore-environment $ENVIRONMENT $(command -v chroot) --userspec=$IMAGE_USER $ROOT "$@"',
].join(" && ");

/** Why a container cannot be run here; `undefined`: it can. */
export function lacksForContainers(): string | undefined {
	return process.platform === "linux" && process.getuid?.() === 0 ? undefined : "needs root on Linux";
}

/** Runs a program in a container of the image, as its user, with these arguments behind its entry point. */
export function runContainer(
	{ root, configuration: { config } }: UnpackedImage,
	args: readonly string[],
	{ entrypoint = config.Entrypoint } = {},
): ChildProcess {
	for (const mounted of ["proc", "etc/kubectl-qos"]) mkdirSync(join(root, mounted), { recursive: true });
	const env = { PATH: process.env["PATH"], ROOT: root, IMAGE_USER: config.User, ENVIRONMENT: config.Env.join(" ") };
	const isolated = ["--mount", "--pid", "--fork", "--kill-child=KILL", "sh", "-c", ENTER, "sh"];
	return spawn("unshare", [...isolated, ...entrypoint, ...args], { env });
}

/** Everything that a program in a container says. @throws Error with it when the program fails */
export async function outputOf(child: ChildProcess): Promise<string> {
	let said = "";
	for (const stream of [child.stdout, child.stderr]) {
		stream?.setEncoding("utf8").on("data", (chunk: string) => {
			said += chunk;
		});
	}
	const [code] = await once(child, "close");
	if (code !== 0) throw new Error(`ended with ${code}: ${said}`);
	return said;
}

/** Puts the controller's files where a volume would be; returns the arguments that name them. */
export function configure({ root }: UnpackedImage, configuration: object, kubeconfig: string): readonly string[] {
	const folder = join(root, "etc/kubectl-qos");
	mkdirSync(folder, { recursive: true });
	writeFileSync(join(folder, "config.yaml"), stringify(configuration));
	writeFileSync(join(folder, "kubeconfig"), readFileSync(kubeconfig));
	for (const file of ["config.yaml", "kubeconfig"]) chmodSync(join(folder, file), 0o444);
	return ["--config", "/etc/kubectl-qos/config.yaml", "--kubeconfig", "/etc/kubectl-qos/kubeconfig"];
}
