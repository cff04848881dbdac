import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";

/**
 * A token that nodes join a cluster with, in kubeadm's form (`abcdef.0123456789abcdef`), kept in the stack's state as a
 * secret. Needs Pulumi's provider random.
 *
 * @example
 * const { token } = new JoinToken("dev");
 */
export class JoinToken extends pulumi.ComponentResource {
  readonly token: pulumi.Output<string>;

  constructor(name: string, opts?: pulumi.ComponentResourceOptions) {
    super("nodeprep:cluster:JoinToken", name, {}, opts);
    const letters = { lower: true, numeric: true, upper: false, special: false };
    // both halves as passwords: the provider keeps those as secrets
    const id = new random.RandomPassword(`${name}-id`, { length: 6, ...letters }, { parent: this });
    const secret = new random.RandomPassword(`${name}-secret`, { length: 16, ...letters }, { parent: this });
    this.token = pulumi.secret(pulumi.interpolate`${id.result}.${secret.result}`);
    this.registerOutputs({ token: this.token });
  }
}
