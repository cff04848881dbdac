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

block_observe() {
  ! np_no_file "$key" || return 0
  block_in=$(awk -v begin="$block_begin" -v end="$block_end" '
    $0 == begin { inside = 1 } inside { print } $0 == end { inside = 0 }' <"$key")
  case $block_in in
    "$(block_text)") ;;
    '') seen='lacks the lines of nodeprep, must have them' ;;
    *) seen='has other lines between the marks of nodeprep, must have those of the requirement' ;;
  esac
}

block_capture() { np_keep "$key"; }

block_with() { block_without && block_text; }

block_apply() {
  [ -f "$key" ] || np_die "block $key: there is no such file; create it, or find out who took it away, then apply again"
  np_edit "$key" block_with
}

block_undo() { np_unedit "$key" block_without; }
