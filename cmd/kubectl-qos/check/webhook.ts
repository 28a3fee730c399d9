import { X509Certificate } from "node:crypto";
import { z } from "zod";
import { isMissing } from "../client/client.ts";
import { type Check, type Finding, failed, passed, type Subject, skipped, warning } from "./check.ts";
import { probeWebhook } from "./probe.ts";

const CATEGORY = "webhook";
const PATH = "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/kubectl-qos";
const DAY = 86_400_000;
/** The controller renews long before. */
const SOON = 7 * DAY;

const configurationSchema = z.object({
	webhooks: z.tuple([
		z.object({
			failurePolicy: z.string().default("Fail"),
			clientConfig: z.object({
				caBundle: z.string().default(""),
				url: z.string().optional(),
				service: z.object({ namespace: z.string(), name: z.string() }).optional(),
			}),
		}),
	]),
});

type Hook = z.output<typeof configurationSchema>["webhooks"][0];

async function readHook({ client }: Subject): Promise<Hook | undefined> {
	const answer = await client.get(PATH);
	return isMissing(answer) ? undefined : configurationSchema.safeParse(answer).data?.webhooks[0];
}

async function configured(subject: Subject): Promise<Finding> {
	const hook = await readHook(subject);
	if (!hook) {
		return failed(
			"there is no MutatingWebhookConfiguration kubectl-qos: new pods are not placed",
			"run 'kubectl qos install'",
		);
	}
	if (hook.failurePolicy !== "Ignore") {
		return failed(
			`the webhook's failurePolicy is ${hook.failurePolicy}: without the controller no pod can be created`,
			`kubectl patch mutatingwebhookconfiguration kubectl-qos --type=json -p '[{"op":"replace","path":"/webhooks/0/failurePolicy","value":"Ignore"}]'`,
		);
	}
	return passed(`the webhook is configured (${addressOf(hook)}) and fails open`);
}

function addressOf({ clientConfig: { url, service } }: Hook): string {
	return url ?? (service ? `service ${service.namespace}/${service.name}` : "without an address");
}

async function answers(subject: Subject): Promise<Finding> {
	const hook = await readHook(subject);
	if (!hook) return skipped("the webhook cannot be called without a configuration");
	const probe = await probeWebhook(subject.client);
	switch (probe.kind) {
		case "Answered":
			return passed(`the webhook answers a server dry run (version ${probe.version})`);
		case "NowhereToAsk":
			return skipped(`the webhook was not called: ${probe.why}`);
		case "Silent":
			return failed(
				`the webhook did not answer a dry run in namespace ${probe.namespace} (${addressOf(hook)}): pods are admitted unplaced`,
				`see whether the controller runs and listens there: kubectl get pods,endpointslices -n ${subject.controllerNamespace}; the API server's log says why it could not call it`,
			);
	}
}

async function certificate(subject: Subject): Promise<Finding> {
	const hook = await readHook(subject);
	if (!hook) return skipped("there is no webhook that would need a certificate");
	const mend = `delete the Secret, and the controller issues another: kubectl delete secret kubectl-qos-webhook-certificate -n ${subject.controllerNamespace}`;
	if (hook.clientConfig.caBundle === "") {
		return failed(
			"the webhook's configuration has no caBundle: the API server trusts no certificate of it",
			`see whether the controller runs: it writes the caBundle. Else ${mend}`,
		);
	}
	const authorities = readBundle(hook.clientConfig.caBundle);
	const newest = Math.max(...authorities.map(({ validToDate }) => validToDate.getTime()));
	if (authorities.length === 0) return failed("the webhook's caBundle holds no certificate that can be read", mend);
	const until = new Date(newest).toISOString();
	if (newest <= subject.now) return failed(`the webhook's certificate authority expired at ${until}`, mend);
	const leaf = await servedLeaf(subject);
	const wrong = leaf && problemOf(leaf, authorities, subject.now);
	if (wrong !== undefined) return failed(wrong, mend);
	const end = Math.min(newest, leaf?.validToDate.getTime() ?? newest);
	const left = end - subject.now;
	if (left < SOON) return warning(`the webhook's certificate expires at ${new Date(end).toISOString()}`, mend);
	return passed(`the webhook's certificate is valid for ${Math.floor(left / DAY)} days`);
}

function problemOf(leaf: X509Certificate, authorities: readonly X509Certificate[], now: number): string | undefined {
	if (leaf.validToDate.getTime() <= now)
		return `the webhook's certificate expired at ${leaf.validToDate.toISOString()}`;
	const trusted = authorities.some((authority) => leaf.verify(authority.publicKey));
	return trusted ? undefined : "the webhook's certificate is not signed by an authority of its caBundle";
}

const secretSchema = z.object({ data: z.object({ "tls.crt": z.string() }) });

/** What the controller serves, by its Secret; `undefined`: this user may not read it, or it is elsewhere. */
async function servedLeaf({ client, controllerNamespace }: Subject): Promise<X509Certificate | undefined> {
	const path = `/api/v1/namespaces/${encodeURIComponent(controllerNamespace)}/secrets/kubectl-qos-webhook-certificate`;
	const answer = await client.get(path).catch(() => undefined);
	const secret = secretSchema.safeParse(answer).data;
	return secret && readBundle(secret.data["tls.crt"])[0];
}

/** Certificates of base64 text with PEM in it; what cannot be read is left out. */
function readBundle(base64: string): readonly X509Certificate[] {
	const pem = Buffer.from(base64, "base64").toString("latin1");
	return (pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []).flatMap((text) => {
		try {
			return [new X509Certificate(text)];
		} catch {
			return [];
		}
	});
}

export const WEBHOOK_CHECKS: readonly Check[] = [
	{ code: "QOS005", category: CATEGORY, look: configured },
	{ code: "QOS006", category: CATEGORY, look: answers },
	{ code: "QOS007", category: CATEGORY, look: certificate },
];
