// Preloaded into a controller: it ends with the process that started it, even when that one was killed.
process.once("disconnect", () => process.exit(1));
process.channel?.unref();
