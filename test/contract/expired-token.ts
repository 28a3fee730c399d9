import { createPrivateKey, sign } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Cluster } from "../cluster/cluster.ts";

/** A token of the API server as it will be when its time is over: the same claims and key, with an hour that has passed. */
export function expiredToken({ dir }: Cluster, token: string): string {
	const [header = "", payload = ""] = token.split(".");
	const claims: object = JSON.parse(Buffer.from(payload, "base64url").toString());
	const now = Math.floor(Date.now() / 1000);
	const old = { ...claims, iat: now - 7200, nbf: now - 7200, exp: now - 3600 };
	const content = `${header}.${Buffer.from(JSON.stringify(old)).toString("base64url")}`;
	const key = createPrivateKey(readFileSync(join(dir, "service-account.key")));
	const signature = sign("sha256", Buffer.from(content), { key, dsaEncoding: "ieee-p1363" });
	return `${content}.${signature.toString("base64url")}`;
}
