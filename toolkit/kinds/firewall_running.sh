# shellcheck shell=sh
# firewall_running ZONE/ENTRY open|closed|present: so in the rules that are in force now.
# ENTRY is port/PORTS/PROTOCOL, port/PORTS/PROTOCOL/from/CIDR, source/CIDR, interface/NAME or
# protocol/NUMBER.

# The daemon's requirement comes before the rules: where none runs, every zone's answer is known.
firewall_running_survey() {
  firewall_state=$np_nl
  [ "${firewall_daemon:-}" = down ] || firewall_survey running "$@"
  firewall_running=$firewall_state
}
firewall_running_observe() {
  firewall_state=$firewall_running
  firewall_observe running
}
firewall_running_capture() {
  firewall_state=$firewall_running
  firewall_capture
}
firewall_running_apply() { firewall_apply running; }
firewall_running_undo() { firewall_undo running; }
