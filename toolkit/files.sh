# shellcheck shell=sh
# What the kinds that change files share: noting what differs, keeping what was found, giving it back.

# np_note PHRASE: adds it to what was seen.
np_note() { seen=${seen:+$seen, and }$1; }

# np_access PATH MODE OWNER: notes where mode or owner (names or numbers) are others. Modes come without leading zeros.
np_access() {
  np_found=$(stat -Lc '%a %U:%G %u:%g' -- "$1" 2>/dev/null) || return 0
  [ "${np_found%% *}" = "$2" ] || np_note "has mode ${np_found%% *}, must have $2"
  np_found=${np_found#* }
  case " $np_found " in
    *" $3 "*) ;;
    *) np_note "belongs to ${np_found% *}, must belong to $3" ;;
  esac
}

# np_no_file PATH: notes what is there where it is no plain file; fails where it is one.
np_no_file() {
  if [ -L "$1" ]; then
    np_note "is a symbolic link to $(readlink -- "$1"), must be a file"
  elif [ ! -e "$1" ]; then
    np_note 'is absent, must be a file'
  elif [ ! -f "$1" ]; then
    np_note "is a $(stat -c %F -- "$1"), must be a file"
  else
    return 1
  fi
}

# np_conf_files FOLDER...: prints the .conf files there as systemd and kmod read them: by name, and of one name only the
# first folder's.
np_conf_files() {
  for np_d in "$@"; do
    for np_p in "$np_d"/*.conf; do
      [ -d "$np_p" ] || { [ ! -e "$np_p" ] && [ ! -L "$np_p" ]; } || printf '%s\t%s\n' "${np_p##*/}" "$np_p"
    done
  done | sort -s -t "$np_tab" -k1,1 | awk -F '\t' '!seen[$1]++ { print $2 }'
}

# np_mode: sets np_mode to the mode word of $value without leading zeros, np_owner_word to its owner word.
np_mode() {
  np_word mode
  np_mode=$word
  while :; do
    case $np_mode in 0?*) np_mode=${np_mode#0} ;; *) break ;; esac
  done
  np_word owner
  np_owner_word=$word
}

# np_immutable PATH: it has the attribute that keeps even root from changing it.
np_immutable() {
  np_attr=$(lsattr -d -- "$1" 2>/dev/null) || return 1
  case ${np_attr%% *} in *[ia]*) return 0 ;; esac
  return 1
}

# np_blame PATH: ends the run with the reason why PATH could not be changed.
np_blame() {
  for np_p in "$1" "${1%/*}"; do
    ! np_immutable "$np_p" ||
      np_die "$kind $key cannot be changed: $np_p is immutable; run chattr -i -a on it, then apply again"
  done
  [ ! -f "$1" ] || ! grep -qF -e " $1 " /proc/self/mountinfo ||
    np_die "$kind $key cannot be changed: something is mounted at $1 itself, as containers have it; unmount it, then apply again"
  np_die "$kind $key: $1 cannot be written; is its file system full or read-only, does the owner that it must have exist?"
}

# np_copy FROM TO: TO, which is not there, becomes the same file or link, with mode, owner and times. A link is made anew:
# cp of uutils, until 0.10, changes the mode of what the copy leads to.
np_copy() {
  if [ -L "$1" ]; then
    ln -s -- "$(readlink -- "$1")" "$2" && chown -h -- "$(stat -c %u:%g -- "$1")" "$2" && touch -h -r "$1" -- "$2"
  else
    cp -a -- "$1" "$2"
  fi
}

# np_keep PATH: prints "copy", having kept the file or link there in the record, or "absent"; then the folders that
# are missing on the way to it, the deepest first.
np_keep() {
  if [ -L "$1" ] || [ -f "$1" ]; then np_copy "$1" "$rec/copy" && echo copy || return 1; else echo absent; fi
  np_d=${1%/*}
  while [ -n "$np_d" ] && [ ! -e "$np_d" ]; do
    printf '%s\n' "$np_d"
    np_d=${np_d%/*}
  done
}

# np_parents PATH: the folders on the way to it are there.
np_parents() { [ -d "${1%/*}/" ] || (umask 022 && mkdir -p -- "${1%/*}") || np_blame "$1"; }

# Takes the folders away that were missing when np_keep looked, as far as they are empty.
np_remove_parents() {
  {
    read -r np_d
    while IFS= read -r np_d; do rmdir -- "$np_d" 2>/dev/null || :; done
  } <"$rec/found"
}

# np_give_back PATH [COPY]: what np_keep kept (or that copy) is there again, with mode, owner and times.
np_give_back() {
  np_parents "$1"
  np_sweep "$1"
  np_tmp=${1%/*}/.nodeprep-${1##*/}.$$
  { np_copy "${2:-$rec/copy}" "$np_tmp" && { [ -L "$np_tmp" ] || np_sync "$np_tmp"; } &&
    mv -fT -- "$np_tmp" "$1" && np_sync "${1%/*}/"; } || {
    rm -f -- "$np_tmp"
    np_blame "$1"
  }
}

