import { createHash } from "node:crypto";
import { accessSync, constants, existsSync, readFileSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import type { MachinePrograms, Programs } from "../types.ts";

export type ProgramName = keyof Programs | keyof MachinePrograms;

/** What a program is needed for: the servers of every cluster, or machines that run real containers. */
export type Purpose = "ControlPlane" | "Machines";

/** A Go module of this folder and programs it pins. */
interface Module {
	readonly folder: "kubernetes" | "prometheus" | "containerd" | "pause";
	readonly purpose: Purpose;
	readonly flags: readonly string[];
	readonly packages: Readonly<Partial<Record<ProgramName, Package>>>;
}

interface Package {
	readonly path: string;
	/** Seconds of a first build on two cores; later ones find compiled packages. */
	readonly normalSeconds: number;
}

const KUBERNETES_VERSION = "v1.36.3";
const PROMETHEUS_VERSION = "3.16.0";
const CONTAINERD_VERSION = "2.4.2";

const KUBERNETES_FLAGS = [
	"-ldflags",
	`-s -w -X k8s.io/component-base/version.gitVersion=${KUBERNETES_VERSION} -X k8s.io/client-go/pkg/version.gitVersion=${KUBERNETES_VERSION}`,
];

const MODULES: readonly Module[] = [
	{
		folder: "kubernetes",
		purpose: "ControlPlane",
		flags: KUBERNETES_FLAGS,
		packages: {
			etcd: { path: "go.etcd.io/etcd/server/v3", normalSeconds: 60 },
			"kube-apiserver": { path: "k8s.io/kubernetes/cmd/kube-apiserver", normalSeconds: 390 },
			"kube-controller-manager": { path: "k8s.io/kubernetes/cmd/kube-controller-manager", normalSeconds: 100 },
			"kube-scheduler": { path: "k8s.io/kubernetes/cmd/kube-scheduler", normalSeconds: 30 },
			kubectl: { path: "k8s.io/kubernetes/cmd/kubectl", normalSeconds: 30 },
			kwok: { path: "sigs.k8s.io/kwok/cmd/kwok", normalSeconds: 15 },
		},
	},
	{
		folder: "prometheus",
		purpose: "ControlPlane",
		// Without remove_all_sd the service discoveries of a dozen clouds take ten minutes more.
		flags: [
			"-tags",
			"netgo,remove_all_sd,enable_kubernetes_sd",
			"-ldflags",
			`-s -w -X github.com/prometheus/common/version.Version=${PROMETHEUS_VERSION}`,
		],
		packages: { prometheus: { path: "github.com/prometheus/prometheus/cmd/prometheus", normalSeconds: 140 } },
	},
	{
		folder: "kubernetes",
		purpose: "Machines",
		flags: KUBERNETES_FLAGS,
		packages: { kubelet: { path: "k8s.io/kubernetes/cmd/kubelet", normalSeconds: 40 } },
	},
	{
		folder: "containerd",
		purpose: "Machines",
		flags: [
			"-tags",
			"no_btrfs,no_devmapper,no_zfs",
			"-ldflags",
			`-s -w -X github.com/containerd/containerd/v2/version.Version=${CONTAINERD_VERSION}`,
		],
		packages: {
			containerd: { path: "github.com/containerd/containerd/v2/cmd/containerd", normalSeconds: 60 },
			"containerd-shim-runc-v2": {
				path: "github.com/containerd/containerd/v2/cmd/containerd-shim-runc-v2",
				normalSeconds: 10,
			},
			ctr: { path: "github.com/containerd/containerd/v2/cmd/ctr", normalSeconds: 10 },
		},
	},
	{
		folder: "pause",
		purpose: "Machines",
		flags: ["-ldflags", "-s -w"],
		packages: { pause: { path: ".", normalSeconds: 5 } },
	},
];

/** One program: what it is made of and where it belongs. */
export interface Recipe {
	readonly name: ProgramName;
	readonly purpose: Purpose;
	/** Go package. */
	readonly package: string;
	readonly normalSeconds: number;
	/** Folder of its go.mod. */
	readonly moduleFolder: string;
	readonly flags: readonly string[];
	/** In the user's cache, under a key of everything the program is made of. */
	readonly file: string;
}

/** The user's cache folder of this project. */
export function cacheFolder(env: NodeJS.ProcessEnv = process.env): string {
	const base = env["XDG_CACHE_HOME"];
	return join(base !== undefined && base !== "" ? base : join(homedir(), ".cache"), "kubectl-qos");
}

/** All programs, in the order of building. */
export function recipes(env: NodeJS.ProcessEnv = process.env): readonly Recipe[] {
	return MODULES.flatMap((module) => {
		const moduleFolder = join(import.meta.dirname, module.folder);
		const folder = join(cacheFolder(env), "programs", `${module.folder}-${keyOf(module, moduleFolder)}`);
		return Object.entries(module.packages).map(([name, { path, normalSeconds }]) => ({
			name: name as ProgramName,
			purpose: module.purpose,
			package: path,
			normalSeconds,
			moduleFolder,
			flags: module.flags,
			file: join(folder, name),
		}));
	});
}

function keyOf(module: Module, moduleFolder: string): string {
	const hash = createHash("sha256");
	hash.update(JSON.stringify([module.flags, module.packages, process.platform, process.arch]));
	for (const name of ["go.mod", "go.sum", "main.go"]) {
		const file = join(moduleFolder, name);
		if (existsSync(file)) hash.update(readFileSync(file));
	}
	return hash.digest("hex").slice(0, 16);
}

/**
 * Where a program is on this machine: in the folder KUBEBUILDER_ASSETS, in PROMETHEUS (the file, or the folder
 * that holds it), or in the cache; `undefined` when it must be built first.
 */
export function locate(recipe: Recipe, env: NodeJS.ProcessEnv = process.env): string | undefined {
	return givenFile(recipe, env) ?? (isExecutable(recipe.file) ? recipe.file : undefined);
}

function givenFile(recipe: Recipe, env: NodeJS.ProcessEnv): string | undefined {
	const { KUBEBUILDER_ASSETS: assets = "", PROMETHEUS: prometheus = "" } = env;
	const given: string[] = [];
	if (recipe.name === "prometheus" && prometheus !== "") given.push(prometheus, join(prometheus, recipe.name));
	if (assets !== "") given.push(join(assets, recipe.name));
	return given.find(isExecutable);
}

/** One line for each of KUBEBUILDER_ASSETS and PROMETHEUS that is set and does not hold what it could. */
export function lackingWhereGiven(env: NodeJS.ProcessEnv = process.env): readonly string[] {
	const { KUBEBUILDER_ASSETS: assets = "", PROMETHEUS: prometheus = "" } = env;
	const servers = recipes(env).filter(({ purpose }) => purpose === "ControlPlane");
	const places = [
		{ variable: "KUBEBUILDER_ASSETS", value: assets, asked: servers.filter(({ name }) => name !== "prometheus") },
		{ variable: "PROMETHEUS", value: prometheus, asked: servers.filter(({ name }) => name === "prometheus") },
	];
	return places.flatMap(({ variable, value, asked }) => {
		if (value === "") return [];
		const lacking = asked.filter((recipe) => givenFile(recipe, env) === undefined).map(({ name }) => name);
		return lacking.length === 0 ? [] : [`${variable}=${value} lacks ${lacking.join(", ")}: what is missing is built`];
	});
}

/** Paths of the control plane's programs. Throws when one is missing. */
export function locateAll(env: NodeJS.ProcessEnv = process.env): Programs {
	return locateFor("ControlPlane", env) as Programs;
}

/** Paths of the programs of machines. Throws when one is missing. */
export function locateMachinePrograms(env: NodeJS.ProcessEnv = process.env): MachinePrograms {
	return locateFor("Machines", env) as MachinePrograms;
}

function locateFor(purpose: Purpose, env: NodeJS.ProcessEnv): { [name: string]: string | undefined } {
	const found = recipes(env)
		.filter((recipe) => recipe.purpose === purpose)
		.map((recipe) => [recipe.name, locate(recipe, env)] as const);
	const missing = found.filter(([, file]) => file === undefined).map(([name]) => name);
	if (missing.length > 0) {
		const command = purpose === "Machines" ? "build --real" : "build";
		throw new Error(
			`not built yet: ${missing.join(", ")}; "npm run cluster -- ${command}" builds them once (about 10 minutes)`,
		);
	}
	return Object.fromEntries(found);
}

function isExecutable(file: string): boolean {
	try {
		accessSync(file, constants.X_OK);
		return statSync(file).isFile();
	} catch {
		return false;
	}
}
