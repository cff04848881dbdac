# shellcheck shell=sh
# user NAME shell=… password=locked [groups=…]: an account whose authorized_keys hold the body's keys.
# Its home belongs to it, so what lies in it is read and written as that user, never as root.

# Sets what passwd and shadow say of $key; fails where there is no such account.
user_look() {
  user_uid='' user_home=/home/$key user_file=/home/$key/.ssh/authorized_keys
  user_line=$(getent passwd "$key") || return 1
  IFS=:
  set -f
  # shellcheck disable=SC2086
  set -- $user_line
  user_uid=$3 user_gid=$4 user_home=$6 user_shell=${7:-}
  # shellcheck disable=SC2046
  set -- $(getent shadow "$key")
  set +f
  unset IFS
  user_hash=${2:-} user_changed=${3:-} user_max=${5:-} user_expires=${8:-}
  user_file=$user_home/.ssh/authorized_keys
}

user_as() { timeout 60 setpriv --reuid "$user_uid" --regid "$user_gid" --clear-groups -- "$@"; }

# user_in FOLDER COMMAND…: runs it as root within the folder, where that is the account's and no link. From within, no
# link that the account lays on the way leads elsewhere: COMMAND names "." or what lies there.
user_in() {
  (
    if [ -L "$1" ] || ! cd -P -- "$1" 2>/dev/null || { [ -n "$user_uid" ] && [ "$(stat -c %u .)" != "$user_uid" ]; }; then
      np_warn "user $key: $1 is a link or belongs to somebody else, and is left alone"
      exit 0
    fi
    shift
    "$@"
  )
}

user_observe() {
  user_look || {
    seen='is absent, must be an account'
    return 0
  }
  np_word shell
  [ "$user_shell" = "$word" ] || np_note "has shell $user_shell, must have $word"
  case $user_hash in '!'* | '*'*) ;; *) np_note 'has a password that works, must be locked' ;; esac
  user_see_dates
  user_see_groups
  user_see_files
}

# Login by key ends too when the account or its locked password has expired.
user_see_dates() {
  [ -n "$user_expires" ] || [ "$user_changed" = 0 ] || [ "${user_max:--1}" -ge 0 ] || return 0
  user_today=$(($(date +%s) / 86400))
  [ -z "$user_expires" ] || [ "$user_expires" -lt 0 ] || [ "$user_expires" -gt "$user_today" ] ||
    np_note 'is expired, must never expire'
  if [ "$user_changed" = 0 ]; then
    np_note 'must change its password at login, must not'
  elif [ -n "$user_changed" ] && [ -n "$user_max" ] && [ "$user_max" -ge 0 ]; then
    [ $((user_changed + user_max)) -ge "$user_today" ] || np_note 'has an expired password, must never expire'
  fi
}

# Sets user_lacks to the groups that it is not in.
user_see_groups() {
  user_lacks=
  np_word groups || return 0
  user_has=" $(id -nG -- "$key") "
  for user_group in $(printf %s "$word" | tr , ' '); do
    case $user_has in *" $user_group "*) ;; *) user_lacks=${user_lacks:+$user_lacks,}$user_group ;; esac
  done
  [ -z "$user_lacks" ] || np_note "is not in $user_lacks, must be"
}

# sshd's StrictModes, and no more: a home that others can read is nobody's business here.
user_see_files() {
  user_stats=$np_nl$(stat -c '%F, mode %a, owner %U|%n' -- "$user_home/." "$user_home/.ssh" "$user_file" 2>/dev/null)$np_nl
  user_stat "$user_home/."
  case $user_is in
    "directory, mode "*[0145][0145]", owner $key") ;;
    *) np_note "has the home $user_home ($user_is), must own it, with nobody else to write there" ;;
  esac
  [ -n "$body" ] || return 0
  user_must "$user_home/.ssh" "directory, mode 700, owner $key"
  user_must "$user_file" "regular file, mode 600, owner $key"
  ! user_large || {
    np_note "has more than 1 MiB in $user_file, must have authorized keys there alone"
    return 0
  }
  user_counts=$(user_read | user_keys count)
  [ "${user_counts% *}" = 0 ] || np_note "lacks ${user_counts% *} of its authorized keys"
  [ "${user_counts#* }" = 0 ] || np_note "still has ${user_counts#* } authorized keys that it must have no more"
}

