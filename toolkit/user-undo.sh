# shellcheck shell=sh
# Undo of toolkit/kinds/user.sh.

user_undo() {
  if ! user_look; then
    np_read_line "$rec/found"
    [ "$line" = absent ] || np_warn "user $key was deleted since: it is not created again"
  else
    user_take_keys
    user_leave_groups
    ! user_not_ours || {
      user_stays
      return 0
    }
    np_read_line "$rec/found"
    if [ "$line" = absent ]; then user_delete; else user_restore; fi
  fi
  user_restore_access
  user_remove_home
}

# An account that somebody made has nothing of ours, or it would have been captured anew.
user_stays() {
  if [ -f "$rec/ours" ]; then
    np_warn "user $key stays, without nodeprep's keys: the record lost whether nodeprep made it"
    np_mark "$NP_RECORD/damaged"
  else
    np_say "user $key was made by somebody else: it stays"
  fi
}

# As the account, like all that is done in its home: a link there leads root nowhere.
user_take_keys() {
  [ ! -e "$user_home/.ssh/.nodeprep-keys" ] || user_as rm -f -- "$user_home/.ssh/.nodeprep-keys" 2>/dev/null || :
  [ -s "$rec/keys" ] || [ -f "$rec/ours" ] || return 0
  for user_path in "$user_home/.ssh" "$user_file"; do
    user_odd "$user_path" || continue
    np_warn "user $key: $user_path $user_is and is left alone; look there for keys that must go"
    return 0
  done
  [ ! -f "$user_file" ] || user_give_keys
  [ -e "$user_file" ] || [ ! -d "$user_home/.ssh" ] || grep -q '/\.ssh$' "$rec/found" ||
    user_as rmdir -- "$user_home/.ssh" 2>/dev/null || :
}

# user_odd PATH: is it a link, or somebody else's? Sets user_is to which.
user_odd() {
  user_is='is a symbolic link'
  [ ! -L "$1" ] || return 0
  user_is='belongs to somebody else'
  [ -e "$1" ] && [ -n "$user_uid" ] && [ "$(stat -c %u -- "$1")" != "$user_uid" ]
}

# The file found comes back if nobody changed it since; else only our keys go.
user_give_keys() {
  ! user_large || {
    np_warn "user $key: $user_file has more than 1 MiB and is left alone; look there for keys that must go"
    return 0
  }
  np_sha "$user_file"
  np_read_line "$rec/ours"
  if [ -f "$rec/copy" ] && [ "$sha" = "$line" ] && [ ! -f "$rec/edited" ]; then
    user_write 0600 "$(stat -c %Y -- "$rec/copy")" <"$rec/copy"
    return 0
  fi
  body=
  user_read | user_keys merge >"$rec/new"
  if [ -s "$rec/new" ] || [ -f "$rec/copy" ]; then
    user_write 0600 <"$rec/new"
  else
    # shellcheck disable=SC2016 # the script is constant
    user_as sh -c 'cd -- "$1" && chmod 00700 .ssh && rm -f .ssh/authorized_keys' sh "$user_home" ||
      np_warn "user $key: it cannot remove $user_file, which stays"
  fi
}

user_leave_groups() {
  [ -f "$rec/groups" ] || return 0
  sort -u "$rec/groups" | while IFS= read -r user_group; do
    gpasswd -d "$key" "$user_group" >/dev/null 2>&1 || :
  done
}

user_delete() {
  # A session that has just ended keeps its service manager for some seconds.
  np_wait 30 "the processes of $key to end" userdel -- "$key" ||
    np_die "user $key cannot be removed: $(userdel -- "$key" 2>&1 | tr '\n' ' '); end its sessions (loginctl terminate-user $key), then destroy again"
  user_give_group
  [ ! -f "$rec/made-mail" ] || [ -s "/var/mail/$key" ] || rm -f -- "/var/mail/$key"
}

# userdel may take the group of the same name with it, or leave it. user_gid stays the account's, for user_as.
user_give_group() {
  if IFS=: read -r user_group user_line user_found_gid user_rest 2>/dev/null <"$rec/group"; then
    getent group "$key" >/dev/null || groupadd -g "$user_found_gid" -- "$key" || :
  elif getent group "$key" >/dev/null; then
    groupdel -- "$key" || :
  fi
}

