import type { TestMachine } from "./machine";

/* A pod and another node, as network namespaces: the pod behind the bridge cni0, the node on a link of its own. */
const script = String.raw`
set -e
ip netns add pod
ip netns add node
ip link add cni0 type bridge
ip addr add 10.200.0.1/24 dev cni0
ip link set cni0 up
ip link add to-pod type veth peer name eth0 netns pod
ip link set to-pod master cni0 up
ip -n pod addr add 10.200.0.2/24 dev eth0
ip -n pod link set eth0 up
ip -n pod route add default via 10.200.0.1
ip link add to-node type veth peer name eth0 netns node
ip addr add 198.51.100.1/24 dev to-node
ip link set to-node up
ip -n node addr add 198.51.100.2/24 dev eth0
ip -n node link set eth0 up
ip -n node route add 10.200.0.0/24 via 198.51.100.1

ip netns exec pod python3 -m http.server 8080 >/dev/null 2>&1 &
server=$!
waited=0
until [ -n "$(ip netns exec pod ss -Hltn)" ] || [ "$waited" -ge 60 ]; do sleep 1; waited=$((waited + 1)); done
ip netns exec node python3 -c '
import socket
print("reached from", socket.create_connection(("10.200.0.2", 8080), 20).getsockname()[0])' 2>&1 | tail -n 1

kill "$server"
ip netns del pod
ip netns del node
ip link del cni0
umount /run/netns
rmdir /run/netns
for waited in 1 2 3 4 5 6 7 8 9 10; do ! modprobe -qr veth || break; sleep 1; done
`;

/**
 * What comes of a connection to a pod of this machine that another node opens with its own address, which is of no
 * pod network: `reached from ADDRESS`, or the error.
 */
export const fromNodeToPod = async (machine: TestMachine): Promise<string> =>
  (await machine.sh(script)).trim();
