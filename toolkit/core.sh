# shellcheck shell=sh
# Words, messages and the requirements that were read. Sourced by nothing: the files are joined into one script.

LC_ALL=C
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH
unset IFS
umask 022
NP_RECORD=/var/lib/nodeprep
NP_HOME=/usr/local/lib/nodeprep
NP_FORMAT=1
np_tab=$(printf '\t')
np_nl='
'

np_say() { np_tell '' "$*"; }
np_warn() { np_tell 'warning: ' "$*"; }
np_error() { np_tell 'error: ' "$*"; }

# Ends the run. What was applied so far stays on record; the next apply completes it.
np_die() {
  np_error "$*"
  exit 1
}

# np_cannot_write PATH, np_cannot_record FOLDER: ends the run with what keeps it from writing there, most often.
np_cannot_write() { np_die "cannot write $1: is its file system full or read-only?"; }
np_cannot_record() { np_die "cannot write the record in $1 (is the disk full or read-only?)"; }

# np_tell PREFIX TEXT: a message for people. What it quotes of the node must not reach their terminals as it is.
np_tell() {
  np_printable "$2"
  printf 'nodeprep: %s%s\n' "$1" "$np_text" >&2
}

# np_printable TEXT: sets np_text to it, with ? for control characters and all beyond ASCII, and without the marks of
# Pulumi's display, which ends at one that it does not know.
np_printable() {
  np_text=$1
  case $1 in *[!\ -~]*) np_text=$(printf %s "$1" | tr -c '\n -~' '?') ;; esac
  case $np_text in *'<{%'*) np_text=$(printf %s "$np_text" | sed 's/<{%/<{?/g') ;; esac
}

# Lines of others, for a person: behind a bar, since they are not ours, and clean.
np_bar() { tr -c '\n -~' '?' | sed 's/<{%/<{?/g; s/^/  | /'; }

np_defined() { command -v "$1" >/dev/null 2>&1; }

# np_word NAME: sets word to NAME's value among the name=value words of $value; fails where there is none.
np_word() {
  word=
  for np_w in $value; do
    case $np_w in "$1="*) word=${np_w#*=} && return 0 ;; esac
  done
  return 1
}

np_has_word() {
  case " $value " in *" $1 "*) return 0 ;; esac
  return 1
}

# np_wait SECONDS "what for" COMMAND...: until COMMAND succeeds; fails after SECONDS, having said what it waited for.
np_wait() {
  np_limit=$1 np_for=$2 np_waited=0
  shift 2
  until "$@" >/dev/null 2>&1; do
    [ "$np_waited" -lt "$np_limit" ] || {
      np_warn "waited $np_limit s for $np_for, in vain"
      return 1
    }
    [ $((np_waited % 10)) -ne 0 ] || np_say "waiting for $np_for ($np_waited s of $np_limit s)"
    sleep 1
    np_waited=$((np_waited + 1))
  done
}

# np_sha FILE: sets sha to the SHA-256 of FILE, "absent" where there is no such file.
np_sha() {
  sha=absent
  [ -f "$1" ] || return 0
  sha=$(sha256sum <"$1") && sha=${sha%% *}
}

# Sets np_release to the running kernel's. A builtin: costs no process.
np_kernel() { read -r np_release </proc/sys/kernel/osrelease; }

np_sync() {
  sync "$@" 2>/dev/null || sync
}

# np_sweep PATH: takes away what a write that was cut off left beside it.
np_sweep() {
  for np_tmp in "${1%/*}/.nodeprep-${1##*/}".*; do
    [ ! -e "$np_tmp" ] && [ ! -L "$np_tmp" ] || rm -f -- "$np_tmp"
  done
}

# np_remove PATH: takes the file away, and what a write of it that was cut off left.
np_remove() {
  np_sweep "$1"
  rm -f -- "$1"
}

