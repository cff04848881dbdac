# shellcheck shell=sh
# module NAME loaded: the running kernel has it, as a module or built in.

module_loaded() {
  module_id=
  module_in=$1
  while :; do
    case $module_in in
      *-*) module_id=${module_id}${module_in%%-*}_ module_in=${module_in#*-} ;;
      *) break ;;
    esac
  done
  module_id=$module_id$module_in
  [ -d "/sys/module/$module_id" ] || grep -q "/$1\.ko" "/lib/modules/$(uname -r)/modules.builtin" 2>/dev/null
}

module_observe() {
  module_loaded "$key" && return 0
  module_release=$(uname -r)
  if [ -d "/lib/modules/$module_release" ]; then
    seen='is not loaded, must be loaded'
  else
    seen="is not loaded: reboot required, the running kernel $module_release has no modules on disk any more"
  fi
}

module_capture() {
  if module_loaded "$key"; then echo loaded; else echo absent; fi
}

# Loading one brings in others; undo must take away those, and only those.
module_apply() {
  [ -d "/lib/modules/$(uname -r)" ] ||
    np_die "module $key: reboot required, the running kernel $(uname -r) has no modules on disk any more"
  cp /proc/modules "$rec/before" && np_sync "$rec/before"
  modprobe -- "$key" || np_die "module $key cannot be loaded into kernel $(uname -r); is its package installed for this kernel (linux-modules-extra-$(uname -r), with dnf kernel-modules-extra-$(uname -r))?"
  awk 'NR == FNR { was[$1] = 1; next } !($1 in was) { print $1 }' "$rec/before" /proc/modules >>"$rec/added"
}

module_undo() {
  [ -s "$rec/added" ] || return 0
  module_pass=0
  while [ "$module_pass" -lt 5 ]; do
    module_pass=$((module_pass + 1)) module_busy=
    while IFS= read -r module_name; do
      [ ! -d "/sys/module/$module_name" ] || rmmod "$module_name" 2>/dev/null || module_busy="$module_busy $module_name"
    done <"$rec/added"
    [ -n "$module_busy" ] || return 0
  done
  np_warn "module$module_busy in use: stays loaded until the next reboot"
}
