# shellcheck shell=sh
# Looking at a node without changing it.

np_survey() {
  for np_k in $np_kinds; do
    ! np_defined "${np_k}_survey" || eval "${np_k}_survey \$np_idx_$np_k"
  done
}

# np_observe N: loads requirement N and sets seen to a phrase, or to nothing when it holds.
np_observe() {
  np_load "$1"
  seen=
  "${kind}_observe"
}

# observe --as OWNER: what does not hold, and what holds without being on record.
np_verb_observe() {
  np_read
  np_meta
  np_survey
  np_meta_line runtime "${cgroup_driver_version:-none}"
  np_i=0 np_stages=' ' np_known=' '
  while [ "$np_i" -lt "$np_count" ]; do
    np_i=$((np_i + 1))
    np_observe "$np_i"
    np_note_stage
    if [ -n "$seen" ]; then
      np_print_difference differs
    elif ! np_owned "$stage" "$np_as"; then
      seen="holds, but is not on record here"
      np_print_difference unrecorded
    fi
  done
  np_print_new
  printf 'end\t%s\n' "$np_count"
}

# Notes the loaded requirement's stage, and whether the node has anything of it on record.
np_note_stage() {
  case $np_stages in *" $stage "*) ;; *) np_stages="$np_stages$stage " ;; esac
  case $np_known in *" $stage "*) return 0 ;; esac
  ! np_owner_line "$stage" || np_known="$np_known$stage "
}

# Stages of which nothing is on record: what differs of them has not drifted, it is new.
np_print_new() {
  np_new=
  for np_s in $np_stages; do
    case $np_known in *" $np_s "*) ;; *) np_new="$np_new $np_s" ;; esac
  done
  [ -z "$np_new" ] || np_meta_line new "${np_new# }"
}

# Most characters of a phrase: it may quote something of any length.
np_longest=300

# Makes seen fit for a person's terminal, and one line.
np_clean_seen() {
  case $seen in *"$np_nl"*) seen=$(printf %s "$seen" | tr '\n' '?') ;; esac
  np_printable "$seen"
  seen=$np_text
  [ "${#seen}" -le "$np_longest" ] || seen=$(printf "%.$((np_longest - 3))s..." "$seen")
}

np_print_difference() {
  np_clean_seen
  printf '%s\t%s\t%s\t%s\n' "$1" "$stage" "$name" "$seen"
}

# After a newline: a shell's profile may have printed something without one.
np_meta() {
  echo
  for np_f in format owner apply; do
    np_read_line "$NP_RECORD/$np_f"
    np_meta_line "$np_f" "${line:-none}"
  done
}
np_meta_line() {
  np_printable "$2"
  printf 'meta\t%s\t%s\n' "$1" "$np_text"
}
