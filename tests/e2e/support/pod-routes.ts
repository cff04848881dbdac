import { gateway } from "../../../lab/control-plane";
import { eventually } from "./eventually";
import type { TestMachine } from "./machine";

const show = "ip route show proto 86 | grep -o '.* via [0-9.]*' || :";

/** The routes of examples/bootstrap-hard-way on a machine. */
export const routesOf = (machine: TestMachine): Promise<string> => machine.sh(show);

/** All of them: those to a node's Pods, and to Pods elsewhere. */
export const routesTo = (subnet: string): string =>
  [subnet, "10.200.9.0/24"].map((to) => `${to} via ${gateway}\n`).join("");

/** Waits until a machine has them. */
export async function untilRoutes(machine: TestMachine, subnet: string): Promise<void> {
  const look = async () => (await routesOf(machine)) === routesTo(subnet) || undefined;
  await eventually(`the routes to ${subnet} are there`, look);
}

/**
 * Starts the routes' unit while the machine has no address, as at a boot at which the DHCP server answers late; the
 * address comes back after it. Returns the routes in between.
 */
export const startRoutesTooEarly = (machine: TestMachine): Promise<string> =>
  machine.sh(
    `systemd-run --quiet --wait --collect sh -c '
      ip address flush dev eth0 scope global
      systemctl restart pod-routes
      sleep 3
      ip route show proto 86 >/run/early-routes
      networkctl reconfigure eth0'
    cat /run/early-routes`,
  );
