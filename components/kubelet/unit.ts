/** What a component's unit says besides what all have in common. */
export interface ComponentUnit {
  readonly description: string;
  /** Units that must run before it, and without which it does not run. */
  readonly requires: readonly string[];
  /** The command with its arguments, one a line. */
  readonly command: readonly string[];
}

/** A systemd unit of a Kubernetes component. */
export const componentUnit = ({ description, requires, command }: ComponentUnit): string => `[Unit]
Description=${description}
Documentation=https://github.com/kubernetes/kubernetes
${requires.length === 0 ? "" : `After=${requires.join(" ")}\nRequires=${requires.join(" ")}\n`}
[Service]
ExecStart=${command.join(" \\\n  ")}
Restart=on-failure
RestartSec=5

[Install]
WantedBy=multi-user.target
`;
