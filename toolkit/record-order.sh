# shellcheck shell=sh
# The order of the record, put right where lines of it were lost.

# What has a folder that counts has a line in the order, or undo would pass it by: lines that were lost are put back.
# A full disk may also have taken a part of the last line, to which the next would be joined. Costs no process where
# nothing is missing.
np_mend_order() {
  np_drop_uncounted
  np_order=$np_nl np_n=
  if [ -f "$NP_RECORD/order" ]; then
    while IFS= read -r np_n; do np_order=$np_order$np_n$np_nl; done <"$NP_RECORD/order"
  fi
  [ -z "$np_n" ] || {
    np_add "$NP_RECORD/order" ''
    np_order=$np_order$np_n$np_nl
  }
  set --
  for np_path in "$NP_RECORD"/req/*; do
    np_name_of "${np_path##*/}" && [ -d "$np_path" ] || continue
    case $np_order in *"$np_nl$np_n$np_nl"*) ;; *) set -- "$@" "$np_path" ;; esac
  done
  [ $# -eq 0 ] || np_restore_order "$@"
}

# np_restore_order FOLDER...: writes the order anew, with the lines of these where they were, as far as times tell: what
# was captured first is undone last, so none of them may just follow the others.
np_restore_order() {
  np_warn "the order of the record in $NP_RECORD lost $# of its lines; they are put back"
  np_missing=$#
  for np_path in "$@"; do
    shift
    np_time_of "$np_path"
    set -- "$@" "$np_path"
  done
  # Those that are left come first, in their order.
  np_in_order=$(printf %s "$np_order" | np_left_of_order) || np_die "cannot read the record in $NP_RECORD"
  # Names have no blanks, and nothing but what can be printed: see np_name_of.
  # shellcheck disable=SC2086
  set -- $np_in_order "$@"
  np_times=$(stat -c '%.9Y %n' -- "$@") || np_die "cannot read the record in $NP_RECORD"
  printf '%s\n' "$np_times" | np_place_lost $(($# - np_missing)) >"$NP_RECORD/order.new" &&
    np_sync "$NP_RECORD/order.new" && mv -f -- "$NP_RECORD/order.new" "$NP_RECORD/order" ||
    np_cannot_record "$NP_RECORD"
  np_sync -f "$NP_RECORD"
}

# np_time_of FOLDER: sets np_path to what has the time of the capture.
np_time_of() { [ ! -f "$1/found" ] || np_path=$1/found; }

# Prints what has the times of the lines on stdin, as far as they have folders; each once.
np_left_of_order() {
  np_seen_lines=$np_nl
  while IFS= read -r np_line; do
    np_rec "$np_line"
    np_name_of "${rec##*/}" && [ -d "$rec" ] || continue
    case $np_seen_lines in *"$np_nl$np_n$np_nl"*) continue ;; esac
    np_seen_lines=$np_seen_lines$np_n$np_nl
    np_path=$rec
    np_time_of "$rec"
    printf '%s\n' "$np_path"
  done
}

# np_place_lost LEFT: prints the names of the "TIME PATH" lines on stdin. The first LEFT keep their order; each of the
# others comes after the last that is not younger. Of one time (a file system's clock has ticks of some milliseconds) it
# is the key that decides: a folder is shorter than what is in it.
np_place_lost() {
  awk -v left="$1" '
    function younger(a, b) {
      if (time[a] "" != time[b] "") return time[a] "" > time[b] ""
      return substr(a, index(a, ":")) > substr(b, index(b, ":"))
    }
    {
      name = $2
      sub(/\/found$/, "", name); sub(/.*\/req\//, "", name); gsub(/%2F/, "/", name)
      time[name] = $1
      at = NR - 1
      if (NR > left) while (at > 0 && younger(order[at], name)) at--
      for (i = NR - 1; i > at; i--) order[i + 1] = order[i]
      order[at + 1] = name
    }
    END { for (i = 1; i <= NR; i++) print order[i] }'
}

# np_name_of FOLDER: sets np_n to the name of the requirement that has it; fails where there can be none. See np_rec.
np_name_of() {
  case $1 in *[!!-~]* | [!a-z]*) return 1 ;; *:*) ;; *) return 1 ;; esac
  np_in=$1 np_n=
  while :; do
    case $np_in in
      *%2F*) np_n=$np_n${np_in%%\%2F*}/ np_in=${np_in#*%2F} ;;
      *) break ;;
    esac
  done
  np_n=$np_n$np_in
}
