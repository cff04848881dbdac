# shellcheck shell=sh
# The part of the download kind that gets the file and unpacks it, in the folder where it goes. Nothing is replaced here.

# The file is in $download_part, with its SHA-256, or the run ends. What came so far stays there for the next run.
download_fetch() {
  download_round=0 download_stuck=0 download_most=0
  while np_sha "$download_part" && [ "$sha" != "$download_sha" ]; do
    download_round=$((download_round + 1))
    download_size
    download_had=$download_size
    np_say "fetching $download_url${download_had:+, from byte $download_had on}"
    if download_get; then download_check; else download_failed; fi
  done
}

download_size() { download_size=$(stat -c %s "$download_part" 2>/dev/null) || download_size=; }

# It is whole, says the server. What was continued may have begun as something else: then once more from the start.
download_check() {
  np_sha "$download_part"
  [ "$sha" != "$download_sha" ] || return 0
  download_size
  rm -f -- "$download_part"
  [ -z "$download_had" ] || return 0
  np_die "$kind $key: what $download_url gives has SHA-256 $sha (${download_size:-0} bytes), must have $download_sha; nothing was replaced: compare the version, the architecture and the sum with those that the project publishes, or look at what the mirror serves"
}

# Seconds without a byte after which a connection is given up.
download_stall=30

# curl or wget, whichever is there; what is there of the file stays, and the rest is asked for.
download_get() {
  case $download_url in
    pushed:*)
      set -- "$NP_RECORD/pushed/$download_sha"
      [ -f "$1" ] || np_die "$kind $key: ${download_url#pushed:} was not brought to this node: run pulumi up again, which pushes it"
      set -- mv -f -- "$1" "$download_part"
      ;;
    file://*) set -- cp -- "${download_url#file://}" "$download_part" ;;
    *)
      set -- curl -fsSL --proto =http,https --proto-redir =http,https --connect-timeout 20 --speed-limit 1024 \
        --speed-time "$download_stall" -C - -o "$download_part" --url "$download_url"
      np_defined curl || set -- wget -nv --tries=1 --timeout="$download_stall" -c -O "$download_part" -- "$download_url"
      np_defined "$1" || np_die "$kind $key: neither curl nor wget is here to fetch it with; install one of them"
      ;;
  esac
  (while sleep 10 >/dev/null 2>&1 9>&- && kill -0 $$ 2>/dev/null; do
    download_size
    np_say "fetching $download_url: $((${download_size:-0} / 1048576)) MiB so far"
  done) &
  download_teller=$!
  download_code=0
  timeout 3600 "$@" </dev/null >/dev/null 2>"$rec/said" || download_code=$?
  kill "$download_teller" 2>/dev/null
  wait "$download_teller" 2>/dev/null || :
  # Advice may follow what went wrong.
  download_said=$(awk '{ last = $0 } /^curl: \([0-9]+\)|ERROR/ { why = $0 } END { print why == "" ? last : why }' "$rec/said" | tr -cd ' -~')
  rm -f -- "$rec/said"
  return "$download_code"
}

# Says why and tries again, or ends the run where another try cannot help.
download_failed() {
  download_why="$kind $key cannot be fetched from $download_url: ${download_said:-no answer within 3600 s}; nothing was replaced"
  download_size
  case $download_said in
    *'No space left'* | *'curl: (23)'* | *': cannot write'* | *'Cannot write'*)
      rm -f -- "$download_part"
      np_die "$download_why: is the file system of $download_into full or read-only ($(df -Pk -- "$download_into" | awk 'NR == 2 { print int($4 / 1024) }') MiB are free there now)?"
      ;;
    # The server cannot go on where we were.
    *'curl: (33)'* | *' 416'* | *'Cannot resume'* | *"conflicts with "*) [ -z "$download_had" ] || {
      rm -f -- "$download_part"
      return 0
    } ;;
    *'curl: (60)'* | *'cannot verify '* | *'ERROR: The certificate'*)
      np_die "$download_why: does this node trust whoever signed the server's certificate (add that CA to /usr/local/share/ca-certificates/NAME.crt and run update-ca-certificates; with dnf /etc/pki/ca-trust/source/anchors/ and update-ca-trust), and is its clock right?"
      ;;
    *'error: 408' | *'error: 429' | *'ERROR 408'* | *'ERROR 429'*) ;;
    *'error: 4'?? | *'ERROR 4'??* | *'cp: '*) np_die "$download_why: are the version, the architecture and the address right?" ;;
  esac
  download_stuck=$((download_stuck + 1))
  [ "${download_size:-0}" -le "$download_most" ] || download_stuck=0 download_most=$download_size
  [ "$download_stuck" -lt 4 ] && [ "$download_round" -lt 30 ] ||
    np_die "$download_why: can the node reach the server (name service, route, firewall, proxy)? What came so far is kept, the next apply goes on from there"
  np_warn "$download_url broke off after ${download_size:-0} bytes ($download_said); trying again"
  sleep 2
}

# Sets download_list to what the archive holds, unpacked beside the place where it goes.
download_unpack() {
  download_list=$download_own$np_nl
  [ -n "$download_archive" ] || return 0
  np_word members
  download_wanted=$word
  download_dir=$download_into/.nodeprep-$download_name.unpacked
  rm -rf -- "$download_dir"
  mkdir -- "$download_dir" || np_blame "$download_dir"
  tar -xzf "$download_part" -C "$download_dir" --no-same-owner 2>"$rec/said" || {
    download_said=$(tail -n 1 "$rec/said" | tr -cd ' -~')
    download_clean
    np_die "$kind $key: what $download_url gives cannot be unpacked: $download_said; is it a tar.gz, is the file system of $download_into full?"
  }
  ! np_word from || download_dir=$download_dir/$word
  download_list=$(download_files)$np_nl
  download_members
}

# Executables are 0755, all else is 0644.
download_files() {
  find "$download_dir" -type f -exec sha256sum {} + 2>/dev/null | sort -k 2 | while read -r download_in download_x; do
    download_in="$download_in 644"
    [ ! -x "$download_x" ] || download_in=${download_in%644}755
    download_x=${download_x#"$download_dir/"}
    case ",$download_wanted," in ,, | *",$download_x,"*) printf '%s\n' "$download_in $np_owner_word - $download_into/$download_x" ;; esac
  done
}

# All that was asked for is there, and nothing that could not be put in its place.
download_members() {
  [ -n "$download_wanted" ] || download_odd=$(cd "$download_dir" 2>/dev/null && find . \( ! -type f ! -type d -o -name '*[!A-Za-z0-9._+@-]*' \) | head -n 1)
  if [ -n "$download_wanted" ]; then
    download_odd='' download_rest=$download_wanted,
    while [ -n "$download_rest" ]; do
      case $download_list in *" $download_into/${download_rest%%,*}$np_nl"*) ;; *) download_odd=${download_rest%%,*} ;; esac
      download_rest=${download_rest#*,}
    done
    [ -z "$download_odd" ] || download_odd="does not hold $download_odd"
  elif [ -n "$download_odd" ]; then
    download_odd="holds $download_odd, which is neither a folder nor a file with a plain name"
  elif [ "$download_list" = "$np_nl" ]; then
    download_odd='holds no file'
  fi
  [ -z "$download_odd" ] || {
    download_clean
    np_die "$kind $key: the archive at $download_url $download_odd; nothing was replaced"
  }
}
