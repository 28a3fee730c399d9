/** What `migrate` does, by the action that its flags ask for. */
export { cancelMove } from "./cancel.ts";
export { move } from "./move.ts";
export { revertMove } from "./revert.ts";
