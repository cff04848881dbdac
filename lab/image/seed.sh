#!/bin/sh
# Runs once in a lab machine, at its first boot: takes the machine's own name and keys from the disk /dev/vdc.
set -eu

mkdir -m 0700 /run/lab-seed
tar -xf /dev/vdc -C /run/lab-seed --no-same-owner
cd /run/lab-seed

name=$(cat hostname)
printf '%s\n' "$name" > /etc/hostname
hostname "$name"
sed -i "s/^127\.0\.1\.1 .*/127.0.1.1 $name/" /etc/hosts

for key in ssh_host_*_key; do
  install -m 0600 "$key" "/etc/ssh/$key"
  install -m 0644 "$key.pub" "/etc/ssh/$key.pub"
done

for account in root ops plain; do
  home=$(getent passwd "$account" | cut -d: -f6)
  install -d -m 0700 -o "$account" -g "$account" "$home/.ssh"
  install -m 0600 -o "$account" -g "$account" authorized_keys "$home/.ssh/authorized_keys"
done
command -v restorecon > /dev/null && restorecon -R /etc/ssh /etc/hostname /etc/hosts /root/.ssh /home || true

cd /
rm -rf /run/lab-seed
: > /var/lib/lab-seeded
