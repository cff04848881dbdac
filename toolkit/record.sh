# shellcheck shell=sh
# The record in /var/lib/nodeprep: what was found, what was applied, and for whom.

# One apply or undo at a time: a remote process outlives its connection, so the next one may meet it.
np_lock() {
  np_try=0
  until np_take_lock "pid $$: $1"; do
    np_try=$((np_try + 1))
    [ "$np_try" -lt 20 ] || np_die 'other runs took /run/nodeprep.lock away each time; run again'
  done
  echo "pid $$: $1" >/run/nodeprep.lock
}

# The lock's file, as descriptor 9. Whoever may read it can hold the lock: root alone.
np_open_lock() {
  umask 077
  true >>/run/nodeprep.lock || np_die 'cannot write /run/nodeprep.lock: is /run full or read-only?'
  exec 9>>/run/nodeprep.lock
  umask 022
}

# np_take_lock LINE: undo --all takes the file away at its end. Whoever waited for it then has a lock that keeps nobody
# out, and must take the one that is there now: what is written through the one is not read in the other.
np_take_lock() {
  np_open_lock
  flock -n 9 || {
    np_holder=
    read -r np_holder </run/nodeprep.lock
    np_wait 900 "the lock that another run holds (${np_holder:-unknown})" flock -n 9 ||
      np_die "another nodeprep run still holds /run/nodeprep.lock (${np_holder:-unknown}); let it end, or stop it, and run again"
  }
  echo "$1" >&9 || np_die 'cannot write /run/nodeprep.lock: is /run full or read-only?'
  [ -f /run/nodeprep.lock ] || return 1
  np_last_line /run/nodeprep.lock
  [ "$line" = "$1" ]
}

# np_read_line FILE: sets line to the first line of FILE, empty where there is none. A builtin: costs no process.
np_read_line() {
  line=
  [ -r "$1" ] || return 0
  IFS= read -r line <"$1" || :
}

# np_last_line FILE: sets line to its last line that ends, and np_n to what follows that.
np_last_line() {
  line='' np_n=
  while IFS= read -r np_n; do line=$np_n; done <"$1"
}

# np_mark FILE: it is there, and empty. (true: a redirection of : that fails would end the shell without our words.)
np_mark() { true >"$1" || np_cannot_write "$1"; }

# np_add FILE LINE: appends it, durably.
np_add() {
  printf '%s\n' "$2" >>"$1" && np_sync "$1" || np_cannot_write "$1"
}

np_put() { printf '%s\n' "$2" >"$1.new" && mv -f -- "$1.new" "$1"; }

# np_keep_put FILE LINE: the same where FILE does not say so already; that costs no process.
np_keep_put() {
  np_read_line "$1"
  [ "$line" = "$2" ] || np_put "$1" "$2"
}

np_check_format() {
  np_read_line "$NP_RECORD/format"
  case $line in
    "$NP_FORMAT") return 0 ;;
    '') [ ! -d "$NP_RECORD/req" ] || np_warn "the record in $NP_RECORD has no format; taken as format $NP_FORMAT" ;;
    *) np_die "the record in $NP_RECORD has format $line, this nodeprep knows $NP_FORMAT: use the nodeprep that wrote it, or a newer one" ;;
  esac
}

# The stack of an owner: org/project/stack/node without the node.
np_check_owner() {
  np_read_line "$NP_RECORD/owner"
  [ -z "$line" ] || [ "${line%/*}" = "${1%/*}" ] || [ "$2" = adopt ] ||
    np_die "this machine is prepared by the stack ${line%/*} (as node ${line##*/}), not by ${1%/*}; if this is that stack, renamed or moved, or takes its place, set adopt: true on the node for one update, and never destroy the other one"
}

# np_record_open OWNER [adopt]: the record is there, ours to write, and knows this apply.
np_record_open() {
  np_check_format
  np_check_owner "$1" "${2:-}"
  umask 077
  { [ -d "$NP_RECORD/req" ] && [ -d "$NP_RECORD/restart" ]; } || mkdir -p "$NP_RECORD/req" "$NP_RECORD/restart" ||
    np_die "cannot write the record in $NP_RECORD"
  chmod 0700 "$NP_RECORD" || np_die "cannot write the record in $NP_RECORD"
  IFS=- read -r np_id np_rest </proc/sys/kernel/random/uuid
  np_keep_put "$NP_RECORD/format" "$NP_FORMAT" && np_keep_put "$NP_RECORD/owner" "$1" && np_put "$NP_RECORD/apply" "$np_id" ||
    np_cannot_record "$NP_RECORD"
  [ ! -f "$np_let_go" ] || rm -f -- "$np_let_go"
  np_mend_order
}

# The record is opened by an apply only: what leaves a stage during it leaves now.
np_run_applies() { [ -n "${np_id:-}" ]; }

# np_owned STAGE OWNER: the loaded requirement is on record as applied for that stage and owner.
np_owned() {
  np_read_line "$rec/state"
  [ "$line" = applied ] && np_owner_line "$1" && [ "$np_owner" = "$2" ]
}

# np_owner_line STAGE: sets np_owner to the owner for whom STAGE holds the requirement; fails where it does not.
np_owner_line() {
  [ -r "$rec/owners" ] || return 1
  while read -r np_s np_owner; do
    [ "$np_s" != "$1" ] || return 0
  done <"$rec/owners"
  return 1
}

