import { stringify } from "yaml";
import type { Facts } from "../plan/facts";
import { file } from "../plan/kinds";
import type { Requirement } from "../plan/requirement";
import type { RuntimeUse } from "./container-runtime";

/** The runtime's socket; a function, where that is found on the node. */
export type CriSocket = string | ((use: RuntimeUse) => string);

/** /etc/crictl.yaml: crictl asks the runtime in use. */
export function crictlConfig(criSocket: CriSocket, kubernetesVersion: string, { files }: Facts): Requirement {
  const socket = typeof criSocket === "string" ? criSocket : criSocket({ kubernetesVersion, files });
  return file("/etc/crictl.yaml", stringify({ "runtime-endpoint": socket, "image-endpoint": socket }));
}
