import type { LearnedState } from "./state.ts";

/** Port: where what is learned outlives the process, and reaches the other replicas. */
export interface LearnedStore {
	/**
	 * Calls `onState` with what is stored now and whenever it changes, `undefined` when it was deleted; returns
	 * how to end that. What cannot be read is logged and passed over.
	 */
	watch(onState: (state: LearnedState | undefined) => void): () => Promise<void>;
	/** Whether it is known what is stored, if anything. */
	ready(): boolean;
	/** Replaces what is stored; false when somebody else wrote meanwhile. Never rejects; a failure is logged. */
	write(state: LearnedState): Promise<boolean>;
}
