# shellcheck shell=sh
# firewalld: one entry of one zone comes or goes, in the running rules or in the zone's file.

# firewall_change running|permanent add|remove ZONE ENTRY: sets firewall_answer when it fails.
firewall_change() {
  if [ "$1" = permanent ]; then
    firewall_save zones "$3" && firewall_permanent_change "$2" "$3" "$4"
  else
    firewall_journal "$2" "$3" "$4"
    firewall_bus_change running "$2" "$3" "$4"
  fi
}

# firewall_bus_change running|permanent add|remove ZONE ENTRY
firewall_bus_change() {
  firewall_in=$1 firewall_how=$2 firewall_zone=$3 firewall_words=${4#* }
  case $4 in
    'port '*) set -- Port ss "${firewall_words%/*}" "${firewall_words#*/}" ;;
    'service '*) set -- Service s "$firewall_words" ;;
    'protocol '*) set -- Protocol s "$firewall_words" ;;
    'source '*) set -- Source s "$firewall_words" ;;
    'interface '*) set -- Interface s "$firewall_words" ;;
    *)
      firewall_rich "$firewall_words"
      set -- RichRule s "rule family=\"$firewall_family\" source address=\"$firewall_from\" port port=\"$firewall_port\" protocol=\"$firewall_protocol\" accept"
      ;;
  esac
  firewall_method=$firewall_how$1 firewall_signature=$2
  shift 2
  if [ "$firewall_in" = permanent ]; then
    firewall_config "$firewall_zone" "$firewall_method" "$firewall_signature" "$@"
    return
  fi
  # Adding takes a time-out too, where firewalld has one: 0 is for good.
  case $firewall_method in
    addSource | addInterface | remove*) set -- "s$firewall_signature" "$firewall_zone" "$@" ;;
    *) set -- "s${firewall_signature}i" "$firewall_zone" "$@" 0 ;;
  esac
  firewall_answer=$(firewall_call org.fedoraproject.FirewallD1.zone "$firewall_method" "$@")
}

# firewall_config ZONE METHOD...: calls a method of the zone's permanent side in a running firewalld.
firewall_config() {
  [ "$1" = "${firewall_configured:-}" ] || {
    firewall_configured=
    firewall_answer=$(firewall_call_at /org/fedoraproject/FirewallD1/config org.fedoraproject.FirewallD1.config getZoneByName s "$1") ||
      return 1
    firewall_configured=$1 firewall_object=${firewall_answer#*\"}
    firewall_object=${firewall_object%\"}
  }
  shift
  firewall_answer=$(firewall_call_at "$firewall_object" org.fedoraproject.FirewallD1.config.zone "$@")
}

# firewall_rich PORTS/PROTOCOL SOURCE: sets the parts of a rich rule.
firewall_rich() {
  firewall_port=${1%%/*} firewall_protocol=${1#*/} firewall_from=${1#* }
  firewall_protocol=${firewall_protocol%% *}
  case $firewall_from in *:*) firewall_family=ipv6 ;; *) firewall_family=ipv4 ;; esac
}

# Sets firewall_text to the entry as firewalld itself writes it.
firewall_xml() {
  firewall_words=${1#* }
  case $1 in
    'port '*) firewall_text="  <port port=\"${firewall_words%/*}\" protocol=\"${firewall_words#*/}\"/>" ;;
    'service '*) firewall_text="  <service name=\"$firewall_words\"/>" ;;
    'protocol '*) firewall_text="  <protocol value=\"$firewall_words\"/>" ;;
    'interface '*) firewall_text="  <interface name=\"$firewall_words\"/>" ;;
    'source '*) firewall_text="  <source address=\"$firewall_words\"/>" ;;
    'rich '*)
      firewall_rich "$firewall_words"
      firewall_text="  <rule family=\"$firewall_family\">
    <source address=\"$firewall_from\"/>
    <port port=\"$firewall_port\" protocol=\"$firewall_protocol\"/>
    <accept/>
  </rule>"
      ;;
  esac
  firewall_text=$firewall_text$np_nl
}

