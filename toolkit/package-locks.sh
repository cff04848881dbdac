# shellcheck shell=sh
# Who works with the packages at this moment.

# package_unlocked FILE...: nobody holds a lock on one of them; else sets package_lock and package_holder. /proc/locks
# names holders by inode; that the holder has the file open tells inodes of other disks apart.
package_unlocked() {
  package_inodes=$np_nl$(stat -c '%n %i' -- "$@" 2>/dev/null)$np_nl
  for package_lock in "$@"; do
    case $package_inodes in *"$np_nl$package_lock "*) ;; *) continue ;; esac
    package_in=${package_inodes#*"$np_nl$package_lock "}
    package_in=${package_in%%"$np_nl"*}
    while read -r _ package_x _ _ package_pid package_inode _; do
      [ "$package_x" != '->' ] && [ "${package_inode##*:}" = "$package_in" ] || continue
      find "/proc/$package_pid/fd" -lname "$package_lock" 2>/dev/null | grep -q . || continue
      package_held_by "$package_pid"
      return 1
    done </proc/locks
  done
}

# Waits for whoever holds the package manager's locks.
package_wait_free() {
  package_do unlocked || np_wait 900 "$package_holder, which holds $package_lock" package_do unlocked || {
    np_warn "$package_holder still holds $package_lock; let it end, and run again"
    return 1
  }
}

package_held_by() { package_holder="process $1 ($(tr '\0\n' ' ' <"/proc/$1/cmdline" | cut -c 1-80))"; }
