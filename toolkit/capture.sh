# shellcheck shell=sh
# Capturing what is found on a node, once, before the first change.

# Durable before the first change: what was found, whose it is, what must be restarted.
np_capture_all() {
  np_make_folders
  np_wrote='' np_i=0
  while [ "$np_i" -lt "$np_count" ]; do
    np_i=$((np_i + 1))
    np_load "$np_i"
    case $np_captured in *" $np_i "*) np_capture ;; esac
    np_set_owner "$np_subject" "$np_as"
    np_write_spec
    ! np_awaits_change || np_mark_restart "$key" "$np_how"
  done
  # On record already, and nothing is to change.
  [ -n "$np_work$np_wrote${np_captured# }" ] || return 0
  np_sync -f "$NP_RECORD"
  [ -n "${np_captured# }" ] || return 0
  # A seal stands for a state that was lost, so what is captured but may not be durable yet must not have one.
  # shellcheck disable=SC2086 # indexes
  np_seal $np_captured
  for np_i in $np_captured; do
    np_load "$np_i"
    np_write_entry state captured
  done
  np_sync -f "$NP_RECORD"
}

# A state that was lost does not make our work what was found: the seal was written with it, before any change.
np_recorded() {
  [ ! -f "$rec/state" ] || return 0
  [ -s "$rec/seal" ] || return 1
  np_sum_found "$name"
  np_whole
}

# Sets np_captured to the indexes of what is not on record yet, and makes their folders, in one process. A folder counts
# from when its seal and state are written, which is done after a sync: a run that is cut off before leaves nothing that
# looks like a capture.
np_make_folders() {
  np_captured=' ' np_i=0
  set --
  while [ "$np_i" -lt "$np_count" ]; do
    np_i=$((np_i + 1))
    np_load "$np_i"
    # Paths in the record have no blanks. A stage may state one thing twice.
    case " $* " in *" $rec "*) continue ;; esac
    ! np_recorded || continue
    np_captured="$np_captured$np_i "
    set -- "$@" "$rec"
    if [ -d "$rec" ]; then rm -rf -- "$rec"; else printf '%s\n' "$name" >>"$NP_RECORD/order"; fi || np_cannot_capture
  done
  [ $# -eq 0 ] || mkdir -- "$@" || np_cannot_capture
}

# Captures the state found, once, before the first change.
np_capture() { "${kind}_capture" >"$rec/found" || np_cannot_capture; }

np_cannot_capture() {
  np_die "$kind $key: cannot record the state found in $rec (is the disk full or read-only?); nothing was changed"
}

# What was captured holds now. "captured" and this are of one length: it is written over, so that no cut leaves less than
# one of them; and that costs no process.
np_set_applied() {
  np_read_line "$rec/state"
  [ "$line" = applied ] || printf 'applied\n' 1<>"$rec/state" ||
    np_cannot_record "$rec"
}

# np_seal INDEX...: writes the sums of what was found beside it.
np_seal() {
  np_list=
  for np_i in "$@"; do
    np_load "$np_i"
    np_list="$np_list $name"
  done
  # shellcheck disable=SC2086 # names have no blanks
  np_sum_found $np_list
  printf %s "${np_sums#?}" | while IFS= read -r np_line; do
    np_path=${np_line#*  }
    printf '%s\n' "$np_line" >>"${np_path%/*}/seal" || exit 1
  done || np_die "cannot write the record in $NP_RECORD (is the disk full or read-only?); nothing was changed"
}

# np_sum_found NAME...: sets np_sums to the sums of all that was found for these; one process.
np_sum_found() {
  set -- "$@" end
  while [ "$1" != end ]; do
    np_rec "$1"
    shift
    for np_path in "$rec/found" "$rec/copy"; do
      [ ! -f "$np_path" ] || [ -L "$np_path" ] || set -- "$@" "$np_path"
    done
  done
  shift
  np_sums=$np_nl np_line=
  # It ends with 1 where a file cannot be read. Anything else says nothing of the files.
  [ $# -eq 0 ] || np_line=$(sha256sum -- "$@" 2>/dev/null) || [ $? -eq 1 ] || np_die 'sha256sum was ended; run again'
  [ -z "$np_line" ] || np_sums=$np_nl$np_line$np_nl
}

# np_found_anew: found.new, and copy.new where there is one, take the place of what was found. The time of found stays:
# it is when the requirement was first captured. The copy comes last, so that a run that is cut off here is completed.
np_found_anew() {
  touch -r "$rec/found" "$rec/found.new" 2>/dev/null || :
  { np_sync "$rec/found.new" && rm -f -- "$rec/seal" && mv -f -- "$rec/found.new" "$rec/found" &&
    { [ ! -e "$rec/copy.new" ] || mv -f -- "$rec/copy.new" "$rec/copy"; }; } ||
    np_cannot_write "$rec"
  np_seal "$np_i"
  np_sync -f "$NP_RECORD"
}

# What was found is on record as it was captured, by np_sums: a record that lost something gives nothing back.
np_whole() {
  [ -f "$rec/found" ] || return 1
  [ -s "$rec/seal" ] || return 0
  np_n=1
  [ ! -f "$rec/copy" ] || [ -L "$rec/copy" ] || np_n=2
  while IFS= read -r np_line || [ -n "$np_line" ]; do
    case $np_sums in *"$np_nl$np_line$np_nl"*) np_n=$((np_n - 1)) ;; *) return 1 ;; esac
  done <"$rec/seal"
  [ "$np_n" -eq 0 ]
}
