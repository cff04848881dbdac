# shellcheck shell=sh
# directory PATH mode=… owner=… [contents=NAME,…]: exists, or is a symbolic link to one that does. The contents are what
# a service makes in it by itself.

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
  # Zeros first: of a folder, chmod keeps bits that fewer than five digits do not name (setgid, from a folder above).
  chown -- "$np_owner_word" "$key" && chmod -- "00$np_mode" "$key" || np_blame "$key"
  np_label "$key"
}

directory_undo() {
  [ -d "$key" ] || return 0
  np_read_line "$rec/found"
  if [ "$line" = absent ]; then
    ! np_word contents || directory_clear "$word,"
    np_remove_parents
    [ ! -d "$key" ] || directory_late="${directory_late:-}$(sed 1d "$rec/found")$np_nl"
    return 0
  fi
  # Changed since by somebody: theirs stays.
  np_own_values | directory_has_one || return 0
  chown -- "${line#* }" "$key" && chmod -- "00${line% *}" "$key" || np_blame "$key"
}

# At the end of a stage's undo: what was in a folder may have gone after it, a package's file with the package.
directory_settle() {
  printf %s "${directory_late:-}" | while IFS= read -r directory_path; do
    rmdir -- "$directory_path" 2>/dev/null || [ ! -d "$directory_path" ] || {
      case ${directory_full:-} in "$directory_path"/*) ;; *) np_warn "directory $directory_path stays: it is not empty" ;; esac
      directory_full=$directory_path
    }
  done
  directory_late=
}

# Mode and owner are those of one of the values on stdin.
directory_has_one() {
  while IFS= read -r value; do
    np_mode
    seen=
    np_access "$key" "$np_mode" "$np_owner_word"
    [ -n "$seen" ] || return 0
  done
  return 1
}

# directory_clear NAME,...: what is mounted there may be somebody's data.
directory_clear() {
  directory_in=$1
  while [ -n "$directory_in" ]; do
    directory_path=$key/${directory_in%%,*} directory_in=${directory_in#*,}
    np_remove_unmounted "$directory_path" || np_blame "$directory_path"
  done
}
