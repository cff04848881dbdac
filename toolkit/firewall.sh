# shellcheck shell=sh
# firewalld: what its zones hold, running (D-Bus) and permanent (XML files), and how entries come and go.
# An entry is one of: port PORTS/PROTOCOL, rich PORTS/PROTOCOL SOURCE, source CIDR, interface NAME, protocol NUMBER,
# service NAME.
# A zone's file is edited as text, so that its other lines stay byte for byte; a running firewalld notices.

firewall_zones=/etc/firewalld/zones
firewall_vendor=/usr/lib/firewalld/zones
firewall_record=$NP_RECORD/firewall

firewall_call() { firewall_call_at /org/fedoraproject/FirewallD1 "$@"; }
firewall_call_at() {
  firewall_at=$1
  shift
  busctl --auto-start=no --timeout=120 call org.fedoraproject.FirewallD1 "$firewall_at" "$@" 2>&1 9>&-
}

# Sets firewall_is to the state that firewalld says it is in, or to down.
firewall_runs() {
  firewall_is=down
  firewall_answer=$(firewall_call org.freedesktop.DBus.Properties Get ss org.fedoraproject.FirewallD1 state) || return 1
  case $firewall_answer in 'v s "'*'"') firewall_is=${firewall_answer#*\"} ;; esac
  firewall_is=${firewall_is%\"}
  [ "$firewall_is" = RUNNING ]
}

# Both readings give lines ZONE exists, ZONE ENTRY, and ZONE opens PORTS/PROTOCOL ENTRY for each port that an
# entry opens to everybody, a service's ports included.
# shellcheck disable=SC2016 # awk's own variables
firewall_awk='
  function attr(name, v) {
    if (!match($0, "[ \t\r\n]" name "[ \t\r\n]*=[ \t\r\n]*(\"[^\"]*\"|\047[^\047]*\047)")) return ""
    v = substr($0, RSTART, RLENGTH); sub(/^[^=]*=[ \t\r\n]*./, "", v); return substr(v, 1, length(v) - 1)
  }
  function ports(p, by) { if (p ~ /^[0-9]+(-[0-9]+)?\//) print zone " opens " p " " by }
  function service(name, file, all, rs, was) {
    rs = RS; all = $0; was = inside; inside = 0; RS = "<"; file = "/etc/firewalld/services/" name ".xml"
    if ((getline < file) < 0) { file = "/usr/lib/firewalld/services/" name ".xml"; getline < file }
    while ((getline < file) > 0) if (!remark() && /^port[ \t\r\n]/) ports(attr("port") "/" attr("protocol"), "service " name)
    close(file); RS = rs; $0 = all; inside = was
  }
  function remark() { if (!inside && !/^!--/) return 0; inside = !/-->/; return 1 }
  function tell(e, q) {
    if (e ~ /^rule rule family="ipv[46]" source address="[^" ]+" port port="[0-9-]+" protocol="[a-z]+" accept$/) {
      split(e, q, "\""); e = "rich " q[6] "/" q[8] " " q[4]
    }
    print zone " " e
    if (e ~ /^port /) ports(substr(e, 6), e)
    if (e ~ /^service /) service(substr(e, 9))
  }
  function word(w) {
    if (!match($0, /"([^"\\]|\\.)*"|[^ ]+/)) return ""
    w = substr($0, RSTART, RLENGTH); $0 = substr($0, RSTART + RLENGTH)
    if (w ~ /^"/) { w = substr(w, 2, length(w) - 2); gsub(/\\"/, "\"", w) }
    return w
  }
  function list(type, width, n, e, i) {
    for (n = word(); n > 0; n--) {
      e = word(); for (i = 1; i < width; i++) e = e "/" word()
      if (type) tell(type " " e)
    }
  }
  bus && /^zone / { zone = $2; next }
  bus && /^\(/ {
    print zone " exists"
    for (i = 0; i < 6; i++) word()
    list("service", 1); list("port", 2); list("", 1); word(); list("", 4)
    list("interface", 1); list("source", 1); list("rule", 1); list("protocol", 1)
  }
  bus { if (/INVALID_ZONE/) print zone " missing"; next }
  FNR == 1 {
    zone = FILENAME; sub(/.*\//, "", zone); sub(/\.xml$/, "", zone); rule = inside = 0
    print zone " exists"
  }
  remark() || /^\/?(zone|short|description)/ { next }
  /^rule[ \t\r\n>]/ { rule = 1; plain = attr("priority") == ""; port = from = accept = ""; next }
  /^\/rule/ { if (plain && port && from && accept) tell("rich " port " " from); rule = 0; next }
  rule && /^port[ \t\r\n]/ { port = attr("port") "/" attr("protocol"); next }
  rule && /^source[ \t\r\n]/ { from = attr("address"); if (attr("invert") != "") plain = 0; next }
  rule && /^accept/ { accept = 1; next }
  rule { if (!/^\//) plain = 0; next }
  /^port[ \t\r\n]/ { tell("port " attr("port") "/" attr("protocol")) }
  /^source[ \t\r\n]/ { tell("source " attr("address")) }
  /^interface[ \t\r\n]/ { tell("interface " attr("name")) }
  /^service[ \t\r\n]/ { tell("service " attr("name")) }
  /^protocol[ \t\r\n]/ { tell("protocol " attr("value")) }'

# firewall_look running|permanent ZONE...: sets firewall_state.
firewall_look() {
  firewall_side=$1
  shift
  if [ "$firewall_side" = running ]; then
    firewall_state=$(for firewall_zone in "$@"; do
      printf 'zone %s\n' "$firewall_zone"
      firewall_call org.fedoraproject.FirewallD1 getZoneSettings s "$firewall_zone"
    done | awk -v bus=1 "$firewall_awk")
  else
    for firewall_zone in "$@"; do
      firewall_file "$firewall_zone"
      shift
      [ ! -f "$firewall_path" ] || set -- "$@" "$firewall_path"
    done
    firewall_state=
    [ $# -eq 0 ] || firewall_state=$(awk -v RS='<' "$firewall_awk" "$@")
  fi
  firewall_state=$np_nl$firewall_state$np_nl
}

# Sets firewall_path to the file that a zone is read from.
firewall_file() {
  firewall_path=$firewall_zones/$1.xml
  [ -f "$firewall_path" ] || firewall_path=$firewall_vendor/$1.xml
}

# firewall_survey running|permanent INDEX...: looks at all zones that the requirements name.
firewall_survey() {
  firewall_in=$1 firewall_named=' '
  shift
  for firewall_i in "$@"; do
    np_load "$firewall_i"
    case $firewall_named in *" ${key%%/*} "*) ;; *) firewall_named="$firewall_named${key%%/*} " ;; esac
  done
  # shellcheck disable=SC2086 # names of zones
  firewall_look "$firewall_in" $firewall_named
}

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
      elif [ -n "$firewall_part" ]; then
        seen="is open to everybody (${firewall_part%%"$np_nl"*}), must be open to its sources only"
      fi
      ;;
    *) firewall_has "$firewall_zone $firewall_entry" || seen="is absent, must be $value" ;;
  esac
}

# firewall_apply running|permanent: makes the loaded requirement hold; what changes is kept in $rec.
firewall_apply() {
  firewall_look "$1" "${key%%/*}"
  seen=
  firewall_observe "$1"
  [ -n "$seen" ] || return 0
  firewall_must_exist
  case $firewall_entry:$value in
    port*:closed) firewall_close "$1" ;;
    port*)
      firewall_keep_swallowed "$1"
      firewall_add "$1"
      ;;
    *) firewall_add "$1" ;;
  esac
}

firewall_must_exist() {
  firewall_has "$firewall_zone exists" ||
    np_die "firewall zone $firewall_zone cannot be changed: ${key#*/} $seen; where it does not exist, make it, or set firewall.zone to auto"
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

firewall_die() { np_die "firewall zone $firewall_zone: cannot $1 $firewall_entry: $firewall_answer"; }

firewall_close() {
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

firewall_undo_lines() {
  [ -f "$rec/$2" ] || return 0
  while IFS= read -r firewall_entry; do
    if firewall_has "$firewall_zone $firewall_entry"; then firewall_in=remove; else firewall_in=add; fi
    [ "$firewall_in" = "$3" ] || continue
    firewall_change "$1" "$3" "$firewall_zone" "$firewall_entry" && continue
    np_warn "firewall zone $firewall_zone: cannot $3 $firewall_entry: $firewall_answer"
    [ "$1" = permanent ] || return 1
  done <"$rec/$2"
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
