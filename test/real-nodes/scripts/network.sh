#!/usr/bin/env bash
# First process of a cluster's namespaces: a bridge that joins the servers, the machines and the host, then the
# command. When the command ends, so does all that runs in the namespaces, and with them the links.
# usage: network.sh COMMAND...
#   NETWORK  first two numbers of all addresses; .0.1 is the host, .0.2 the servers
#   LINK     name of the host's interface
#   SERVICE  address of the Service "kubernetes", which the API server answers itself
# File descriptor 9 is the host's network namespace.
set -eu

on_host() { nsenter --net=/proc/self/fd/9 "$@"; }

ip link set lo up
ip address add "$SERVICE/32" dev lo
ip link add lan type bridge
ip address add "$NETWORK.0.2/24" dev lan
ip link set lan up
# Machines reach each other's pods through here.
echo 1 >/proc/sys/net/ipv4/ip_forward
for scope in all default lan; do echo 0 >"/proc/sys/net/ipv4/conf/$scope/send_redirects"; done

on_host ip link add "$LINK" type veth peer name host netns $$
ip link set host master lan up
on_host ip address add "$NETWORK.0.1/24" dev "$LINK"
on_host ip link set "$LINK" up
on_host ip route add "$NETWORK.0.0/16" via "$NETWORK.0.2"
exec 9<&-

# Not exec: the first process of a namespace inherits orphans, and bash buries them.
"$@" &
wait $!
