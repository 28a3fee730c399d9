#!/usr/bin/env bash
# Removes cgroups and those below. Their processes have been killed and may take a moment to go.
# usage: remove-cgroups.sh CGROUP...
for _ in $(seq 100); do
	left=
	for cgroup in "$@"; do
		[ -d "$cgroup" ] || continue
		find "$cgroup" -depth -type d -exec rmdir {} + 2>/dev/null
		[ -d "$cgroup" ] && left=yes
	done
	[ -z "$left" ] && exit 0
	sleep 0.1
done
echo "cgroups that could not be removed: $*" >&2
exit 1
