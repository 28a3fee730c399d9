import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** Ends npm with this process, even when that is killed. */
const GUARD = fileURLToPath(new URL("guard.mjs", import.meta.url));

const HEARTBEAT_MS = 5000;
const STALE_MS = 30_000;
const STOP_SIGNALS = /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"]);

/**
 * Whether node_modules is what package-lock.json asks for on this platform. Costs a hash of the lock file and a look
 * at each package's folder.
 * @param {string} root
 */
export function isInstalled(root) {
	const lock = readFileSync(join(root, "package-lock.json"));
	/** @type {Lock} */
	const content = JSON.parse(lock.toString("utf8"));
	if (!required(content).every(([path]) => existsSync(join(root, path, "package.json")))) return false;
	if (readText(stampFile(root)) === stampOf(lock)) return true;
	// `npm install` by hand leaves no stamp of ours, but npm's own record of what it put there.
	const record = readText(join(root, "node_modules", ".package-lock.json"));
	if (record === undefined || !holdsAll(content, JSON.parse(record))) return false;
	writeFileSync(stampFile(root), stampOf(lock));
	return true;
}

/**
 * @typedef {{ version?: string, integrity?: string, optional?: boolean, devOptional?: boolean }} LockedPackage
 * @typedef {{ packages?: Record<string, LockedPackage> }} Lock
 */

/** @param {Lock} lock */
function required(lock) {
	return Object.entries(lock.packages ?? {}).filter(
		([path, { optional, devOptional }]) => path !== "" && optional !== true && devOptional !== true,
	);
}

/**
 * Whether every package that is locked, and not optional, is on record with the same version and content.
 * @param {Lock} lock
 * @param {Lock} record
 */
export function holdsAll(lock, record) {
	return Object.entries(lock.packages ?? {}).every(([path, locked]) => {
		const present = record.packages?.[path];
		if (path === "") return true;
		if (present === undefined) return locked.optional === true || locked.devOptional === true;
		return present.version === locked.version && present.integrity === locked.integrity;
	});
}

/**
 * Runs `npm ci`. An interrupted one leaves no stamp, so the next run does it again.
 * @param {string} root
 */
export async function install(root) {
	await withLock(join(root, ".npm-ci.lock"), async () => {
		if (isInstalled(root)) return;
		process.stderr.write("setup: npm ci installs the packages (once, normally under a minute)\n");
		const result = await npmCi(root);
		if (result.interrupted) throw new Error("npm ci was interrupted; the same command starts it again");
		if (result.code !== 0) {
			const reason = result.output.trim().split("\n").slice(-15).join("\n");
			throw new Error(
				`npm ci failed with ${result.code}; mend what it says and run the same command again:\n${reason}`,
			);
		}
		writeFileSync(stampFile(root), stampOf(readFileSync(join(root, "package-lock.json"))));
	});
}

/**
 * @param {string} root
 * @returns {Promise<{ code: number | string, output: string, interrupted: boolean }>}
 */
function npmCi(root) {
	// Dev packages even under NODE_ENV=production; no engine warnings: Node 24 comes with the packages.
	const args = ["ci", "--include=dev", "--no-audit", "--no-fund", "--loglevel=error", "--engine-strict=false"];
	const npm = process.env.npm_execpath;
	const command = npm !== undefined && /npm-cli\.c?js$/.test(npm) ? [process.execPath, npm] : ["npm"];
	const child = spawn(process.execPath, [GUARD, ...command, ...args], {
		cwd: root,
		stdio: ["ignore", "pipe", "pipe", "ipc"],
	});
	let output = "";
	for (const stream of [child.stdout, child.stderr]) {
		stream?.setEncoding("utf8").on("data", (chunk) => {
			output += chunk;
		});
	}
	let interrupted = false;
	/** @param {NodeJS.Signals} signal */
	function passOn(signal) {
		interrupted = true;
		child.kill(signal);
	}
	for (const signal of STOP_SIGNALS) process.on(signal, passOn);
	return new Promise((resolve) => {
		child.once("error", (error) => resolve({ code: "no start", output: error.message, interrupted }));
		child.once("close", (code, signal) => {
			for (const name of STOP_SIGNALS) process.off(name, passOn);
			resolve({ code: code ?? signal ?? 1, output, interrupted });
		});
	});
}

/**
 * Two commands started at once in a fresh clone must not both run `npm ci`. A holder that was killed loses the
 * lock after 30 s without a heartbeat.
 * @param {string} folder
 * @param {() => Promise<void>} work
 */
async function withLock(folder, work) {
	for (let waits = 0; !tryCreate(folder); waits += 1) {
		if (waits === 3)
			process.stderr.write("setup: another command is installing the packages, or was killed doing so; waiting\n");
		if (isStale(folder)) rmSync(folder, { recursive: true, force: true });
		else await new Promise((resolve) => setTimeout(resolve, 300));
	}
	const heartbeat = setInterval(() => {
		const now = new Date();
		utimesSync(folder, now, now);
	}, HEARTBEAT_MS);
	try {
		await work();
	} finally {
		clearInterval(heartbeat);
		rmSync(folder, { recursive: true, force: true });
	}
}

/** @param {string} folder */
function tryCreate(folder) {
	try {
		mkdirSync(folder);
		return true;
	} catch (error) {
		if (existsSync(folder)) return false;
		throw error;
	}
}

/** @param {string} folder */
function isStale(folder) {
	try {
		return Date.now() - statSync(folder).mtimeMs > STALE_MS;
	} catch {
		return false;
	}
}

/** @param {string} root */
function stampFile(root) {
	return join(root, "node_modules", ".kubectl-qos-install");
}

/** @param {Buffer} lock */
function stampOf(lock) {
	return `${process.platform}-${process.arch} ${createHash("sha256").update(lock).digest("hex")}\n`;
}

/** @param {string} file */
function readText(file) {
	try {
		return readFileSync(file, "utf8");
	} catch {
		return undefined;
	}
}
