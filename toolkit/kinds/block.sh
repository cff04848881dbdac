# shellcheck shell=sh
# block PATH present: the file has the lines of the body, between two marks. Everything else in it is somebody's.

block_begin='# nodeprep: begin'
block_end='# nodeprep: end'

block_text() { printf '%s\n%s\n%s\n' "$block_begin" "$body" "$block_end"; }

# Without its end, it is not told apart any more: only the mark goes.
block_without() {
  awk -v begin="$block_begin" -v end="$block_end" '
    $0 == begin { inside = 1; next }
    inside && $0 == end { inside = 0; held = ""; next }
    inside { held = held $0 "\n"; next }
    { print }
    END { printf "%s", held }'
}

# The file itself is edited, not a link to it.
block_file() { block_path=$(readlink -f -- "$key") || block_path=$key; }

block_observe() {
  block_file
  ! np_no_file "$block_path" || return 0
  block_in=$(awk -v begin="$block_begin" -v end="$block_end" '
    $0 == begin { inside = 1 } inside { print } $0 == end { inside = 0 }' <"$block_path")
  case $block_in in
    "$(block_text)") ;;
    '') seen='lacks the lines of nodeprep, must have them' ;;
    *) seen='has other lines between the marks of nodeprep, must have those of the requirement' ;;
  esac
}

block_capture() {
  block_file
  np_keep "$block_path"
}

block_with() { block_without && block_text; }

block_apply() {
  [ -f "$key" ] || np_die "block $key: there is no such file; create it, or find out who took it away, then apply again"
  block_file
  np_edit "$block_path" block_with
  ! grep -qs "manage_etc_hosts' as True" "$block_path" ||
    np_warn "cloud-init makes $key anew at each boot, without these lines; set manage_etc_hosts: false in /etc/cloud/cloud.cfg.d"
}

block_undo() {
  block_file
  np_unedit "$block_path" block_without
}
