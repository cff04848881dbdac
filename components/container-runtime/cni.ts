import { directory } from "../../plan/kinds";
import type { Requirement } from "../../plan/requirement";

/** Where CNI plugins are, and where their configuration is: what every CNI plugin's own installer expects. */
export const cniBinDir = "/opt/cni/bin";
export const cniConfDir = "/etc/cni/net.d";

/** Those that runtimes make by themselves when they start: on record, they go again. */
export const cniDirectories = (): readonly Requirement[] =>
  ["/etc/cni", cniConfDir].map((path) => directory(path));
