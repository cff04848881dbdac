import { leftovers } from "../../plan/kinds";
import { Sandbox, shells, type Shell } from "./sandbox";

/*
 * What a runtime leaves when it stops. The mounts, sockets, processes and the bridge are real, in the sandbox; a shim
 * is a shell with a shim's words. That Docker and containerd leave these is seen on lab machines (tests/e2e).
 */
let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await Sandbox.open();
  await sandbox.sh("mount -t sysfs sysfs /sys; cp /bin/bash /usr/local/bin/containerd-shim-runc-v2");
});
afterEach(async () => {
  await sandbox.sh("cat /run/shims 2>/dev/null | xargs -r kill -9 2>/dev/null || :");
  await sandbox.close();
});

const sockets = {
  moby: "/var/run/docker/containerd/containerd.sock",
  "k8s.io": "/run/containerd/containerd.sock",
};
/** Starts a shim of this namespace, and a container of it, of the daemon at this socket. */
const shim = (namespace: keyof typeof sockets, socket = sockets[namespace], as = "") =>
  sandbox.sh(
    `touch /run/shims; chmod 0666 /run/shims; ${as} /usr/local/bin/containerd-shim-runc-v2 -c 'sleep 300 & echo $! >>/run/shims; wait' x -namespace ${namespace} -id 1 -address ${socket} \
       >/dev/null 2>&1 & echo $! >>/run/shims
     until [ $(wc -l </run/shims) -ge 2 ]; do sleep 0.1; done; sleep 0.2`,
  );
/** How many shims and containers run; one that has ended may wait for its parent to look. */
const running = async () =>
  Number(await sandbox.sh("for p in $(cat /run/shims); do readlink /proc/$p/exe; done 2>/dev/null | wc -l"));
const mounts = () => sandbox.sh("awk '/docker|containerd|netns/ { print $2 }' /proc/mounts | sort");

const undo = async (shell: Shell) => {
  const words = ["undo", "test", "--as", "org/project/stack/node"];
  const result = await sandbox.toolkit(shell, words, "", { mayMount: true });
  expect([result.code, result.stderr.match(/(error|warning):.*/g)]).toEqual([0, null]);
};
const apply = async (shell: Shell, runtime: string) =>
  expect((await sandbox.apply(shell, [leftovers(runtime)])).code).toBe(0);

const docker = "/var/lib/docker";
/** What Docker has of a running container, and a disk that its owner has put there. */
const dockerRan = `
  mkdir -p ${docker}/overlay2/a/merged ${docker}/containers/a/mounts/shm ${docker}/volumes/theirs /run/docker/netns
  mount -t tmpfs shm ${docker}/overlay2/a/merged; mkdir ${docker}/overlay2/a/merged/tmp
  mount -t tmpfs tmpfs ${docker}/overlay2/a/merged/tmp
  mount -t tmpfs shm ${docker}/containers/a/mounts/shm
  mount -t ramfs ramfs ${docker}/volumes/theirs
  touch /run/docker/netns/a ${docker}/data /run/docker.sock /run/docker.pid /etc/docker/key.json; mount --bind /proc/self/ns/net /run/docker/netns/a
  ip link add docker0 type bridge`;

