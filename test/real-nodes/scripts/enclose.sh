#!/usr/bin/env bash
# Runs a command in network, mount and process namespaces of its own and removes, when it has ended in whatever way,
# what the kernel does not remove with them.
# usage: enclose.sh FOLDER "CGROUP..." COMMAND...
#   FOLDER  removed with all that it holds
#   CGROUP  folder of a cgroup, removed with those below
# What network.sh takes from the environment is needed too.
set -u
here=$(dirname "$(readlink -f "$0")")
folder=$1 cgroups=$2
shift 2

# The network's script makes one end of a link there.
exec 9</proc/self/ns/net
unshare --net --mount --pid --fork --kill-child=KILL --mount-proc --propagation private bash "$here/network.sh" "$@"
status=$?
# The kernel would remove it some moments later.
ip link delete "$LINK" 2>/dev/null
# shellcheck disable=SC2086
bash "$here/remove-cgroups.sh" $cgroups
rm -rf --one-file-system "$folder"
exit $status
