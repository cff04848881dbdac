# shellcheck shell=sh
# What toolkit/kinds/user.sh finds, and whose an account is.

# found: account or absent, then mode, owner and path of what is there of its home; where it was absent, at last that
# $rec/made tells whether the account is ours, which records of 0.1.0 do not know. The files of the record: shadow
# (its line with the hash), shell, copy (authorized_keys), group (of its name) and skel (what a new home holds).
user_capture() {
  { user_manifest /etc/skel && printf '. d \n'; } >"$rec/skel" || return 1
  if user_look; then echo account; else echo absent; fi
  stat -c '%a %u:%g %n' -- "$user_home" "$user_home/.ssh" "$user_file" 2>/dev/null || :
  if [ -z "$user_uid" ]; then
    getent group "$key" >"$rec/group" || :
    echo "$user_marked"
    return 0
  fi
  getent shadow "$key" >"$rec/shadow" && printf '%s\n' "$user_shell" >"$rec/shell" || return 1
  [ ! -f "$user_file" ] || user_large || { user_read >"$rec/copy" && touch -r "$user_file" "$rec/copy"; }
}

user_manifest() {
  (cd "$1" 2>/dev/null || exit 0; find . -type f -exec sha256sum {} + -o -printf '%p %y %l\n')
}

user_marked='made is marked'

# Absent when it was captured, and not made by us: whatever account there is, somebody made it since.
user_not_ours() {
  np_read_line "$rec/found"
  [ "$line" = absent ] && [ ! -f "$rec/made" ] && grep -qxF "$user_marked" "$rec/found"
}

# After a run that failed or was cut off before it made the account, somebody else did: theirs is what was found.
user_keep_anew() {
  user_not_ours && [ ! -f "$rec/ours" ] || return 0
  np_say "user $key was made by somebody since it was found absent: keeping it as it is now"
  { rm -f -- "$rec/seal" && user_capture >"$rec/found.new"; } ||
    np_die "user $key: cannot write the record in $rec"
  np_found_anew
}
