# shellcheck shell=sh
# The part of the facts that finds the SSH doors of the node and the firewall zone behind which they are.

# The door that this session came through, all other doors of sshd, and the zone of the interface behind them.
facts_ssh() {
  facts_connection=${SSH_CONNECTION:-}
  [ -n "$facts_connection" ] || facts_parents_connection
  facts_client='' facts_server='' facts_interface=''
  set -f
  # shellcheck disable=SC2086 # four words: client address and port, server address and port
  set -- $facts_connection
  set +f
  if [ $# -eq 4 ]; then
    facts_client=$1 facts_server=$3
    facts_print ssh-port "$4"
    facts_print ssh-address "$3"
  fi
  facts_ports
  facts_find_interface
  facts_print ssh-interface "$facts_interface"
  facts_find_zone
  facts_print ssh-zone "$facts_zone"
}

# sudo clears SSH_CONNECTION; the shell that called it still has it.
facts_parents_connection() {
  facts_pid=$PPID
  while [ "${facts_pid:-0}" -gt 1 ]; do
    facts_connection=$(tr '\0' '\n' <"/proc/$facts_pid/environ" 2>/dev/null | sed -n 's/^SSH_CONNECTION=//p')
    [ -z "$facts_connection" ] || return 0
    facts_line=
    read -r facts_line 2>/dev/null <"/proc/$facts_pid/stat" || return 0
    # pid (name) state parent ...: the name may hold anything, a parenthesis too.
    facts_line=${facts_line##*) ? }
    facts_pid=${facts_line%% *}
  done
}

# facts_ports: the ports on which sshd listens, and those that systemd holds for it.
facts_ports() {
  if command -v ss >/dev/null; then ss -Hltnp 2>/dev/null; else facts_listeners; fi | {
    facts_held=' '
    while read -r _ _ _ facts_local _ facts_users; do
      facts_port=${facts_local##*:}
      case $facts_local in 127.* | '[::1]:'*) continue ;; esac
      case $facts_users in *'"sshd",pid='*) ! facts_is_daemon "$facts_users" || facts_print ssh-port "$facts_port" ;; esac
      case $facts_users in *'"systemd",pid=1,'*) facts_held="$facts_held$facts_port " ;; esac
    done
    [ "$facts_held" = ' ' ] || facts_socket_units "$facts_held"
  }
}

# A session of sshd may listen too (ssh -R, X11), and so may anybody's program that is called sshd: only the ports of
# root's daemon are doors. The 15 characters of a name cannot hold all that the list says behind a name.
facts_is_daemon() {
  facts_pid=${1#*\"sshd\",pid=}
  case ${facts_pid#*,} in fd=[0-9]*) ;; *) return 1 ;; esac
  facts_pid=${facts_pid%%,*} facts_line='' facts_user=
  case $facts_pid in '' | *[!0-9]*) return 1 ;; esac
  while read -r facts_line facts_user _; do
    [ "$facts_line" != Uid: ] || break
  done 2>/dev/null <"/proc/$facts_pid/status"
  [ "$facts_line$facts_user" = Uid:0 ] || return 1
  facts_line=
  read -r facts_line 2>/dev/null <"/proc/$facts_pid/cmdline" || :
  case $facts_line in
    *'[listener]'*) return 0 ;;
    'sshd: '* | 'sshd-session: '*) return 1 ;;
  esac
}

facts_socket_units() {
  systemctl show -p Listen ssh.socket sshd.socket 2>/dev/null | while read -r facts_line _; do
    case $1 in *" ${facts_line##*:} "*) facts_print ssh-port "${facts_line##*:}" ;; esac
  done
}

