const STOP_SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * Runs `work` with a signal that fires when this process is asked to end, or when the one that started it has ended,
 * even by SIGKILL. This process is expected to end then.
 */
export async function interruptible<T>(work: (interruption: AbortSignal) => Promise<T>): Promise<T> {
	const controller = new AbortController();
	function interrupt(): void {
		controller.abort();
	}
	for (const signal of STOP_SIGNALS) process.on(signal, interrupt);
	process.on("disconnect", interrupt);
	try {
		return await work(controller.signal);
	} finally {
		process.off("disconnect", interrupt);
		// Ctrl-C comes twice, from the terminal and from the parent: the second one must not cut short what the first began.
		if (!controller.signal.aborted) for (const signal of STOP_SIGNALS) process.off(signal, interrupt);
	}
}
