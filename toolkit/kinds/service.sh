# shellcheck shell=sh
# service UNIT enabled [active] [restart-after=NAME,...] [reload-after=NAME,...] [listens=PATH] [tables=FAMILY/NAME,...]: now
# and after a boot, and restarted (reloaded, where that is enough) after those changed; a socket unit that holds this
# socket; a unit whose tables are in nftables.

service_survey() { np_with_keys service_look "$@"; }

# service_look UNIT...: one question for all, kept as lines of UNIT#LOAD#ACTIVE#SUB#FILE#RELOAD#RESULT#PID#LISTEN#.
service_look() {
  service_all=$np_nl$(systemctl show -p LoadState,ActiveState,SubState,UnitFileState,NeedDaemonReload,Result,MainPID,Listen \
    -- "$@" 2>/dev/null | SERVICE_UNITS=$* awk -F = '
      function out() { if (NR && n) print unit[n] "#" v["LoadState"] "#" v["ActiveState"] "#" v["SubState"] "#" \
        v["UnitFileState"] "#" v["NeedDaemonReload"] "#" v["Result"] "#" v["MainPID"] "#" v["Listen"] "#"; split("", v) }
      BEGIN { split(ENVIRON["SERVICE_UNITS"], unit, " "); n = 1 }
      /^$/ { out(); n++; next }
      # Of a socket unit with several sockets, the first.
      !($1 in v) { v[$1] = $2 }
      END { out() }')$np_nl
}

# service_seen UNIT: sets service_load, service_active, … to what was seen; fails where systemd gave no answer.
service_seen() {
  case $service_all in *"$np_nl$1#"*) ;; *) return 1 ;; esac
  service_in=${service_all#*"$np_nl$1#"}
  for service_part in load active sub file reload result pid listen; do
    eval "service_$service_part=\${service_in%%#*}"
    service_in=${service_in#*#}
  done
}

# Units without an [Install] section are enabled by whatever pulls them in.
service_enabled() { case $service_file in enabled | static | indirect | generated | alias) ;; *) return 1 ;; esac; }
service_runs() { case $service_active in active | reloading | refreshing) ;; *) return 1 ;; esac; }

service_observe() {
  service_must=', must be enabled'
  ! np_has_word active || service_must="$service_must and active"
  if ! service_seen "$key"; then
    seen="cannot be looked at, systemd does not answer$service_must"
  else
    case $service_load/$service_file in
      not-found/*) seen="does not exist$service_must" ;;
      */masked) seen="is masked$service_must" ;;
      */masked-runtime) seen="is masked until the next boot$service_must" ;;
      loaded/*) service_observe_loaded ;;
      *) seen="cannot be loaded ($service_load)$service_must" ;;
    esac
  fi
}

service_observe_loaded() {
  case $service_file in
    disabled) seen=disabled ;;
    *-runtime) seen='enabled until the next boot only' ;;
    *) service_enabled || seen="not enabled ($service_file)" ;;
  esac
  if np_has_word active && ! service_runs; then
    case $service_active/$service_sub in
      failed/*) service_in="failed ($service_result)" ;;
      */auto-restart*) service_in="restarting over and over ($service_result)" ;;
      *) service_in=$service_active ;;
    esac
    seen="${seen:+$seen and }$service_in"
  fi
  if [ -n "$seen" ]; then
    seen="is $seen$service_must"
  elif [ "$service_reload" = yes ]; then
    seen='must be loaded again, its unit files have changed'
  elif [ -f "$NP_RECORD/restart/$key" ]; then
    seen='must be restarted, what it depends on has changed'
    [ ! -s "$NP_RECORD/restart/$key" ] || seen='must be reloaded, what it depends on has changed'
  elif service_lacks_table; then
    seen="is active, but its table $service_table is gone from nftables, must be there"
  elif np_word listens && [ "${service_listen%% *}" != "$word" ]; then
    seen="listens at ${service_listen%% *}, must listen at $word; its unit is read before each update: update again, or take away what overrides it"
  fi
}

