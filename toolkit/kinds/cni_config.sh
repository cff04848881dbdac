# shellcheck shell=sh
# cni_config PATH first [gateway=ADDRESS/LENGTH]: of the CNI configuration files in its folder, the runtime takes this one:
# the first by name; and the bridge cni0, where it is there, has that address.

# Prints the names that sort before it, whether or not it is there yet.
cni_config_before() {
  {
    printf '%s\n' "${key##*/}"
    for cni_config_path in "${key%/*}"/*.conf "${key%/*}"/*.conflist "${key%/*}"/*.json; do
      [ ! -e "$cni_config_path" ] || printf '%s\n' "${cni_config_path##*/}"
    done
  } | sort | while IFS= read -r cni_config_path; do
    [ "$cni_config_path" != "${key##*/}" ] || break
    printf '%s\n' "$cni_config_path"
  done
}

cni_config_observe() {
  cni_config_names=$(cni_config_before | tr '\n' ' ')
  if [ -n "$cni_config_names" ]; then
    np_note "is not what the runtime takes, ${cni_config_names% } comes first; must be the first"
  else
    cni_config_others
  fi
  [ -n "$seen" ] || [ -z "$cni_config_names" ] ||
    np_note "is to take the place of ${cni_config_names% }, from which Pods get their network now; if that is the network of this cluster, say so in cni.type"
  ! cni_config_other || np_note "finds cni0 with the address $cni_config_has, must find it with $word: no Pod starts so"
}

# As long as ours is not there, the runtime takes another file, also one that sorts after it. Sets cni_config_names to those
# that are there, without what belongs to no cluster.
cni_config_others() {
  cni_config_names=
  [ ! -e "$key" ] || return 0
  for cni_config_path in "${key%/*}"/*.conf "${key%/*}"/*.conflist "${key%/*}"/*.json; do
    case ${cni_config_path##*/} in *loopback* | *podman* | *crio-bridge* | *containerd-net*) continue ;; esac
    [ ! -e "$cni_config_path" ] || cni_config_names="$cni_config_names${cni_config_path##*/} "
  done
}

# The bridge has IPv4 addresses, and the one that the plugin would give it is not among them: then the plugin refuses
# every Pod. Sets word to that one and cni_config_has to the others.
cni_config_other() {
  np_word gateway && [ -e /sys/class/net/cni0 ] || return 1
  cni_config_has=$(ip -o -4 address show dev cni0 2>/dev/null | awk -v wanted="$word" '
    { all = all (NR > 1 ? " " : "") $4; if ($4 == wanted) has = 1 }
    END { if (!has) print all }')
  [ -n "$cni_config_has" ]
}

cni_config_has_pods() {
  for cni_config_port in /sys/class/net/cni0/brif/*; do [ ! -e "$cni_config_port" ] || return 0; done
  return 1
}

# The plugin makes the bridge anew for the next Pod. Those that hang on it would lose their network.
cni_config_spare_pods() {
  ! cni_config_has_pods ||
    np_die "Pods of this node hang on the bridge cni0, which has to go for the new network: drain the node (kubectl drain $(uname -n) --ignore-daemonsets --delete-emptydir-data), end those that stay (systemctl stop kubelet; crictl rmp --all --force), run this again, then start the kubelet"
}

cni_config_drop_bridge() {
  cni_config_spare_pods
  [ -d /sys/class/net/cni0/brif ] || np_die "the interface cni0 is no bridge: rename it or take it away, then run again"
  np_say 'taking away the bridge cni0, which no Pod hangs on: it has the address of another network'
  ip link delete cni0 || np_die 'cannot take away the bridge cni0: ip link delete cni0 failed'
}

# Before anything is changed, the configuration file included.
cni_config_refuse() { ! cni_config_other || cni_config_spare_pods; }

cni_config_capture() { echo none; }

# What is moved away stays beside its place, under a name that no runtime reads.
cni_config_apply() {
  cni_config_before | while IFS= read -r cni_config_path; do
    np_warn "cni_config $key: $cni_config_path is renamed to $cni_config_path.nodeprep-aside; if it is the network of this cluster, say so in cni.type"
    printf '%s\n' "$cni_config_path" >>"$rec/aside" && np_sync "$rec/aside" &&
      mv -f -- "${key%/*}/$cni_config_path" "${key%/*}/$cni_config_path.nodeprep-aside" || exit 1
  done || np_blame "$key"
  ! cni_config_other || cni_config_drop_bridge
}

cni_config_undo() {
  [ -f "$rec/aside" ] || return 0
  while IFS= read -r cni_config_path; do
    cni_config_path=${key%/*}/$cni_config_path
    [ -e "$cni_config_path.nodeprep-aside" ] || continue
    if [ -e "$cni_config_path" ]; then
      np_warn "cni_config $key: $cni_config_path is there again, so $cni_config_path.nodeprep-aside stays as it is"
    else
      mv -- "$cni_config_path.nodeprep-aside" "$cni_config_path" || np_blame "$cni_config_path"
    fi
  done <"$rec/aside"
}
