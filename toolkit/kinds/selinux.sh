# shellcheck shell=sh
# selinux mode permissive|enforcing: running, and configured for the next boot. A system without SELinux satisfies it.

selinux_config=/etc/selinux/config
selinux_enforce=/sys/fs/selinux/enforce

# Sets selinux_now to the running mode, disabled or absent; selinux_boot to the configured one, empty where none is.
# libselinux takes the first line that it understands.
selinux_look() {
  selinux_now=absent selinux_boot=
  [ -f "$selinux_config" ] || return 0
  np_read_line "$selinux_enforce"
  case $line in
    1) selinux_now=enforcing ;;
    0) selinux_now=permissive ;;
    *) selinux_now=disabled ;;
  esac
  while IFS= read -r line || [ -n "$line" ]; do
    case $line in SELINUX=*) ;; *) continue ;; esac
    line=${line#SELINUX=}
    # Blanks first mean nothing to libselinux.
    case ${line#"${line%%[! "$np_tab"]*}"} in
      [Ee][Nn]*) selinux_boot=enforcing && break ;;
      [Pp][Ee]*) selinux_boot=permissive && break ;;
      [Dd][Ii]*) selinux_boot=disabled && break ;;
    esac
  done <"$selinux_config"
}

# Disabled is as harmless as permissive, and nothing that a tool should change by itself.
selinux_observe() {
  selinux_look
  case $value:$selinux_now in
    *:absent | "$selinux_now:$value" | permissive:disabled) ;;
    enforcing:disabled)
      seen='is disabled, must be enforcing: enabling it takes a relabel and a reboot'
      return 0
      ;;
    *) np_note "is $selinux_now, must be $value" ;;
  esac
  case $value:$selinux_now:$selinux_boot in
    *:absent:* | "enforcing:$selinux_now:enforcing" | permissive:*:[!e]* | permissive:*:) ;;
    *) np_note "is configured as ${selinux_boot:-nothing} for the next boot, must be $value" ;;
  esac
}

selinux_capture() {
  selinux_look
  printf '%s %s\n' "$selinux_now" "$selinux_boot" >"$rec/was"
  np_keep "$(readlink -f -- "$selinux_config")"
}

selinux_apply() {
  case $value in permissive | enforcing) ;; *) np_die "selinux mode $value is neither permissive nor enforcing" ;; esac
  selinux_look
  [ "$value:$selinux_now" != enforcing:disabled ] ||
    np_die "selinux is disabled on this machine, and nodeprep neither relabels nor reboots it: take selinux=0 off the kernel's command line (Debian: run selinux-activate), set SELINUX=permissive in $selinux_config, run fixfiles -F onboot, reboot, then apply again; or ask for permissive"
  [ "$selinux_now" = disabled ] || [ "$selinux_now" = "$value" ] || selinux_set "$value"
  seen=
  selinux_observe
  [ -z "$seen" ] || np_edit "$(readlink -f -- "$selinux_config")" selinux_configure
}

selinux_set() {
  case $1 in enforcing) printf 1 ;; *) printf 0 ;; esac 2>/dev/null >"$selinux_enforce" ||
    np_die "selinux: the kernel refuses to become $1"
}

# Takes all lines of the mode, so that the first one that counts is among them; adds one where there is none.
selinux_configure() {
  sed "s/^SELINUX=[[:blank:]]*[A-Za-z]*/SELINUX=$value/"
  [ -n "$selinux_boot" ] || printf 'SELINUX=%s\n' "$value"
}

# Changed since by somebody: theirs stays.
selinux_undo() {
  read -r selinux_was selinux_had <"$rec/was" || return 0
  selinux_look
  if [ "$selinux_now" = "$value" ]; then
    case $selinux_was in "$value") ;; permissive | enforcing) selinux_set "$selinux_was" ;; esac
  fi
  [ ! -f "$rec/ours" ] || np_unedit "$(readlink -f -- "$selinux_config")" selinux_unconfigure
}

selinux_unconfigure() {
  if [ -z "$selinux_had" ]; then
    sed "/^SELINUX=$value\$/d"
  else
    sed "s/^SELINUX=$value/SELINUX=$selinux_had/"
  fi
}