# np_write_file PATH MODE OWNER: puts stdin there, whole or not at all, also over a power cut. Before it has its mode, it
# is nobody's to read.
np_write_file() {
  np_sweep "$1"
  np_tmp=${1%/*}/.nodeprep-${1##*/}.$$
  { (umask 077 && cat >"$np_tmp") && chown -- "$3" "$np_tmp" && chmod -- "$2" "$np_tmp" && np_sync "$np_tmp" &&
    mv -f -- "$np_tmp" "$1" && np_sync "${1%/*}"; } || {
    rm -f -- "$np_tmp"
    return 1
  }
}

# Decodes the %XX of a key.
np_decode() {
  np_in=$1 np_out=
  while :; do
    case $np_in in *%*) ;; *) break ;; esac
    np_out=$np_out${np_in%%\%*}
    np_in=${np_in#*%}
    np_hex=${np_in%"${np_in#??}"}
    np_in=${np_in#??}
    # A newline at the end would be lost to the substitution: the x keeps it.
    # shellcheck disable=SC2059 # the format is the escape made of two hexadecimal digits
    np_char=$(printf "\\$(printf %03o "0x$np_hex")x")
    np_out=$np_out${np_char%x}
  done
  np_out=$np_out$np_in
}

# Reads requirements from stdin into np_kind_N, np_key_N, np_value_N, np_body_N, np_name_N, np_stage_N.
np_read() {
  np_count=0 np_kinds=' ' np_stage=${1:-}
  while IFS= read -r np_line || [ -n "$np_line" ]; do
    case $np_line in
      '  |'*) np_read_body "${np_line#  |}" ;;
      'stage '*) np_stage=${np_line#stage } ;;
      '' | '#'*) ;;
      *) np_read_header "$np_line" ;;
    esac
  done
}

np_read_header() {
  np_count=$((np_count + 1))
  np_k=${1%% *}
  np_rest=${1#* }
  case $np_k in '' | *[!a-z_]*) np_die "cannot read the requirement: ${1%"${1#????????????????????}"}" ;; esac
  np_defined "${np_k}_observe" ||
    np_die "this toolkit does not know requirements of kind $np_k; update it (pulumi up)"
  np_decode "${np_rest%% *}"
  eval "np_kind_$np_count=\$np_k np_key_$np_count=\$np_out np_name_$np_count=\$np_k:\${np_rest%% *}
    np_value_$np_count=\${np_rest#* } np_body_$np_count= np_lines_$np_count=0 np_stage_$np_count=\$np_stage"
  case $np_kinds in
    *" $np_k "*) eval "np_idx_$np_k=\"\$np_idx_$np_k $np_count\"" ;;
    *)
      np_kinds="$np_kinds$np_k "
      eval "np_idx_$np_k=$np_count"
      ;;
  esac
}

np_read_body() {
  eval "np_lines=\$np_lines_$np_count"
  if [ "$np_lines" -eq 0 ]; then
    eval "np_body_$np_count=\$1"
  else
    eval "np_body_$np_count=\$np_body_$np_count\$np_nl\$1"
  fi
  eval "np_lines_$np_count=$((np_lines + 1))"
}

# np_load N: sets kind, key, value, body, name, stage and rec to those of requirement N.
np_load() {
  eval "kind=\$np_kind_$1 key=\$np_key_$1 value=\$np_value_$1 body=\$np_body_$1 name=\$np_name_$1 stage=\$np_stage_$1"
  np_rec "$name"
}

# np_with_keys COMMAND INDEX...: the command gets these requirements' keys.
np_with_keys() {
  np_look=$1
  shift
  set -- "$@" end
  while [ "$1" != end ]; do
    np_load "$1"
    shift
    set -- "$@" "$key"
  done
  shift
  "$np_look" "$@"
}

# np_rec NAME: sets rec to the requirement's folder in the record.
np_rec() {
  np_in=$1 rec=
  while :; do
    case $np_in in
      */*) rec=$rec${np_in%%/*}%2F np_in=${np_in#*/} ;;
      *) break ;;
    esac
  done
  rec=$NP_RECORD/req/$rec$np_in
}