# The listeners of sshd and systemd in the form of `ss -Hltnp`, for machines without it.
facts_listeners() {
  for facts_dir in /proc/[0-9]*; do
    facts_line=
    read -r facts_line 2>/dev/null <"$facts_dir/comm" || continue
    case $facts_line:${facts_dir#/proc/} in sshd:* | systemd:1) ;; *) continue ;; esac
    # shellcheck disable=SC2012 # the links' targets are wanted, readlink would be a process each
    facts_sockets=$(ls -l "$facts_dir/fd" 2>/dev/null | sed -n 's/.*socket:\[\([0-9]*\)\]$/ \1 /p')
    facts_listening "$facts_line" "${facts_dir#/proc/}"
  done
}

facts_listening() {
  for facts_table in /proc/net/tcp /proc/net/tcp6; do
    [ -r "$facts_table" ] || continue
    while read -r _ facts_local _ facts_state _ _ _ _ _ facts_inode _; do
      [ "$facts_state" = 0A ] || continue
      case $facts_sockets in *" $facts_inode "*) ;; *) continue ;; esac
      facts_address='*'
      case $facts_local in ??????7F:* | *00000000000000000000000001000000:*) facts_address=127.0.0.1 ;; esac
      printf 'LISTEN 0 0 %s:%s *:* users:(("%s",pid=%s,fd=0))\n' \
        "$facts_address" "$((0x${facts_local##*:}))" "$1" "$2"
    done <"$facts_table"
  done
}

# Sets facts_interface to the one with the address that was dialled; failing that to the one towards the client.
facts_find_interface() {
  case $facts_server in *%*) facts_interface=${facts_server#*%} && return 0 ;; esac
  case $facts_server in '' | *[!0-9a-fA-F:.]*) ;; *) facts_interface_of "$(ip -o addr show to "$facts_server" 2>/dev/null)" ;; esac
  [ -z "$facts_interface" ] || return 0
  case $facts_client in '' | *[!0-9a-fA-F:.]*) ;; *) facts_interface_towards "$(ip -o route get "$facts_client" 2>/dev/null)" ;; esac
  [ -n "$facts_interface" ] || facts_default_interface
}

facts_interface_of() {
  case $1 in '' | *': lo '*) return 0 ;; esac
  facts_interface=${1#*: }
  facts_interface=${facts_interface%% *}
}

facts_interface_towards() {
  case $1 in *' dev lo '*) return 0 ;; *' dev '*) facts_interface=${1#* dev } && facts_interface=${facts_interface%% *} ;; esac
}

facts_default_interface() {
  [ -r /proc/net/route ] || return 0
  while read -r facts_name facts_target _; do
    [ "$facts_target" != 00000000 ] || { facts_interface=$facts_name && return 0; }
  done </proc/net/route
}

# Sets facts_zone: the running firewalld's word, else its files', else firewalld's own default.
facts_find_zone() {
  facts_zone=
  if [ -n "$facts_interface" ] && command -v firewalld >/dev/null; then
    facts_bus .zone getZoneOfInterface s "$facts_interface" || facts_zone_of_files
  fi
  [ -n "$facts_zone" ] || facts_default_zone
}

# Sets facts_zone to the answer; never starts firewalld by asking.
facts_bus() {
  facts_path=$1
  shift
  facts_line=$(busctl --auto-start=no --timeout=10 call org.fedoraproject.FirewallD1 /org/fedoraproject/FirewallD1 \
    "org.fedoraproject.FirewallD1$facts_path" "$@" 2>/dev/null) || return 1
  case $facts_line in 's "'*'"') ;; *) return 1 ;; esac
  facts_zone=${facts_line#s \"}
  facts_zone=${facts_zone%\"}
}

facts_zone_of_files() {
  for facts_xml in /etc/firewalld/zones/*.xml; do
    [ -r "$facts_xml" ] || continue
    while IFS= read -r facts_line || [ -n "$facts_line" ]; do
      case $facts_line in
        *'<interface '*"name=\"$facts_interface\""* | *'<interface '*"name='$facts_interface'"*)
          facts_zone=${facts_xml##*/}
          facts_zone=${facts_zone%.xml}
          return 0
          ;;
      esac
    done <"$facts_xml"
  done
}

facts_default_zone() {
  ! command -v firewalld >/dev/null || ! facts_bus '' getDefaultZone || return 0
  facts_zone=public
  [ -r /etc/firewalld/firewalld.conf ] || return 0
  while IFS= read -r facts_line || [ -n "$facts_line" ]; do
    case $facts_line in DefaultZone=?*) facts_zone=${facts_line#DefaultZone=} ;; esac
  done </etc/firewalld/firewalld.conf
}
