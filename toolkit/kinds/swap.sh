# shellcheck shell=sh
# swap all off: none is active, and nothing besides fstab (a requirement of its own) brings it back at boot.

swap_units=/etc/systemd/system
# Units of other names that bring swap: zram-tools, zram-config, Raspberry Pi OS, swapspace.
swap_services='zramswap.service zram-config.service zram-swap.service dphys-swapfile.service swapspace.service'

# swap_each FUNCTION: calls it with path, type, size in KiB, used KiB and priority of each active swap. The kernel
# writes spaces in paths as \040, so every field is one word.
swap_each() {
  swap_do=$1
  set -f
  # shellcheck disable=SC2046
  set -- $(cat /proc/swaps 2>/dev/null)
  set +f
  [ $# -ge 5 ] || return 0
  shift 5
  while [ $# -ge 5 ]; do
    "$swap_do" "$@"
    shift 5
  done
}

swap_see() { swap_on="${swap_on:+$swap_on, }$1 ($(($3 / 1024)) MiB)"; }
swap_add() { swap_used=$((swap_used + $4)); }
swap_find() { [ "$1" != "$swap_path" ] || swap_found=yes; }

swap_observe() {
  swap_on=
  swap_each swap_see
  [ -z "$swap_on" ] || np_note "is on: $swap_on, must be off"
  swap_look
  [ -z "$swap_back" ] || np_note "comes back at boot by $swap_back, must not"
}

# Sets swap_back to the units that bring swap back at boot: whatever wants them, and zram-generator's to be.
swap_look() {
  swap_back=
  for swap_service in $swap_services; do swap_wanted "$swap_service"; done
  swap_wanted '*.swap'
  for swap_unit in $(swap_zram); do swap_consider; done
}

# swap_wanted PATTERN
swap_wanted() {
  for swap_dir in /run/systemd/generator /run/systemd/generator.early /run/systemd/generator.late \
    "$swap_units" /usr/local/lib/systemd/system /usr/lib/systemd/system /lib/systemd/system; do
    # shellcheck disable=SC2231
    for swap_link in "$swap_dir"/*.wants/$1 "$swap_dir"/*.requires/$1; do
      [ -L "$swap_link" ] || continue
      swap_unit=${swap_link##*/}
      swap_consider
    done
  done
}

# Masked means a link to a character device, /dev/null. Units made from fstab are fstab's matter.
swap_consider() {
  case " $swap_back " in *" $swap_unit "*) return 0 ;; esac
  [ ! -c "$swap_units/$swap_unit" ] || return 0
  ! grep -qs '^SourcePath=/etc/fstab' "/run/systemd/generator/$swap_unit" || return 0
  swap_back=${swap_back:+$swap_back }$swap_unit
}

