#!/bin/sh
# Builds the lab's guest image: a minimal but real Debian, its kernel and initial RAM disk, into the folder OUT.
#
# Environment: OUT (an existing folder), RELEASE (Debian's code name), VARIANT (base; selinux: with a policy installed
# and every file labelled; dnf: with dnf and rpm in the place of apt, under the name of Rocky Linux, and with the packages
# that it does not have beside it, in OUT/debs). Runs as root; needs mmdebstrap, mke2fs with xattr support and qemu-img.
set -eu

root="$OUT/root"

# What a server installed by Debian's own installer or as a cloud image has, without Python: nodeprep needs none.
packages='systemd,systemd-sysv,systemd-timesyncd,libpam-systemd,udev,dbus,openssh-server,linux-image-cloud-amd64,
kmod,iproute2,procps,sudo,ca-certificates,nftables,util-linux,e2fsprogs,cron,less,netbase,iputils-ping,tzdata,
debconf-i18n,gpgv'
selinux_packages='selinux-policy-default,selinux-basics,policycoreutils'
# polkit is what a minimal Rocky Linux has, too.
dnf_packages='dnf,rpm,gpg,polkitd'

# Packages that are installed on machines all the time. They are downloaded here, not installed, so that a machine
# really installs them, but does not fetch them from the network each time.
downloads='firewalld containerd containernetworking-plugins'

main() {
  case "$VARIANT" in
    base) include=$packages ;;
    selinux) include="$packages,$selinux_packages" ;;
    dnf) include="$packages,$dnf_packages" downloads="$downloads docker.io iptables" ;;
    *) echo "there is no image variant '$VARIANT'" >&2; exit 1 ;;
  esac
  mmdebstrap --variant=minbase --skip=cleanup/apt --include="$(printf %s "$include" | tr -d '\n')" "$RELEASE" "$root"
  download
  configure
  accounts
  seed
  case "$VARIANT" in
    selinux) sh "${0%/*}/selinux-label.sh" "$root" ;;
    dnf) sh "${0%/*}/dnf-system.sh" "$root" "$OUT/debs" ;;
  esac
  disk
}

download() {
  cp /etc/resolv.conf "$root/etc/resolv.conf"
  chroot "$root" apt-get clean
  chroot "$root" apt-get update -q
  # shellcheck disable=SC2086 # a list of names
  chroot "$root" apt-get install -q -y --download-only $downloads
}

configure() {
  printf 'lab\n' > "$root/etc/hostname"
  printf '127.0.0.1 localhost\n::1 localhost\n127.0.1.1 lab\n' > "$root/etc/hosts"
  printf '[Match]\nName=eth*\n\n[Network]\nDHCP=yes\n' > "$root/etc/systemd/network/10-eth.network"
  printf '/dev/vda / ext4 defaults 0 1\n/dev/vdb none swap sw 0 0\n' > "$root/etc/fstab"
  printf 'nameserver 10.0.2.3\n' > "$root/etc/resolv.conf"
  # Package lists that update themselves would hold apt's lock at times that nobody chose.
  printf 'APT::Periodic::Enable "0";\n' > "$root/etc/apt/apt.conf.d/20periodic"
  ln -sf /lib/systemd/system/systemd-networkd.service \
    "$root/etc/systemd/system/multi-user.target.wants/systemd-networkd.service"
  rm -f "$root"/etc/ssh/ssh_host_*_key "$root"/etc/ssh/ssh_host_*_key.pub
  : > "$root/etc/machine-id"
}

# ops may do everything with sudo and no password; plain may do nothing.
accounts() {
  for name in ops plain; do chroot "$root" useradd --create-home --shell /bin/bash "$name"; done
  printf 'ops ALL=(ALL) NOPASSWD: ALL\n' > "$root/etc/sudoers.d/ops"
  chmod 0440 "$root/etc/sudoers.d/ops"
}

# A machine's own name and keys come on a small disk of its own, a tar archive, read at its first boot.
seed() {
  mkdir -p "$root/usr/lib/lab"
  cp "${0%/*}/seed.sh" "$root/usr/lib/lab/seed.sh"
  cp "${0%/*}/lab-seed.service" "$root/lib/systemd/system/lab-seed.service"
  mkdir -p "$root/etc/systemd/system/sysinit.target.wants"
  ln -s /lib/systemd/system/lab-seed.service "$root/etc/systemd/system/sysinit.target.wants/lab-seed.service"
}

disk() {
  cp "$root"/boot/vmlinuz-* "$OUT/vmlinuz"
  cp "$root"/boot/initrd.img-* "$OUT/initrd"
  truncate -s 8G "$OUT/disk.raw"
  mke2fs -q -F -t ext4 -d "$root" "$OUT/disk.raw"
  qemu-img convert -O qcow2 "$OUT/disk.raw" "$OUT/disk.qcow2"
  rm -rf "$OUT/disk.raw" "$root"
}

main
