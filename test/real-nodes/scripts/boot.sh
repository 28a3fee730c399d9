#!/usr/bin/env bash
# Switches a machine on: its cgroups, then namespaces of its own, then machine.sh.
# usage: boot.sh CGROUP...
set -eu
for cgroup in "$@"; do
	mkdir -p "$cgroup"
	echo $$ >"$cgroup/cgroup.procs"
done
exec unshare --net --mount --cgroup --propagation private bash "$(dirname "$(readlink -f "$0")")/machine.sh"