# np_owners_but STAGE: sets np_owners to the owner lines of all other stages.
np_owners_but() {
  np_owners=
  [ -r "$rec/owners" ] || return 0
  while read -r np_s np_owner; do
    [ "$np_s" = "$1" ] || np_owners=$np_owners$np_s\ $np_owner$np_nl
  done <"$rec/owners"
}

# np_set_owner STAGE OWNER: the last apply owns the requirement.
np_set_owner() {
  ! np_owner_line "$1" || [ "$np_owner" != "$2" ] || return 0
  np_owners_but "$1"
  np_write_entry owners "$np_owners$1 $2$np_nl"
}

# np_write_entry NAME TEXT: writes a file of the loaded requirement's record; durable with the next np_sync.
np_write_entry() {
  if [ -f "$rec/$1" ]; then
    printf %s "$2" >"$rec/$1.new" && mv -f -- "$rec/$1.new" "$rec/$1"
  else
    printf %s "$2" >"$rec/$1"
  fi || np_cannot_record "$rec"
  np_wrote=yes
}

# The requirement is on record as it is now.
np_same_spec() {
  [ -f "$rec/spec" ] || return 1
  np_text=
  while IFS= read -r np_line; do np_text=$np_text$np_line$np_nl; done <"$rec/spec"
  [ "$np_text$np_line" = "$value$np_nl$body$np_nl" ]
}

# The requirement as it is about to be applied; the one applied before is kept until the new one is proved.
np_write_spec() {
  ! np_same_spec || return 0
  np_read_line "$rec/spec"
  if [ -f "$rec/prev" ]; then
    # Of a run that failed: it may be there all the same. See np_own_values.
    [ "$line" = "$value" ] || np_add "$rec/tried" "$line"
  elif [ -f "$rec/spec" ]; then
    rm -f -- "$rec/tried"
    cp -p -- "$rec/spec" "$rec/prev"
  fi
  np_write_entry spec "$value$np_nl$body$np_nl"
}

# np_load_record NAME [prev]: sets kind, key, value, body, name and rec to what the record holds.
np_load_record() {
  name=$1 kind=${1%%:*}
  np_rec "$name"
  np_decode "${name#*:}"
  key=$np_out value='' body=''
  [ -f "$rec/${2:-spec}" ] || return 1
  {
    IFS= read -r value
    np_lines=0
    while IFS= read -r np_line || [ -n "$np_line" ]; do
      if [ "$np_lines" -eq 0 ]; then body=$np_line; else body=$body$np_nl$np_line; fi
      np_lines=$((np_lines + 1))
    done
  } <"$rec/${2:-spec}"
}

# np_names_of STAGE OWNER|any: sets names to what the record holds for it, last captured first; but services before all
# else: one that has been there since before its package or unit file must not outlast them.
np_names_of() {
  names='' np_units=
  [ -r "$NP_RECORD/order" ] || return 0
  while IFS= read -r np_n; do
    np_rec "$np_n"
    [ -d "$rec" ] && np_owner_line "$1" || continue
    [ "$2" = any ] || [ "$np_owner" = "$2" ] || continue
    case " $names $np_units" in *" $np_n "*) continue ;; esac
    case $np_n in
      service:*) np_units="$np_n $np_units" ;;
      leftovers:*)
        # Those that only the running service can take away are captured after it.
        if [ -n "$np_units" ] && np_before_service; then np_units="$np_n $np_units"; else names="$np_n $names"; fi
        ;;
      *) names="$np_n $names" ;;
    esac
  done <"$NP_RECORD/order"
  names=$np_units$names
}

np_before_service() {
  np_read_line "$rec/spec"
  case $line in *' before its service') ;; *) return 1 ;; esac
}

# np_forget NAME: its line in the order goes with the next np_tidy; without its folder it means nothing. A run that is cut
# off within this leaves one that can be undone once more, or one that counts for nothing.
np_forget() {
  np_rec "$1"
  rm -rf -- "$rec/state" "$rec/seal" "$rec/owners" "$rec" || np_die "cannot remove $rec: is its file system read-only?"
}

# Writes the order anew, without what has left.
np_tidy() {
  while IFS= read -r np_n; do
    np_rec "$np_n"
    [ ! -d "$rec" ] || printf '%s\n' "$np_n"
  done <"$NP_RECORD/order" >"$NP_RECORD/order.new" && np_sync "$NP_RECORD/order.new" &&
    mv -f -- "$NP_RECORD/order.new" "$NP_RECORD/order" ||
    np_cannot_record "$NP_RECORD"
  np_sync -f "$NP_RECORD"
}

# Takes what does not count off the record: a run ended before its capture was on record, so it changed nothing, and
# nobody holds it. No process where there is none of it.
np_drop_uncounted() {
  set --
  for rec in "$NP_RECORD"/req/*; do
    [ -d "$rec" ] && [ ! -s "$rec/owners" ] && [ ! -e "$rec/state" ] && [ ! -e "$rec/seal" ] && set -- "$@" "$rec"
  done
  [ $# -eq 0 ] || rm -rf -- "$@" || np_die "cannot remove $1: is its file system read-only?"
  [ $# -eq 0 ] || [ ! -f "$NP_RECORD/order" ] || np_tidy
}
