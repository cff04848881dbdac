/** Pods in `subnet` are reached through the node with the address `via`. */
export interface Route {
  readonly subnet: string;
  readonly via: string;
}

/** Marks our routes in the kernel (`ip route show proto 86`), so that those that left the program go too. */
const protocol = 86;

const flush = ["-4", "-6"].map((family) => `ip ${family} route flush proto ${protocol}`);

/** The unit that puts a node's routes to the pods of others into the kernel, at every boot. */
export const routesUnit = (routes: readonly Route[]): string => `[Unit]
Description=Routes to the pods on other nodes
Wants=network-online.target
After=network-online.target

[Service]
Type=oneshot
RemainAfterExit=yes
${flush.map((command) => `ExecStartPre=-${command}\n`).join("")}${routes
  .map(({ subnet, via }) => `ExecStart=ip route replace ${subnet} via ${via} proto ${protocol}\n`)
  .join("")}${flush.map((command) => `ExecStop=-${command}\n`).join("")}
[Install]
WantedBy=multi-user.target
`;
