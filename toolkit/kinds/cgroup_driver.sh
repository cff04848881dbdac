# shellcheck shell=sh
# cgroup_driver RUNTIME systemd|cgroupfs: what the running runtime uses, not only what its file says.
# A runtime is a function cgroup_driver_of_RUNTIME in a file of its own (toolkit/runtime-RUNTIME.sh). It sets
# cgroup_driver_unit, cgroup_driver_file, cgroup_driver_version and cgroup_driver_now, and fails where it cannot tell.

# Sets cgroup_driver_state: unread where the daemon was started before its file last changed, down, or running.
cgroup_driver_daemon() {
  cgroup_driver_state=down
  service_seen "$cgroup_driver_unit" || service_look "$cgroup_driver_unit"
  service_seen "$cgroup_driver_unit" && [ "${service_pid:-0}" -gt 0 ] || return 0
  cgroup_driver_state=unread
  cgroup_driver_changed=$(stat -c %Z "$cgroup_driver_file" 2>/dev/null) || return 0
  cgroup_driver_state=running
  read -r cgroup_driver_in <"/proc/$service_pid/stat" && read -r cgroup_driver_up _ </proc/uptime || return 0
  # Field 22, counted from behind the name: the start, in ticks of 1/100 s since boot.
  # shellcheck disable=SC2086 # fields
  set -- ${cgroup_driver_in##*) }
  shift 19
  cgroup_driver_date=$(date +%s)
  # A change within the last two seconds before the start cannot be told from one after it.
  [ "$cgroup_driver_changed" -le $((cgroup_driver_date - ${cgroup_driver_up%.*} + $1 / 100 + 2)) ] ||
    [ "$cgroup_driver_changed" -gt "$cgroup_driver_date" ] || cgroup_driver_state=unread
}

# The file's own requirement, where there is one, speaks of the file: it is not said twice.
cgroup_driver_file_differs() {
  cgroup_driver_i=0
  while [ "$cgroup_driver_i" -lt "$np_count" ]; do
    cgroup_driver_i=$((cgroup_driver_i + 1))
    np_load "$cgroup_driver_i"
    [ "$name" = "file:$cgroup_driver_file" ] || continue
    seen=
    file_observe
    [ -z "$seen" ] || return 0
  done
  return 1
}

cgroup_driver_survey() {
  np_load "$1"
  cgroup_driver_look
  cgroup_driver_differs=
  [ "$cgroup_driver_state" = running ] || ! cgroup_driver_file_differs || cgroup_driver_differs=differs
}

cgroup_driver_look() {
  cgroup_driver_now='' cgroup_driver_state=absent
  "cgroup_driver_of_$key" || [ -n "${cgroup_driver_version:-}" ] || return 0
  cgroup_driver_daemon
}

cgroup_driver_observe() {
  case $cgroup_driver_state${cgroup_driver_now:+/}$cgroup_driver_now in
    absent) seen="is unknown, $key is not installed; must be $value" ;;
    running) seen="is unknown, $key cannot read its configuration; must be $value" ;;
    running/"$value") ;;
    running/*) seen="is $cgroup_driver_now, must be $value" ;;
    *) cgroup_driver_observe_next ;;
  esac
}

# The daemon is down, or has not read its file: what it will use once it is started.
cgroup_driver_observe_next() {
  [ -z "$cgroup_driver_differs" ] || return 0
  if [ "$cgroup_driver_now" != "$value" ]; then
    seen="will be ${cgroup_driver_now:-unknown} after $key's next start, must be $value"
  elif [ "$cgroup_driver_state" = unread ]; then
    seen="must be confirmed by a restart, $cgroup_driver_file has changed since $key was started"
  fi
}

cgroup_driver_capture() { printf '%s\n' "${cgroup_driver_now:-unknown}"; }

# By now the file says it, and the service was restarted if that was part of this apply. The survey has set unit and file;
# what the runtime says of itself is asked when this is proved.
cgroup_driver_apply() {
  service_all=
  cgroup_driver_daemon
  [ "$cgroup_driver_state" = unread ] || return 0
  key=$cgroup_driver_unit
  service_do restart
}

# The file and the service give back what was found.
cgroup_driver_undo() { rm -f -- "$NP_RECORD/runtime.$key"; }

cgroup_driver_report() {
  [ -n "${cgroup_driver_now:-}" ] || cgroup_driver_look
  ! np_defined "cgroup_driver_keep_$key" || "cgroup_driver_keep_$key"
  printf 'runtime.version=%s\nruntime.cgroupDriver=%s\n' "$cgroup_driver_version" "$cgroup_driver_now"
}