# Sets user_is to what was seen of a path.
user_stat() {
  user_is=absent
  case $user_stats in *"|$1$np_nl"*) user_is=${user_stats%%"|$1$np_nl"*} && user_is=${user_is##*"$np_nl"} ;; esac
}

user_must() {
  user_stat "$1"
  [ "$user_is" = "$2" ] || np_note "has $1 ($user_is), must have it ($2)"
}

# Whoever has the account decides what is there: no pipe is waited for, and nothing of any size fills the memory.
user_read() { [ ! -f "$user_file" ] || user_as head -c 1048576 -- "$user_file" 2>/dev/null || :; }
user_large() { [ -f "$user_file" ] && [ "$(stat -Lc %s -- "$user_file")" -gt 1048576 ]; }

# user_keys count|lacking|merge|keep: passes an authorized_keys file. Two lines are the same key when type and key
# are, whatever the comment; lines with options count as a whole. "ours" are those that we once added.
user_keys() {
  USER_DO=$1 USER_KEYS=$body USER_OURS=$rec/keys awk '
    function id(text, part) {
      gsub(/^[ \t]+|[ \t\r]+$/, "", text)
      split(text, part, /[ \t]+/)
      return part[1] ~ /^(sk-)?(ssh|ecdsa)-/ ? part[1] " " part[2] : text
    }
    BEGIN {
      what = ENVIRON["USER_DO"]; lacking = gone = 0
      count = split(ENVIRON["USER_KEYS"], keys, "\n")
      for (i = 1; i <= count; i++) want[id(keys[i])]
      while ((getline line <ENVIRON["USER_OURS"]) > 0) if (!(id(line) in want)) left[id(line)]
    }
    { have[id($0)]
      if (what == "keep" ? id($0) in want : what == "merge" && !(id($0) in left)) print
      if (id($0) in left) gone++ }
    END {
      for (i = 1; i <= count; i++) if (!(id(keys[i]) in have)) { lacking++; if (what == "merge" || what == "lacking") print keys[i] }
      if (what == "count") print lacking " " gone
    }'
}

# What is kept elsewhere can be neither recorded nor changed here.
user_refuse() {
  ! getent passwd "$key" >/dev/null || grep -q "^$key:" /etc/passwd ||
    np_die "user $key is an account of a directory (sssd, LDAP), not of this machine: choose another admin.name"
}

user_apply() {
  if user_look; then user_keep_anew; else user_create; fi
  np_word shell
  [ "$user_shell" = "$word" ] || user_set_shell
  case $user_hash in '!'* | '*'*) ;; *) usermod -L -- "$key" || np_die "user $key: usermod -L failed" ;; esac
  seen=
  user_see_dates
  [ -z "$seen" ] || user_keep_alive
  user_see_groups
  [ -z "$user_lacks" ] || user_join
  user_apply_home
  [ -z "$body" ] || user_apply_keys
}

user_set_shell() {
  user_check_shell
  usermod -s "$word" -- "$key" || np_die "user $key: usermod -s $word failed"
}

user_check_shell() {
  [ -x "$word" ] || np_die "user $key: its shell $word is not on this machine; install it, or ask for another"
}

# A password that cannot be used is "*": behind "!", sshd without PAM refuses keys as well.
user_create() {
  np_word shell
  user_check_shell
  set -- -m -d "/home/$key" -s "$word" -p '*' -K PASS_MAX_DAYS=-1
  if getent group "$key" >/dev/null; then set -- "$@" -g "$key"; else set -- "$@" -U; fi
  np_mark "$rec/made"
  [ -e "/home/$key" ] || np_mark "$rec/made-home"
  [ -e "/var/mail/$key" ] || np_mark "$rec/made-mail"
  np_sync "$rec"
  useradd "$@" -- "$key" && user_look || user_not_made
}

