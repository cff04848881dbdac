# shellcheck shell=sh
# firewalld: one entry of one zone as a requirement, in the light of what the zone holds (firewall_state).

firewall_has() { case $firewall_state in *"$np_nl$1$np_nl"*) ;; *) return 1 ;; esac; }

# Sets firewall_zone and firewall_entry from the key, ZONE/TYPE/…
firewall_parse() {
  firewall_zone=${key%%/*} firewall_entry=${key#*/}
  case $firewall_entry in
    port/*/from/*)
      firewall_entry=${firewall_entry#port/}
      firewall_entry="rich ${firewall_entry%%/from/*} ${firewall_entry#*/from/}"
      ;;
    *) firewall_entry="${firewall_entry%%/*} ${firewall_entry#*/}" ;;
  esac
}

# firewall_open ZONE PORTS/PROTOCOL: sets firewall_whole to an entry that opens all of it to everybody, and
# firewall_part to all entries that open some of it, one a line.
firewall_open() {
  firewall_whole='' firewall_part='' firewall_last=${2%/*}
  firewall_first=${firewall_last%-*} firewall_last=${firewall_last#*-}
  set -f
  IFS=$np_nl
  for firewall_line in $firewall_state; do
    case $firewall_line in "$1 opens "*"/${2#*/} "*) ;; *) continue ;; esac
    firewall_in=${firewall_line#"$1 opens "}
    firewall_by=${firewall_in#* } firewall_in=${firewall_in%%/*}
    [ "${firewall_in#*-}" -ge "$firewall_first" ] && [ "${firewall_in%-*}" -le "$firewall_last" ] || continue
    firewall_part=$firewall_part$firewall_by$np_nl
    [ "${firewall_in%-*}" -gt "$firewall_first" ] || [ "${firewall_in#*-}" -lt "$firewall_last" ] ||
      firewall_whole=$firewall_by
  done
  unset IFS
  set +f
}

# firewall_observe running|permanent: sets seen for the requirement in the light of firewall_state.
firewall_observe() {
  firewall_parse
  firewall_has "$firewall_zone exists" || {
    seen="must be $value, but firewalld has no zone $firewall_zone"
    [ "$1" = permanent ] || firewall_has "$firewall_zone missing" || seen="is not in force, must be $value"
    return 0
  }
  case $firewall_entry in
    'port '*)
      firewall_open "$firewall_zone" "${firewall_entry#port }"
      if [ "$value" = open ]; then
        [ -n "$firewall_whole" ] || seen='is closed, must be open'
      elif firewall_has "$firewall_zone accepts"; then
        seen="is open to everybody (the target of zone $firewall_zone is ACCEPT), must be open to its sources only"
      elif [ -n "$firewall_part" ]; then
        seen="is open to everybody (${firewall_part%%"$np_nl"*}), must be open to its sources only"
      fi
      ;;
    *) firewall_has "$firewall_zone $firewall_entry" || seen="is absent, must be $value" ;;
  esac
}

# firewall_apply running|permanent: makes the loaded requirement hold; what changes is kept in $rec.
firewall_apply() {
  [ "${firewall_known:-}" = "$1 ${key%%/*}" ] || firewall_look "$1" "${key%%/*}"
  firewall_known="$1 ${key%%/*}" seen=
  firewall_observe "$1"
  [ -n "$seen" ] || return 0
  firewall_known=
  firewall_must_exist
  case $firewall_entry:$value in
    port*:closed) firewall_close "$1" ;;
    port*)
      firewall_reopen "$1" || {
        firewall_keep_swallowed "$1"
        firewall_add "$1"
      }
      ;;
    *) firewall_add "$1" ;;
  esac
}

firewall_must_exist() {
  firewall_has "$firewall_zone exists" ||
    np_die "firewall zone $firewall_zone cannot be changed: ${key#*/} $seen; where it does not exist, make it, or set firewall.zone to auto"
}

# A port that was closed to everybody opens by what opened it before; fails where that is not all of it.
firewall_reopen() {
  [ -f "$rec/removed" ] || return 1
  firewall_undo_lines "$1" removed add || :
  firewall_look "$1" "${key%%/*}"
  firewall_parse
  firewall_open "$firewall_zone" "${firewall_entry#port }"
  [ -n "$firewall_whole" ]
}

