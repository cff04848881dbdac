/** Pods in `subnet` are reached through the node with the address `via`. */
export interface Route {
  readonly subnet: string;
  readonly via: string;
}

/** Marks our routes in the kernel (`ip route show proto 86`), so that those that left the program go too. */
const protocol = 86;

const flush = ["-4", "-6"].map((family) => `ip ${family} route flush proto ${protocol}`);

const routesUnitName = "pod-routes.service";
const unitFile = `/etc/systemd/system/${routesUnitName}`;

/**
 * The unit that puts a node's routes to the pods of others into the kernel, at every boot. It tries until they are
 * there, and the boot does not wait for it: a gateway is out of reach until the node has its address, and
 * `network-online.target` waits for that on some machines only, and not for ever.
 */
export const routesUnit = (routes: readonly Route[]): string => `[Unit]
Description=Routes to the pods on other nodes
Wants=network-online.target
After=network-online.target

[Service]
RemainAfterExit=yes
${flush.map((command) => `ExecStartPre=-${command}\n`).join("")}ExecStart=/bin/sh -c 'until failed=0; ${routes
  .map(({ subnet, via }) => `ip route replace ${subnet} via ${via} proto ${protocol} || failed=1; `)
  .join("")}[ $$failed = 0 ]; do sleep 2; done'
${flush.map((command) => `ExecStopPost=-${command}\n`).join("")}
[Install]
WantedBy=multi-user.target
`;

/** A shell script that installs the unit from its stdin, and waits until the routes are there; fails with the reason. */
export const installRoutes = `set -e
cat >${unitFile}
systemctl daemon-reload
systemctl enable --quiet ${routesUnitName}
systemctl restart ${routesUnitName}
tries=0
until [ "$(systemctl show -p SubState ${routesUnitName})" = SubState=exited ]; do
  tries=$((tries + 1))
  if [ "$tries" -gt 30 ]; then
    echo "${routesUnitName} goes on trying; so far:" >&2
    journalctl --no-pager -q -n 2 -o cat -u ${routesUnitName} >&2
    exit 1
  fi
  sleep 1
done`;

/** A shell script that takes routes and unit away. */
export const removeRoutes = `systemctl disable --quiet --now ${routesUnitName}
rm -f ${unitFile}
systemctl reset-failed ${routesUnitName} 2>/dev/null
exec systemctl daemon-reload`;
