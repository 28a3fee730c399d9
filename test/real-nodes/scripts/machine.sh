#!/usr/bin/env bash
# A machine as the programs on it see it: network, /run and /var, cgroups, hardware and sysctls of its own. Stays until
# it is killed.
#   NAME ADDRESS GATEWAY POD_RANGE  of the machine in the cluster's network
#   DIR                             folder of the machine; "machine.pid" appears there when it is ready
#   HIERARCHIES                     of cgroup v1, "NAME=MOUNT OPTIONS" each; empty with v2
#   CPUS MEMORY_KB                  what it admits to
set -eu

on_lan() { nsenter --net=/proc/1/ns/net "$@"; }

ip link set lo up
on_lan ip link delete "$NAME" 2>/dev/null || true
on_lan ip link add "$NAME" type veth peer name eth0 netns $$
on_lan ip link set "$NAME" master lan up
on_lan ip route replace "$POD_RANGE" via "$ADDRESS"
ip address add "$ADDRESS/24" dev eth0
ip link set eth0 up
ip route add default via "$GATEWAY"
echo 1 >/proc/sys/net/ipv4/ip_forward

mount -t sysfs sysfs /sys
if [ -n "$HIERARCHIES" ]; then
	mount -t tmpfs -o mode=755 tmpfs /sys/fs/cgroup
	for hierarchy in $HIERARCHIES; do
		name=${hierarchy%%=*}
		mkdir "/sys/fs/cgroup/$name"
		mount -t cgroup -o "${hierarchy#*=}" cgroup "/sys/fs/cgroup/$name"
		# Hierarchies of two controllers are looked for under the name of each.
		for controller in ${name//,/ }; do
			[ -e "/sys/fs/cgroup/$controller" ] || ln -s "$name" "/sys/fs/cgroup/$controller"
		done
		mkdir -p "/sys/fs/cgroup/$name/pods" "/sys/fs/cgroup/$name/system"
		echo $$ >"/sys/fs/cgroup/$name/system/cgroup.procs"
	done
else
	mount -t cgroup2 cgroup2 /sys/fs/cgroup
	mkdir -p /sys/fs/cgroup/pods /sys/fs/cgroup/system
	echo $$ >/sys/fs/cgroup/system/cgroup.procs
	# A cgroup with processes cannot hand controllers down, so this comes after the move.
	echo "+cpu +cpuset +memory +pids +io" >/sys/fs/cgroup/cgroup.subtree_control
	echo "+cpu +cpuset +memory +pids +io" >/sys/fs/cgroup/pods/cgroup.subtree_control
fi

for folder in /run /var/lib /var/log; do mount -t tmpfs -o mode=755 tmpfs "$folder"; done
mkdir -p /run/lock /run/containerd /var/lib/kubelet /var/log/containers /var/lib/cni

hardware=$DIR/hardware
mkdir -p "$hardware"
sed "s/^MemTotal:.*/MemTotal:       $MEMORY_KB kB/" /proc/meminfo >"$hardware/meminfo"
mount --bind "$hardware/meminfo" /proc/meminfo
if [ -d /sys/devices/system/node ]; then
	mount -t tmpfs tmpfs /sys/devices/system/node
	mkdir -p /sys/devices/system/node/node0
	for cpu in ${CPUS//,/ }; do ln -s "/sys/devices/system/cpu/cpu$cpu" "/sys/devices/system/node/node0/cpu$cpu"; done
	echo "Node 0 MemTotal: $MEMORY_KB kB" >/sys/devices/system/node/node0/meminfo
fi

# The kubelet sets these for the whole computer: it is given files to write to instead.
for setting in vm/overcommit_memory:1 vm/panic_on_oom:0 kernel/panic:10 kernel/panic_on_oops:1 \
	kernel/keys/root_maxkeys:1000000 kernel/keys/root_maxbytes:25000000; do
	file=${setting%%:*}
	[ -e "/proc/sys/$file" ] || continue
	echo "${setting#*:}" >"$hardware/${file//\//.}"
	mount --bind "$hardware/${file//\//.}" "/proc/sys/$file"
done

mount --make-rshared /
echo $$ >"$DIR/machine.pid.partial"
mv "$DIR/machine.pid.partial" "$DIR/machine.pid"
exec sleep infinity
