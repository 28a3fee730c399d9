import { backtest } from "./backtest.ts";
import { check } from "./check.ts";
import type { Command } from "./command.ts";
import { explain } from "./explain/command.ts";
import { history } from "./history/command.ts";
import { install, uninstall } from "./install.ts";
import { JOBS } from "./jobs.ts";
import { migrate } from "./migrate.ts";
import { options } from "./options.ts";
import { POLICY } from "./policy.ts";
import { predict } from "./predict/command.ts";
import { recommend } from "./recommend/command.ts";
import { status } from "./status/command.ts";
import { version } from "./version.ts";

/** Every command, in the order in which help lists them. */
export const COMMANDS: readonly Command[] = [
	predict,
	recommend,
	migrate,
	explain,
	status,
	history,
	check,
	...JOBS,
	...POLICY,
	install,
	uninstall,
	backtest,
	version,
	options,
];

/** First words of commands of two words (`jobs add`), with the line that the list of commands shows. */
export const GROUPS: Readonly<Record<string, string>> = {
	jobs: "See and change what the controller's timer runs",
	policy: "Write and check QoSPolicies",
};
