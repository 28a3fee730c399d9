/** Who a bearer token belongs to, as the API server says. */
export interface Caller {
	readonly username: string;
	readonly uid: string | undefined;
	readonly groups: readonly string[];
	readonly extra: Readonly<Record<string, readonly string[]>>;
}

/** What a request asks to do, in the words of RBAC. */
export type Access =
	| {
			readonly verb: "get" | "list" | "create" | "delete" | "deletecollection";
			readonly resource: "qosjobs" | "qosmigrations";
			/** Absent: all namespaces. */
			readonly namespace: string | undefined;
			readonly name?: string | undefined;
	  }
	| { readonly verb: "get"; readonly path: string };

/** Port: what the API server says of tokens and rights. Both methods reject when it cannot be asked. */
export interface Reviews {
	/** `undefined`: nobody's token, or not meant for the API server. */
	authenticate(token: string): Promise<Caller | undefined>;
	isAllowed(caller: Caller, access: Access): Promise<boolean>;
}
