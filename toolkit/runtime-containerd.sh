# shellcheck shell=sh
# containerd's part of the kinds cgroup_driver, file and leftovers.

cgroup_driver_of_containerd() {
  cgroup_driver_unit=containerd.service cgroup_driver_file=/etc/containerd/config.toml
  cgroup_driver_version=$(containerd --version 2>/dev/null) || return 1
  # containerd NAME VERSION COMMIT
  cgroup_driver_version=${cgroup_driver_version#* * }
  cgroup_driver_version=${cgroup_driver_version%% *}
  cgroup_driver_version=${cgroup_driver_version#v}
  cgroup_driver_now=$(containerd config dump 2>/dev/null | awk '
    /^ *\[/ { here = /\.containerd\.runtimes\.runc\.options\]/ }
    /^ *version *=/ { ok = 1 }
    here && /SystemdCgroup *= *true/ { systemd = 1 }
    END { if (ok) print systemd ? "systemd" : "cgroupfs" }')
  [ -n "$cgroup_driver_now" ]
}

# The daemon that is there reads it as it would at its next start.
file_check_containerd() { ! np_defined containerd || containerd --config "$1" config dump; }

# Its containers; it leaves them alone when it stops.
leftovers_of_containerd() {
  case $1 in
    capture) leftovers_note containerd.service ;;
    *) leftovers_containers others /run/containerd/ /run/netns/cni- ;;
  esac
}
