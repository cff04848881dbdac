# shellcheck shell=sh
# Giving back what was found.

# undo STAGE --as OWNER [--with-pods], or undo --all --as OWNER [--with-pods]
np_verb_undo() {
  np_lock "undo $np_subject --as $np_as"
  np_check_format
  np_check_lost
  # Before anything is given back: what cannot be taken off the record would be given back again.
  [ ! -d "$NP_RECORD" ] || { np_mark "$NP_RECORD/probe" && rm -f -- "$NP_RECORD/probe"; }
  np_mend_order
  if [ "$np_subject" = --all ]; then
    np_undo_all
  else
    np_undo_stage "$np_subject"
  fi
}

# From where the toolkit leaves until the next apply or boot: the word "damaged" where something was not given back, or
# "lost" where nothing was; then a line "done OWNER". By that the undo line knows, where the toolkit is gone, that its
# last run came to its end, though nobody may have heard of it. "lost" alone: an undo has said that the record is lost.
np_let_go=/run/nodeprep-let-go
# The same word, as long as the toolkit is there and all else is given back: over a power cut, too.
np_given_back=$NP_HOME/given-back

# Where the toolkit is and the record is not, nothing can be given back: said once, by failing. Sets np_lost for the
# second run. An undo of everything that was cut off while the toolkit left lost nothing.
np_check_lost() {
  np_lost=
  [ ! -d "$NP_RECORD/req" ] && [ -f "$NP_HOME/nodeprep.sh" ] || return 0
  if [ -f "$np_given_back" ]; then
    np_read_line "$np_given_back"
  elif [ -f "$np_let_go" ]; then
    np_read_line "$np_let_go"
  else
    echo lost >"$np_let_go" || np_die "cannot write $np_let_go: is /run full or read-only?"
    np_die "the record in $NP_RECORD is gone, and with it what was found here: nothing can be given back; run this again to let the machine go as it is"
  fi
  np_lost=$line
  [ "$np_lost" != lost ] || np_warn "nothing is given back: the record in $NP_RECORD is gone"
}

np_undo_stage() {
  np_names_of "$1" "$np_as"
  [ -n "$names" ] || {
    np_names_of "$1" any
    [ -z "$names" ] || np_say "stage $1 now belongs to another owner than $np_as: nothing is undone"
    # A run that was cut off may owe restarts yet.
    service_settle
    return 0
  }
  np_spare_pods "$1"
  np_hook before "$1" undo
  np_undo_names "$1"
  np_hook after "$1" undo
}

# np_spare_pods STAGE: what Pods need does not leave under them. The last stage of a worker is one of these, so its
# destroy ends before anything is changed.
np_spare_pods() {
  case $np_with_pods$1 in container-runtime | cni | kubernetes-binaries | kubernetes-packages | kubelet | kube-proxy) ;; *) return 0 ;; esac
  np_in=$(facts_pods)
  # shellcheck disable=SC2086 # words
  set -- "$1" ${np_in#pods=}
  [ "${2:-0}" -gt 0 ] && [ "${3:-0}" -gt 0 ] || return 0
  np_host=$(uname -n)
  np_die "stage $1 is not undone: this node runs Pods ($2, in $3 containers). Drain it and take it out of the cluster (kubectl drain $np_host --ignore-daemonsets --delete-emptydir-data; kubectl delete node $np_host), then run this again; or set nodes.${np_as##*/}.undoWithPods: true, run pulumi up, and then this"
}

# np_undo_left STAGE: what the stage no longer states, or states under another owner's name, leaves the node.
np_undo_left() {
  np_names_of "$1" any
  np_kept=' ' np_i=0 np_left=
  while [ "$np_i" -lt "$np_count" ]; do
    np_i=$((np_i + 1))
    eval "np_kept=\"\$np_kept\$np_name_$np_i \""
  done
  for np_n in $names; do
    case $np_kept in *" $np_n "*) ;; *) np_left="$np_left $np_n" ;; esac
  done
  names=$np_left
  [ -n "$names" ] || return 0
  np_hook before "$1" undo
  np_undo_names "$1"
}

# np_undo_names STAGE: undoes each of $names, in that order, unless another stage states it too.
np_undo_names() {
  np_stage=$1
  # shellcheck disable=SC2086 # names have no blanks
  np_sum_found $names
  for np_name in $names; do
    np_load_record "$np_name" || :
    np_owners_but "$np_stage"
    if [ -n "$np_owners" ]; then
      np_say "$kind $key stays: another stage states it too"
      np_write_entry owners "$np_owners"
    else
      np_undo_one "$np_name"
    fi
  done
  directory_settle
  service_settle
  np_tidy
}