# A range that is added swallows the ports inside it.
firewall_keep_swallowed() {
  while [ -n "$firewall_part" ]; do
    firewall_by=${firewall_part%%"$np_nl"*} firewall_part=${firewall_part#*"$np_nl"}
    case $firewall_by in
      'port '*)
        firewall_keep removed "$firewall_by$np_nl"
        [ "$1" = permanent ] || firewall_journal remove "$firewall_zone" "$firewall_by"
        ;;
    esac
  done
}

firewall_add() {
  firewall_keep added "$firewall_entry$np_nl"
  firewall_change "$1" add "$firewall_zone" "$firewall_entry" || firewall_die add
}

firewall_die() {
  firewall_in=
  case $firewall_answer in *ZONE_CONFLICT*) firewall_in='; take it out of that zone, running and permanent' ;; esac
  np_die "firewall zone $firewall_zone: cannot $1 $firewall_entry: ${firewall_answer#Call failed: }$firewall_in"
}

firewall_close() {
  ! firewall_has "$firewall_zone accepts" ||
    np_die "firewall zone $firewall_zone: its target is ACCEPT, so it lets everybody in, and ${key#*/} must be open to its sources only; name another zone (firewall.zone), or give it the target default"
  while [ -n "$firewall_part" ]; do
    firewall_entry=${firewall_part%%"$np_nl"*} firewall_part=${firewall_part#*"$np_nl"}
    firewall_only_that "$firewall_entry" ||
      np_die "firewall zone $firewall_zone: $firewall_entry opens more than ${key#*/}, which must be open to its sources only; open what else it is for by itself, and remove it"
    firewall_keep removed "$firewall_entry$np_nl"
    firewall_change "$1" remove "$firewall_zone" "$firewall_entry" || firewall_die remove
  done
}

# Whether the entry opens ports of the requirement and no others; firewall_open has set their bounds.
firewall_only_that() {
  firewall_more=
  set -f
  IFS=$np_nl
  for firewall_line in $firewall_state; do
    firewall_in=${firewall_line#"$firewall_zone opens "}
    [ "$firewall_in" != "$firewall_line" ] && [ "${firewall_in#* }" = "$1" ] || continue
    firewall_in=${firewall_in%% *}
    [ "${firewall_in#*/}" = "${key##*/}" ] || firewall_more='more'
    firewall_in=${firewall_in%/*}
    [ "${firewall_in%-*}" -ge "$firewall_first" ] && [ "${firewall_in#*-}" -le "$firewall_last" ] || firewall_more='more'
  done
  unset IFS
  set +f
  [ -z "$firewall_more" ]
}

# firewall_keep added|removed LINES: durable before the change, so that undo knows of it.
firewall_keep() {
  [ -n "$2" ] || return 0
  printf %s "$2" >>"$rec/$1"
  np_sync "$rec/$1"
}

# firewall_undo running|permanent: what we added and is still so goes, what we removed and is still away comes back.
firewall_undo() {
  firewall_look "$1" "${key%%/*}"
  firewall_has "${key%%/*} exists" || return 0
  firewall_zone=${key%%/*}
  firewall_undo_lines "$1" added remove && firewall_undo_lines "$1" removed add
}

# What was added again, after it had been lost, is there twice.
firewall_undo_lines() {
  [ -f "$rec/$2" ] || return 0
  while IFS= read -r firewall_entry; do
    [ -n "$firewall_entry" ] || continue
    if firewall_has "$firewall_zone $firewall_entry"; then firewall_in=remove; else firewall_in=add; fi
    [ "$firewall_in" = "$3" ] || continue
    firewall_change "$1" "$3" "$firewall_zone" "$firewall_entry" && continue
    np_warn "firewall zone $firewall_zone: cannot $3 $firewall_entry: $firewall_answer"
    [ "$1" = permanent ] || return 1
  done <<EOF
$(awk '!seen[$0]++' "$rec/$2")
EOF
}

# What was found, for people: undo goes by what was added and removed.
firewall_capture() {
  firewall_parse
  case $firewall_entry in
    'port '*)
      firewall_open "$firewall_zone" "${firewall_entry#port }"
      printf '%s\n' "${firewall_part:-closed}"
      ;;
    *) if firewall_has "$firewall_zone $firewall_entry"; then echo present; else echo absent; fi ;;
  esac
}
