/** `npm run check`: types, lint, format, architecture and unused code. */
import { runChecks } from "./checks.ts";
import { summarize, total } from "./summary.ts";

const results = await runChecks();
console.log(summarize(results));
process.exitCode = total(results, "failed") === 0 ? 0 : 1;