# np_remove_unmounted PATH: takes it and all below it away; stays whole, with a warning, where something is mounted
# there. (Not every rm heeds --one-file-system: that of uutils does not.)
np_remove_unmounted() {
  if grep -qF -e " $1 " -e " $1/" /proc/self/mountinfo; then
    np_warn "$1 stays: something is mounted there"
  else
    rm -rf -- "$1"
  fi
}

# np_label PATH...: gives them the SELinux types that the policy has for them, where there is SELinux.
np_label() {
  [ ! -e /sys/fs/selinux/enforce ] || ! np_defined restorecon || restorecon -- "$@" || :
}

# The loaded requirement is being applied: not undone, and not merely looked at.
np_applying() {
  case " ${np_work:-} " in *" ${np_i:--} "*) return 0 ;; esac
  return 1
}

# np_keep_anew PATH OURS: a run before this one kept the file and failed before it wrote there. Where somebody has changed
# it since, theirs is what was found. OURS is the sum of what that run may have written.
np_keep_anew() {
  np_applying && [ ! -f "$rec/ours" ] && [ ! -L "$1" ] && [ -f "$1" ] || return 0
  np_sha "$rec/copy"
  np_kept=$sha
  np_sha "$1"
  case $sha in "$np_kept" | "$2") return 0 ;; esac
  ! grep -qxF -- "$sha" "$rec/wrote" 2>/dev/null || return 0
  np_say "$kind $key was changed since it was recorded: keeping it as it is now"
  { cp -a -- "$1" "$rec/copy.new" && np_sync "$rec/copy.new" && echo copy >"$rec/found.new"; } ||
    np_cannot_write "$rec"
  np_found_anew
}

# np_writing SUM: our text is about to be written, and np_ours will say so. A run that is cut off in between must not
# make it what was found, also where the next one is to write something else.
np_writing() { ! np_applying || [ -f "$rec/ours" ] || np_add "$rec/wrote" "$1"; }

# np_rewrite PATH: stdin becomes the content of the file there, whole or not at all, also over a power cut. Mode, owner, ACL
# and attributes stay as they are.
np_rewrite() {
  np_sweep "$1"
  np_tmp=${1%/*}/.nodeprep-${1##*/}.$$
  { (umask 077 && cp -a -- "$1" "$np_tmp") && cat >"$np_tmp" && np_sync "$np_tmp" && mv -f -- "$np_tmp" "$1" &&
    np_sync "${1%/*}"; } || {
    rm -f -- "$np_tmp"
    return 1
  }
}

# np_edit PATH FUNCTION: passes the file through FUNCTION, keeping all that np_rewrite keeps. Remembers the outcome, and
# whether somebody had changed the file since the edit before.
np_edit() {
  [ ! -f "$rec/copy" ] || [ -f "$rec/ours" ] || {
    np_edited=$("$2" <"$rec/copy" | sha256sum)
    np_keep_anew "$1" "${np_edited%% *}"
  }
  np_sha "$1"
  np_read_line "$rec/ours"
  [ -z "$line" ] || [ "$line" = "$sha" ] || np_mark "$rec/edited"
  "$2" <"$1" >"$rec/new" || np_cannot_write "$rec/new"
  np_sha "$rec/new"
  np_writing "$sha"
  np_rewrite "$1" <"$rec/new" || np_blame "$1"
  np_label "$1"
  rm -f -- "$rec/new"
  np_ours "$sha"
}

# np_ours SUM: the SHA-256 of what we wrote.
np_ours() { np_put "$rec/ours" "$1" || np_cannot_write "$rec/ours"; }

# np_unedit PATH FUNCTION: the kept file comes back if nobody changed it since; else FUNCTION reverses our edit.
np_unedit() {
  np_sweep "$1"
  [ -f "$1" ] || return 0
  np_sha "$1"
  np_read_line "$rec/ours"
  if [ "$line" = "$sha" ] && [ ! -f "$rec/edited" ]; then np_give_back "$1"; else np_edit "$1" "$2"; fi
}

# Lets the service manager, where one runs, read its units again.
np_reload_units() {
  [ ! -d /run/systemd/system ] || timeout 120 systemctl daemon-reload ||
    np_die "$kind $key: systemctl daemon-reload failed; see journalctl -b"
}
