# shellcheck shell=sh
# leftovers RUNTIME removed by undo: what a runtime leaves behind when it stops goes with it. It is a function
# leftovers_of_RUNTIME in toolkit/runtime-RUNTIME.sh, called with "capture" and "undo".

leftovers_observe() { :; }
leftovers_apply() { :; }
leftovers_capture() { "leftovers_of_$key" capture; }
leftovers_undo() { "leftovers_of_$key" undo; }

# leftovers_note UNIT PATH...: for the record, whether the runtime ran before us, and which of the paths were there.
leftovers_note() {
  leftovers_in=$(systemctl is-active -- "$1" 2>/dev/null) || :
  # The runtime before this one may share the unit.
  [ ! -f "$NP_RECORD/req/service:$1/found" ] || read -r _ _ leftovers_in _ <"$NP_RECORD/req/service:$1/found" || :
  [ "$leftovers_in" != active ] || echo runs
  shift
  for leftovers_in in "$@"; do [ ! -e "$leftovers_in" ] || echo "path $leftovers_in"; done
}

# leftovers_had LINE: that was found before.
leftovers_had() { grep -qxF "$1" "$rec/found"; }

# leftovers_paths PATH...: those that were not there before go. What is mounted there may be somebody's data.
leftovers_paths() {
  for leftovers_in in "$@"; do
    leftovers_had "path $leftovers_in" || np_remove_unmounted "$leftovers_in" || np_warn "$leftovers_in stays"
  done
}

# leftovers_containers moby|others FOLDER...: containers (Docker's, or all others) and their shims end, and what is
# mounted for them below the folders goes. Daemons leave both behind: containerd always, Docker where a container takes
# longer to stop than it waits. A runtime that ran before us keeps its containers.
leftovers_containers() {
  ! leftovers_had runs || return 0
  leftovers_whose=$1
  shift
  grep -lsa containerd-shim /proc/[0-9]*/cmdline | while read -r leftovers_in; do leftovers_kill "${leftovers_in%/cmdline}"; done
  leftovers_mounts "$@" | while read -r leftovers_type leftovers_in; do
    umount -l -- "$leftovers_in" || np_warn "$leftovers_in stays mounted"
    [ "$leftovers_type" != nsfs ] || rm -f -- "$leftovers_in"
  done
}

# leftovers_kill /proc/PID: a shim of $leftovers_whose containers, after its container. Those of another daemon (k3s, a
# snap) answer to its socket, those of one without root are their user's.
leftovers_kill() {
  [ "$(stat -c %u -- "$1" 2>/dev/null)" = 0 ] || return 0
  leftovers_in=$({ tr '\0' ' ' <"$1/cmdline"; } 2>/dev/null) || return 0
  case $leftovers_in in
    *' -address /run/containerd/containerd.sock '* | *' -address /'*run/docker/containerd/containerd.sock' '*) ;;
    *) return 0 ;;
  esac
  case $leftovers_in in
    *containerd-shim*' -namespace moby '*) leftovers_in=moby ;;
    *containerd-shim*' -namespace '*) leftovers_in=others ;;
    *) return 0 ;;
  esac
  [ "$leftovers_in" = "$leftovers_whose" ] || return 0
  # shellcheck disable=SC2046 # numbers of processes
  kill -9 $(cat "$1"/task/*/children 2>/dev/null) "${1#/proc/}" 2>/dev/null || :
}

# leftovers_mounts FOLDER...: TYPE PATH of what runtimes mount there, the last first; a disk of the owner's is not theirs.
leftovers_mounts() {
  LEFTOVERS_IN=$* LEFTOVERS_WHOSE=$leftovers_whose awk '
    BEGIN { folders = split(ENVIRON["LEFTOVERS_IN"], folder, " ") }
    $3 !~ /^(overlay|tmpfs|nsfs)$/ || (ENVIRON["LEFTOVERS_WHOSE"] == "others" && $2 ~ /\/moby\//) { next }
    { for (i = 1; i <= folders; i++) if (index($2, folder[i]) == 1) mount[++n] = $3 " " $2 }
    END { while (n) print mount[n--] }' /proc/mounts
}
