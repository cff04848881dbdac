import { toStderr, waitFor } from "../../../lab/progress";

/** Waits until it works: what the kubelet and kube-proxy have heard of late reaches them after a while. */
export const eventually = <T>(what: string, look: () => Promise<T | undefined>): Promise<T> =>
  waitFor(look, { what, limit: 90, say: toStderr, every: 2000 });
