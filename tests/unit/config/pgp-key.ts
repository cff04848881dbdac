/** A public key that nobody has the private one of. */
export const key = `-----BEGIN PGP PUBLIC KEY BLOCK-----

mDMEawHi/xYJKwYBBAHaRw8BAQdA2x+2XmipJ2emp4WjW85H0WRj4vpowy+l4Qxb
bALsoXq0F2V4YW1wbGUgPHRAZXhhbXBsZS5vcmc+iJAEExYIADgWIQQEPk1aIMVx
x725bWYjudQHsjOxiAUCawHi/wIbAwULCQgHAgYVCgkICwIEFgIDAQIeAQIXgAAK
CRAjudQHsjOxiNxfAP9zVwJgRqg7Pbc17kbFvqW9jgjPSW8azTNOCF5njkx7TwD/
YofZnVMnHxlcSyBbkB+1ptJXCoFt+W60PGV9O+11vgo=
=vHMR
-----END PGP PUBLIC KEY BLOCK-----
`;

export const fingerprint = "043E4D5A20C571C7BDB96D6623B9D407B233B188";

/** No more of a key than its version; a key all the same to whoever reads a block. */
export const second = `-----BEGIN PGP PUBLIC KEY BLOCK-----

xgEE
-----END PGP PUBLIC KEY BLOCK-----
`;

export const secondFingerprint = "9BDA2648851C894A02CE41912C50BAAC82F15F8C";
