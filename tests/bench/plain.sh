#!/bin/sh
# The state that nodeprep's first apply reaches on a worker, by the plain commands of the source documents.
# $1: a public key for the account.
set -eu
export DEBIAN_FRONTEND=noninteractive
printf 'overlay\nbr_netfilter\n' >/etc/modules-load.d/k8s.conf
modprobe overlay
modprobe br_netfilter
cat >/etc/sysctl.d/k8s.conf <<'EOF'
net.bridge.bridge-nf-call-iptables = 1
net.bridge.bridge-nf-call-ip6tables = 1
net.ipv4.ip_forward = 1
vm.overcommit_memory = 1
vm.panic_on_oom = 0
kernel.panic = 10
kernel.panic_on_oops = 1
fs.inotify.max_user_instances = 8192
fs.inotify.max_user_watches = 524288
EOF
sysctl --system >/dev/null
swapoff -a
sed -i -E 's/^([^#]\S*\s+\S+\s+swap\s)/#\1/' /etc/fstab
systemctl daemon-reload
useradd -m -s /bin/bash kube
install -d -m 0700 -o kube -g kube /home/kube/.ssh
printf '%s\n' "$1" >/home/kube/.ssh/authorized_keys
chown kube:kube /home/kube/.ssh/authorized_keys
apt-get install -y -q --no-install-recommends netbase firewalld containerd >/dev/null
firewall-cmd -q --permanent --add-port=10250/tcp --add-port=30000-32767/tcp
firewall-cmd -q --permanent --zone=trusted --add-source=10.200.0.0/16
firewall-cmd -q --reload
mkdir -p /etc/containerd
containerd config default | sed 's/SystemdCgroup = false/SystemdCgroup = true/' >/etc/containerd/config.toml
systemctl restart containerd
systemctl enable -q containerd firewalld
