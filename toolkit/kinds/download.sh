# shellcheck shell=sh
# download PATH mode=… owner=… sha256=… [version=…] url=…: the file at url, which has this SHA-256, is at PATH.
# download NAME into=DIRECTORY owner=… [from=FOLDER] [members=A,B] sha256=… [version=…] url=…: what the tar.gz at url holds in FOLDER is there.
# The record keeps `ours` (the files as we put them there: SHA MODE OWNER STAMP PATH), `known` (SHA-256 of all that we
# ever put there), `origin` (what was found at each path, sealed; copies in `kept.N`) and `version` (SHA VERSION of what
# is there; earlier versions of nodeprep wrote none).

# Sets download_words to the value without its version and url: the same file from elsewhere is no difference. Sets
# download_sha, download_version, download_url, download_into, download_name (of what lies in download_into while it is
# on its way).
download_spec() {
  np_mode
  np_word sha256
  download_sha=$word
  np_word url
  download_url=$word
  download_words=${value%" url=$download_url"} download_name=${key##*/} download_into=${key%/*} download_archive=
  np_word version || :
  download_version=$word
  download_words=${download_words%" version=$download_version"}
  ! np_word into || download_into=$word download_archive=yes
}

# Sets download_list to the lines of the files that must be there; to nothing where they are not known yet.
download_expect() {
  download_spec
  download_list='' download_ours='' download_own="$download_sha $np_mode $np_owner_word - $key"
  [ ! -r "$rec/ours" ] || {
    IFS= read -r download_ours
    while IFS= read -r np_line; do download_list=$download_list$np_line$np_nl; done
  } <"$rec/ours"
  [ "$download_ours" != "$download_words" ] || return 0
  download_list=
  [ -n "$download_archive" ] || download_list=$download_own$np_nl
}

# download_each FUNCTION: calls it for each line of download_list, with its words and the path as one.
download_each() {
  download_rest=$download_list
  while [ -n "$download_rest" ]; do
    download_line=${download_rest%%"$np_nl"*}
    download_rest=${download_rest#*"$np_nl"}
    download_path=${download_line#* * * * }
    # shellcheck disable=SC2086 # words
    set -- "$1" $download_line
    download_file_sha=$2 download_file_mode=$3 download_file_owner=$4 download_stamp=$5
    "$1" || return 1
  done
}

# A stamp changes with every change of the file: what still has the one that it had when it was put there need not be
# read. One process looks at all files, one more reads those that may have changed.
download_look='%F|%a %U:%G|%n
%i:%s:%.9Z|%n'

download_survey() {
  download_all='' download_stats='' download_sums=''
  for download_i in "$@"; do
    np_load "$download_i"
    download_expect
    download_all=$download_all$download_list
  done
  [ $# -gt 0 ] && [ -n "$download_all" ] || return 0
  download_stats=$np_nl$(download_with stat -c "$download_look")$np_nl
  download_list=$download_all download_all=
  download_each download_doubt
  [ -z "$download_all" ] || download_sums=$np_nl$(download_with sha256sum)$np_nl
}

# download_with COMMAND...: runs it with the paths of download_all.
download_with() {
  set -f
  IFS=$np_nl
  for download_i in $download_all; do set -- "$@" "${download_i#* * * * }"; done
  unset IFS
  set +f
  "$@" 2>/dev/null || :
}

download_unchanged() {
  case $download_stats in *"file|$download_file_mode $download_file_owner|$download_path$np_nl"*) ;; *) return 1 ;; esac
  case $download_stats in *"$np_nl$download_stamp|$download_path$np_nl"*) ;; *) return 1 ;; esac
}

download_doubt() { download_unchanged || download_all=$download_all$download_line$np_nl; }

download_observe() {
  download_expect
  if [ -n "$download_list" ]; then
    download_found=
    download_each download_observe_file
    seen=$download_found
  elif [ -n "$download_ours" ]; then
    seen="is from another file, must be from the one with SHA-256 $download_sha"
  else
    seen="is not in $download_into, must be"
  fi
  [ -n "$seen" ] || ! download_mistaken ||
    seen="has the SHA-256 that was given for version $download_earlier, must be of version $download_version"
}

# What holds already was not applied: its version may not be on record yet.
download_report() {
  download_spec
  download_note_version
}

download_observe_file() {
  ! download_unchanged || return 0
  seen=
  np_no_file "$download_path" || {
    case $download_sums in
      *"$np_nl$download_file_sha  $download_path$np_nl"*) ;;
      *) np_note 'has other content' ;;
    esac
    np_access "$download_path" "$download_file_mode" "$download_file_owner"
  }
  [ -n "$seen" ] || return 0
  [ -z "$download_archive" ] || seen="differs: $download_path $seen"
  download_found="${download_found:+$download_found, }${seen#"${download_found:+differs: }"}"
}

# What is found at the paths goes on record when they are known, right before the first change.
download_capture() {
  download_spec
  np_keep "$download_into/.nodeprep-none"
}

download_apply() {
  download_expect
  if [ -z "$download_list" ] || ! download_each download_same; then
    np_parents "$download_into/x"
    download_part=$download_into/.nodeprep-$download_name.${download_sha%"${download_sha#????????????}"}
    download_fetch
    download_unpack
  fi
  download_keep
  download_each download_put
  download_stamped=
  download_each download_note_stamp
  printf '%s\n%s' "$download_words" "$download_stamped" | np_write_file "$rec/ours" 600 0:0 || np_blame "$rec/ours"
  download_note_version
  download_return
  download_clean
  # What was pushed and not needed: of an archive, only a mode or an owner was another.
  rm -f -- "$NP_RECORD/pushed/$download_sha"
}

download_same() {
  [ ! -L "$download_path" ] || return 1
  np_sha "$download_path"
  [ "$sha" = "$download_file_sha" ]
}

# What is on its way, and what an apply that was cut off left of it.
download_clean() { rm -rf -- "$download_into/.nodeprep-$download_name".*; }

download_put() {
  if download_same; then
    chown -- "$download_file_owner" "$download_path" && chmod -- "$download_file_mode" "$download_path" || np_blame "$download_path"
  else
    [ -z "$download_archive" ] || download_part=$download_dir/${download_path#"$download_into/"}
    np_parents "$download_path"
    chown -- "$download_file_owner" "$download_part" && chmod -- "$download_file_mode" "$download_part" &&
      np_sync "$download_part" && mv -fT -- "$download_part" "$download_path" && np_sync "${download_path%/*}/" ||
      np_blame "$download_path"
  fi
  np_label "$download_path"
}

download_note_stamp() {
  download_stamp=$(stat -c %i:%s:%.9Z -- "$download_path")
  download_stamped="$download_stamped$download_file_sha $download_file_mode $download_file_owner $download_stamp $download_path$np_nl"
}

download_undo() {
  download_spec
  download_clean
  download_list=
  if download_read_origin; then
    download_return
    printf %s "$download_origin" | sort -r | while read -r _ download_path; do rmdir -- "$download_path" 2>/dev/null || :; done
  else
    np_warn "$kind $key stays as it is: what was found there is damaged in the record"
  fi
  np_remove_parents
}
