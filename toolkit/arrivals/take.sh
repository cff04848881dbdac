# shellcheck shell=sh
# take FOLDER SHA256 SIZE: stdin is the rest of a file. It gets its name when it is whole and has its sum.

umask 077
cd "$1" && cat >>"$2.part" || exit 1
# A connection that is cut is an end of stdin, too.
n=$(wc -c <"$2.part")
[ "$n" -ge "$3" ] || exit 4
s=$(sha256sum <"$2.part")
[ "${s%% *}" = "$2" ] || {
  rm -f -- "$2.part"
  echo "it has SHA-256 ${s%% *} there, must have $2; what came is gone again" >&2
  exit 3
}
sync "$2.part" 2>/dev/null || sync
mv -f -- "$2.part" "$2"
