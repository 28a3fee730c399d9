import { createHash } from "node:crypto";
import { accessSync, constants, readFileSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import type { Programs } from "../types.ts";

export type ProgramName = keyof Programs;

/** A Go module of this folder and the programs it pins. */
interface Module {
	readonly folder: "kubernetes" | "prometheus";
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

const MODULES: readonly Module[] = [
	{
		folder: "kubernetes",
		flags: [
			"-ldflags",
			`-s -w -X k8s.io/component-base/version.gitVersion=${KUBERNETES_VERSION} -X k8s.io/client-go/pkg/version.gitVersion=${KUBERNETES_VERSION}`,
		],
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
		// Without remove_all_sd the service discoveries of a dozen clouds take ten minutes more.
		flags: [
			"-tags",
			"netgo,remove_all_sd",
			"-ldflags",
			`-s -w -X github.com/prometheus/common/version.Version=${PROMETHEUS_VERSION}`,
		],
		packages: { prometheus: { path: "github.com/prometheus/prometheus/cmd/prometheus", normalSeconds: 140 } },
	},
];

/** One program: what it is made of and where it belongs. */
export interface Recipe {
	readonly name: ProgramName;
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
	for (const file of ["go.mod", "go.sum"]) hash.update(readFileSync(join(moduleFolder, file)));
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
	const places = [
		{ variable: "KUBEBUILDER_ASSETS", value: assets, asked: recipes(env).filter(({ name }) => name !== "prometheus") },
		{ variable: "PROMETHEUS", value: prometheus, asked: recipes(env).filter(({ name }) => name === "prometheus") },
	];
	return places.flatMap(({ variable, value, asked }) => {
		if (value === "") return [];
		const lacking = asked.filter((recipe) => givenFile(recipe, env) === undefined).map(({ name }) => name);
		return lacking.length === 0 ? [] : [`${variable}=${value} lacks ${lacking.join(", ")}: what is missing is built`];
	});
}

/** Paths of all programs. Throws when one is missing. */
export function locateAll(env: NodeJS.ProcessEnv = process.env): Programs {
	const found = recipes(env).map((recipe) => [recipe.name, locate(recipe, env)] as const);
	const missing = found.filter(([, file]) => file === undefined).map(([name]) => name);
	if (missing.length > 0) {
		throw new Error(
			`not built yet: ${missing.join(", ")}; "npm run cluster -- build" builds them once (about 10 minutes)`,
		);
	}
	return Object.fromEntries(found) as Programs;
}

function isExecutable(file: string): boolean {
	try {
		accessSync(file, constants.X_OK);
		return statSync(file).isFile();
	} catch {
		return false;
	}
}