# Sets service_table to one that it has made and that is gone: somebody flushed the ruleset, and the unit counts as active
# all the same.
service_lacks_table() {
  np_word tables && service_runs || return 1
  service_in=$word,
  while [ -n "$service_in" ]; do
    service_table=${service_in%%,*} service_in=${service_in#*,}
    nft list table "${service_table%%/*}" "${service_table#*/}" >/dev/null 2>&1 || return 0
  done
  return 1
}

# Behind a mask it cannot be seen whether the unit is enabled: links tell.
service_capture() {
  service_seen "$key" || return 1
  service_links=unlinked
  for service_in in /etc/systemd/system/*.wants/"$key" /etc/systemd/system/*.requires/"$key"; do
    [ ! -L "$service_in" ] || service_links=linked
  done
  printf '%s %s %s %s\n' "$service_load" "${service_file:--}" "$service_active" "$service_links"
}

# service_do WORDS...: systemctl, bounded; an error shows what the unit has to say.
service_do() {
  service_out=$(timeout 180 systemctl "$@" -- "$key" 2>&1) && return 0
  [ $? -ne 124 ] || service_out='it takes longer than 180 s'
  systemctl status --no-pager --full --lines=12 -- "$key" 2>&1 | tail -n 16 | np_bar >&2
  np_die "systemctl $1 $key: $service_out"
}

# service_unmask UNIT: as it was seen.
service_unmask() {
  service_seen "$1" || return 0
  case $service_file in
    masked) service_do unmask ;;
    masked-runtime) service_do unmask --runtime ;;
  esac
}

# All that the survey has seen masked: a socket does not start while its service is.
service_unmask_all() {
  case $service_all in *'#masked#'*) ;; *) return 0 ;; esac
  service_key=$key
  for key in $(printf %s "$service_all" | sed -n 's/^\([^#]*\)#masked#.*/\1/p'); do service_unmask "$key"; done
  key=$service_key
}

service_apply() {
  service_unmask_all
  service_look "$key"
  service_seen "$key" || np_die "service $key: systemd does not answer"
  case $service_file in masked*) service_look_anew ;; *) ! service_is_stale || service_look_anew ;; esac
  service_enabled || service_do enable --quiet
  if ! np_has_word active; then
    :
  elif ! service_runs; then
    [ "$service_active" != failed ] || service_do reset-failed
    service_do start
  elif service_lacks_table; then
    service_do restart
  elif [ -s "$NP_RECORD/restart/$key" ]; then
    service_do reload-or-restart
  elif [ -f "$NP_RECORD/restart/$key" ]; then
    service_do restart
  fi
  rm -f -- "$NP_RECORD/restart/$key"
}

# Files of the unit are new since it was started. systemd does not see a file that takes the place of one in /usr, nor,
# before version 257, a drop-in whose folder is new. Where the unit is yet to be enabled, that makes systemd look.
service_has_new_files() {
  [ -f "$NP_RECORD/restart/$key" ] && service_enabled || return 1
  np_word restart-after || np_word reload-after || return 1
  case $word in *file:/etc/systemd/system/*) ;; *) return 1 ;; esac
}

# A unit that was gone, or wrong, while systemd wanted it stays so until everything is read again.
service_is_stale() {
  case $service_reload/$service_load in
    yes/* | */error | */not-found | */bad-setting) ;;
    *) service_has_new_files ;;
  esac
}

service_look_anew() {
  service_unmask "$key"
  ! service_is_stale || systemctl daemon-reload
  service_look "$key"
  service_seen "$key"
}

service_undo() {
  read -r service_was_load service_was_file service_was_active service_was_links <"$rec/found" || :
  service_look "$key"
  if ! service_seen "$key" || [ "$service_load" = not-found ]; then
    rm -f -- "$NP_RECORD/restart/$key"
    return 0
  fi
  case $service_was_active in
    active | reloading | refreshing | activating)
      # Its files come back only now: it is restarted, or reloaded, when all of them have.
      if np_word restart-after; then
        np_mark_restart "$key"
      elif np_word reload-after; then
        np_mark_restart "$key" reload
      fi
      ;;
    *)
      rm -f -- "$NP_RECORD/restart/$key"
      [ "$service_active" = inactive ] || service_do stop
      [ "$service_active" != failed ] || service_do reset-failed
      ;;
  esac
  service_undo_enabled
}

# service_make_way UNIT: it stays, but its unit file leaves. Another one takes its place, and the unit is restarted by
# that: of where it listens now, nobody knows then.
service_make_way() {
  case $1 in *.socket) ;; *) return 0 ;; esac
  service_look "$1"
  service_seen "$1" || return 0
  case $service_listen in /run/*) rm -f -- "${service_listen%% *}" ;; esac
}

# What somebody has disabled or masked since stays so.
service_undo_enabled() {
  [ "$service_file" = enabled ] || return 0
  case $service_was_file in
    enabled | static | indirect | generated | alias) ;;
    masked*)
      [ "$service_was_links" = linked ] || service_do disable --quiet
      if [ "$service_was_file" = masked ]; then service_do mask --quiet; else service_do mask --runtime --quiet; fi
      ;;
    *)
      service_do disable --quiet
      [ "$service_was_file" != enabled-runtime ] || service_do enable --runtime --quiet
      ;;
  esac
}

# At the end of an undo: units that run on, but whose files are now those that were found.
service_settle() {
  service_read=
  for service_mark in "$NP_RECORD"/restart/*; do
    key=${service_mark##*/}
    [ -f "$service_mark" ] && [ ! -d "$NP_RECORD/req/service:$key" ] || continue
    # A unit file that came back is older than the one that systemd has read: it would not see that.
    [ -n "$service_read" ] || systemctl daemon-reload || np_warn 'systemctl daemon-reload failed; see journalctl -b'
    service_read=yes
    service_look "$key"
    # Its package may have left in the same undo.
    if service_seen "$key" && [ "$service_load" != not-found ]; then
      service_how=restart
      [ ! -s "$service_mark" ] || service_how=reload-or-restart
      np_say "service $key: $service_how with what was given back"
      service_do "try-$service_how"
    fi
    rm -f -- "$service_mark"
  done
}

# A socket unit that says itself where its runtime listens: outputs say what was found.
service_report() { ! np_word listens || printf 'runtime.criSocket=unix://%s\n' "$word"; }
