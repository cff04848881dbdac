#!/bin/sh
# Makes a system of dnf and rpm of the one below the folder $1: Debian's dnf, an empty database of rpm, Rocky Linux's
# os-release and dnf.conf. Debian's packages that apt has downloaded there, and that are not installed, go to the folder
# $2: tests make rpms of them.
set -eu
root=$1 debs=$2

mkdir "$debs"
mv "$root"/var/cache/apt/archives/*.deb "$debs"

# Debian's own packages are there, but nothing knows them: what is looked for or removed is rpm's.
mv "$root/var/lib/dpkg/status" "$root/var/lib/dpkg/status-of-debian"
rm -f "$root"/etc/systemd/system/timers.target.wants/dpkg-db-backup.timer \
  "$root"/etc/systemd/system/timers.target.wants/apt-daily*.timer

# Debian's rpm has its database in the home directory, so that nobody takes it for the system's.
mkdir -p "$root/etc/rpm" "$root/var/lib/rpm" "$root/etc/yum.repos.d" "$root/etc/pki/rpm-gpg" "$root/etc/dnf/vars"
printf '%%_dbpath /var/lib/rpm\n' > "$root/etc/rpm/macros.dbpath"
chroot "$root" rpm --initdb
# Elsewhere rpm's database says of which release the system is.
printf '9\n' > "$root/etc/dnf/vars/releasever"
printf '[main]\ngpgcheck=1\ninstallonly_limit=3\nclean_requirements_on_remove=True\nbest=True\nskip_if_unavailable=False\n' \
  > "$root/etc/dnf/dnf.conf"

cat > "$root/usr/lib/os-release" << 'END'
NAME="Rocky Linux"
VERSION="9.6 (Blue Onyx)"
ID="rocky"
ID_LIKE="rhel centos fedora"
VERSION_ID="9.6"
PLATFORM_ID="platform:el9"
PRETTY_NAME="Rocky Linux 9.6 (Blue Onyx)"
END
