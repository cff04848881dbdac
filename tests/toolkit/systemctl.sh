#!/bin/sh
# A stand-in for systemctl, where no service manager runs: units are files, as systemd finds them; a service that is
# started is its command, run in the background. It writes what it was told into $state/log.
state=/run/stand-in
mkdir -p "$state"

# The unit's file and its drop-ins, in order.
text() {
  for folder in /etc /usr/lib /lib; do
    [ -f "$folder/systemd/system/$1" ] && cat "$folder/systemd/system/$1" && break
  done
  for drop_in in /usr/lib/systemd/system/"$1".d/*.conf; do
    [ -e "/etc/systemd/system/$1.d/${drop_in##*/}" ] || cat "$drop_in" 2>/dev/null || :
  done
  cat /etc/systemd/system/"$1".d/*.conf 2>/dev/null || :
}
# The last value that is not empty.
last() { text "$1" | sed -n "s/^$2=\(..*\)/\1/p" | tail -n 1; }

show() {
  load=loaded file=disabled active=inactive pid=0
  [ -n "$(text "$1")" ] || load=not-found file=
  [ ! -f "$state/enabled.$1" ] || file=enabled
  [ ! -f "$state/masked.$1" ] || load=masked file=masked-runtime
  [ ! -f "$state/active.$1" ] || active=active
  [ ! -f "$state/pid.$1" ] || pid=$(cat "$state/pid.$1")
  listen=$(last "$1" ListenStream | sed 's|^%t|/run|')
  printf 'MainPID=%s\nResult=success\nLoadState=%s\nActiveState=%s\nSubState=running\nUnitFileState=%s\nNeedDaemonReload=no\n' \
    "$pid" "$load" "$active" "$file"
  [ -z "$listen" ] || echo "Listen=$listen (Stream)"
  echo
}

start() {
  [ ! -f "$state/masked.$1" ] || exit 1
  : >"$state/active.$1"
  case $1 in
    *.service)
      # shellcheck disable=SC2046 # the command's words
      setsid $(last "$1" ExecStart) </dev/null >/dev/null 2>&1 9>&- &
      echo $! >"$state/pid.$1"
      # until it has read its configuration
      until [ "$(cat "/proc/$!/comm")" = sleep ]; do sleep 0.1; done
      ;;
  esac
}

stop() {
  [ ! -f "$state/pid.$1" ] || kill "$(cat "$state/pid.$1")" 2>/dev/null
  rm -f "$state/pid.$1" "$state/active.$1"
}

while [ "${1#-}" != "$1" ]; do shift; done
verb=$1
shift
while [ "${1#-}" != "${1-}" ]; do
  [ "$1" != -p ] || shift
  shift
done
[ "$verb" = show ] || echo "$verb $*" >>"$state/log"
for unit in "$@"; do
  case $verb in
    show) show "$unit" ;;
    is-active) [ -f "$state/active.$unit" ] && echo active ;;
    list-units) [ ! -f "$state/active.$unit" ] || echo "$unit loaded active running" ;;
    enable) : >"$state/enabled.$unit" ;;
    disable) rm -f "$state/enabled.$unit" ;;
    mask) : >"$state/masked.$unit" ;;
    unmask) rm -f "$state/masked.$unit" ;;
    start) start "$unit" ;;
    stop) stop "$unit" ;;
    restart) stop "$unit" && start "$unit" ;;
    try-restart) [ ! -f "$state/active.$unit" ] || { stop "$unit" && start "$unit"; } ;;
    reload-or-restart) [ -n "$(last "$unit" ExecReload)" ] || { stop "$unit" && start "$unit"; } ;;
  esac
done
