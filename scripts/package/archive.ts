import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { ROOT } from "../run-part.ts";

/** What goes into an archive. */
interface Contents {
	readonly name: string;
	readonly executable: string;
	readonly thirdParty: string;
	readonly dist: string;
}

/** Packs the executable with its licences. No symlink for completion: krew refuses archives with one. */
export function archive({ name, executable, thirdParty, dist }: Contents): string {
	const folder = mkdtempSync(join(tmpdir(), "kubectl-qos-archive-"));
	try {
		cpSync(executable, join(folder, basename(executable)));
		copyFileSync(join(ROOT, "LICENSE"), join(folder, "LICENSE"));
		copyFileSync(thirdParty, join(folder, "THIRD_PARTY_LICENSES"));
		mkdirSync(dist, { recursive: true });
		execFileSync("tar", ["-czf", join(dist, name), "-C", folder, "."]);
	} finally {
		rmSync(folder, { recursive: true });
	}
	return name;
}

/** SHA-256 of a file, in hex. */
export function checksum(file: string): string {
	return createHash("sha256").update(readFileSync(file)).digest("hex");
}
