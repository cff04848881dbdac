# shellcheck shell=sh
# Docker Engine's part of the kinds cgroup_driver and leftovers.

# Asked only where it runs: a question would start it through its socket.
cgroup_driver_of_docker() {
  cgroup_driver_unit=docker.service cgroup_driver_file=/etc/docker/daemon.json cgroup_driver_version=
  service_seen docker.service || service_look docker.service
  if service_seen docker.service && [ "${service_pid:-0}" -gt 0 ]; then
    cgroup_driver_now=$(timeout 30 docker info -f '{{.CgroupDriver}} {{.ServerVersion}}' 2>/dev/null) || cgroup_driver_now=
    cgroup_driver_version=${cgroup_driver_now#* }
    cgroup_driver_now=${cgroup_driver_now%% *}
    [ -z "$cgroup_driver_now" ] || return 0
  fi
  # Docker version VERSION, build COMMIT
  cgroup_driver_version=$(dockerd --version 2>/dev/null) || return 1
  cgroup_driver_version=${cgroup_driver_version#* * }
  cgroup_driver_version=${cgroup_driver_version%%,*}
  cgroup_driver_now=$(sed -n 's/.*native\.cgroupdriver=\([a-z]*\).*/\1/p' "$cgroup_driver_file" 2>/dev/null | head -n 1)
  [ -n "$cgroup_driver_now" ]
}

leftovers_docker_paths='/run/docker /run/docker.sock /run/docker.pid /etc/docker/key.json'

# Its containers, its bridge, its chains, and the policy of forwarded packets, which it makes DROP: pods of another
# runtime would have no network. firewalld's zone for the bridge, too. Images, containers and volumes are data: they stay.
leftovers_of_docker() {
  if [ "$1" = capture ]; then
    # shellcheck disable=SC2086 # paths
    leftovers_note docker.service $leftovers_docker_paths
    [ ! -d /sys/class/net/docker0 ] || echo bridge
    [ ! -f /etc/firewalld/zones/docker.xml ] || echo zone
    for leftovers_in in iptables ip6tables; do
      "$leftovers_in" -S FORWARD 2>/dev/null | sed -n "s/^-P FORWARD /$leftovers_in /p"
    done
    nft list tables 2>/dev/null || :
    return 0
  fi
  leftovers_in=$(sed -n 's/.*"data-root"[[:space:]]*:[[:space:]]*"\([^"]*\)".*/\1/p' /etc/docker/daemon.json 2>/dev/null)
  leftovers_containers moby "${leftovers_in:-/var/lib/docker}/" /run/docker/
  # Debian's package would remove them when it is purged.
  chmod -f a-x /usr/share/docker.io/contrib/nuke-graph-directory.sh || :
  # shellcheck disable=SC2086 # paths
  leftovers_paths $leftovers_docker_paths
  leftovers_had zone || rm -f -- /etc/firewalld/zones/docker.xml /etc/firewalld/zones/docker.xml.old
  leftovers_had bridge || {
    [ ! -d /sys/class/net/docker0 ] || ip link delete docker0 || np_warn "the bridge docker0 stays: ip link delete docker0 fails"
    leftovers_docker_rules iptables ip
    leftovers_docker_rules ip6tables ip6
  }
}

# leftovers_docker_rules iptables|ip6tables FAMILY: everybody else's rules stay, and nothing is without rules meanwhile.
leftovers_docker_rules() {
  np_defined "$1-restore" && "$1-save" >"$rec/rules" 2>/dev/null && grep -q DOCKER "$rec/rules" || return 0
  leftovers_policy=ACCEPT
  ! leftovers_had "$1 DROP" || leftovers_policy=DROP
  sed -e '/DOCKER/d' -e '/ docker0 /d' -e "s/^:FORWARD DROP /:FORWARD $leftovers_policy /" "$rec/rules" | "$1-restore" ||
    np_warn "Docker's packet filter rules stay: $1-restore fails"
  for leftovers_in in filter nat; do
    leftovers_had "table $2 $leftovers_in" || ! nft list table "$2" "$leftovers_in" >"$rec/rules" 2>/dev/null ||
      grep -vEq '^(table|#)|^\s*(chain|type|\}|$)' "$rec/rules" || nft delete table "$2" "$leftovers_in"
  done
}
