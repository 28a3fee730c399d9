import { basename } from "node:path";

const COMPLETION_NAME = /^kubectl_complete-qos(\.\w+)?$/;

/**
 * The command line of this process. Called as `kubectl_complete-qos`, by which kubectl asks for completions,
 * it is that of `__complete`: one file serves under both names.
 */
export function commandLineOf({ argv, argv0 }: Pick<NodeJS.Process, "argv" | "argv0">): readonly string[] {
	const words = argv.slice(2);
	const names = [argv0, argv[1] ?? ""].map((path) => basename(path));
	return names.some((name) => COMPLETION_NAME.test(name)) ? ["__complete", ...words] : words;
}
