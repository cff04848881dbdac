# shellcheck shell=sh
# Making a stage's requirements hold, and proving it.

# apply STAGE --as OWNER [--adopt]
np_verb_apply() {
  np_lock "apply $np_subject --as $np_as"
  np_record_open "$np_as" "$np_adopt"
  np_hook start "$np_subject" apply
  np_read "$np_subject"
  np_undo_left "$np_subject"
  np_find_work
  np_refuse
  np_capture_all
  if [ -n "$np_work" ]; then
    np_hook before "$np_subject" apply
    np_do_work
  fi
  np_prove
  np_hook after "$np_subject" apply
  np_report
}

# np_hook start|before|after STAGE apply|undo: calls the stage's own function where there is one.
np_hook() {
  np_h=np_$1_
  np_in=$2
  while :; do
    case $np_in in
      *-*) np_h=$np_h${np_in%%-*}_ np_in=${np_in#*-} ;;
      *) break ;;
    esac
  done
  ! np_defined "$np_h$np_in" || "$np_h$np_in" "$3"
}

# Sets np_differing to the indexes of what does not hold, and np_work to that and what must restart for it.
np_find_work() {
  np_differing=' ' np_work='' np_changing=' ' np_i=0
  np_survey
  while [ "$np_i" -lt "$np_count" ]; do
    np_i=$((np_i + 1))
    np_observe "$np_i"
    if [ -n "$seen" ]; then
      np_differing="$np_differing$np_i "
      np_changing="$np_changing$name "
      np_clean_seen
      eval "np_seen_$np_i=\$seen"
    elif np_awaits_change; then
      eval "np_seen_$np_i='must ${np_how} after what it depends on has changed'"
    else
      continue
    fi
    np_work="$np_work $np_i"
  done
}

# What must not even be tried ends the run here, before anything is on record or marked for a restart.
np_refuse() {
  for np_i in $np_work; do
    np_load "$np_i"
    ! np_defined "${kind}_refuse" || "${kind}_refuse"
  done
}

# np_changed NAME: that requirement does not hold and is being applied.
np_changed() {
  case $np_changing in *" $1 "*) return 0 ;; esac
  return 1
}

# The loaded requirement names one that is about to change; np_how is what is due then, restart or reload.
np_awaits_change() { np_awaits restart || np_awaits reload; }

np_awaits() {
  np_how=$1
  np_word "$1-after" || return 1
  np_list=$word,
  while [ -n "$np_list" ]; do
    ! np_changed "${np_list%%,*}" || return 0
    np_list=${np_list#*,}
  done
  return 1
}

# np_mark_restart UNIT [reload]: a mark that is not empty asks for a reload alone; a restart does for both.
np_mark_restart() {
  if [ "${2-}" != reload ]; then
    np_mark "$NP_RECORD/restart/$1"
  elif [ ! -e "$NP_RECORD/restart/$1" ]; then
    np_mark "$NP_RECORD/restart/$1" && np_add "$NP_RECORD/restart/$1" reload
  fi
}

np_do_work() {
  for np_i in $np_work; do
    np_load "$np_i"
    eval "np_say \"\$kind \$key \$np_seen_$np_i\""
    "${kind}_apply" || np_die "$kind $key could not be applied"
  done
}

# Observes everything again. What holds is on record as applied; what does not fails the apply, all of it named.
np_prove() {
  np_failed=0 np_i=0
  [ -z "$np_work" ] || np_survey
  while [ "$np_i" -lt "$np_count" ]; do
    np_i=$((np_i + 1))
    if [ -z "$np_work" ]; then np_load "$np_i" && seen=; else np_observe "$np_i"; fi
    if [ -z "$seen" ]; then
      np_set_applied
      [ ! -f "$rec/prev" ] || rm -f -- "$rec/prev"
    else
      np_clean_seen
      np_error "$kind $key $seen, also after it was applied"
      np_failed=$((np_failed + 1))
    fi
  done
  np_sync -f "$NP_RECORD"
  [ "$np_failed" -eq 0 ] || np_die "$np_failed of $np_count requirements of stage $np_subject do not hold"
}

np_report() {
  np_i=0
  while [ "$np_i" -lt "$np_count" ]; do
    np_i=$((np_i + 1))
    np_load "$np_i"
    ! np_defined "${kind}_report" || "${kind}_report"
  done
}
