# shellcheck shell=sh
# The order of the record, put right where lines of it were lost.

# What has a folder has a line in the order, or undo would pass it by: lines that were lost are added. A full disk may
# also have taken a part of the last line, to which the next would be joined. Costs no process where nothing is missing.
np_mend_order() {
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
    case $np_order in *"$np_nl$np_n$np_nl"*) continue ;; esac
    [ ! -f "$np_path/found" ] || np_path=$np_path/found
    set -- "$@" "$np_path"
  done
  [ $# -eq 0 ] || np_add_order "$@"
}

# np_add_order PATH...: appends these folders' names, the oldest capture first.
np_add_order() {
  np_warn "the order of the record in $NP_RECORD lost $# of its lines; they are put back"
  # Names have no blanks, and nothing but what can be printed: see np_name_of.
  # shellcheck disable=SC2012
  np_list=$(ls -trd -- "$@") || np_die "cannot read the record in $NP_RECORD"
  np_order=
  for np_path in $np_list; do
    np_path=${np_path%/found}
    np_name_of "${np_path##*/}" && np_order=$np_order$np_nl$np_n
  done
  np_add "$NP_RECORD/order" "${np_order#"$np_nl"}"
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
