# shellcheck shell=sh
# The hooks of a worker's stages: what kubelet, kube-proxy and bridge plugin have put into the kernel goes with them,
# as long as the programs that can take it away are there.

np_before_kube_proxy() {
  worker_leaves "$1" kube-proxy.service && [ -x /usr/local/bin/kube-proxy ] || return 0
  np_say 'taking the rules of kube-proxy out of the kernel'
  timeout 120 /usr/local/bin/kube-proxy --cleanup >/dev/null 2>&1 ||
    np_warn 'kube-proxy --cleanup failed: what is left of its rules goes with the next boot'
}

# kube-proxy's own have left before.
np_before_kubelet() {
  worker_leaves "$1" kubelet.service || return 0
  worker_forget
}

# kube-proxy ran as a Pod: kubeadm reset leaves its rules, and those of the kubelet, and no program of it is left here.
np_before_kubernetes_packages() {
  worker_leaves "$1" kubelet.service || return 0
  worker_forget
  for worker_in in ip ip6; do nft delete table "$worker_in" kube-proxy 2>/dev/null || :; done
}

# worker_forget: the kernel loses the slice of the Pods, and the chains of the kubelet and of kube-proxy.
worker_forget() {
  timeout 60 systemctl --quiet stop kubepods.slice 2>/dev/null || :
  for worker_in in iptables ip6tables; do
    np_defined "$worker_in-save" || continue
    "$worker_in-save" 2>/dev/null | worker_without KUBE- | "$worker_in-restore" --noflush ||
      np_warn "$worker_in-restore failed: the chains KUBE-* stay until the next boot"
  done
}

# The bridge without a Pod. The configuration that it was made by was not there before, and leaves; with a network of
# another type, too, which may want a bridge of the same name. That another configuration of ours finds it with the
# right address is a requirement of its own.
np_before_cni() {
  [ "$1" = undo ] || return 0
  ! np_run_applies || case $np_kinds in *' cni_config '*) return 0 ;; esac
  for np_n in $names; do
    case $np_n in file:*/10-bridge.conf) np_rec "$np_n" ;; *) continue ;; esac
    np_read_line "$rec/found"
    [ "$line" = absent ] && [ -d /sys/class/net/cni0/brif ] || continue
    ! np_run_applies || cni_config_spare_pods
    cni_config_has_pods || ip link delete cni0 || np_warn 'the interface cni0 stays: ip link delete cni0 failed'
  done
}

# worker_leaves apply|undo UNIT: the whole stage is undone, and the unit, which did not run before, is stopped.
worker_leaves() {
  [ "$1" = undo ] && ! np_run_applies || return 1
  np_read_line "$NP_RECORD/req/service:$2/found"
  case $line in '' | *' active '*) return 1 ;; esac
  key=$2 kind=service
  service_look "$key"
  service_seen "$key" && [ "$service_load" != not-found ] || return 1
  service_do stop
}

# worker_without PREFIX: from what is saved of a packet filter, the changes that take the chains of that name away,
# and the rules that lead there.
worker_without() {
  awk -v prefix="$1" '
    function out(i) {
      if (chains) printf "%s\n%s%s%sCOMMIT\n", table, flushed, rules, chains
      flushed = rules = chains = ""
    }
    /^\*/ { out(); table = $0; next }
    /^:/ && index($1, ":" prefix) == 1 {
      name = substr($1, 2); flushed = flushed ":" name " - [0:0]\n"; chains = chains "-X " name "\n"; next
    }
    /^-A / && index($2, prefix) != 1 && index($0, " -j " prefix) { sub(/^-A/, "-D"); rules = rules $0 "\n" }
    END { out() }'
}
