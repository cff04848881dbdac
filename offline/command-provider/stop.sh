# Sends a signal to the commands that run over this SSH connection. Usage, over that connection: sh -s SIGNAL
#
# SSH's own way to do this is refused by OpenSSH for root, and a command outlives a connection that is merely cut.
# The server process of the connection is our parent; its other children are the commands, and sshd makes
# each the leader of a process group. One that sudo runs as root can only be reached through sudo.
for status in /proc/[0-9]*/status; do
  pid=
  while read -r name value; do
    case $name in
      Pid:) pid=$value ;;
      PPid:)
        if [ "$value" = "$PPID" ] && [ "$pid" != "$$" ]; then
          kill -s "$1" -- "-$pid" 2>/dev/null || sudo -n kill -s "$1" -- "-$pid"
        fi
        break
        ;;
    esac
  done 2>/dev/null <"$status"
done
