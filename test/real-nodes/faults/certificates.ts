import { carryOut } from "../../../certs/carry-out.ts";
import { fromSecretData, toSecretData } from "../../../certs/state.ts";
import { fingerprints } from "../../e2e/harness/api.ts";
import { CONTROLLER_NAMESPACE } from "../../e2e/harness/installation.ts";
import type { RealStage } from "./stage.ts";

export const SECRET = "kubectl-qos-webhook-certificate";

/** Not used by the step that is taken here. */
const UNUSED = { hosts: [], renewBefore: 0, overlap: 0, leafValidity: 0 };

/** Fingerprints of what is stored, and of what the API server trusts. */
export interface Certificates {
	readonly leaf: string | undefined;
	readonly authorities: readonly string[];
	readonly trusted: readonly string[];
}

async function secretData({ api }: RealStage): Promise<Readonly<Record<string, string>>> {
	const { data = {} } = await api.get("Secret", CONTROLLER_NAMESPACE, SECRET);
	return Object.fromEntries(
		Object.entries(data).map(([field, text]) => [field, Buffer.from(text, "base64").toString()]),
	);
}

export async function certificates(stage: RealStage): Promise<Certificates> {
	const data = await secretData(stage);
	const { webhooks } = await stage.api.get("MutatingWebhookConfiguration", "", "kubectl-qos");
	return {
		leaf: fingerprints(data["tls.crt"] ?? "")[0],
		authorities: fingerprints(data["ca.crt"] ?? ""),
		trusted: fingerprints(Buffer.from(webhooks[0]?.clientConfig.caBundle ?? "", "base64").toString()),
	};
}

/** Takes the first step of a renewal, as a replica does when the authority grows old; the rest is up to the replicas. */
export async function beginRenewal(stage: RealStage): Promise<void> {
	const state = fromSecretData(await secretData(stage));
	if (!state) throw new Error("the stored certificates are not usable");
	const settings = { ...UNUSED, authorityValidity: 10 * 365 * 86_400 };
	const next = await carryOut({ kind: "AddAuthority", reason: "asked for by a test" }, state, settings, Date.now());
	const data = Object.entries(toSecretData(next)).map(([field, text]) => [field, Buffer.from(text).toString("base64")]);
	await stage.api.patch("Secret", CONTROLLER_NAMESPACE, SECRET, { data: Object.fromEntries(data) });
}

/** Waits until leaf and authority are others than before, and only that authority is trusted. */
export function renewed(stage: RealStage, before: Certificates): Promise<Certificates> {
	return stage.waitUntil("the certificates are renewed", async () => {
		const now = await certificates(stage);
		const [authority, ...more] = now.authorities;
		const isNew = authority !== undefined && !before.authorities.includes(authority) && now.leaf !== before.leaf;
		return isNew && more.length === 0 && now.trusted.join() === authority ? now : undefined;
	});
}
