# shellcheck shell=sh
# Undo of toolkit/kinds/user.sh.

user_undo() {
  np_read_line "$rec/found"
  if ! user_look; then
    [ "$line" = absent ] || np_warn "user $key was deleted since: it is not created again"
  else
    user_take_keys
    user_leave_groups
    np_read_line "$rec/found"
    if [ "$line" = absent ]; then user_delete; else user_restore; fi
  fi
  user_restore_access
  user_remove_home
}

user_take_keys() {
  rm -f -- "$user_home/.ssh/.nodeprep-keys"
  [ -s "$rec/keys" ] || [ -f "$rec/ours" ] || return 0
  [ ! -f "$user_file" ] || user_give_keys
  [ -e "$user_file" ] || grep -q '/\.ssh$' "$rec/found" || rmdir -- "$user_home/.ssh" 2>/dev/null || :
}

# The file found comes back if nobody changed it since; else only our keys go.
user_give_keys() {
  np_sha "$user_file"
  np_read_line "$rec/ours"
  if [ -f "$rec/copy" ] && [ "$sha" = "$line" ] && [ ! -f "$rec/edited" ]; then
    user_write 0600 "$(stat -c %Y -- "$rec/copy")" <"$rec/copy"
    return 0
  fi
  body=
  user_read | user_keys merge >"$rec/new"
  if [ -s "$rec/new" ] || [ -f "$rec/copy" ]; then user_write 0600 <"$rec/new"; else rm -f -- "$user_file"; fi
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

# userdel may take the group of the same name with it, or leave it.
user_give_group() {
  if IFS=: read -r user_group user_line user_gid user_rest 2>/dev/null <"$rec/group"; then
    getent group "$key" >/dev/null || groupadd -g "$user_gid" -- "$key" || :
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

# Of home, .ssh and keys, what we had to change and nobody changed since: owner and mode.
user_restore_access() {
  while read -r user_mode user_owner user_path; do
    [ -e "$user_path" ] && [ ! -L "$user_path" ] || continue
    user_now=$(stat -c %a -- "$user_path")
    case $user_path:$user_mode:$user_owner:$user_now in
      "$user_home:"*[0145][0145]":$user_uid:"* | *":700:$user_uid:"* | *":600:$user_uid:"*) ;;
      "$user_home:"* | "$user_home/.ssh:"*:700 | "$user_file:"*:600)
        chown -h -- "$user_owner" "$user_path" && chmod -- "$user_mode" "$user_path" || np_blame "$user_path"
        ;;
    esac
  done <"$rec/found"
}

# A home that we made goes when it holds nothing but what new homes do.
user_remove_home() {
  [ -f "$rec/made-home" ] && [ -d "$user_home" ] || return 0
  user_theirs=$(user_manifest "$user_home" | awk 'FILENAME == ARGV[1] { new[$0]; next } !($0 in new)' "$rec/skel" - | head -n 3)
  if [ -z "$user_theirs" ]; then
    rm -rf -- "$user_home"
  else
    np_warn "$user_home stays: it holds more than a new home does"
  fi
}
