import {
  cluster,
  config,
  ecdsa,
  ed25519,
  encryptedKeys,
  node,
  plainKeys,
  rsa,
  sources,
  type Mapping,
} from "./fixtures";

/* A home directory with keys and known hosts, for the tests of connections. */
export const deployKey = "/home/op/.ssh/deploy";
export const files = {
  [deployKey]: plainKeys.private,
  "/home/op/.ssh/id_ed25519": plainKeys.private,
  "/home/op/.ssh/locked": encryptedKeys.private,
  "/home/op/.ssh/deploy.pub": plainKeys.public,
  "/home/op/.ssh/known_hosts": `[192.0.2.10]:2222 ${ecdsa}\n192.0.2.11 ${rsa}\njump.example.com ${ed25519}\n`,
  "/keys/empty": "",
};
export const from = sources(files);
export const withSsh = (ssh: Mapping, nodes: Mapping = { "node-1": node() }): Mapping =>
  config({ ssh, nodes });
export const connection = (value: unknown) => cluster(value, from).nodes[0]!.connection;
