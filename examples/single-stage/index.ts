import { readFileSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";
import { KernelPrereqs } from "../../components/kernel-prereqs";
import { surveyNode } from "../../components/survey-cluster";
import { Toolkit } from "../../components/toolkit";
import { Secret } from "../../config/secret";

/*
 * A database machine that is no Kubernetes node of this program, and still wants its modules and sysctls kept: one
 * stage by itself, with the same drift in `pulumi preview` and the same undo.
 *
 *   pulumi config set host 192.0.2.20
 *   pulumi config set hostKey "$(ssh-keyscan -t ed25519 192.0.2.20 2>/dev/null | cut -d' ' -f2-)"   # compare it first
 *   pulumi config set privateKeyFile /home/me/.ssh/deploy_key
 *   pulumi up
 */
export = async () => {
  const config = new pulumi.Config();
  const privateKey = readFileSync(config.require("privateKeyFile"), "utf8");
  const node = await surveyNode({
    context: {
      name: "db-1",
      role: "worker",
      kubernetesVersion: "1.34.2",
      podCidrs: ["10.200.0.0/16"],
      podSubnets: [],
    },
    connection: {
      host: config.require("host"),
      port: config.getNumber("port") ?? 22,
      user: "root",
      hostKey: config.require("hostKey"),
      auth: { method: "privateKey", privateKey: new Secret(privateKey) },
      dialTimeout: 10,
    },
    // The toolkit is what applies; it comes first.
    stages: [Toolkit.stage({}), KernelPrereqs.stage({ sysctls: { "vm.dirty_ratio": 10 } })],
  });
  const toolkit = new Toolkit("db-1-toolkit", { node });
  const kernel = new KernelPrereqs("db-1-kernel", { node }, { dependsOn: toolkit });
  return { kernel: toolkit.report.apply(({ kernel }) => kernel), urn: kernel.urn };
};
