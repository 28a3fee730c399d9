/** Where adapters tell what happens: static messages plus fields. A pino logger is one. */
export interface Log {
	info(fields: object, message: string): void;
	warn(fields: object, message: string): void;
}

export const SILENT: Log = { info: () => undefined, warn: () => undefined };
