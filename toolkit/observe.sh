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
  np_i=0
  while [ "$np_i" -lt "$np_count" ]; do
    np_i=$((np_i + 1))
    np_observe "$np_i"
    if [ -n "$seen" ]; then
      np_print_difference differs
    elif ! np_owned "$stage" "$np_as"; then
      seen="holds, but is not on record here"
      np_print_difference unrecorded
    fi
  done
  printf 'end\t%s\n' "$np_count"
}

np_print_difference() {
  case $seen in *[!\ -~]*) seen=$(printf %s "$seen" | tr -c ' -~' '?') ;; esac
  printf '%s\t%s\t%s\t%s\n' "$1" "$stage" "$name" "$seen"
}

np_meta() {
  for np_f in format owner apply; do
    np_read_line "$NP_RECORD/$np_f"
    printf 'meta\t%s\t%s\n' "$np_f" "$(printf %s "${line:-none}" | tr -c ' -~' '?')"
  done
}
