#!/bin/sh
# Makes rpms of Debian's packages (the files DEBS/*.deb) in the folder repository, below the working folder: the programs
# are Debian's, the names are those of the RHEL family.
#
#   debian-rpms.sh DEBS rocky    the distribution: all but what Docker's repository has; names of libraries stay Debian's
#   debian-rpms.sh DEBS docker   Docker's repository
set -eu
debs=$1

main() {
  "repository_$1"
}

repository_rocky() {
  wanted='firewalld containernetworking-plugins docker.io' done=' '
  while [ -n "$wanted" ]; do
    # shellcheck disable=SC2086 # names
    set -- $wanted
    name=$1
    shift
    wanted="$* $(needs "$name")"
    wanted=${wanted% }
    case $done in *" $name "*) continue ;; esac
    done="$done$name "
    begin
    case $name in
      containerd | runc | docker.io) continue ;;
      iptables) unpack iptables && name=iptables-nft && iptables_links ;;
      firewalld) unpack "$name" && polkit_link ;;
      containernetworking-plugins) unpack "$name" && move_plugins ;;
      *) unpack "$name" ;;
    esac
    build
  done
}

repository_docker() {
  # Docker's containerd.io has runc in it, and a configuration without CRI.
  name=containerd.io
  begin
  unpack runc
  unpack containerd
  printf 'disabled_plugins = ["cri"]\n' >root/etc/containerd/config.toml
  build
  name=docker-ce
  begin
  unpack docker.io
  mkdir -p cli/usr/bin
  mv root/usr/bin/docker cli/usr/bin/docker
  requires="$requires, containerd.io, docker-ce-cli, container-selinux"
  build "%post
getent group docker >/dev/null || groupadd --system docker"
  name=docker-ce-cli requires=''
  rm -rf root
  mv cli root
  build
}

begin() {
  rm -rf root
  mkdir root
  requires='' version=''
}

# unpack DEBIAN-NAME: into root, with its version and what it needs; as on a system whose /bin and /lib are in /usr, and without what only people read.
unpack() {
  unpacked=$1
  set -- "$debs/$1"_*.deb
  dpkg-deb -x "$1" root
  for folder in bin sbin lib lib64; do
    [ ! -d "root/$folder" ] || { mkdir -p root/usr && cp -a "root/$folder" root/usr/ && rm -rf "root/$folder"; }
  done
  rm -rf root/usr/share/doc root/usr/share/man root/usr/share/locale root/usr/share/lintian root/usr/share/bug root/etc/init.d
  version=$(dpkg-deb -f "$1" Version | sed 's/^[0-9]*://; s/^\([0-9.]*[0-9]\).*/\1/')
  for need in $(needs "$unpacked"); do
    case $need in
      containerd | runc) continue ;;
      iptables) need=iptables-nft ;;
    esac
    requires="$requires${requires:+, }$need"
  done
}

# needs DEBIAN-NAME: what else of these packages it needs; all others are on the machine, and unknown to rpm.
needs() {
  for need in $(dpkg-deb -f "$debs/$1"_*.deb Pre-Depends Depends | sed 's/^[A-Za-z-]*://' | tr ',' '\n' | tr '|' '\n' |
    sed 's/(.*//; s/:any//'); do
    for deb in "$debs/$need"_*.deb; do [ ! -e "$deb" ] || echo "$need"; done
  done | tr '\n' ' '
}

# Debian makes them with update-alternatives when the package is installed.
iptables_links() {
  for link in iptables ip6tables iptables-save ip6tables-save iptables-restore ip6tables-restore; do
    ln -sf "$(echo "$link" | sed 's/tables/tables-nft/')" "root/usr/sbin/$link"
  done
}

# As above: what firewalld asks polkit about is one of two files.
polkit_link() {
  ln -s org.fedoraproject.FirewallD1.server.policy.choice root/usr/share/polkit-1/actions/org.fedoraproject.FirewallD1.policy
}

move_plugins() {
  mkdir -p root/usr/libexec
  mv root/usr/lib/cni root/usr/libexec/cni
}

# build [SCRIPTLETS]: an rpm of what is in root.
build() {
  requires=${requires#, }
  find root \( -type f -o -type l \) -printf '"/%P"\n' |
    sed 's|%|%%|g; s|^"/etc/|%config(noreplace) &|' >files.list
  [ -s files.list ] || echo '%dir /usr' >files.list
  # Folders that no other package has, as in the real packages: they go with it.
  for folder in firewalld docker containerd; do
    [ ! -d "root/etc/$folder" ] || find "root/etc/$folder" -type d -printf "%%dir \"/etc/$folder/%P\"\n" | sed 's|/"$|"|' >>files.list
  done
  cat >package.spec <<END
Name: $name
Version: $version
Release: 1
Summary: Debian's programs under a name of the RHEL family, for tests
License: see Debian's package
AutoReqProv: no
${requires:+Requires: $requires}
%description
Debian's programs under a name of the RHEL family, for tests.
%install
cp -a %{root}/. %{buildroot}/
%files -f $PWD/files.list
${1:-}
END
  rpmbuild --quiet -bb --define "root $PWD/root" --define "_topdir $PWD/build" --define "_rpmdir $PWD/repository" \
    --define '__os_install_post %{nil}' --define 'debug_package %{nil}' --define '_build_id_links none' \
    --define '_binary_payload w1.gzdio' package.spec >build.log 2>&1 || { cat build.log >&2; exit 1; }
}

main "$2"
