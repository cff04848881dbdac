import { Sandbox } from "./sandbox";

/** A package of a local repository. */
export interface Deb {
  readonly name: string;
  readonly version: string;
  /** One more line of its control file, e.g. `Depends: other`. */
  readonly control?: string;
  /** Content of its configuration file /etc/<name>.conf; none without it. */
  readonly conffile?: string;
  /** What runs when it has been unpacked. */
  readonly postinst?: string;
}

const folder = "/srv/nodeprep-repository";

/** A repository of packages that are built once, and served from a folder of each sandbox. */
export class AptRepository {
  private constructor(private readonly archive: string) {}

  static async build(debs: readonly Deb[]): Promise<AptRepository> {
    const sandbox = await Sandbox.open();
    try {
      await sandbox.sh(`mkdir -p ${folder}`);
      await sandbox.sh(`set -e\n${debs.map(buildScript).join("")}\n${indexScript}`);
      return new AptRepository(await sandbox.sh(`tar -C ${folder} -cz . | base64`));
    } finally {
      await sandbox.close();
    }
  }

  /** Makes these packages the only ones that apt knows of there, besides those installed; the lists are empty. */
  async serve(sandbox: Sandbox): Promise<void> {
    await sandbox.sh(`mkdir -p ${folder}; base64 -d | tar -C ${folder} -xz`, this.archive);
    await sandbox.sh(
      `rm -rf /etc/apt/sources.list /etc/apt/sources.list.d/* /var/lib/apt/lists/*
       echo 'deb [trusted=yes] file:${folder} ./' >/etc/apt/sources.list`,
    );
  }
}

const buildScript = ({ name, version, control, conffile, postinst }: Deb): string => `
  rm -rf /tmp/deb; mkdir -p /tmp/deb/DEBIAN /tmp/deb/etc; cd /tmp/deb
  cat >DEBIAN/control <<'END'
Package: ${name}
Version: ${version}
Architecture: all
Maintainer: T <t@example.org>
${control === undefined ? "" : `${control}\n`}Description: for tests
END
  ${conffile === undefined ? "" : `echo /etc/${name}.conf >DEBIAN/conffiles; echo '${conffile}' >etc/${name}.conf`}
  ${postinst === undefined ? "" : `printf '#!/bin/sh\\n%s\\n' '${postinst}' >DEBIAN/postinst; chmod 0755 DEBIAN/postinst`}
  dpkg-deb --root-owner-group -Znone -b . ${folder}/${name}_${version}.deb >/dev/null
`;

const indexScript = `
  cd ${folder}
  for deb in *.deb; do
    dpkg-deb -f "$deb"
    printf 'Filename: ./%s\\nSize: %s\\nSHA256: ' "$deb" "$(stat -c %s "$deb")"
    sha256sum "$deb" | cut -d' ' -f1
    echo
  done >Packages
`;
