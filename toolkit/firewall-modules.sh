# shellcheck shell=sh
# The kernel modules that a firewalld which did not run before brings with it. The kernel loads them by itself, one by
# one, as rules ask for them, and keeps them until somebody takes them out.

# A kernel that has everything built in has no list of modules either.
firewall_note_modules() {
  [ -f "$firewall_record/modules" ] || [ ! -e /proc/modules ] || cp /proc/modules "$firewall_record/modules" ||
    np_die "cannot write $firewall_record"
}

# Those of the packet filter that came since and that nothing uses.
firewall_free_modules() {
  awk 'NR == FNR { was[$1] = 1; next }
    !($1 in was) && $3 == 0 && $1 ~ /^(nf_|nft_|nfnetlink|x_tables|xt_|ip6?_tables|ip6?table_|ipt_|ip6t_|ip_set|ebtable)/ { print $1 }' \
    "$firewall_record/modules" /proc/modules
}

# A pass sets free what the one before used.
firewall_unload_modules() {
  [ -f "$firewall_record/modules" ] && [ -e /proc/modules ] || return 0
  while :; do
    firewall_gone=
    for firewall_in in $(firewall_free_modules); do
      ! rmmod "$firewall_in" 2>/dev/null || firewall_gone=yes
    done
    [ -n "$firewall_gone" ] || return 0
  done
}
