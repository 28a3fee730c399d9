import { createPrivateKey, X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { ServingCertificate } from "../../src/http/serving.ts";

export interface CertificateFilesOptions {
	readonly certificateFile: string;
	readonly keyFile: string;
	/** How often they are looked at, ms. */
	readonly everyMs: number;
	/** Told of the first pair, and of every other one that takes its place. */
	readonly onPair: (pair: ServingCertificate) => void;
	/** Told why they cannot be read anew; what was told before stands. */
	readonly onFailure: (reason: string) => void;
}

/**
 * Follows a certificate of one's own, which somebody else renews. Resolves to what ends that, once the first pair
 * was told; rejects when there is none.
 */
export async function followCertificate(options: CertificateFilesOptions): Promise<() => void> {
	let known = await read(options);
	options.onPair(known);
	async function look(): Promise<void> {
		const pair = await read(options);
		if (pair.certificate === known.certificate && pair.key === known.key) return;
		options.onPair(pair);
		known = pair;
	}
	const timer = setInterval(() => {
		look().catch((error: unknown) => options.onFailure(error instanceof Error ? error.message : String(error)));
	}, options.everyMs);
	return () => clearInterval(timer);
}

async function read({ certificateFile, keyFile }: CertificateFilesOptions): Promise<ServingCertificate> {
	const pair = { certificate: await readFile(certificateFile, "utf8"), key: await readFile(keyFile, "utf8") };
	// Files of a Secret change together, and yet one is read before the other.
	if (!new X509Certificate(pair.certificate).checkPrivateKey(createPrivateKey(pair.key))) {
		throw new Error("certificate and key do not belong together");
	}
	return pair;
}