# Changed since by somebody: theirs stays.
user_restore() {
  np_read_line "$rec/shell"
  np_word shell
  [ "$user_shell" != "$word" ] || [ "$line" = "$word" ] || usermod -s "$line" -- "$key"
  user_locked=$user_hash user_line=$user_expires:$user_max
  IFS=: read -r user_name user_hash user_changed user_min user_max user_warn user_idle user_expires user_rest <"$rec/shadow"
  if [ "$user_locked" = "!$user_hash" ]; then
    if [ -n "$user_hash" ]; then usermod -U -- "$key"; else passwd -d -- "$key" >/dev/null; fi
  fi
  user_restore_dates "${user_line%%:*}" "${user_line#*:}"
}

user_restore_dates() {
  seen=
  user_see_dates
  [ -n "$seen" ] || return 0
  case $1:$2 in :* | -1:*) chage -E "${user_expires:--1}" -- "$key" ;; esac
  case $1:$2 in *: | *:-1) chage -M "${user_max:--1}" -- "$key" ;; esac
  [ "$user_changed" != 0 ] || chage -d 0 -- "$key"
}

# Of keys, .ssh and home, what we had to change and nobody changed since: owner and mode. The deepest comes first,
# since a folder is gone into only while it is the account's.
user_restore_access() {
  [ -n "$user_uid" ] || [ ! -L "$user_home" ] || return 0
  for user_what in "$user_file" "$user_home/.ssh" "$user_home"; do
    while read -r user_mode user_owner user_path; do
      [ "$user_path" != "$user_what" ] || user_restore_path
    done <"$rec/found"
  done
}

user_restore_path() {
  [ -e "$user_path" ] && [ ! -L "$user_path" ] || return 0
  user_now=$(stat -c '%u:%g:%a' -- "$user_path")
  [ "$user_now" != "$user_owner:$user_mode" ] || return 0
  case $user_path:$user_mode:$user_owner:${user_now##*:} in
    "$user_home:"*[0145][0145]":$user_uid:"* | *":700:$user_uid:"* | *":600:$user_uid:"*) ;;
    "$user_file:"*:600) user_in "$user_home/.ssh" user_restore_file || exit 1 ;;
    "$user_home:"* | "$user_home/.ssh:"*:700) user_in "$user_path" user_restore_folder || exit 1 ;;
  esac
}

user_restore_folder() { chown -- "$user_owner" . && chmod -- "$user_mode" . || np_blame "$user_path"; }

# The mode is set as the account, since chmod follows a link that it lays meanwhile.
user_restore_file() {
  case $(stat -c '%F %h' authorized_keys 2>/dev/null) in 'regular '*' 1') ! user_odd authorized_keys ;; *) false ;; esac || {
    np_warn "user $key: $user_path is a link or belongs to somebody else, and is left alone"
    return 0
  }
  if [ -n "$user_uid" ]; then user_as chmod -- "$user_mode" authorized_keys; else chmod -- "$user_mode" authorized_keys; fi &&
    chown -h -- "$user_owner" authorized_keys || np_blame "$user_path"
}

# A home that we made goes when it holds nothing but what new homes do.
user_remove_home() {
  [ -f "$rec/made-home" ] && [ -d "$user_home" ] || return 0
  if user_odd "$user_home"; then
    np_warn "$user_home stays: it $user_is"
    return 0
  fi
  user_theirs=$(user_manifest "$user_home" | awk 'FILENAME == ARGV[1] { new[$0]; next } !($0 in new)' "$rec/skel" - | head -n 3)
  if [ -n "$user_theirs" ]; then
    np_warn "$user_home stays: it holds more than a new home does"
  elif [ -n "$user_uid" ] && getent passwd "$key" >/dev/null; then
    # Not as root while the account can lay links: not every rm is proof against that.
    user_as rm -rf -- "$user_home" 2>/dev/null || :
    rmdir -- "$user_home" 2>/dev/null || [ ! -d "$user_home" ] || np_warn "$user_home stays: it is not empty"
  else
    rm -rf -- "$user_home"
  fi
}
