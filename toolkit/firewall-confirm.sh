# shellcheck shell=sh
# Commit-confirm: before the running rules change, a timer is armed on the node that puts the old ones back. The next
# stage's run, over a new SSH connection, is the proof that the door is open; it disarms the timer.
# In /run, so that a reboot, which brings the permanent rules, forgets it: the journal, a line for each change made
# (HOW ZONE ENTRY), the last of which is reversed first. In the record: "unconfirmed" from arming to confirming, and
# "undone", what the record held of requirements whose undo is not proved yet; "confirmed" once it is, until the
# permanent rules are gone as well.

firewall_run=/run/nodeprep-firewall
# Two names, since the next timer is armed before the last one is stopped.
firewall_timer_1=nodeprep-firewall-rollback
firewall_timer_2=nodeprep-firewall-rollback-2
firewall_armed=

firewall_systemctl() { firewall_ask "$@" || np_die "systemctl $1 firewalld.service: $firewall_answer"; }

# firewall_ask WORDS...: systemctl; sets firewall_answer when it fails.
firewall_ask() {
  firewall_answer=$(timeout 180 systemctl "$@" firewalld.service 2>&1 9>&-) && return 0
  [ $? -ne 124 ] || firewall_answer='it takes longer than 180 s'
  [ -n "$firewall_answer" ] || firewall_answer='it fails without a word'
  return 1
}

# firewall_journal add|remove ZONE ENTRY, or start|stop firewalld: notes the opposite, before the change is made.
firewall_journal() {
  case $1 in
    add) firewall_how=remove ;;
    remove) firewall_how=add ;;
    start) firewall_how=stop ;;
    stop) firewall_how=start ;;
  esac
  printf '%s %s %s\n' "$firewall_how" "$2" "${3:-}" >>"$firewall_run/journal" || np_die "cannot write $firewall_run/journal"
}

# firewall_arm: the window begins, or begins again. Where that fails, or is cut off, an earlier timer still stands: rules
# that nothing confirmed never go without.
firewall_arm() {
  firewall_window
  mkdir -p "$firewall_run" "$firewall_record" && true >>"$firewall_run/journal" &&
    np_put "$firewall_record/unconfirmed" "$firewall_within" || np_die "cannot write $firewall_run and $firewall_record"
  np_sync -f "$firewall_record"
  firewall_pick_timer
  systemd-run --quiet --collect --unit="$firewall_timer" --on-active="$firewall_within" --timer-property=AccuracySec=1s \
    sh "$NP_HOME/nodeprep.sh" firewall-rollback 9>&- || np_die "cannot arm the timer that guards the SSH door (systemd-run)"
  firewall_armed=armed
  [ -z "$firewall_timer_last" ] || firewall_stop "$firewall_timer_last"
}

# Sets firewall_timer to the name that is free, and firewall_timer_last to the other one where it is not. A service that
# runs has fired, and waits for the lock that this run holds.
firewall_pick_timer() {
  firewall_answer=$(systemctl is-active "$firewall_timer_1.timer" "$firewall_timer_1.service" \
    "$firewall_timer_2.timer" "$firewall_timer_2.service" 2>&1) || :
  # shellcheck disable=SC2086 # a word for each
  set -- $firewall_answer
  [ $# -eq 4 ] || np_die "cannot arm the timer that guards the SSH door (systemctl is-active): $firewall_answer"
  firewall_timer=$firewall_timer_1 firewall_timer_last=
  if firewall_free "$1" "$2"; then
    firewall_free "$3" "$4" || firewall_timer_last=$firewall_timer_2
  elif firewall_free "$3" "$4"; then
    firewall_timer=$firewall_timer_2 firewall_timer_last=$firewall_timer_1
  else
    # A run was cut off between the two, or one of them has failed: the one whose timer stands goes last.
    firewall_timer_last=$firewall_timer_2
    [ "$1" != active ] || firewall_timer=$firewall_timer_2 firewall_timer_last=$firewall_timer_1
    firewall_stop "$firewall_timer"
  fi
}

# firewall_free TIMER SERVICE: their states are those of units that are not there.
firewall_free() {
  for firewall_in in "$@"; do
    case $firewall_in in inactive | unknown) ;; *) return 1 ;; esac
  done
}

# firewall_stop NAME [NAME]: they may have fired, and be waiting for the lock that this run holds.
firewall_stop() {
  set -- "$1.timer" "$1.service" ${2:+"$2.timer" "$2.service"}
  systemctl --quiet stop "$@" 2>/dev/null || :
  systemctl --quiet reset-failed "$@" 2>/dev/null || :
}

# Sets firewall_within: as the record says, and while that is being undone, as it said when the timer was armed.
firewall_window() {
  np_read_line "$NP_RECORD/req/firewall_daemon:firewalld/spec"
  firewall_within=${line##*confirm-within=}
  [ -n "$firewall_within" ] || np_read_line "$firewall_record/unconfirmed"
  firewall_within=${firewall_within:-$line}
  case $firewall_within in '' | *[!0-9]*) firewall_within=300 ;; esac
}

firewall_disarm() {
  [ -f "$firewall_run/journal" ] || [ -f "$firewall_record/unconfirmed" ] || return 0
  firewall_stop "$firewall_timer_1" "$firewall_timer_2"
  rm -rf -- "$firewall_run" "$firewall_record/unconfirmed" "$firewall_record/undone"
}

# Rules were changed and not confirmed, and their journal is gone: rolled back, or the machine was restarted.
firewall_too_late() { [ -f "$firewall_record/unconfirmed" ] && [ ! -f "$firewall_run/journal" ]; }

firewall_check_late() {
  ! firewall_too_late || {
    firewall_window
    np_die "the firewall's rules were not confirmed within $firewall_within s (firewall.confirmWithin), or the machine was restarted meanwhile: it has its old rules back. Run it again"
  }
}

# Run over a connection of its own while the confirming stage waits for its turn: the door is open, the window begins
# again. A lock that is taken is that stage's.
np_verb_firewall_hold() {
  np_open_lock
  flock -n 9 && [ -f "$firewall_run/journal" ] && [ ! -f "$firewall_begun" ] || return 0
  firewall_arm
}

# Run by the timer. A locked door weighs more than another run's lock.
np_verb_firewall_rollback() {
  np_open_lock
  np_wait 120 'the lock of another run' flock -n 9 || np_warn 'going on without the lock'
  [ -f "$firewall_run/journal" ] || return 0
  np_say 'nothing confirmed the new firewall rules in time: putting the old ones back'
  # shellcheck disable=SC2094 # it is read whole before it is removed
  sed '1!G;h;$!d' "$firewall_run/journal" | while read -r firewall_back firewall_zone firewall_entry; do
    case $firewall_back in
      start | stop) firewall_ask "$firewall_back" ;;
      *) firewall_bus_change running "$firewall_back" "$firewall_zone" "$firewall_entry" ;;
    esac || np_warn "$firewall_back $firewall_zone $firewall_entry: $firewall_answer"
  done
  rm -rf -- "$firewall_run"
}
