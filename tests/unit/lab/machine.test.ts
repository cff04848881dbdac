import fc from "fast-check";
import { qemuArguments, type Hardware } from "../../../lab/qemu";
import { identityOf } from "../../../lab/seed";
import { sshArguments } from "../../../lab/ssh";

const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,20}$/);

describe("a machine's identity", () => {
  test("is its own, and always the same", () => {
    fc.assert(
      fc.property(name, name, (one, other) => {
        fc.pre(one !== other);
        const [a, b] = [identityOf(one), identityOf(other)];
        expect(identityOf(one)).toEqual(a);
        for (const part of ["machineId", "uuid", "mac"] as const) expect(a[part]).not.toBe(b[part]);
      }),
    );
  });

  test("has the forms that the kernel and systemd read", () => {
    fc.assert(
      fc.property(name, (one) => {
        const identity = identityOf(one);
        expect(identity.machineId).toMatch(/^[0-9a-f]{32}$/);
        expect(identity.uuid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/);
        expect(identity.mac).toMatch(/^52:54:00(:[0-9a-f]{2}){3}$/);
      }),
    );
  });
});

const hardware: Hardware = {
  image: {
    key: "k",
    variant: "base",
    disk: "/i/disk",
    kernel: "/i/vmlinuz",
    initrd: "/i/initrd",
    debs: "/i/debs",
    append: "rw",
  },
  identity: identityOf("node-0"),
  memory: 1536,
  forwards: [
    { host: 2210, guest: 22 },
    { host: 2280, guest: 80 },
  ],
  disks: ["/m/disk.qcow2", "/m/swap.qcow2", "/m/extra,0.qcow2"],
  seed: "/m/seed.tar",
  controlSocket: "/run/q",
  console: "/m/console.log",
};

describe("QEMU's arguments", () => {
  const args = qemuArguments(hardware);

  test("have the disks in the order of the guest's device names: root, swap, seed, others", () => {
    const drives = args.filter((word) => word.startsWith("file=/m"));
    expect(drives.map((word) => word.split(",format")[0])).toEqual([
      "file=/m/disk.qcow2",
      "file=/m/swap.qcow2",
      "file=/m/seed.tar",
      "file=/m/extra,,0.qcow2",
    ]);
  });

  test("forward ports of the loopback interface alone", () => {
    const nic = args.find((word) => word.startsWith("user,"));
    expect(nic).toContain("hostfwd=tcp:127.0.0.1:2210-:22,hostfwd=tcp:127.0.0.1:2280-:80");
  });

  test("wait for a saved state only where there is one", () => {
    expect(args).not.toContain("-incoming");
    expect(qemuArguments({ ...hardware, resumeFrom: "/s/memory" })).toContain("-incoming");
  });

  test("let a copy forget whose disk it was, before its system starts", () => {
    const words = (more: Partial<Hardware>) => {
      const all = qemuArguments({ ...hardware, ...more });
      return all[all.indexOf("-append") + 1];
    };
    expect(words({ isCopy: true })).toBe(
      `${words({})} init=/bin/sh -- -c "rm -f /var/lib/lab-seeded; exec /sbin/init"`,
    );
  });
});

test("ssh trusts the one known host key and asks nobody anything", () => {
  const args = sshArguments({
    port: 2210,
    user: "ops",
    privateKeyFile: "/k",
    knownHostsFile: "/h",
    alias: "node-0",
  });
  expect(args).toEqual(
    expect.arrayContaining(["StrictHostKeyChecking=yes", "BatchMode=yes", "UserKnownHostsFile=/h"]),
  );
  expect(args.at(-1)).toBe("ops@127.0.0.1");
});
