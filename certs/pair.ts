/** A certificate and its private key, both PEM. The key must never reach a log or an error message. */
export interface KeyPair {
	readonly certificate: string;
	readonly key: string;
}
