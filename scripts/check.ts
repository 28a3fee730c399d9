/** `npm run check`: types, lint, format, architecture and unused code. */
import { parseFlags } from "./arguments.ts";
import { runChecks } from "./checks.ts";
import { summarize, total } from "./summary.ts";

parseFlags({}, "npm run check");
const results = await runChecks();
console.log(summarize(results));
process.exitCode = total(results, "failed") === 0 ? 0 : 1;
