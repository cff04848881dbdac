# shellcheck shell=sh
# sysctl KEY = VALUE, or sysctl KEY >= VALUE: now, and at boot in the order of systemd-sysctl.
# "=" relies on a file requirement that sets it at boot; ">=" never lowers anything, so its line, where one is
# needed, goes into a file that sorts before all others.

sysctl_minimums=/etc/sysctl.d/00-nodeprep-minimums.conf
sysctl_comment='#nodeprep# '

# Where the kernel keeps a key: dots and slashes trade places (net.ipv4.conf.eth0/100.rp_filter).
sysctl_path() {
  sysctl_in=$1 sysctl_file=/proc/sys/
  while :; do
    case $sysctl_in in
      *[./]*) sysctl_part=${sysctl_in%%[./]*} ;;
      *) break ;;
    esac
    sysctl_in=${sysctl_in#"$sysctl_part"}
    case $sysctl_in in .*) sysctl_part=$sysctl_part/ ;; *) sysctl_part=$sysctl_part. ;; esac
    sysctl_file=$sysctl_file$sysctl_part sysctl_in=${sysctl_in#?}
  done
  sysctl_file=$sysctl_file$sysctl_in
}

# Sets sysctl_now to the running value of $key, fields separated by single spaces; fails where there is none.
# Not by the builtin read: it asks byte by byte, and the kernel answers only the first time.
sysctl_running() {
  sysctl_path "$key"
  sysctl_now=$(cat "$sysctl_file" 2>/dev/null) && [ -n "$sysctl_now" ] || return 1
  sysctl_normalise
}

sysctl_normalise() {
  case $sysctl_now in *"$np_tab"*) ;; *) return 0 ;; esac
  sysctl_now=$(printf %s "$sysctl_now" | tr -s '\t' ' ')
}

# Prints the files that systemd-sysctl reads, in its order.
sysctl_files() { np_conf_files /etc/sysctl.d /run/sysctl.d /usr/local/lib/sysctl.d /usr/lib/sysctl.d; }

# Two names of one value of the kernel: what is looked for at boot goes by the other one.
sysctl_twin=net.ipv4.conf.all.forwarding
sysctl_twin_of=net.ipv4.ip_forward

# For awk: the key of a line, as written, empty where it sets none; and the one that it goes by.
sysctl_keys='
  function written(text, at) {
    sub(/^[ \t]*-?[ \t]*/, "", text); at = index(text, "=")
    if (text ~ /^[#;]/ || !at) return ""
    text = substr(text, 1, at - 1); gsub(/[ \t]+$/, "", text)
    # With a slash before any dot, slashes separate and dots are literal: back to the usual form.
    if (match(text, /[.\/]/) && substr(text, RSTART, 1) == "/") { gsub(/\./, "\001", text); gsub("/", ".", text); gsub("\001", "/", text) }
    return text
  }
  function key_of(text) { text = written(text); return text == twin ? twin_of : text }'

# sysctl_awk PROGRAM: awk with these.
sysctl_awk() { awk -v twin="$sysctl_twin" -v twin_of="$sysctl_twin_of" "$sysctl_keys$1"; }

# Prints "key<TAB>value<TAB>file:line" of every setting that holds at boot. Of two names of one value, the one holds that is
# set last. systemd-sysctl leaves a line where it is that only says again what was said of that name, sysctl --system does
# not: the other name counts where it comes last with either.
sysctl_boot_settings() {
  sysctl_files | sysctl_awk '
    { file = $0; line = 0
      while ((getline text < file) > 0) {
        line++
        if ((name = written(text)) == "") continue
        value = substr(text, index(text, "=") + 1)
        gsub(/^[ \t]+|[ \t\r]+$/, "", value); gsub(/[ \t]+/, " ", value)
        places++
        if (!(name in value_of) || value_of[name] != value) place[name] = places
        last[name] = places; value_of[name] = value; set_by[name] = file ":" line
      }
      close(file) }
    END {
      if (last[twin] > place[twin_of]) { value_of[twin_of] = value_of[twin]; set_by[twin_of] = set_by[twin] }
      for (name in value_of) if (name != twin) printf "%s\t%s\t%s\n", name, value_of[name], set_by[name]
    }'
}

# Sets sysctl_id to what $key goes by.
sysctl_identify() {
  sysctl_id=$key
  [ "$key" != "$sysctl_twin" ] || sysctl_id=$sysctl_twin_of
}

# One grep reads all running values, one awk all files.
sysctl_survey() {
  set -- "$@" end
  while [ "$1" != end ]; do
    np_load "$1"
    sysctl_path "$key"
    shift
    set -- "$@" "$sysctl_file"
  done
  shift
  sysctl_all=$np_nl$(grep -s '' "$@" /dev/null)$np_nl
  sysctl_survey_boot
}

sysctl_survey_boot() { sysctl_boot=$np_nl$(sysctl_boot_settings)$np_nl; }

# Sets sysctl_now to what the survey saw for $key.
sysctl_surveyed() {
  sysctl_path "$key"
  case $sysctl_all in *"$np_nl$sysctl_file:"*) ;; *) return 1 ;; esac
  sysctl_now=${sysctl_all#*"$np_nl$sysctl_file:"}
  sysctl_now=${sysctl_now%%"$np_nl"*}
  sysctl_normalise
}

# Sets sysctl_at_boot and sysctl_by for $key; fails where no file sets it.
sysctl_boot_value() {
  sysctl_at_boot='' sysctl_by=''
  sysctl_identify
  case $sysctl_boot in *"$np_nl$sysctl_id$np_tab"*) ;; *) return 1 ;; esac
  sysctl_in=${sysctl_boot#*"$np_nl$sysctl_id$np_tab"}
  sysctl_in=${sysctl_in%%"$np_nl"*}
  sysctl_at_boot=${sysctl_in%%"$np_tab"*} sysctl_by=${sysctl_in#*"$np_tab"}
}

# sysctl_satisfies VALUE: VALUE is what the requirement asks for.
sysctl_satisfies() {
  case $value in
    '>= '*) case $1 in '' | *[!0-9]*) return 1 ;; esac && [ "$1" -ge "${value#>= }" ] ;;
    *) [ "$1" = "${value#= }" ] ;;
  esac
}

