/**
 * A script that makes an image of the machine's own shell and `sleep`, which it runs, and imports it by this name: no
 * registry is needed.
 */
export const makeImage = (name: string): string => String.raw`
set -e
rm -rf /root/image; mkdir -p /root/image/root; cd /root/image
for program in /bin/sh /bin/sleep; do
  for file in "$program" $(ldd "$program" | grep -o '/[^ ]*'); do cp -L --parents "$file" root; done
done
tar -C root -cf layer.tar .
layer=$(sha256sum <layer.tar | cut -d' ' -f1)
echo '{"architecture":"amd64","os":"linux","config":{"Entrypoint":["/bin/sleep","1000000"]},"rootfs":{"type":"layers","diff_ids":["sha256:'"$layer"'"]}}' >config.json
echo '[{"Config":"config.json","RepoTags":["${name}"],"Layers":["layer.tar"]}]' >manifest.json
tar -cf image.tar manifest.json config.json layer.tar
ctr -n k8s.io images import image.tar >/dev/null
`;

/** A pod in the network of the machine, as CRI has it: no CNI plugin is needed. */
export const sandboxConfig = JSON.stringify({
  metadata: { name: "pod", namespace: "default", uid: "1", attempt: 1 },
  log_directory: "/run/pod",
  linux: {
    cgroup_parent: "kubepods.slice",
    security_context: { namespace_options: { network: 2 }, seccomp: { profile_type: 0 } },
  },
});
