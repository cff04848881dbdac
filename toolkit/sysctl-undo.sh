# shellcheck shell=sh
# Undo of toolkit/kinds/sysctl.sh: the running value, and the lines of others that were taken out of the way.

sysctl_undo() {
  sysctl_undo_boot
  read -r sysctl_found <"$rec/found" || sysctl_found=absent
  [ "$sysctl_found" != absent ] && sysctl_running || return 0
  # Changed since by somebody: theirs stays.
  np_own_values | grep -qxF -e "= $sysctl_now" -e ">= $sysctl_now" || return 0
  [ "$sysctl_now" = "$sysctl_found" ] || sysctl_set "$sysctl_found"
}

sysctl_undo_boot() {
  [ ! -f "$rec/raised" ] || sysctl_unraise
  [ -f "$rec/silenced" ] || return 0
  while IFS= read -r sysctl_target; do
    [ -f "$sysctl_target" ] || continue
    sysctl_edit uncomment "$sysctl_target" "$sysctl_target" || return 1
    sysctl_unshadow || return 1
  done <"$rec/silenced"
}

# The shadow goes once it says no more than the file that it shadows.
sysctl_unshadow() {
  grep -qxF -- "$sysctl_target" "$rec/shadows" 2>/dev/null || return 0
  for sysctl_dir in /run/sysctl.d /usr/local/lib/sysctl.d /usr/lib/sysctl.d; do
    [ -e "$sysctl_dir/${sysctl_target##*/}" ] || continue
    ! cmp -s "$sysctl_target" "$sysctl_dir/${sysctl_target##*/}" || np_remove "$sysctl_target"
    return
  done
  np_remove "$sysctl_target"
}

sysctl_unraise() {
  [ -f "$sysctl_minimums" ] || return 0
  # A minimum that was raised has left the one before it, commented out.
  sysctl_rest=$(SYSCTL_LINE="$key = ${value#>= }" SYSCTL_OLD="$sysctl_comment$key = " awk '
    $0 != ENVIRON["SYSCTL_LINE"] && index($0, ENVIRON["SYSCTL_OLD"]) != 1' "$sysctl_minimums")
  if [ -n "$sysctl_rest" ]; then
    printf '%s\n' "$sysctl_rest" | np_write_file "$sysctl_minimums" 0644 0:0
  else
    np_remove "$sysctl_minimums"
  fi
}
