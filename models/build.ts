import { writeFileSync } from "node:fs";
import { parseFlags } from "../scripts/arguments.ts";
import { headroom } from "./headroom.ts";

/** `npm run models:build`: writes the built-in models next to this file. */
parseFlags({}, "npm run models:build");
for (const direction of ["Minimize", "Maximize"] as const) {
	const file = new URL(`headroom-${direction.toLowerCase()}.onnx`, import.meta.url);
	const bytes = headroom(direction);
	writeFileSync(file, bytes);
	console.log(`models/${file.pathname.split("/").at(-1)}: ${bytes.length} bytes`);
}
