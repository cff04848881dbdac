# shellcheck shell=sh
# The part of the download kind that records what is found at its paths, and gives it back.

# What is found at each path that is ours from now on, durable before the first of them changes.
download_keep() {
  download_read_origin || np_die "$kind $key: what was found there is damaged in the record ($rec/origin); nothing was replaced"
  download_each download_keep_one
  np_sync -f "$NP_RECORD"
  download_write_origin
}

download_keep_one() {
  grep -qxs "$download_file_sha" "$rec/known" || printf '\n%s\n' "$download_file_sha" >>"$rec/known"
  case $np_nl$download_origin in *" $download_path$np_nl"*) return 0 ;; esac
  if [ -L "$download_path" ] || [ -f "$download_path" ]; then
    download_n=1
    while [ -e "$rec/kept.$download_n" ] || [ -L "$rec/kept.$download_n" ]; do download_n=$((download_n + 1)); done
    np_copy "$download_path" "$rec/kept.$download_n" || np_die "$kind $key: cannot record what is at $download_path (is the disk full?); nothing was replaced"
    download_sum_of "$rec/kept.$download_n"
    download_origin="$download_origin$download_n:$sha $download_path$np_nl"
  elif [ -e "$download_path" ]; then
    np_die "$kind $key: $download_path is a $(stat -c %F -- "$download_path"); move it away, then apply again"
  else
    download_keep_folders "${download_path%/*}"
    download_origin="${download_origin}absent $download_path$np_nl"
  fi
}

download_keep_folders() {
  [ ! -d "$1/" ] || return 0
  download_keep_folders "${1%/*}"
  case $np_nl$download_origin in *"${np_nl}folder $1$np_nl"*) ;; *) download_origin="${download_origin}folder $1$np_nl" ;; esac
}

# A link's sum is where it leads.
download_sum_of() {
  if [ -L "$1" ]; then sha=link-$(readlink -- "$1" | sha256sum) && sha=${sha%% *}; else np_sha "$1"; fi
}

download_write_origin() {
  download_sum=$(printf %s "$download_origin" | sha256sum)
  printf '%s\n%s' "${download_sum%% *}" "$download_origin" | np_write_file "$rec/origin" 600 0:0 || np_blame "$rec/origin"
}

# Sets download_origin; fails where it is not as it was written.
download_read_origin() {
  download_origin=
  [ -f "$rec/origin" ] || return 0
  {
    IFS= read -r download_seal
    while IFS= read -r np_line; do download_origin=$download_origin$np_line$np_nl; done
  } <"$rec/origin"
  download_sum=$(printf %s "$download_origin" | sha256sum)
  [ "${download_sum%% *}" = "$download_seal" ]
}

# What is not in download_list any more is as it was found. The record keeps the rest.
download_return() {
  download_rest=$download_origin download_origin='' download_was=$download_rest
  while [ -n "$download_rest" ]; do
    download_line=${download_rest%%"$np_nl"*}
    download_rest=${download_rest#*"$np_nl"}
    case $download_line in folder*) ;; *)
      case $np_nl$download_list in *" ${download_line#* }$np_nl"*) ;; *)
        download_return_one "${download_line%% *}" "${download_line#* }"
        continue
        ;;
      esac
      ;;
    esac
    download_origin=$download_origin$download_line$np_nl
  done
  [ "$download_origin" = "$download_was" ] || [ -z "$download_list" ] || download_write_origin
}

# download_return_one STATE PATH: three-way, like undo of a file.
download_return_one() {
  if [ -e "$2" ] || [ -L "$2" ]; then
    download_sum_of "$2"
    grep -qxs "$sha" "$rec/known" || {
      [ "$sha" = "${1#*:}" ] || np_warn "$2 was changed since nodeprep put it there: it stays as it is"
      return 0
    }
  fi
  if [ "$1" = absent ]; then
    rm -f -- "$2" || np_blame "$2"
    return 0
  fi
  download_sum_of "$rec/kept.${1%%:*}"
  if [ "$sha" = "${1#*:}" ]; then
    np_give_back "$2" "$rec/kept.${1%%:*}"
  else
    np_warn "$2 stays as it is: what was found there is damaged in the record"
  fi
}

# The file that is here as one version is wanted as another: nothing would change, and all would look as if it had. Sets
# download_earlier to the version on record.
download_mistaken() {
  np_read_line "$rec/version"
  download_earlier=${line#"$download_sha "}
  [ -n "$download_version" ] && [ "$download_earlier" != "$line" ] && [ "$download_earlier" != "$download_version" ] &&
    ! download_says_so
}

# The program itself says that it is of this version: then the earlier one was the mistake.
download_says_so() {
  [ -z "$download_archive" ] || return 1
  np_sha "$key"
  [ "$sha" = "$download_sha" ] || return 1
  case $(timeout 20 "$key" --version 2>/dev/null </dev/null 9>&-) in
    *[!0-9.]"$download_version" | *[!0-9.]"$download_version"[!0-9.]*) ;;
    *) return 1 ;;
  esac
}

download_refuse() {
  download_spec
  download_mistaken || return 0
  download_why="take the SHA-256 that the project publishes for $download_version"
  case $download_url in pushed:*) download_why="take the file of $download_version" ;; esac
  np_die "$kind $key: version $download_version has the SHA-256 that was given for $download_earlier, so one of the two is wrong; nothing was replaced: $download_why (or, if it was $download_earlier that was wrong, take it out of the configuration, apply that, and put it in again)"
}

download_note_version() {
  [ -z "$download_version" ] || np_keep_put "$rec/version" "$download_sha $download_version" || np_blame "$rec/version"
}
