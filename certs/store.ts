/** The Secret with the certificates, decoded. */
export interface StoredSecret {
	readonly data: Readonly<Record<string, string>>;
	readonly resourceVersion: string;
}

/** `Conflict`: someone else wrote first; read again. */
export type WriteOutcome = "Written" | "Conflict";

/** Port: where certificates are kept and who must trust them. Every method rejects when the API server fails. */
export interface CertificateStore {
	/** `undefined` when there is no Secret. */
	read(): Promise<StoredSecret | undefined>;
	/** `Conflict` when there is one by now. */
	create(data: StoredSecret["data"]): Promise<WriteOutcome>;
	/** Replaces the data; `Conflict` when the Secret is no longer at this version. */
	update(data: StoredSecret["data"], resourceVersion: string): Promise<WriteOutcome>;
	/** Makes the webhook configuration trust exactly this PEM bundle; writes nothing when it does already. */
	ensureTrusted(bundle: string): Promise<void>;
}
