# What nodeprep does to a worker, as a pyinfra user would write it. The host's data come from run.ts.
from pyinfra import host
from pyinfra.facts.server import Command
from pyinfra.operations import apt, files, server, systemd

sysctls = {
    "net.bridge.bridge-nf-call-iptables": 1,
    "net.bridge.bridge-nf-call-ip6tables": 1,
    "net.ipv4.ip_forward": 1,
    "vm.overcommit_memory": 1,
    "vm.panic_on_oom": 0,
    "kernel.panic": 10,
    "kernel.panic_on_oops": 1,
    "fs.inotify.max_user_instances": 8192,
    "fs.inotify.max_user_watches": 524288,
}


def says(command):
    """What a command prints, whether or not it can be run."""
    return host.get_fact(Command, command + " 2>/dev/null || true") or ""


server.user(name="account", user="kube", shell="/bin/bash", home="/home/kube", ensure_home=True)
server.user_authorized_keys(name="its key", user="kube", public_keys=[host.data.public_key], delete_keys=True)
files.put(name="modules at boot", src=host.data.modules, dest="/etc/modules-load.d/k8s.conf", mode="644")
for module in ("overlay", "br_netfilter"):
    server.modprobe(name="module " + module, module=module)
for key, value in sysctls.items():
    server.sysctl(name=key, key=key, value=value, persist=True, persist_file="/etc/sysctl.d/k8s.conf")
files.replace(
    name="swap at boot", path="/etc/fstab", text=r"^\([^#][^[:space:]]*[[:space:]]*[^[:space:]]*[[:space:]]*swap[[:space:]]\)", replace=r"#\1"
)
if says("tail -n +2 /proc/swaps"):
    server.shell(name="swap now", commands="swapoff -a")
apt.packages(name="packages", packages=["netbase", "firewalld", "containerd"], no_recommends=True)
if "containerd" not in says("apt-mark showhold"):
    server.shell(name="containerd is held", commands="apt-mark hold containerd")
systemd.service(name="firewalld runs", service="firewalld.service", running=True, enabled=True)

# pyinfra has no operations for firewalld.
rules = ("zone=public --{}-port=10250/tcp", "zone=public --{}-port=30000-32767/tcp", "zone=trusted --{}-source=10.200.0.0/16")
for rule in rules:
    for side in ("", "--permanent "):
        if says("firewall-cmd " + side + "--" + rule.format("query")) != "yes":
            server.shell(name=side + rule.format("add"), commands="firewall-cmd " + side + "--" + rule.format("add"))

for path in ("/etc/containerd", "/etc/containerd/certs.d", "/etc/cni", "/etc/cni/net.d"):
    files.directory(name=path, path=path, mode="755")
config = files.put(name="containerd's configuration", src=host.data.containerd, dest="/etc/containerd/config.toml", mode="644")
systemd.service(name="containerd runs", service="containerd.service", running=True, enabled=True)
systemd.service(name="containerd restarts", service="containerd.service", restarted=True, _if=config.did_change)
