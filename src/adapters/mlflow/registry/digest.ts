/** SHA-256 in hex, computed on another thread: of megabytes it takes long enough to be felt. */
export async function digest(bytes: Uint8Array): Promise<string> {
	return Buffer.from(await crypto.subtle.digest("SHA-256", new Uint8Array(bytes))).toString("hex");
}