# A change that was cut off may have left either the last value or the one before: the one that holds is ours.
np_undo_one() {
  np_mark_dependants "$1"
  if [ -f "$rec/prev" ] && np_load_record "$1" prev; then
    seen=
    np_undo_survey
    "${kind}_observe"
    [ -z "$seen" ] || np_load_record "$1"
  fi
  np_whole || {
    np_warn "$kind $key stays as it is: what was found there is damaged in the record"
    np_mark "$NP_RECORD/damaged"
    np_forget "$1"
    return 0
  }
  # Written before the state: without it a kind may not know what it changed.
  [ -s "$rec/spec" ] || [ ! -f "$rec/state" ] || {
    np_warn "$kind $key: what was applied is lost in the record; it may not be given back"
    np_mark "$NP_RECORD/damaged"
  }
  np_say "$kind $key: giving back what was found"
  np_defined "${kind}_undo" || np_die "this toolkit does not know how to undo $kind $key; use the nodeprep that applied it"
  "${kind}_undo" || np_die "$kind $key could not be undone; it is still on record, run it again"
  np_forget "$1"
}

# Prints the values that may be there and are ours: the one last applied and, where it did not come to hold, the one
# before and those of the runs since then.
np_own_values() {
  np_read_line "$rec/spec"
  printf '%s\n' "$line"
  [ -f "$rec/prev" ] || return 0
  np_read_line "$rec/prev"
  printf '%s\n' "$line"
  [ ! -f "$rec/tried" ] || cat "$rec/tried"
}

# Lets a kind's survey see the one requirement that is loaded.
np_undo_survey() {
  np_defined "${kind}_survey" || return 0
  np_kind_0=$kind np_key_0=$key np_value_0=$value np_body_0=$body np_name_0=$name np_stage_0=$np_stage
  "${kind}_survey" 0
  np_load 0
}

# Services that stay must be restarted, or reloaded, when something that they depend on leaves.
np_mark_dependants() {
  for np_spec in "$NP_RECORD"/req/service:*/spec; do
    [ -f "$np_spec" ] || continue
    IFS= read -r np_rest <"$np_spec" || :
    np_unit=${np_spec%/spec} np_unit=${np_unit##*/service:}
    [ "$1" != "file:/etc/systemd/system/$np_unit" ] || service_make_way "$np_unit"
    for np_how in restart reload; do
      np_list=${np_rest##*"$np_how-after="}
      [ "$np_list" != "$np_rest" ] || continue
      case ",${np_list%% *}," in
        *,"$1",*) np_mark_restart "$np_unit" "$np_how" ;;
      esac
    done
  done
}

# Everything of this owner, then the toolkit and the record themselves.
np_undo_all() {
  np_read_line "$NP_RECORD/owner"
  [ -z "$line" ] || [ "$line" = "$np_as" ] || {
    np_say "this machine now belongs to $line, not to $np_as: nothing is undone"
    return 0
  }
  while np_last_stage; do
    np_undo_stage "$np_last"
  done
  service_settle
  [ ! -f "$NP_RECORD/order" ] || np_tidy
  if [ -s "$NP_RECORD/order" ]; then
    np_warn "$NP_RECORD stays: it holds what other owners applied"
    return 0
  fi
  np_remove_toolkit
}

# Sets np_last to the stage of this owner that captured last.
np_last_stage() {
  np_last=
  [ -r "$NP_RECORD/order" ] || return 1
  while IFS= read -r np_n; do
    np_rec "$np_n"
    [ -r "$rec/owners" ] || continue
    while read -r np_s np_owner; do
      [ "$np_owner" != "$np_as" ] || np_last=$np_s
    done <"$rec/owners"
  done <"$NP_RECORD/order"
  [ -n "$np_last" ]
}

np_remove_toolkit() {
  # Of a stage firewall that never came to its end; the timer would run what is gone.
  firewall_disarm
  [ ! -f "$NP_RECORD/damaged" ] || np_lost=damaged
  np_note_given_back
  rm -rf -- "$NP_RECORD" || np_die "cannot remove $NP_RECORD"
  np_sync -f "${NP_RECORD%/*}"
  # What says that nothing is lost goes after the toolkit that would ask.
  rm -f -- "$NP_HOME/nodeprep.sh" && rm -rf -- "$NP_HOME" || np_die "cannot remove $NP_HOME"
  rm -f /run/nodeprep.lock /run/nodeprep-toolkit-* /run/nodeprep-early*
  [ -z "$np_lost" ] || {
    np_warn 'not all of what was found could be given back; record and toolkit are gone'
    return 0
  }
  np_say "the machine is as it was found; record and toolkit are gone"
}

# A run that is cut off from here on has given everything back, and the next one must not take the record for lost.
np_note_given_back() {
  np_put "$np_let_go" "$np_lost${np_nl}done $np_as" || np_die "cannot write $np_let_go: is /run full or read-only?"
  [ ! -f "$NP_HOME/nodeprep.sh" ] || printf '%s\n' "$np_lost" | np_write_file "$np_given_back" 0644 0:0 ||
    np_cannot_write "$np_given_back"
}