sysctl_wanted() {
  case $value in '>= '*) sysctl_want="at least ${value#>= }" ;; *) sysctl_want=${value#= } ;; esac
}

sysctl_observe() {
  sysctl_wanted
  if ! sysctl_surveyed; then
    seen="is unknown to the running kernel, must be $sysctl_want"
  elif ! sysctl_satisfies "$sysctl_now"; then
    seen="is $sysctl_now, must be $sysctl_want"
  elif sysctl_boot_value; then
    sysctl_satisfies "$sysctl_at_boot" ||
      seen="will be $sysctl_at_boot after the next boot ($sysctl_by), must be $sysctl_want"
  elif [ "${value%% *}" = = ] || [ -f "$rec/raised" ]; then
    seen="is not set at boot by any sysctl file, must be $sysctl_want"
  fi
}

sysctl_capture() { sysctl_surveyed && printf '%s\n' "$sysctl_now" || echo absent; }

sysctl_apply() {
  sysctl_wanted
  sysctl_path "$key"
  [ -e "$sysctl_file" ] ||
    np_die "sysctl $key is unknown to the running kernel $(uname -r); is the module that brings it loaded, is the name right?"
  ! sysctl_is_wrong && sysctl_running && sysctl_satisfies "$sysctl_now" || sysctl_set "${value#*= }"
  sysctl_keep_at_boot
}

# What was seen to have another value than this one is set, without another look: that is one process for each.
sysctl_is_wrong() { [ "${value%% *}" = = ] && sysctl_surveyed && ! sysctl_satisfies "$sysctl_now"; }

sysctl_set() {
  printf '%s\n' "$1" 2>/dev/null >"$sysctl_file" || sysctl_refused "$1"
}

sysctl_refused() {
  sysctl_said=$({ printf '%s\n' "$1" >"$sysctl_file"; } 2>&1)
  case $sysctl_said in
    *'Read-only file system'*) np_die "sysctl $key: $sysctl_file cannot be written here (a container's?): it must be set to $1 on the host" ;;
  esac
  np_die "sysctl $key: the kernel refuses the value $1"
}

