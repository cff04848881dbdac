# shellcheck shell=sh
# The hooks of the three stages of a firewall (see docs/architecture.md): when the timer of firewall-confirm.sh is armed
# and disarmed.

# There from the start of an apply of stage firewall to its end, and on when it fails in between.
firewall_begun=/run/nodeprep-firewall.begun

# Where an undo was rolled back, its requirements are on record again.
np_start_firewall() {
  np_mark "$firewall_begun"
  ! firewall_too_late || firewall_reclaim undone
}

# firewall_reclaim undone|confirmed: these requirements are on record again.
firewall_reclaim() {
  [ -f "$firewall_record/$1/names" ] || return 0
  while IFS= read -r np_n; do
    np_rec "$np_n"
    [ -d "$rec" ] || { cp -a -- "$firewall_record/$1/${rec##*/}" "$rec" && printf '%s\n' "$np_n" >>"$NP_RECORD/order"; } ||
      np_die "cannot write the record in $NP_RECORD"
  done <"$firewall_record/$1/names"
  np_sync -f "$NP_RECORD"
  rm -rf -- "${firewall_record:?}/$1"
}

np_before_firewall() {
  # An undo that was cut off and rolled back begins with the first rule again.
  [ "$1" = apply ] || np_run_applies || ! firewall_too_late || {
    firewall_reclaim undone
    np_names_of firewall "$np_as"
  }
  firewall_files_back
  [ -n "$firewall_armed" ] || firewall_arm
  [ "$1" = apply ] || firewall_before_undo
}

firewall_before_undo() {
  firewall_keep_undone
  case " $names " in *' firewall_daemon:firewalld '*) firewall_stop_ours ;; esac
}

# What is about to be undone stays in reach until that is confirmed.
firewall_keep_undone() {
  mkdir -p "$firewall_record/undone" || np_die "cannot write $firewall_record"
  for np_n in $names; do
    np_rec "$np_n"
    [ -d "$firewall_record/undone/${rec##*/}" ] || {
      cp -a -- "$rec" "$firewall_record/undone/" && printf '%s\n' "$np_n" >>"$firewall_record/undone/names"
    } || np_die "cannot write $firewall_record"
  done
  np_sync -f "$firewall_record"
}

# Found stopped, it is stopped, and with it go all its rules.
firewall_stop_ours() {
  np_read_line "$NP_RECORD/req/firewall_daemon:firewalld/found"
  [ "$line" = stopped ] && systemctl --quiet is-active firewalld.service || return 0
  np_say "stopping firewalld, which did not run before$(firewall_pods)"
  firewall_journal stop firewalld
  firewall_systemctl stop
}

np_after_firewall() {
  rm -f -- "$firewall_begun"
  [ -n "$firewall_armed" ] || return 0
  firewall_arm
  np_say "the old firewall rules come back in $firewall_within s, unless the next stage confirms over a new connection"
}

# What was never in force as a whole cannot be confirmed, not even where nothing is left to do.
np_start_firewall_confirm() {
  np_names_of firewall any
  [ -n "$names" ] && [ ! -f "$firewall_begun" ] ||
    np_die "there is nothing to confirm: stage firewall did not get to its end, its own error says why; apply it first (pulumi up)"
}

np_before_firewall_confirm() {
  if np_run_applies; then
    firewall_check_late
  elif [ "$np_subject" = firewall-confirm ]; then
    np_say 'the permanent rules stay until firewall-guard is undone: a reboot before that brings back all rules'
    names=
  fi
}

# Entry by entry they are undone; where nobody has changed anything else, they are now as they were found, byte for byte.
firewall_found_files() {
  for firewall_in in "$firewall_record"/zones/*; do
    case $firewall_in in *.xml | *.old) continue ;; esac
    [ -e "$firewall_in" ] || continue
    ! firewall_unchanged "${firewall_in##*/}" || firewall_bring_back zones "${firewall_in##*/}"
  done
}

np_after_firewall_confirm() {
  if np_run_applies; then
    firewall_check_late
    firewall_disarm
  elif [ "$np_subject" != firewall-confirm ]; then
    firewall_found_files
  fi
}

# Some distributions start and enable firewalld at its installation, with no door but port 22.
np_before_firewall_guard() {
  if [ "$1" = undo ]; then
    np_run_applies || firewall_undo_confirm
  elif [ "$(systemctl show -p LoadState firewalld.service)" = LoadState=not-found ]; then
    mkdir -p "$firewall_record" && true >"$firewall_record/masked" && np_sync -f "$firewall_record" &&
      systemctl --quiet --no-reload mask firewalld.service 2>/dev/null || np_die "cannot mask firewalld.service"
  fi
  # Then systemd looks again when firewalld is unmasked.
  [ ! -f "$firewall_record/masked" ] || package_reload=--no-reload
}

np_after_firewall_guard() {
  package_reload=
  if [ "$1" = apply ]; then
    firewall_unmask ||
      np_die "cannot unmask firewalld.service, which is masked while its package is installed: $firewall_answer"
  else
    firewall_unmask || np_warn "firewalld.service stays as it is (systemctl unmask firewalld.service): $firewall_answer"
    firewall_unload_modules
    rm -rf -- "$firewall_record"
  fi
}

# Sets firewall_answer when it fails.
firewall_unmask() {
  [ -f "$firewall_record/masked" ] || return 0
  firewall_ask --quiet --no-reload unmask && firewall_ask --quiet disable && rm -f -- "$firewall_record/masked"
}

# This connection is the proof that the door is open without our running rules; the permanent ones go now.
firewall_undo_confirm() {
  if firewall_too_late; then
    firewall_reclaim undone
    np_names_of firewall "$np_as"
    [ -z "$names" ] || {
      np_undo_stage firewall
      np_die "the undo of the firewall was not confirmed within $firewall_within s, or the machine was restarted meanwhile; its rules are undone again now: run it again soon, so that a new connection confirms that"
    }
  fi
  firewall_files_back
  firewall_undo_rest
  [ ! -d "$firewall_record/undone" ] || mv -- "$firewall_record/undone" "$firewall_record/confirmed" ||
    np_die "cannot write $firewall_record"
  firewall_disarm
  np_names_of firewall-confirm "$np_as"
  np_undo_names firewall-confirm
  firewall_found_files
  np_names_of firewall-guard "$np_as"
}

# Where this was cut off before, a boot since then has brought the rules that are permanent still.
firewall_undo_rest() {
  firewall_reclaim confirmed
  np_names_of firewall "$np_as"
  [ -n "$names" ] || return 0
  mkdir -p "$firewall_run" || np_die "cannot write $firewall_run"
  firewall_before_undo
  np_undo_names firewall
}
