# shellcheck shell=sh
# containerd's part of the kinds cgroup_driver, file and leftovers.

containerd_said=$NP_RECORD/runtime.containerd

cgroup_driver_of_containerd() {
  cgroup_driver_unit=containerd.service cgroup_driver_file=/etc/containerd/config.toml
  ! containerd_recall || return 0
  cgroup_driver_version=$(containerd --version 2>/dev/null) || return 1
  # containerd NAME VERSION COMMIT
  cgroup_driver_version=${cgroup_driver_version#* * }
  cgroup_driver_version=${cgroup_driver_version%% *}
  cgroup_driver_version=${cgroup_driver_version#v}
  containerd_dump=$(containerd config dump 2>/dev/null | awk '
    /^ *\[/ { here = /\.containerd\.runtimes\.runc\.options\]/ }
    /^ *version *=/ { ok = 1 }
    /^ *imports *= *\[ *(["\047]\/etc\/containerd\/config\.toml["\047])? *\] *$/ { alone = " alone" }
    here && /SystemdCgroup *= *true/ { systemd = 1 }
    END { if (ok) print (systemd ? "systemd" : "cgroupfs") alone }')
  cgroup_driver_now=${containerd_dump% alone}
  [ -n "$cgroup_driver_now" ]
}

# What it says takes two starts of a large program, and holds for as long as that and its configuration, where it is one
# file alone, are the same: by a time that nobody can set.
containerd_recall() {
  containerd_dump=
  containerd_files=$(stat -Lc '%n %i %s %.9Z' -- "$(command -v containerd)" "$cgroup_driver_file" 2>/dev/null) &&
    [ -r "$containerd_said" ] || return 1
  {
    IFS= read -r containerd_program
    IFS= read -r containerd_file
    IFS=/ read -r containerd_version containerd_driver containerd_end
  } <"$containerd_said"
  [ "$containerd_program$np_nl$containerd_file/$containerd_end" = "$containerd_files/end" ] || return 1
  cgroup_driver_version=$containerd_version cgroup_driver_now=$containerd_driver
}

# Kept by an apply, since a survey writes nothing. Half a text is none. Some releases say which files they import, some
# which they have found.
cgroup_driver_keep_containerd() {
  case $containerd_dump in *' alone') ;; *) return 0 ;; esac
  ! grep -Eq "^[[:space:]]*[\"']?imports" "$cgroup_driver_file" || return 0
  printf '%s\n%s/%s/end\n' "$containerd_files" "$cgroup_driver_version" "$cgroup_driver_now" \
    >"$containerd_said" 2>/dev/null || :
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