# Whoever makes it now makes it their own.
user_not_made() {
  user_look || rm -f -- "$rec/made-home" "$rec/made-mail" "$rec/made"
  np_die "user $key cannot be created; useradd says why above"
}

user_keep_alive() {
  set -- -E -1 -M -1
  [ "$user_changed" != 0 ] || set -- "$@" -d "$user_today"
  chage "$@" -- "$key" || np_die "user $key: chage failed"
}

user_join() {
  printf '%s\n' "$user_lacks" | tr , '\n' >>"$rec/groups" && np_sync "$rec/groups"
  usermod -aG "$user_lacks" -- "$key" || np_die "user $key cannot join $user_lacks; is there such a group?"
}

user_apply_home() {
  [ -d "$user_home" ] || {
    np_mark "$rec/made-home"
    mkdir -m 0700 -- "$user_home" || np_blame "$user_home"
  }
  user_is=$(stat -c '%u %a' -- "$user_home/.")
  if [ "${user_is% *}" != "$user_uid" ]; then
    [ ! -L "$user_home" ] ||
      np_die "user $key: $user_home is a symbolic link to what is not its own; give that to it or move the link away, then apply again"
    chown -h -- "$user_uid:$user_gid" "$user_home" || np_blame "$user_home"
  fi
  case $user_is in *[2367]? | *[2367]) user_in "$user_home/." chmod go-w . || np_blame "$user_home" ;; esac
}

# Only owners are set as root, and of nothing that is a link or has a second name.
user_apply_keys() {
  [ ! -L "$user_home/.ssh" ] ||
    np_die "user $key: $user_home/.ssh is a symbolic link, must be a directory; move it away, then apply again"
  if [ -d "$user_home/.ssh" ]; then
    user_in "$user_home/." user_own .ssh && user_in "$user_home/.ssh" user_own authorized_keys || np_blame "$user_file"
  fi
  ! user_large ||
    np_die "user $key: $user_file has more than 1 MiB, must hold authorized keys alone; move it away, then apply again"
  np_sha "$user_file"
  np_read_line "$rec/ours"
  [ -z "$line" ] || [ "$line" = "$sha" ] || np_mark "$rec/edited"
  user_read >"$rec/now"
  user_keys lacking <"$rec/now" >>"$rec/keys" && user_keys merge <"$rec/now" >"$rec/new" && np_sync "$rec/keys" ||
    np_die "user $key: cannot write the record in $rec"
  user_write 0600 <"$rec/new"
  user_keys keep <"$rec/keys" >"$rec/now" && mv -f -- "$rec/now" "$rec/keys"
  np_sha "$rec/new"
  np_ours "$sha"
  np_label "$user_home/.ssh" "$user_file"
}

# user_own NAME: of the working folder, unless it is the account's already.
user_own() {
  case $(stat -c '%F %h %u' -- "$1" 2>/dev/null) in
    *" $user_uid") ;;
    'directory '* | 'regular '*' 1 '*) chown -h -- "$user_uid:$user_gid" "$1" ;;
  esac
}

# user_write MODE [SECONDS]: stdin becomes the authorized_keys, written as the user; SECONDS is its time.
user_write() {
  # shellcheck disable=SC2016 # the script is constant
  user_as sh -c 'umask 077
    cd -- "$1" && { [ -d .ssh ] || mkdir .ssh; } && chmod 00700 .ssh && cd .ssh &&
    cat >.nodeprep-keys && chmod -- "$2" .nodeprep-keys && { [ -z "$3" ] || touch -d "@$3" .nodeprep-keys; } &&
    { sync .nodeprep-keys || sync; } && mv -f .nodeprep-keys authorized_keys && { sync . || sync; }' \
    sh "$user_home" "$1" "${2:-}" || np_blame "$user_file"
}