# The files are read again at the first sysctl of an apply, since the stage's own file comes before it.
# Takes every line out of the way that would set another value at boot.
sysctl_keep_at_boot() {
  sysctl_tries=0
  [ "${sysctl_fresh:-}" = "$np_id" ] || sysctl_survey_boot
  sysctl_fresh=$np_id
  while sysctl_boot_value && ! sysctl_satisfies "$sysctl_at_boot"; do
    sysctl_tries=$((sysctl_tries + 1))
    [ "$sysctl_tries" -le 20 ] || np_die "sysctl $key is still set to $sysctl_at_boot by $sysctl_by"
    sysctl_silence "${sysctl_by%:*}"
    sysctl_survey_boot
  done
  case $value in
    '>= '*) sysctl_boot_value || sysctl_enough || sysctl_raise_at_boot ;;
  esac
}

# What the machine had by itself is enough, and is so again after a boot; unless that was somebody's sysctl -w: then it
# is too little once the machine has booted.
sysctl_enough() {
  read -r sysctl_found <"$rec/found" && sysctl_satisfies "$sysctl_found" && sysctl_surveyed && sysctl_satisfies "$sysctl_now"
}

sysctl_raise_at_boot() {
  np_mark "$rec/raised"
  mkdir -p "${sysctl_minimums%/*}"
  { cat "$sysctl_minimums" 2>/dev/null || :; printf '%s = %s\n' "$key" "${value#>= }"; } |
    np_write_file "$sysctl_minimums" 0644 0:0
  sysctl_survey_boot
}

# A file of /etc gets its line commented out; one of the system's is shadowed by a copy of its name in /etc. The shadow
# that another sysctl made is this one's, too: it goes with whichever leaves last.
sysctl_silence() {
  case $1 in
    /etc/*) sysctl_target=$(readlink -f -- "$1") sysctl_source=$sysctl_target ;;
    *) sysctl_target=/etc/sysctl.d/${1##*/} sysctl_source=$1 ;;
  esac
  [ "$sysctl_source" = "$sysctl_target" ] && ! grep -qsxF -- "$sysctl_target" "${rec%/*}"/sysctl:*/shadows ||
    np_add "$rec/shadows" "$sysctl_target"
  np_add "$rec/silenced" "$sysctl_target"
  np_say "sysctl $key: commenting out its line in $sysctl_source"
  sysctl_edit comment "$sysctl_source" "$sysctl_target" ||
    np_die "sysctl $key: cannot change $sysctl_target, which sets it to $sysctl_at_boot; is it immutable (lsattr) or read-only?"
}

# sysctl_edit comment|uncomment FROM TO: TO becomes FROM with the lines of $key commented out, or back in. In the
# record first: what an awk that dies half-way wrote must not get there.
sysctl_edit() {
  np_last_line "$2"
  [ -n "$np_n" ] && sysctl_end='' || sysctl_end=$np_nl
  sysctl_lines "$1" <"$2" >"$rec/new" ||
    np_die "sysctl $key: cannot write what $3 must become to $rec/new; is its file system full or read-only, is there no memory left?"
  if [ "$2" = "$3" ]; then
    np_rewrite "$3" <"$rec/new" || return 1
  else
    sysctl_access=$(stat -Lc '%a %u:%g' -- "$2") &&
      np_write_file "$3" "${sysctl_access% *}" "${sysctl_access#* }" <"$rec/new" || return 1
  fi
  np_label "$3"
  rm -f -- "$rec/new"
}

# All other lines byte for byte: the newline comes before each line but the first, and at the end ($sysctl_end) only
# where there was one.
sysctl_lines() {
  sysctl_identify
  SYSCTL_KEY=$sysctl_id SYSCTL_COMMENT=$sysctl_comment SYSCTL_DO=$1 SYSCTL_END=$sysctl_end sysctl_awk '
    BEGIN { ORS = "" }
    { mark = ENVIRON["SYSCTL_COMMENT"]; text = $0
      if (ENVIRON["SYSCTL_DO"] == "comment") { if (key_of(text) == ENVIRON["SYSCTL_KEY"]) text = mark text }
      else if (index(text, mark) == 1 && key_of(substr(text, length(mark) + 1)) == ENVIRON["SYSCTL_KEY"]) text = substr(text, length(mark) + 1)
      if (NR > 1) print "\n"
      print text }
    END { if (NR) print ENVIRON["SYSCTL_END"] }'
}
