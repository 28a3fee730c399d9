/** First words of commands of two words (`jobs add`), with the line that the list of commands shows. */
export const GROUPS: Readonly<Record<string, string>> = {
	jobs: "See and change what the controller's timer runs",
	policy: "Write and check QoSPolicies",
	completion: "Completion of commands, flags and names by kubectl",
};