describe.each(shells)("what Docker leaves, under %s", (shell) => {
  it("goes: containers, their mounts, its folder, socket, key and bridge; data and disks stay", async () => {
    await sandbox.sh("mkdir -p /etc/docker; touch /etc/docker/daemon.json");
    await apply(shell, "docker");
    await sandbox.sh(dockerRan);
    await shim("moby");
    expect(await running()).toBe(2);
    await undo(shell);
    expect(await running()).toBe(0);
    expect(await mounts()).toBe(`${docker}/volumes/theirs\n`);
    expect(await sandbox.sh("ls -d /run/docker* /sys/class/net/docker0 /etc/docker/* 2>/dev/null || :")).toBe(
      "/etc/docker/daemon.json\n",
    );
    expect(await sandbox.sh(`ls -d ${docker}/data`)).toContain("data");
  });

  it("stays where somebody has mounted something in it, also with an rm that crosses file systems", async () => {
    // That of uutils takes the option and does not heed it.
    await sandbox.sh(
      "cat >/usr/local/sbin/rm; chmod 0755 /usr/local/sbin/rm",
      `#!/bin/sh\nfor word do shift; [ "$word" = --one-file-system ] || set -- "$@" "$word"; done\nexec /usr/bin/rm "$@"\n`,
    );
    await apply(shell, "docker");
    await sandbox.sh(
      "mkdir -p /run/docker/theirs; mount -t ramfs ramfs /run/docker/theirs; touch /run/docker/theirs/data",
    );
    const words = ["undo", "test", "--as", "org/project/stack/node"];
    const { code, stderr } = await sandbox.toolkit(shell, words, "", { mayMount: true });
    expect([code, stderr]).toEqual([
      0,
      expect.stringContaining("warning: /run/docker stays: something is mounted there"),
    ]);
    expect(await sandbox.sh("ls /run/docker/theirs")).toBe("data\n");
  });

  it("is looked for where daemon.json has the data", async () => {
    await apply(shell, "docker");
    await sandbox.sh(`mkdir -p /etc/docker /srv/docker/overlay2/a/merged; mount -t tmpfs x /srv/docker/overlay2/a/merged
      printf '{\\n "data-root" : "/srv/docker"\\n}' >/etc/docker/daemon.json`);
    await undo(shell);
    expect(await mounts()).toBe("");
  });

  it("stays where Docker ran before, and so do containers of others", async () => {
    await sandbox.sh(`mkdir -p /etc/docker; ${dockerRan}
      printf '#!/bin/sh\\n[ "$1" != is-active ] || echo active\\n' >/usr/local/bin/systemctl; chmod 0755 /usr/local/bin/systemctl`);
    await apply(shell, "docker");
    await shim("moby");
    const before = await mounts();
    await undo(shell);
    expect(await mounts()).toBe(before);
    expect(await running()).toBe(2);
    expect(await sandbox.sh("ls -d /run/docker.sock /etc/docker/key.json /sys/class/net/docker0")).toContain(
      "docker0",
    );
  });
});

describe.each(shells)("what containerd leaves, under %s", (shell) => {
  it("goes: pods and their mounts; what is Docker's stays", async () => {
    const tasks = "/run/containerd/io.containerd.runtime.v2.task";
    await apply(shell, "containerd");
    await shim("k8s.io");
    await sandbox.sh(`mkdir -p /run/netns; touch /run/netns/cni-1 /run/netns/theirs
      for f in /run/netns/cni-1 /run/netns/theirs; do mount --bind /proc/self/ns/net $f; done
      for d in ${tasks}/k8s.io/1/rootfs ${tasks}/moby/2/rootfs; do mkdir -p $d; mount -t tmpfs x $d; done`);
    await undo(shell);
    expect(await running()).toBe(0);
    expect(await mounts()).toBe(`${tasks}/moby/2/rootfs\n/run/netns/theirs\n`);
    expect(await sandbox.sh("ls /run/netns")).toBe("theirs\n");
  });

  it("does not take those of a containerd without root along, which has the same socket in a folder of its own", async () => {
    await apply(shell, "containerd");
    await shim("k8s.io", sockets["k8s.io"], "setpriv --reuid 65534 --clear-groups --");
    await undo(shell);
    expect(await running()).toBe(2);
  });

  it.each([
    ["Docker's", "moby", undefined],
    ["k3s'", "k8s.io", "/run/k3s/containerd/containerd.sock"],
  ] as const)("does not take %s containers along", async (_, namespace, socket) => {
    await apply(shell, "containerd");
    await shim(namespace, socket);
    await undo(shell);
    expect(await running()).toBe(2);
  });
});
