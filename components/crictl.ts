import { stringify } from "yaml";
import type { RuntimeUse } from "./container-runtime";

/** The runtime's socket, which may be found on the node. */
export const socketOf = (
  { criSocket }: { readonly criSocket: string | ((use: RuntimeUse) => string) },
  use: RuntimeUse,
): string => (typeof criSocket === "string" ? criSocket : criSocket(use));

/** /etc/crictl.yaml: crictl asks the runtime in use. */
export const crictlConfig = (socket: string): string =>
  stringify({ "runtime-endpoint": socket, "image-endpoint": socket });
