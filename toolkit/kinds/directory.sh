# shellcheck shell=sh
# directory PATH mode=… owner=…: exists, or is a symbolic link to one that does.

directory_observe() {
  np_mode
  if [ -d "$key" ]; then
    np_access "$key" "$np_mode" "$np_owner_word"
  elif [ -e "$key" ] || [ -L "$key" ]; then
    seen="is a $(stat -c %F -- "$key"), must be a directory"
  else
    seen='is absent, must be a directory'
  fi
}

# The folders that are missing count from the folder itself on.
directory_capture() {
  if [ -d "$key" ]; then stat -Lc '%a %u:%g' -- "$key"; else np_keep "$key/"; fi
}

directory_apply() {
  np_mode
  [ -d "$key" ] || ! { [ -e "$key" ] || [ -L "$key" ]; } ||
    np_die "directory $key is a $(stat -c %F -- "$key"); move it away, then apply again"
  np_parents "$key/"
  chown -- "$np_owner_word" "$key" && chmod -- "$np_mode" "$key" || np_blame "$key"
  np_label "$key"
}

directory_undo() {
  [ -d "$key" ] || return 0
  np_read_line "$rec/found"
  if [ "$line" = absent ]; then
    np_remove_parents
    [ ! -d "$key" ] || np_warn "directory $key stays: it is not empty"
    return 0
  fi
  np_mode
  seen=
  np_access "$key" "$np_mode" "$np_owner_word"
  # Changed since by somebody: theirs stays.
  [ -z "$seen" ] || return 0
  chown -- "${line#* }" "$key" && chmod -- "${line% *}" "$key" || np_blame "$key"
}
