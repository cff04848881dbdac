import type { Package } from "./packages";

/*
 * Packages that cannot be had where the tests run: right names, units, sockets and paths, and a program that does no
 * more than hold its socket.
 */

const program = (name: string): string => `#!/bin/sh
# A stand-in for ${name}: it holds the socket that systemd gives it.
systemd-notify --ready
exec sleep infinity
`;

/** cri-dockerd, with the units of its project's packages. */
export const criDockerd = {
  name: "cri-dockerd",
  version: "0.3.11",
  files: {
    "/usr/bin/cri-dockerd": program("cri-dockerd"),
    "/lib/systemd/system/cri-docker.service": `[Unit]
Description=CRI Interface for Docker Application Container Engine
After=network-online.target firewalld.service docker.service
Wants=network-online.target
Requires=cri-docker.socket

[Service]
Type=notify
NotifyAccess=all
ExecStart=/usr/bin/cri-dockerd --container-runtime-endpoint fd://
TimeoutSec=0
RestartSec=2
Restart=always
Delegate=yes
KillMode=process

[Install]
WantedBy=multi-user.target
`,
    "/lib/systemd/system/cri-docker.socket": `[Unit]
Description=CRI Docker Socket for the API
PartOf=cri-docker.service

[Socket]
ListenStream=%t/cri-dockerd.sock
SocketMode=0660
SocketUser=root
SocketGroup=docker

[Install]
WantedBy=sockets.target
`,
  },
} as const satisfies Package;
