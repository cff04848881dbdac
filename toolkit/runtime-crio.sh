# shellcheck shell=sh
# CRI-O's part of the kinds cgroup_driver and leftovers.

cgroup_driver_of_crio() {
  cgroup_driver_unit=crio.service cgroup_driver_file=/etc/crio/crio.conf.d/02-cgroup-manager.conf
  # crio version VERSION
  cgroup_driver_version=$(crio --version 2>/dev/null | sed -n '1s/^crio version //p')
  [ -n "$cgroup_driver_version" ] || return 1
  cgroup_driver_now=
  service_seen crio.service || service_look crio.service
  # What the daemon says of itself, else what its files come to; a default is commented out there.
  ! { service_seen crio.service && [ "${service_pid:-0}" -gt 0 ]; } ||
    cgroup_driver_now=$(timeout 30 crio status info 2>/dev/null | sed -n 's/^cgroup driver: //p')
  [ -n "$cgroup_driver_now" ] ||
    cgroup_driver_now=$(crio config 2>/dev/null | sed -n 's/^[# ]*cgroup_manager = "\(.*\)"$/\1/p')
  [ -n "$cgroup_driver_now" ]
}

# Its containers, whose monitors outlive it: ended by itself, as only it knows what is mounted for them.
leftovers_of_crio() {
  if [ "$1" = capture ]; then
    leftovers_note crio.service
    return 0
  fi
  ! leftovers_had runs || return 0
  ! np_defined crictl || timeout 300 crictl -r unix:///var/run/crio/crio.sock rmp --all --force >/dev/null 2>&1 || :
  ! grep -qsa libexec/crio/conmon /proc/[0-9]*/cmdline ||
    np_warn "containers of CRI-O run on, with their mounts: restart the machine (crictl rmp --all --force would have ended them)"
}
