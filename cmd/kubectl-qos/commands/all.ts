import { GLOBAL_FLAGS } from "../arguments/global.ts";
import { backtest } from "./backtest.ts";
import { check } from "./check.ts";
import type { Command } from "./command.ts";
import { completeCommand, installCompletion } from "./completion/command.ts";
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
import { top } from "./top/command.ts";
import { version } from "./version.ts";

/** Every command, in the order in which help lists them. */
export const COMMANDS: readonly Command[] = [
	predict,
	recommend,
	migrate,
	explain,
	status,
	history,
	top,
	check,
	...JOBS,
	...POLICY,
	install,
	uninstall,
	backtest,
	installCompletion,
	version,
	options,
	completeCommand(() => SYNTAX),
];

/** The same with the flags that every command takes, as the parser knows them. */
export const SYNTAX = COMMANDS.map((command) => ({
	...command,
	flags: [...command.flags, ...GLOBAL_FLAGS],
	command,
}));