# firewall_permanent_change add|remove ZONE ENTRY: a running firewalld writes the zone's file itself, since it would
# notice late, or not at all, what others write there. Where none runs, the file is edited.
firewall_permanent_change() {
  firewall_bus_change permanent "$@" && return 0
  ! firewall_runs && firewall_read "$2" && firewall_edit "$1" "$3" && firewall_put "$2"
}

# firewall_read ZONE: sets firewall_content to the zone's file. The x keeps newlines at the end.
firewall_read() {
  firewall_file "$1"
  firewall_content=$(cat "$firewall_path" && printf x) && firewall_content=${firewall_content%x}
}

# firewall_edit add|remove ENTRY: changes firewall_content, so that it has the entry, or has it no more.
firewall_edit() {
  firewall_xml "$2"
  firewall_answer="edit $firewall_path into the form that firewalld gives it, an element a line"
  case $1:$firewall_content in
    add:*'</zone>'*) firewall_content=${firewall_content%</zone>*}$firewall_text'</zone>'${firewall_content##*</zone>} ;;
    remove:*"$firewall_text"*) firewall_content=${firewall_content%%"$firewall_text"*}${firewall_content#*"$firewall_text"} ;;
    *) return 1 ;;
  esac
}

# firewall_put ZONE: writes firewall_content to the zone's own file.
firewall_put() {
  firewall_own=$firewall_zones/$1.xml firewall_access='0644 0:0'
  [ ! -f "$firewall_own" ] || firewall_access=$(stat -c '%a %u:%g' "$firewall_own")
  printf %s "$firewall_content" | np_write_file "$firewall_own" "${firewall_access% *}" "${firewall_access#* }"
}

# firewall_save FOLDER ZONE: keeps the zone's own file, and firewalld's backup of it, as they are; once, durably.
firewall_save() {
  mkdir -p "$firewall_record/$1" || return 1
  [ ! -e "$firewall_record/$1/$2" ] || return 0
  for firewall_x in xml xml.old; do
    [ ! -f "$firewall_zones/$2.$firewall_x" ] || cp -p -- "$firewall_zones/$2.$firewall_x" "$firewall_record/$1/" || return 1
  done
  np_sync -f "$firewall_record" && true >"$firewall_record/$1/$2" && np_sync -f "$firewall_record"
}

# firewall_bring_back FOLDER ZONE: those files as they were saved. firewalld forgets a file only when it is told to.
firewall_bring_back() {
  [ -f "$firewall_record/$1/$2.xml" ] || [ ! -f "$firewall_zones/$2.xml" ] || ! firewall_runs ||
    firewall_config "$2" loadDefaults || :
  for firewall_x in xml.old xml; do
    if [ -f "$firewall_record/$1/$2.$firewall_x" ]; then
      cp -p -- "$firewall_record/$1/$2.$firewall_x" "$firewall_zones/.nodeprep" && np_sync "$firewall_zones/.nodeprep" &&
        mv -f -- "$firewall_zones/.nodeprep" "$firewall_zones/$2.$firewall_x"
    else
      rm -f -- "$firewall_zones/$2.$firewall_x"
    fi || return 1
  done
  np_sync "$firewall_zones"
}

# firewall_unchanged ZONE: the zone's file says what the saved one says, whoever wrote it in which form.
firewall_unchanged() {
  firewall_then=$firewall_record/zones/$1.xml
  [ -f "$firewall_then" ] || firewall_then=$firewall_vendor/$1.xml
  firewall_file "$1"
  [ "$(firewall_says "$firewall_then")" = "$(firewall_says "$firewall_path")" ]
}

# The elements of a zone's file in a canonical order, without comments.
firewall_says() {
  awk -v RS='<' '!/^[!?]/ { gsub(/[ \t\r\n]+/, " "); sub(/ ?\/? ?> ?$/, ">"); if ($0 != " " && $0 != "") print }' "$1" | sort
}
