# shellcheck shell=sh
# Undo of toolkit/kinds/package.sh: what was added goes, another version goes back.

package_undo() {
  package_unmask
  package_find_manager
  read -r package_was package_was_version package_was_want <"$rec/found" || :
  package_look "$key"
  package_seen "$key"
  if np_has_word hold && [ "$package_want" = hold ] && [ "$package_was_want" != hold ]; then
    package_do ready && package_do unhold "$key" || return 1
  fi
  [ "$package_was" != installed ] || package_undo_version || return 1
  package_undo_added || return 1
  package_last || return 0
  if [ -n "$package_stay" ]; then
    np_warn "these packages stay, $package_needed needs them:$package_stay"
  else
    package_sweep
  fi
}

# It was there in another version, which comes back unless somebody has changed it since.
package_undo_version() {
  np_word version
  [ "$package_status:$package_version" = "installed:$word" ] && [ "$word" != "$package_was_version" ] || return 0
  package_pinned=pinned
  package_do ready || return 1
  # shellcheck disable=SC2046 # a word or none
  if package_do install $(package_do spec "$key" "$package_was_version"); then
    [ ! -f "$rec/auto" ] || package_do mark_auto "$key"
    [ "$package_was_want" != hold ] || package_do hold "$key"
  else
    np_warn "package $key stays in version $word: $package_was_version cannot be had any more"
  fi
}

# All that we added and no other requirement states goes, unless something that we did not add needs it: the
# package manager refuses then (package_*_remove removes what it is told, and nothing else). What stays is tried
# again with each package that leaves; after the last one it is theirs.
package_undo_added() {
  package_names='' package_stay=''
  [ ! -f "$package_added" ] || while read -r package_name package_how; do
    [ "$package_name" = "$key" ] || [ ! -d "$NP_RECORD/req/package:$package_name" ] || continue
    package_names="$package_names $package_name"
  done <"$package_added"
  [ -n "$package_names" ] || return 0
  package_do ready || return 1
  # shellcheck disable=SC2086 # names of packages
  package_do remove $package_names
  package_sort_gone
  # shellcheck disable=SC2086 # names of packages
  [ -z "$package_purge" ] || package_do purge $package_purge || package_die "cannot purge$package_purge" removing
  # The refusal left them marked for removal.
  # shellcheck disable=SC2086 # names of packages
  [ -z "$package_stay" ] || package_do unhold $package_stay
  case "$package_stay " in *" $key "*) np_warn "package $key stays: $package_needed needs it" ;; esac
  PACKAGE_DROP=$package_gone awk 'BEGIN { split(ENVIRON["PACKAGE_DROP"], name, " "); for (i in name) drop[name[i]] }
    !($1 in drop)' "$package_added" >"$package_added.new" && mv -f -- "$package_added.new" "$package_added"
}

package_sort_gone() {
  package_stay='' package_gone='' package_purge=''
  # shellcheck disable=SC2086 # names of packages
  package_look $package_names
  for package_name in $package_names; do
    package_seen "$package_name"
    case $package_status in
      absent | config-files)
        package_gone="$package_gone $package_name"
        ! grep -qx "$package_name purge" "$package_added" || package_purge="$package_purge $package_name"
        ;;
      *) package_stay="$package_stay $package_name" ;;
    esac
  done
}

package_last() {
  for package_in in "$NP_RECORD"/req/package:*; do
    [ ! -d "$package_in" ] || [ "$package_in" = "$rec" ] || return 1
  done
}
