# shellcheck shell=sh
# firewalld: what its zones hold, running (D-Bus) and permanent (XML files).
# An entry is one of: port PORTS/PROTOCOL, rich PORTS/PROTOCOL SOURCE, source CIDR, interface NAME, protocol NUMBER,
# service NAME.

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

# Both readings give lines ZONE exists, ZONE accepts (all that nothing refuses: its target is ACCEPT), ZONE ENTRY, and ZONE opens PORTS/PROTOCOL ENTRY for each port that an
# entry opens to everybody, a service's ports included.
# shellcheck disable=SC2016 # awk's own variables
firewall_awk='
  function attr(name, v) {
    if (!match($0, "[ \t\r\n]" name "[ \t\r\n]*=[ \t\r\n]*(\"[^\"]*\"|\047[^\047]*\047)")) return ""
    v = substr($0, RSTART, RLENGTH); sub(/^[^=]*=[ \t\r\n]*./, "", v); return substr(v, 1, length(v) - 1)
  }
  function ports(p, by) { if (p ~ /^[0-9]+(-[0-9]+)?\//) print zone " opens " p " " by }
  function service(name, by, file, all, rs, was) {
    if (name in within) return
    within[name]
    rs = RS; all = $0; was = inside; inside = 0; RS = "<"; file = "/etc/firewalld/services/" name ".xml"
    if ((getline < file) < 0) { file = "/usr/lib/firewalld/services/" name ".xml"; getline < file }
    while ((getline < file) > 0) {
      if (remark()) continue
      if (/^port[ \t\r\n]/) ports(attr("port") "/" attr("protocol"), "service " by)
      if (/^include[ \t\r\n]/) service(attr("service"), by)
    }
    close(file); RS = rs; $0 = all; inside = was; delete within[name]
  }
  function remark() { if (!inside && !/^!--/) return 0; inside = !/-->/; return 1 }
  function tell(e, q) {
    if (e ~ /^rule rule family="ipv[46]" source address="[^" ]+" port port="[0-9-]+" protocol="[a-z]+" accept$/) {
      split(e, q, "\""); e = "rich " q[6] "/" q[8] " " q[4]
    }
    print zone " " e
    if (e ~ /^port /) ports(substr(e, 6), e)
    if (e ~ /^service /) service(substr(e, 9), substr(e, 9))
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
  function lists(type, n, of) {
    type["services"] = "service"; type["ports"] = "port"; type["interfaces"] = "interface"
    type["sources"] = "source"; type["rules_str"] = "rule"; type["protocols"] = "protocol"
    for (word(); $0 != ""; sub(/^ +/, "")) {
      n = word(); of = word()
      if (of ~ /^a/) list(type[n], of ~ /s/ ? gsub(/s/, "", of) : 1); else if (word() == "ACCEPT" && n == "target") print zone " accepts"
    }
  }
  bus && /^zone / { zone = $2; next }
  bus && /^[(a]/ { print zone " exists" }
  bus && sub(/^a[{]sv[}] /, "") { lists(); next }
  bus && /^\(/ {
    for (i = 0; i < 6; i++) if (word() == "ACCEPT" && i == 5) print zone " accepts"
    list("service", 1); list("port", 2); list("", 1); word(); list("", 4)
    list("interface", 1); list("source", 1); list("rule", 1); list("protocol", 1)
  }
  bus { if (/INVALID_ZONE/) print zone " missing"; next }
  FNR == 1 {
    zone = FILENAME; sub(/.*\//, "", zone); sub(/\.xml$/, "", zone); rule = inside = 0
    print zone " exists"
  }
  !inside && /^zone[ \t\r\n]/ && attr("target") == "ACCEPT" { print zone " accepts" }
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

# firewall_look running|permanent ZONE...: sets firewall_state. getZoneSettings is for firewalld 0.8, which has no other;
# from 0.9 on it answers with the lists of the zone's file in the place of those that are empty in force.
firewall_look() {
  firewall_side=$1
  shift
  if [ "$firewall_side" = running ]; then
    firewall_state=$(for firewall_zone in "$@"; do
      printf 'zone %s\n' "$firewall_zone"
      firewall_call org.fedoraproject.FirewallD1.zone getZoneSettings2 s "$firewall_zone" ||
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
