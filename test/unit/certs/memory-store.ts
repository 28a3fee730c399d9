import type { CertificateStore, StoredSecret, WriteOutcome } from "../../../certs/store.ts";

/** A Secret and a caBundle with the API server's conflict semantics; every call takes a turn of the event loop. */
export class MemoryStore implements CertificateStore {
	secret: StoredSecret | undefined;
	trusted = "";
	writes = 0;
	conflicts = 0;
	failure: Error | undefined;

	async read(): Promise<StoredSecret | undefined> {
		await this.turn();
		return this.secret;
	}

	async create(data: StoredSecret["data"]): Promise<WriteOutcome> {
		await this.turn();
		return this.secret ? this.conflict() : this.put(data);
	}

	async update(data: StoredSecret["data"], resourceVersion: string): Promise<WriteOutcome> {
		await this.turn();
		return this.secret?.resourceVersion === resourceVersion ? this.put(data) : this.conflict();
	}

	async ensureTrusted(bundle: string): Promise<void> {
		await this.turn();
		this.trusted = bundle;
	}

	private put(data: StoredSecret["data"]): WriteOutcome {
		this.writes += 1;
		this.secret = { data, resourceVersion: String(this.writes) };
		return "Written";
	}

	private conflict(): WriteOutcome {
		this.conflicts += 1;
		return "Conflict";
	}

	private async turn(): Promise<void> {
		await new Promise(setImmediate);
		if (this.failure) throw this.failure;
	}
}
