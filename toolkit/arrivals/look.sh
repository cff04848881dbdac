# shellcheck shell=sh
# look FOLDER [SHA256 PLACE]...: prints for each file how much of it has arrived, or that it is whole, here or at PLACE.

umask 077
mkdir -p "$1" && cd "$1" || exit
shift
# What nobody asks for any more.
for f in *; do
  case " $* " in *" ${f%.part} "*) ;; *) rm -f -- "$f" ;; esac
done
while [ $# -gt 0 ]; do
  n=0
  if [ -f "$1" ]; then
    n=whole
  elif [ -f "$2" ] && s=$(sha256sum <"$2") && [ "${s%% *}" = "$1" ]; then
    n=whole
  elif [ ! -f "$1.part" ]; then
    :
  # Whoever pushed before may hold a dead connection's end of the file still, and write into it: that is another file now.
  elif cp -- "$1.part" "$1.new" && mv -f -- "$1.new" "$1.part"; then
    n=$(wc -c <"$1.part")
  else
    rm -f -- "$1.new" "$1.part"
  fi
  echo "$1 $n"
  shift 2
done
