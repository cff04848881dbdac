# shellcheck shell=sh
# Packages of later stages in the first transaction of a node's first update: it is the transaction that costs. The
# survey leaves their requirements in /run; it names only packages of the distribution, in any version.

package_early_list=/run/nodeprep-early

# Sets package_more to those that are not there yet and not asked for anyway; what must not start meanwhile goes to
# package_units. The list serves once.
package_early() {
  package_more=''
  [ -f "$package_early_list" ] && [ -z "$package_pinned" ] || return 0
  package_mine=$package_all
  # shellcheck disable=SC2046 # names of packages
  package_look $(cut -d ' ' -f 2 "$package_early_list")
  while read -r kind key value; do
    package_early_one
  done <"$package_early_list"
  package_all=$package_mine
  rm -f -- "$package_early_list"
  np_load "$np_i"
}

package_early_one() {
  package_seen "$key"
  [ "$package_status" != installed ] && ! package_spared || return 0
  case " $package_specs " in *" $key "*) return 0 ;; esac
  package_more="$package_more $key"
  ! np_word quiet || package_units="$package_units $word"
}

# Fails where there are none, or where it cannot be done with them: what is wrong is for their own stage to say.
package_install_early() {
  [ -n "$package_more" ] || return 1
  np_say "this transaction also brings what later stages need:$package_more"
  # shellcheck disable=SC2086 # names of packages
  package_do install $package_specs $package_more && return 0
  np_say "they cannot be installed together; going on without$package_more"
  return 1
}
