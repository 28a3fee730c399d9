import { spawn } from "node:child_process";
import { once } from "node:events";
import { constants, readFileSync } from "node:fs";
import { access, mkdir, readdir, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { findGo } from "./go.ts";
import { interruptible } from "./interruption.ts";
import { withLock } from "./lock.ts";
import { cacheFolder, lackingWhereGiven, locate, type Purpose, type Recipe, recipes } from "./programs.ts";
import { compareVersions, goLine, parseVersion } from "./versions.ts";

const REMINDER_MS = 20_000;

/**
 * Builds the programs that are not on this machine yet, into the user's cache. Safe to interrupt and to run
 * twice at once. Progress goes to stderr. Rejects with one line when Go is missing or a build fails.
 */
export async function buildMissing(purposes: readonly Purpose[] = ["ControlPlane"]): Promise<void> {
	if (missingFor(purposes).length === 0) return;
	for (const line of lackingWhereGiven()) say(line);
	const folder = join(cacheFolder(), "programs");
	await makeFolder(folder);
	const waiting = (): void => say("another process is building the programs; waiting for it");
	await interruptible((interruption) =>
		withLock(join(folder, "building.lock"), waiting, () => buildAll(missingFor(purposes), interruption)),
	);
}

function missingFor(purposes: readonly Purpose[]): readonly Recipe[] {
	return recipes().filter((recipe) => purposes.includes(recipe.purpose) && locate(recipe) === undefined);
}

async function makeFolder(folder: string): Promise<void> {
	try {
		await mkdir(folder, { recursive: true });
		await access(folder, constants.W_OK);
	} catch (error) {
		const reason = error instanceof Error && "code" in error ? String(error.code) : String(error);
		throw new Error(
			`the programs cannot be kept in ${folder} (${reason}): make it writable, set XDG_CACHE_HOME to a folder that is, or KUBEBUILDER_ASSETS and PROMETHEUS to folders that hold them all`,
			{ cause: error },
		);
	}
}

async function buildAll(missing: readonly Recipe[], interruption: AbortSignal): Promise<void> {
	if (missing.length === 0) return;
	const go = await findGo(newestGo(missing), { say, interruption });
	const minutes = Math.ceil(missing.reduce((sum, recipe) => sum + recipe.normalSeconds, 0) / 60);
	say(
		`${missing.length} programs to build once into ${join(cacheFolder(), "programs")}, at most about ${minutes} minutes on two cores`,
	);
	await removePartials(missing);
	for (const [index, recipe] of missing.entries()) {
		await build(go, recipe, { label: `[${index + 1}/${missing.length}] ${recipe.name}`, interruption });
	}
}

/** What builders that were killed left behind. Only the holder of the lock may do this. */
async function removePartials(missing: readonly Recipe[]): Promise<void> {
	for (const folder of new Set(missing.map((recipe) => dirname(recipe.file)))) {
		await mkdir(folder, { recursive: true });
		const partials = (await readdir(folder)).filter((name) => name.includes(".partial-"));
		await Promise.all(partials.map((name) => rm(join(folder, name), { force: true })));
	}
}

function newestGo(missing: readonly Recipe[]): string {
	const asked = missing.map((recipe) => goLine(readFileSync(join(recipe.moduleFolder, "go.mod"), "utf8")));
	return asked.reduce((left, right) =>
		compareVersions(parseVersion(left) ?? [], parseVersion(right) ?? []) >= 0 ? left : right,
	);
}

interface Progress {
	readonly label: string;
	readonly interruption: AbortSignal;
}

async function build(go: string, recipe: Recipe, { label, interruption }: Progress): Promise<void> {
	const start = performance.now();
	const elapsed = (): string => duration((performance.now() - start) / 1000);
	say(`${label}: building (normally ${duration(recipe.normalSeconds)} the first time, much less later)`);
	const reminder = setInterval(() => say(`${label}: still building, ${elapsed()}`), REMINDER_MS);
	const partial = `${recipe.file}.partial-${process.pid}`;
	try {
		await goBuild(go, { recipe, output: partial, interruption });
		await rename(partial, recipe.file);
	} finally {
		clearInterval(reminder);
		await rm(partial, { force: true });
	}
	say(`${label}: done in ${elapsed()}`);
}

interface GoBuild {
	readonly recipe: Recipe;
	readonly output: string;
	readonly interruption: AbortSignal;
}

async function goBuild(go: string, { recipe, output, interruption }: GoBuild): Promise<void> {
	const child = spawn(go, ["build", "-trimpath", ...recipe.flags, "-o", output, recipe.package], {
		cwd: recipe.moduleFolder,
		stdio: ["ignore", "ignore", "pipe"],
		// No C compiler, no workspace and no flags of the user's own: the result depends on go.sum alone.
		env: { ...process.env, CGO_ENABLED: "0", GOWORK: "off", GOFLAGS: "-mod=readonly", GOOS: "", GOARCH: "" },
	});
	interruption.addEventListener("abort", () => child.kill("SIGTERM"), { once: true });
	const lastLines: string[] = [];
	child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
		lastLines.push(...chunk.split("\n").filter((line) => line.trim() !== "" && !line.startsWith("go: downloading")));
		lastLines.splice(0, lastLines.length - 10);
	});
	const [code, signal] = await once(child, "close");
	if (code === 0) return;
	if (signal !== null || interruption.aborted)
		throw new Error(`building ${recipe.name} was interrupted; the next run goes on from here`);
	throw new Error(`building ${recipe.name} failed:\n${lastLines.join("\n")}`);
}

function duration(seconds: number): string {
	const whole = Math.round(seconds);
	return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

function say(line: string): void {
	process.stderr.write(`programs: ${line}\n`);
}
