# shellcheck shell=sh
# firewall_daemon firewalld running confirm-within=SECONDS: it runs, and no rules wait to be confirmed.

firewall_daemon_survey() {
  firewall_runs || :
  firewall_daemon=$firewall_is
}

firewall_daemon_observe() {
  case $firewall_daemon in
    RUNNING)
      [ ! -f "$firewall_record/unconfirmed" ] || [ -n "$firewall_armed" ] ||
        seen='has rules that nothing confirmed over a new connection; they must be applied again'
      ;;
    down) seen="is not running, must be$(firewall_pods)" ;;
    *) seen="is in state $firewall_daemon, must be RUNNING; its log is /var/log/firewalld" ;;
  esac
}

# Announced where it hurts: a firewalld that starts or stops flushes what others have put into the kernel.
firewall_pods() {
  for firewall_in in /sys/fs/cgroup/kubepods* /sys/fs/cgroup/*/kubepods*; do
    [ ! -d "$firewall_in" ] || {
      printf %s '; that flushes the rules of kube-proxy and of the CNI plugin, which must put theirs back'
      return 0
    }
  done
  ! firewall_iptables ||
    printf %s '; that flushes all rules of iptables (of Docker, of fail2ban, your own), and whoever made them must put them back'
}

# There are rules of iptables. Where the kernel has no part for them yet, asking would load it.
firewall_iptables() {
  [ -d /sys/module/nf_tables ] || [ -d /sys/module/ip_tables ] || return 1
  iptables-save 2>/dev/null | grep -q '^-A '
}

firewall_daemon_capture() {
  if [ "$firewall_daemon" = RUNNING ]; then echo running; else echo stopped; fi
}

firewall_daemon_apply() {
  firewall_runs && return 0
  [ "$firewall_is" = down ] ||
    np_die "firewalld runs, but could not load its configuration: see firewall-cmd --check-config and /var/log/firewalld"
  firewall_may_start
  firewall_start
}

firewall_may_start() {
  case $(systemctl show -p LoadState firewalld.service) in
    *=masked) np_die "firewalld.service is masked, somebody wants it off: unmask it, or set firewall.backend: none" ;;
  esac
  for firewall_in in nftables iptables ip6tables netfilter-persistent ferm shorewall shorewall6; do
    ! systemctl --quiet is-active "$firewall_in.service" ||
      np_die "$firewall_in.service is active, and firewalld cannot run beside it: stop and disable it, or set firewall.backend: none"
  done
  # Its service is active where it is not enabled, too.
  ! grep -qsi '^ENABLED=yes' /etc/ufw/ufw.conf || ! systemctl --quiet is-active ufw.service ||
    np_die "ufw is active, and firewalld cannot run beside it: ufw disable, or set firewall.backend: none"
}

# Starts with all that the stage opens in the zones' files, so that no door is ever closed; then the files are as
# they were again, since only confirmed rules may outlast a reboot.
firewall_start() {
  firewall_journal start firewalld
  firewall_note_modules
  # shellcheck disable=SC2086 # indexes
  firewall_survey permanent $np_idx_firewall_running
  for firewall_starting in $firewall_named; do firewall_start_with "$firewall_starting"; done
  np_load "$np_i"
  np_say 'starting firewalld'
  firewall_systemctl start
  # systemd takes it for started before it has read its files.
  np_wait 120 'firewalld to be ready' firewall_runs || np_die "firewalld does not get ready ($firewall_answer); see /var/log/firewalld"
  firewall_files_back
}

# firewall_start_with ZONE: its file, with all that the stage opens there.
firewall_start_with() {
  firewall_content=
  for firewall_i in $np_idx_firewall_running; do
    np_load "$firewall_i"
    [ "${key%%/*}" = "$1" ] && [ "$value" != closed ] || continue
    seen=
    firewall_observe permanent
    [ -n "$seen" ] || continue
    firewall_must_exist
    [ -n "$firewall_content" ] || { firewall_save start "$1" && firewall_read "$1"; } || np_die "cannot write $firewall_record"
    printf '%s\n' "$firewall_entry" >>"$rec/added" && firewall_edit add "$firewall_entry" || firewall_die add
  done
  [ -n "$firewall_content" ] || return 0
  np_sync -f "$NP_RECORD"
  firewall_put "$1" || np_die "cannot write $firewall_zones"
}

# The zones' files as they were before firewall_start, also when that was cut off.
firewall_files_back() {
  for firewall_in in "$firewall_record"/start/*; do
    case $firewall_in in *.xml | *.old) continue ;; esac
    [ ! -e "$firewall_in" ] || firewall_bring_back start "${firewall_in##*/}"
  done
  rm -rf -- "$firewall_record/start"
}

# It is stopped before the first rule is taken away, see np_before_firewall.
firewall_daemon_undo() { :; }
