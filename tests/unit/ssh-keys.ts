import { utils } from "ssh2";

/** How a private key is encrypted. */
export interface Encryption {
  readonly cipher: string;
  readonly passphrase: string;
  readonly rounds: number;
}

/** An ed25519 key pair in OpenSSH's form. ssh2 now and then makes one that it cannot read itself: those are dropped. */
export function ed25519Pair(encryption?: Encryption): { private: string; public: string } {
  for (;;) {
    const pair = encryption
      ? utils.generateKeyPairSync("ed25519", { ...encryption })
      : utils.generateKeyPairSync("ed25519");
    const parsed = [utils.parseKey(pair.private, encryption?.passphrase), utils.parseKey(pair.public)];
    if (!parsed.some((key) => key instanceof Error)) return pair;
  }
}
