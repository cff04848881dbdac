import { readFile } from "node:fs/promises";
import { stringify } from "yaml";
import type { Certificate } from "./certificates";

/** The text of a kubeconfig whose certificates are within it; without a user it only says whom to trust. */
export async function kubeconfig(server: string, authority: string, user?: Certificate): Promise<string> {
  const base64 = async (file: string): Promise<string> => (await readFile(file)).toString("base64");
  const cluster = { server, "certificate-authority-data": await base64(authority) };
  const login = user && {
    "client-certificate-data": await base64(user.certificate),
    "client-key-data": await base64(user.key),
  };
  return stringify(
    {
      apiVersion: "v1",
      kind: "Config",
      clusters: [{ name: "lab", cluster }],
      users: [{ name: "lab", user: login ?? {} }],
      contexts: [{ name: "lab", context: { cluster: "lab", user: "lab" } }],
      "current-context": "lab",
    },
    { lineWidth: 0 },
  );
}
