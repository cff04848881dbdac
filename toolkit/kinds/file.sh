# shellcheck shell=sh
# file PATH mode=… owner=… sha256=… [based-on=…] [check=NAME]: has the body as its content.
# file PATH mode=… owner=… secret=ID digest=…: has that secret as its content.

file_body() {
  if np_word secret; then np_secret "$word"; else [ -z "$body" ] || printf '%s\n' "$body"; fi
}

# Stdin is the content that the file must have.
file_matches() {
  if np_word digest; then np_keyed_sum; else np_word sha256 && np_sum; fi
  [ "$sha" = "$word" ]
}

file_has_content() { [ -f "$key" ] && file_matches <"$key"; }

# Two processes look at all files. Their lines are searched for those that are wanted, never parsed.
file_survey() {
  set -- "$@" end
  while [ "$1" != end ]; do
    np_load "$1"
    shift
    [ ! -f "$key" ] || set -- "$@" "$key"
  done
  shift
  file_sums='' file_stats=''
  [ $# -gt 0 ] || return 0
  file_sums=$np_nl$(sha256sum -- "$@" 2>/dev/null)$np_nl
  file_stats=$np_nl$(stat -c '%F|%a %U:%G %n' -- "$@" 2>/dev/null)$np_nl
}

file_observe() {
  np_mode
  np_word sha256
  case $file_stats in
    *"file|$np_mode $np_owner_word $key$np_nl"*)
      case $file_sums in *"$np_nl$word  $key$np_nl"*) return 0 ;; esac
      ;;
  esac
  file_differences
}

# Somebody's file that ours was merged into may be for fewer eyes than ours would be: it stays so.
file_mode() {
  np_mode
  np_word based-on && [ -f "$key" ] && [ ! -L "$key" ] || return 0
  file_own=$(stat -c %a -- "$key")
  [ $((0$file_own & ~0$np_mode)) -ne 0 ] || np_mode=$file_own
}

file_differences() {
  file_mode
  np_no_file "$key" || {
    file_has_content || np_note "has other content ($(file_first_difference))"
    np_access "$key" "$np_mode" "$np_owner_word"
  }
  case " $value " in *' check=apt_sources '*) [ -e "$key" ] || file_notice_apt_sources ;; esac
  [ -z "$seen" ] || ! np_immutable "$key" || np_note 'is immutable'
}

# Lines are shown only where everybody on the node may read them and is meant to.
file_first_difference() {
  ! np_word digest || {
    echo 'a secret, not shown'
    return 0
  }
  file_public=
  case $np_mode$(stat -c %a -- "$key") in *[4567]??[4567]) file_public=yes ;; esac
  file_body | FILE_KEY=$key FILE_PUBLIC=$file_public awk '
    function shown(text) { gsub(/[^ -~]/, "?", text); return "\"" (length(text) > 60 ? substr(text, 1, 57) "..." : text) "\"" }
    { want[NR] = $0 }
    END {
      while (!first && (getline line <ENVIRON["FILE_KEY"]) > 0) if (++n > NR || line != want[n]) first = n
      if (!first && n < NR) print "it ends after line " n + 0 " of " NR
      else if (!first) print "in its last line break"
      else if (!ENVIRON["FILE_PUBLIC"]) print "from line " first " on"
      else if (first > NR) print "line " first " is " shown(line) ", must not be there"
      else print "line " first " is " shown(line) ", must be " shown(want[first])
    }'
}

file_capture() { np_keep "$key"; }

file_apply() {
  file_mode
  if [ -L "$key" ] || ! file_has_content; then
    file_write
  else
    chown -- "$np_owner_word" "$key" && chmod -- "$np_mode" "$key" || np_blame "$key"
  fi
}

file_write() {
  [ -L "$key" ] || [ ! -e "$key" ] || [ -f "$key" ] ||
    np_die "file $key is a $(stat -c %F -- "$key"); move it away, then apply again"
  ! np_word secret || [ -f "$NP_RECORD/req/secret:$word/spec" ] ||
    np_die "file $key: its secret $word is not on this node; apply again, which brings it (stage node-secrets)"
  file_body | file_matches || np_die "file $key: its content was damaged on the way here; apply again"
  file_check_base
  file_check
  np_parents "$key"
  # What it holds already, a run that was cut off has written.
  file_has_content || file_keep_anew
  np_word sha256 || word=$(file_body | sha256sum)
  word=${word%% *}
  np_writing "$word"
  file_body | np_write_file "$key" "$np_mode" "$np_owner_word" || np_blame "$key"
  np_ours "$word"
  np_label "$key"
}

# Once it has held, what differs is drift and not what was found; but what is merged into our content is kept.
file_keep_anew() {
  np_read_line "$rec/state"
  [ "$line" = applied ] && ! np_word based-on || np_keep_anew "$key" -
}

# file_check_NAME FILE says whether what the file holds is right; in a file of its own for a runtime.
file_check() {
  np_word check || return 0
  file_checker=$word
  file_body >"$rec/candidate"
  file_said=$("file_check_$file_checker" "$rec/candidate" 2>&1) || {
    rm -f -- "$rec/candidate"
    np_die "file $key: its check ($file_checker) fails: $(printf %s "$file_said" | tail -n 3 | tr '\n' ' '); nothing was written"
  }
  rm -f -- "$rec/candidate"
}

file_check_sudoers() { ! np_defined visudo || visudo -cf "$1"; }

# What was merged into the content must still be what is there, or else what we wrote ourselves.
file_check_base() {
  np_word based-on || return 0
  np_sha "$key"
  np_read_line "$rec/ours"
  [ "$sha" != "$line" ] || return 0
  [ "$sha" = "$word" ] ||
    np_die "file $key was changed after it was read for merging (SHA-256 now $sha, then $word); nothing was written: run pulumi up again, which merges what is there now"
  [ -n "$line" ] && [ "$sha" != absent ] || return 0
  # Somebody's edit is part of the content from now on, so undo must not put back what was found before it.
  np_sha "$rec/copy"
  [ "$sha" = "$word" ] || np_mark "$rec/edited"
}

file_undo() {
  np_sweep "$key"
  np_read_line "$rec/found"
  file_found=$line
  if file_is_ours; then
    if [ "$file_found" = copy ]; then np_give_back "$key"; else rm -f -- "$key" || np_blame "$key"; fi
  elif ! file_is_found; then
    np_warn "file $key was changed since nodeprep wrote it: it stays as it is"
  fi
  np_remove_parents
}

# Unchanged since our apply, or deleted, so that nothing of anybody's is lost.
file_is_ours() {
  [ ! -L "$key" ] || return 1
  [ -e "$key" ] || return 0
  [ ! -f "$rec/edited" ] || return 1
  np_word sha256
  np_sha "$key"
  np_read_line "$rec/ours"
  [ "$sha" = "$word" ] || [ "$sha" = "$line" ]
}

file_is_found() {
  [ "$file_found" = copy ] || return 1
  if [ -L "$key" ] || [ -L "$rec/copy" ]; then
    [ "$(readlink -- "$key")" = "$(readlink -- "$rec/copy")" ]
  else
    np_sha "$key"
    file_now=$sha
    np_sha "$rec/copy"
    [ "$sha" = "$file_now" ]
  fi
}
