#!/usr/bin/env bash
# Runs a command once containerd answers on this machine.
# usage: with-containerd.sh CTR COMMAND...
set -eu
ctr=$1
shift
for _ in $(seq 300); do
	if "$ctr" --timeout 2s version >/dev/null 2>&1; then exec "$@"; fi
	sleep 0.1
done
echo "containerd does not answer after 30 s" >&2
exit 1
