# shellcheck shell=sh
# module NAME loaded: the running kernel has it, as a module or built in, and nothing keeps it from being loaded at boot.

# Sets module_id to NAME as the kernel writes it.
module_named() {
  module_id=
  module_in=$1
  while :; do
    case $module_in in
      *-*) module_id=${module_id}${module_in%%-*}_ module_in=${module_in#*-} ;;
      *) break ;;
    esac
  done
  module_id=$module_id$module_in
}

module_loaded() {
  module_named "$1"
  [ -d "/sys/module/$module_id" ] || module_is_built_in "$1"
}

module_is_built_in() {
  np_kernel
  grep -q "/$1\.ko" "/lib/modules/$np_release/modules.builtin" 2>/dev/null
}

# Lines of NAME#FILE: what modules-load.d does not load, although modprobe by hand may. Blacklisted, or with a command
# in its place that does nothing.
module_survey() {
  module_bars=$np_nl$(np_conf_files /etc/modprobe.d /run/modprobe.d /usr/local/lib/modprobe.d /usr/lib/modprobe.d /lib/modprobe.d | awk '
    { file = $0
      while ((getline text < file) > 0) {
        sub(/^[ \t]+/, "", text); split(text, word, /[ \t]+/); gsub(/-/, "_", word[2])
        if (word[1] == "blacklist" || (word[1] == "install" && word[3] ~ /^(\/usr)?\/bin\/(true|false)$/)) print word[2] "#" file
      }
      close(file) }')$np_nl
}

# Sets module_bar to the file that keeps $key from being loaded at boot.
module_barred() {
  module_named "$key"
  case $module_bars in *"$np_nl$module_id#"*) ;; *) return 1 ;; esac
  ! module_is_built_in "$key" || return 1
  module_bar=${module_bars#*"$np_nl$module_id#"}
  module_bar=${module_bar%%"$np_nl"*}
}

# Sets module_kernel to a later kernel on disk that has $key, where the running one has nothing of that name.
module_elsewhere() {
  module_named "$key"
  module_kernel=
  ! module_on_disk "/lib/modules/$np_release" || return 1
  for module_in in /lib/modules/*/modules.dep; do
    module_in=${module_in%/*}
    module_is_later "${module_in##*/}" && module_on_disk "$module_in" || continue
    module_kernel=${module_in##*/}
  done
  [ -n "$module_kernel" ]
}

# module_is_later RELEASE: by its numbers, later than the kernel that runs.
module_is_later() {
  MODULE_RUNS=$np_release MODULE_OTHER=$1 awk 'BEGIN {
    n = split(ENVIRON["MODULE_RUNS"], runs, /[^0-9]+/); m = split(ENVIRON["MODULE_OTHER"], other, /[^0-9]+/)
    for (i = 1; i <= n || i <= m; i++) if (runs[i] + 0 != other[i] + 0) exit !(other[i] + 0 > runs[i] + 0)
    exit 1
  }'
}

# module_on_disk FOLDER: it has a module of the name or the alias $module_id.
module_on_disk() {
  cat "$1/modules.dep" "$1/modules.alias" 2>/dev/null | MODULE_ID=$module_id awk '
    $1 == "alias" { name = $2 }
    $1 ~ /:$/ { name = $1; sub(/^.*\//, "", name); sub(/\.ko[.a-z0-9]*:$/, "", name) }
    { gsub(/-/, "_", name); if (name == ENVIRON["MODULE_ID"]) has = 1 }
    END { exit !has }'
}

# Until the next boot this kernel loads no module any more. Ours are then loaded before sysctls are set.
module_locked() {
  np_read_line /proc/sys/kernel/modules_disabled
  [ "$line" = 1 ]
}
module_lock='reboot required, kernel.modules_disabled keeps the running kernel from loading modules'

# A container's kernel is its host's, and so are the modules.
module_is_hosts() {
  [ ! -e /run/systemd/container ] ||
    np_die "module $key cannot be loaded from within this container: load it on the host, now and at boot"
}

module_observe() {
  if module_loaded "$key"; then
    ! module_barred || seen="will not be loaded at boot ($module_bar keeps it from that), must be loaded"
  elif module_locked; then
    seen="is not loaded: $module_lock"
  elif [ ! -d "/lib/modules/$np_release" ]; then
    seen="is not loaded: reboot required, the running kernel $np_release has no modules on disk any more"
  elif module_elsewhere; then
    seen="is not loaded: reboot required, kernel $module_kernel has it, $np_release runs"
  else
    seen='is not loaded, must be loaded'
  fi
}

module_capture() {
  if module_loaded "$key"; then echo loaded; else echo absent; fi
}

# Loading one brings in others; undo must take away those, and only those.
module_apply() {
  np_kernel
  module_loaded "$key" || ! module_locked || np_die "module $key: $module_lock"
  [ -d "/lib/modules/$np_release" ] || {
    module_is_hosts
    np_die "module $key: reboot required, the running kernel $np_release has no modules on disk any more"
  }
  ! module_barred ||
    np_die "module $key will not be loaded at boot: $module_bar says blacklist or install of it; take that line out, then run again"
  cp /proc/modules "$rec/before" && np_sync "$rec/before" || np_cannot_write "$rec/before"
  modprobe -- "$key" || {
    # Whoever loads it later is not us.
    rm -f -- "$rec/before"
    module_is_hosts
    module_package="its package for this kernel (linux-modules-extra-$np_release, with dnf kernel-modules-extra-$np_release)"
    ! module_elsewhere ||
      np_die "module $key: reboot required, kernel $module_kernel has it, $np_release runs; or install $module_package"
    np_die "module $key cannot be loaded into kernel $np_release; is $module_package installed?"
  }
  awk 'NR == FNR { was[$1] = 1; next } !($1 in was) { print $1 }' "$rec/before" /proc/modules >>"$rec/added"
}

# Cut off between loading and noting what that brought, and loaded already when the next apply came: what was added is
# the module and those that it needs, as far as they were not there before. Anything else may be others'.
module_derive_added() {
  [ -f "$rec/before" ] || return 0
  np_read_line "$rec/found"
  [ "$line" = absent ] && module_loaded "$key" || return 0
  # The fourth field names those that use the module, each with a comma after it.
  MODULE_ID=$module_id awk '
    NR == FNR { was[$1] = 1; next }
    { name[++count] = $1; users[$1] = "," $4 }
    END {
      ours[ENVIRON["MODULE_ID"]] = more = 1
      while (more) {
        more = 0
        for (i = 1; i <= count; i++) for (user in ours)
          if (!(name[i] in ours) && index(users[name[i]], "," user ",")) { found = name[i]; more = 1 }
        if (more) ours[found] = 1
      }
      for (i = 1; i <= count; i++) if (name[i] in ours && !(name[i] in was)) print name[i]
    }' "$rec/before" /proc/modules >"$rec/added" || np_cannot_write "$rec/added"
}

module_undo() {
  [ -s "$rec/added" ] || module_derive_added
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
