# Sends a signal to the commands that run over this SSH connection. Usage, over that connection: sh -s SIGNAL
#
# SSH's own way to do this is refused by OpenSSH for root, and a command outlives a connection that is merely cut.
# The server process of the connection is our parent; its other children are the commands, and sshd makes
# each the leader of a process group. What sudo runs as root in that group can only be reached through sudo.
stop() {
  kill -s "$1" -- "-$2" 2>/dev/null
  [ "$(id -u)" = 0 ] || sudo -n sh -c 'kill -s "$1" -- "-$2"' sh "$1" "$2" 2>/dev/null
}

for status in /proc/[0-9]*/status; do
  pid=
  while read -r name value; do
    case $name in
      Pid:) pid=$value ;;
      PPid:)
        if [ "$value" = "$PPID" ] && [ "$pid" != "$$" ]; then stop "$1" "$pid"; fi
        break
        ;;
    esac
  done 2>/dev/null <"$status"
done
