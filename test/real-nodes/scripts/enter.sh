#!/usr/bin/env bash
# Runs a command on a machine that is switched on, beside its pods.
# usage: enter.sh MACHINE_FOLDER "CGROUP..." COMMAND...
set -eu
for cgroup in $2; do echo $$ >"$cgroup/system/cgroup.procs"; done
machine=$(cat "$1/machine.pid")
shift 2
exec nsenter --target "$machine" --net --mount --cgroup -- "$@"
