# shellcheck shell=sh
# fstab PATH without swap: no line of it brings swap back. Swap lines are commented out, all others stay byte for byte.

fstab_swap='[[:blank:]]*[^#[:space:]][^[:space:]]*[[:blank:]]+[^[:space:]]+[[:blank:]]+swap([[:space:]]|$)'
fstab_comment='#nodeprep# '

fstab_observe() {
  [ -f "$key" ] || return 0
  # The sources of the lines that are left, on one line.
  fstab_left=$(sed -En "/^$fstab_swap/s/^[[:blank:]]*([^[:space:]]+).*/\1/p" "$key")
  [ -z "$fstab_left" ] || seen="brings swap back at boot: $(printf %s "$fstab_left" | tr '\n' ' '), must not"
}

# The file itself is edited, not a link to it.
fstab_file() { fstab_path=$(readlink -f -- "$key"); }

fstab_capture() {
  fstab_file
  np_keep "$fstab_path"
}

fstab_apply() {
  fstab_file
  np_edit "$fstab_path" fstab_out
  np_reload_units
}

fstab_out() { sed -E "/^$fstab_swap/s/^/$fstab_comment/"; }
fstab_in() { sed -E "s/^$fstab_comment($fstab_swap)/\1/"; }

fstab_undo() {
  fstab_file
  np_unedit "$fstab_path" fstab_in
  np_reload_units
}
