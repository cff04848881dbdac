# shellcheck shell=sh
# firewall_permanent ZONE/ENTRY open|closed|present: so in the zone file, from which firewalld starts.

firewall_permanent_survey() {
  firewall_survey permanent "$@"
  firewall_permanent=$firewall_state
}
firewall_permanent_observe() {
  firewall_state=$firewall_permanent
  firewall_observe permanent
}
firewall_permanent_capture() {
  firewall_state=$firewall_permanent
  firewall_capture
}
firewall_permanent_apply() { firewall_apply permanent; }
firewall_permanent_undo() { firewall_undo permanent; }
