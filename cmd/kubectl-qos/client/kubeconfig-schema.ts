import { z } from "zod";

/** What a kubeconfig file may hold. `null` counts as absent, as YAML writes an empty field. */
const text = z
	.string()
	.nullish()
	.transform((value) => value || undefined);
const base64 = z
	.string()
	.regex(/^[A-Za-z0-9+/\s]*={0,2}\s*$/, "illegal base64 data")
	.nullish()
	.transform((value) => value || undefined);
const flag = z
	.boolean()
	.nullish()
	.transform((value) => value ?? false);

export const clusterSchema = z.object({
	server: text,
	"certificate-authority": text,
	"certificate-authority-data": base64,
	"insecure-skip-tls-verify": flag,
	"tls-server-name": text,
	"proxy-url": text,
	"disable-compression": flag,
	extensions: z.array(z.object({ name: z.string(), extension: z.unknown() })).nullish(),
});

const execSchema = z.object({
	apiVersion: text,
	command: text,
	args: z.array(z.string()).nullish(),
	env: z.array(z.object({ name: z.string(), value: z.string().default("") })).nullish(),
	installHint: text,
	interactiveMode: text,
	provideClusterInfo: flag,
});

export const userSchema = z.object({
	"client-certificate": text,
	"client-certificate-data": base64,
	"client-key": text,
	"client-key-data": base64,
	token: text,
	tokenFile: text,
	username: text,
	password: text,
	as: text,
	"as-uid": text,
	"as-groups": z.array(z.string()).nullish(),
	"as-user-extra": z.record(z.string(), z.array(z.string())).nullish(),
	exec: execSchema.nullish(),
	"auth-provider": z.object({ name: z.string(), config: z.record(z.string(), z.string()).nullish() }).nullish(),
});

export const contextSchema = z.object({ cluster: text, user: text, namespace: text });

/** A broken entry is a fault only when it is the one in use, so entries are read late. */
const entries = z.array(z.looseObject({ name: z.string() })).nullish();
export const fileSchema = z.object({
	clusters: entries,
	users: entries,
	contexts: entries,
	"current-context": text,
});

export type KubeconfigCluster = z.output<typeof clusterSchema>;
export type KubeconfigUser = z.output<typeof userSchema>;
export type Exec = z.output<typeof execSchema>;
