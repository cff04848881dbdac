# shellcheck shell=sh
# The entry point: VERB [SUBJECT] [--as OWNER] [--adopt] [--with-pods] [words of the verb]

np_main() {
  [ "$(id -u)" -eq 0 ] || np_die "must run as root"
  [ $# -gt 0 ] || np_die "usage: nodeprep facts|observe|apply STAGE|undo STAGE|undo --all, with --as OWNER"
  np_in=$1 np_verb=np_verb_ np_subject='' np_as='' np_adopt='' np_with_pods=''
  shift
  while :; do
    case $np_in in
      *-*) np_verb=$np_verb${np_in%%-*}_ np_in=${np_in#*-} ;;
      *) break ;;
    esac
  done
  np_defined "$np_verb$np_in" || np_die "unknown verb"
  if [ "$np_in" = facts ]; then
    "$np_verb$np_in" "$@"
    return
  fi
  while [ $# -gt 0 ]; do
    case $1 in
      --as) np_as=$2 && shift ;;
      --adopt) np_adopt=adopt ;;
      --with-pods) np_with_pods=yes ;;
      *) np_subject=$1 ;;
    esac
    shift
  done
  "$np_verb$np_in"
}