# Prints the swap units that zram-generator will make of its configuration at the next boot: of its first file, and of all
# drop-ins after that.
swap_zram() {
  [ -e /usr/lib/systemd/system-generators/zram-generator ] || return 0
  set --
  for swap_dir in /etc /run /usr/local/lib /usr/lib; do
    [ ! -e "$swap_dir/systemd/zram-generator.conf" ] || set -- "${1:-"$swap_dir/systemd/zram-generator.conf"}"
  done
  {
    [ $# -eq 0 ] || printf '%s\n' "$1"
    np_conf_files /etc/systemd/zram-generator.conf.d /run/systemd/zram-generator.conf.d \
      /usr/local/lib/systemd/zram-generator.conf.d /usr/lib/systemd/zram-generator.conf.d
  } | awk '
    { file = $0; name = ""
      while ((getline text < file) > 0) {
        if (text ~ /^\[/) name = ""
        if (text ~ /^\[zram[0-9]+\]/) { gsub(/[][ \t\r]/, "", text); name = text; unit[name] }
        if (text ~ /^[ \t]*mount-point/ && name != "") mounted[name]
      }
      close(file) }
    END { for (name in unit) if (!(name in mounted)) print "dev-" name ".swap" }'
}

# What was on, with its priority, and which services had brought it.
swap_capture() {
  swap_each swap_print
  [ -d /run/systemd/system ] || return 0
  # shellcheck disable=SC2086 # a list of names
  systemctl list-units --plain --no-legend --state=active $swap_services | awk '{ print "started", $1 }'
}

swap_print() { printf 'on %s %s\n' "$5" "$1"; }

# Before anything is changed, fstab included.
swap_refuse() {
  swap_used=0
  swap_each swap_add
  swap_free=$(awk '$1 == "MemAvailable:" { print $2 }' /proc/meminfo)
  [ "$swap_used" -le "${swap_free:-0}" ] ||
    np_die "swap all: $((swap_used / 1024)) MiB are swapped out, only $((swap_free / 1024)) MiB of memory are available; stop something or add memory, then apply again"
}

swap_apply() {
  swap_look
  for swap_unit in $swap_back; do swap_block "$swap_unit"; done
  [ -z "$swap_back" ] || np_reload_units
  swap_each swap_off
}

# swap_block UNIT: a unit of the machine's own loses the links that start it; all others are masked.
swap_block() {
  case $1 in *.service) timeout 120 systemctl stop "$1" || np_die "swap all: systemctl stop $1 failed" ;; esac
  if [ ! -e "$swap_units/$1" ] && [ ! -L "$swap_units/$1" ]; then
    printf '%s\n' "$1" >>"$rec/masked" && np_sync "$rec/masked" && ln -s /dev/null "$swap_units/$1" ||
      np_blame "$swap_units/$1"
    return 0
  fi
  for swap_link in "$swap_units"/*.wants/"$1" "$swap_units"/*.requires/"$1"; do
    [ -L "$swap_link" ] || continue
    printf '%s\t%s\n' "$swap_link" "$(readlink -- "$swap_link")" >>"$rec/links" && np_sync "$rec/links" &&
      rm -f -- "$swap_link" || np_blame "$swap_link"
  done
}

swap_off() {
  np_say "swap $1: turning it off ($(($4 / 1024)) MiB to move into memory)"
  swapoff -- "$(printf %b "$1")" ||
    np_die "swap all: swapoff $1 failed; see dmesg, and reboot if its file was deleted"
}

swap_undo() {
  swap_unblock
  while read -r swap_word swap_prio swap_path; do
    case $swap_word in
      started) systemctl start "$swap_prio" || np_warn "swap: systemctl start $swap_prio failed" ;;
      on) swap_on_again ;;
    esac
  done <"$rec/found"
}

swap_unblock() {
  [ -f "$rec/masked" ] || [ -f "$rec/links" ] || return 0
  while IFS= read -r swap_unit; do
    [ ! -c "$swap_units/$swap_unit" ] || rm -f -- "$swap_units/$swap_unit"
  done <<END
$(cat "$rec/masked" 2>/dev/null)
END
  while IFS=$np_tab read -r swap_link swap_to; do
    [ -z "$swap_link" ] || [ -L "$swap_link" ] || { mkdir -p "${swap_link%/*}" && ln -s -- "$swap_to" "$swap_link"; }
  done <<END
$(cat "$rec/links" 2>/dev/null)
END
  np_reload_units
}

swap_on_again() {
  # The device of a zram swap unit is made by that unit.
  case $swap_path in /dev/zram*) systemctl start "dev-${swap_path#/dev/}.swap" 2>/dev/null || : ;; esac
  swap_found=
  swap_each swap_find
  [ -z "$swap_found" ] || return 0
  swap_file=$(printf %b "$swap_path")
  [ -e "$swap_file" ] || {
    np_warn "swap $swap_path was on and is gone: it stays off"
    return 0
  }
  # Below zero is the kernel's own choice of priority.
  if [ "$swap_prio" -ge 0 ]; then set -- -p "$swap_prio"; else set --; fi
  swapon "$@" -- "$swap_file" || np_warn "swap $swap_path was on, but swapon fails now: it stays off"
}
