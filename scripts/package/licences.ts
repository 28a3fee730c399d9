import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { z } from "zod";
import { ROOT } from "../run-part.ts";

const packageSchema = z.object({ name: z.string(), version: z.string(), license: z.string().optional() });

/**
 * Names, versions and licence texts of the packages in a bundle (folders below the root), of Node, and whatever
 * other texts there are.
 */
export function licences(packages: readonly string[], others: readonly string[] = []): string {
	return [...packages.map(licenceOf), nodeLicence(), ...others].join(`\n${"-".repeat(80)}\n\n`);
}

function licenceOf(folder: string): string {
	const path = join(ROOT, folder);
	const { name, version, license } = packageSchema.parse(JSON.parse(readFileSync(join(path, "package.json"), "utf8")));
	const file = readdirSync(path).find((entry) => /^licen[cs]e(\.(md|txt))?$/i.test(entry));
	const text =
		file === undefined ? "(the package ships no licence text)" : readFileSync(join(path, file), "utf8").trim();
	return `${name} ${version} (${license ?? "see below"})\n\n${text}\n`;
}

/** Node's own licence names those of V8, OpenSSL and all else that it holds. */
function nodeLicence(): string {
	const title = `Node.js ${process.version} (MIT)`;
	const file = [dirname(process.execPath), dirname(dirname(process.execPath))]
		.map((folder) => join(folder, "LICENSE"))
		.find((path) => existsSync(path));
	const text = file === undefined ? undefined : readFileSync(file, "utf8").trim();
	return `${title}\n\n${text ?? `https://github.com/nodejs/node/blob/${process.version}/LICENSE`}\n`;
}
