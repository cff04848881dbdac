/*
 * Certificates of nothing, made for these tests by openssl in November 2026: three CAs for ten years, and for one year
 * node-1 and node-2 (system:node:…) and admin by the first CA, and one that a CA between signed. Tests say what time
 * it is.
 */

/** When all of them hold. */
export const now = new Date("2027-01-01T00:00:00Z");

export const ca = `-----BEGIN CERTIFICATE-----
MIIBTzCCAQGgAwIBAgIUYACIvFjg3gMiPYmvcIgs+xEdxo4wBQYDK2VwMBUxEzAR
BgNVBAMMCkt1YmVybmV0ZXMwHhcNMjYxMTIxMTc1NDEzWhcNMzYxMTE4MTc1NDEz
WjAVMRMwEQYDVQQDDApLdWJlcm5ldGVzMCowBQYDK2VwAyEAMCHJQvlgugCUzrUK
X6AlEIoqr5yYi2lLVIgV1L5K15ejYzBhMB0GA1UdDgQWBBTayjhOSZClIAN9/VvC
I/TnAZKMzDAfBgNVHSMEGDAWgBTayjhOSZClIAN9/VvCI/TnAZKMzDAPBgNVHRMB
Af8EBTADAQH/MA4GA1UdDwEB/wQEAwICBDAFBgMrZXADQQAM6kAi3CgGxrqNz/LQ
sK84sDDDra2GDZW3+3JL61Znjl2DodLICZk1FzRpigEbiX/KVLEL7D/90td/2//N
HlYA
-----END CERTIFICATE-----
`;

export const otherCa = `-----BEGIN CERTIFICATE-----
MIIBRDCB96ADAgECAhQJKyPno3z4na7nhaw/yirjbtkfIjAFBgMrZXAwEDEOMAwG
A1UEAwwFT3RoZXIwHhcNMjYxMTIxMTc1NDEzWhcNMzYxMTE4MTc1NDEzWjAQMQ4w
DAYDVQQDDAVPdGhlcjAqMAUGAytlcAMhAEJ5UOBZFUJV2oTLcSBsObGFMKjp6L8M
oogJi69S45Vfo2MwYTAdBgNVHQ4EFgQUCy3ImkWSOgC/SzGEbiiz3A5nwFAwHwYD
VR0jBBgwFoAUCy3ImkWSOgC/SzGEbiiz3A5nwFAwDwYDVR0TAQH/BAUwAwEB/zAO
BgNVHQ8BAf8EBAMCAgQwBQYDK2VwA0EAn/aEiTa6IwpL03yJ2YuNUYX6RQP5allD
hcNm+FtefvjblOagU6CIVoHhEVNQCVw4kIiDRKcS355mSgHHSLjGDQ==
-----END CERTIFICATE-----
`;

/** Of the first one's name, with a key of its own, and nothing else to tell them apart. */
export const sameName = `-----BEGIN CERTIFICATE-----
MIH+MIGxoAMCAQICFCUQm9e1Uq8YD4gMtloCs9VebZ4KMAUGAytlcDAVMRMwEQYD
VQQDDApLdWJlcm5ldGVzMB4XDTI2MTEzMDEzMzUxMFoXDTM2MTEyNzEzMzUxMFow
FTETMBEGA1UEAwwKS3ViZXJuZXRlczAqMAUGAytlcAMhAJjQzai2tp9Zy2M5LiWU
EEz5RslaR12NBfIL7qhjYzh5oxMwETAPBgNVHRMBAf8EBTADAQH/MAUGAytlcANB
AGN1YcL2IxKbF4LB6z+IX9KB3fsqPAFL0D2ldEgb4DdDyn4smgGUggVU3nPGsIC6
OlYCTa5W9OYrk2ChvxewqAw=
-----END CERTIFICATE-----
`;

export const between = `-----BEGIN CERTIFICATE-----
MIIBOzCB7qADAgECAhQBJBO5saC0l8dxRAAqe1jOXa6tODAFBgMrZXAwFTETMBEG
A1UEAwwKS3ViZXJuZXRlczAeFw0yNjExMjExNzU0MTNaFw0zNjExMTgxNzU0MTNa
MBIxEDAOBgNVBAMMB0JldHdlZW4wKjAFBgMrZXADIQAAUofLwu9eYSjdSFZthev8
GoaDUOia3Qy1yX2TArcn6aNTMFEwDwYDVR0TAQH/BAUwAwEB/zAdBgNVHQ4EFgQU
W4v9vLiLGR18ZybI/m5KVytIFmwwHwYDVR0jBBgwFoAU2so4TkmQpSADff1bwiP0
5wGSjMwwBQYDK2VwA0EAo3wSId5e7sXLgdG3z0sx10hIGvRW1a/PP6pjrSooFQqt
JfeIw51rg1Jf9GPXO8926z0IgencN5NBitrtztxkDA==
-----END CERTIFICATE-----
`;

export const node1 = `-----BEGIN CERTIFICATE-----
MIIBfzCCATGgAwIBAgIUASQTubGgtJfHcUQAKntYzl2urTkwBQYDK2VwMBUxEzAR
BgNVBAMMCkt1YmVybmV0ZXMwHhcNMjYxMTIxMTc1NDEzWhcNMjcxMTIxMTc1NDEz
WjA0MRUwEwYDVQQKDAxzeXN0ZW06bm9kZXMxGzAZBgNVBAMMEnN5c3RlbTpub2Rl
Om5vZGUtMTAqMAUGAytlcAMhALTo8jsJkoGgGFx2PcvDa7ROgrO5CPqZdUs3YUhd
ggbbo3QwcjAdBgNVHSUEFjAUBggrBgEFBQcDAQYIKwYBBQUHAwIwEQYDVR0RBAow
CIIGbm9kZS0xMB0GA1UdDgQWBBSkJ9CeMEQ7CRHeoIH9hgt8eHx/RjAfBgNVHSME
GDAWgBTayjhOSZClIAN9/VvCI/TnAZKMzDAFBgMrZXADQQCGlR+fNw/EuIZ1rxMo
9qT4w6jGjmfCJPkYo7v24g28qox/XBsvlKijPRoaZEmfNtAgj5pneK/X9TaqEDoH
5dAN
-----END CERTIFICATE-----
`;

export const node2 = `-----BEGIN CERTIFICATE-----
MIIBfzCCATGgAwIBAgIUASQTubGgtJfHcUQAKntYzl2urTowBQYDK2VwMBUxEzAR
BgNVBAMMCkt1YmVybmV0ZXMwHhcNMjYxMTIxMTc1NDEzWhcNMjcxMTIxMTc1NDEz
WjA0MRUwEwYDVQQKDAxzeXN0ZW06bm9kZXMxGzAZBgNVBAMMEnN5c3RlbTpub2Rl
Om5vZGUtMjAqMAUGAytlcAMhABaNQ+Moim8TR9OWDL1owlN8LULtbsOMxPjzNM5y
Vht5o3QwcjAdBgNVHSUEFjAUBggrBgEFBQcDAQYIKwYBBQUHAwIwEQYDVR0RBAow
CIIGbm9kZS0xMB0GA1UdDgQWBBSk2N6BCS8wUCsW0S1gZAj4IKC9nTAfBgNVHSME
GDAWgBTayjhOSZClIAN9/VvCI/TnAZKMzDAFBgMrZXADQQAoj2uVgQEfKM3dBm6O
r+34suSy4vMiQSmnAK0fPzgNvOS48LZFwuVPIUWdpUup1NFZiKFVSuLFkO1GVtR5
6sMG
-----END CERTIFICATE-----
`;

export const signedBetween = `-----BEGIN CERTIFICATE-----
MIIBZTCCARegAwIBAgIUR6eWtqTlE3I5XMjMiSbBjvhnzKUwBQYDK2VwMBIxEDAO
BgNVBAMMB0JldHdlZW4wHhcNMjYxMTIxMTc1NDEzWhcNMjcxMTIxMTc1NDEzWjAd
MRswGQYDVQQDDBJzeXN0ZW06bm9kZTpub2RlLTEwKjAFBgMrZXADIQAlpNK2mLSK
4KXOZHQROT5Brd2egCQ+8MdhJiVJ4q66VKN0MHIwHQYDVR0lBBYwFAYIKwYBBQUH
AwEGCCsGAQUFBwMCMBEGA1UdEQQKMAiCBm5vZGUtMTAdBgNVHQ4EFgQUYN1lN9EJ
5mM4OStrgXf+pKFXWuIwHwYDVR0jBBgwFoAUW4v9vLiLGR18ZybI/m5KVytIFmww
BQYDK2VwA0EA1LWwysrTXsQnzYYbeoHj5JguDAtsfGT4KUMTvvRT5FFB7iDkInxP
7qtZ9YGrYuNpcnQG7uscb54oqEmvVJbYAg==
-----END CERTIFICATE-----
`;

export const admin = `-----BEGIN CERTIFICATE-----
MIIBWzCCAQ2gAwIBAgIUASQTubGgtJfHcUQAKntYzl2urTswBQYDK2VwMBUxEzAR
BgNVBAMMCkt1YmVybmV0ZXMwHhcNMjYxMTIxMTc1NDEzWhcNMjcxMTIxMTc1NDEz
WjAQMQ4wDAYDVQQDDAVhZG1pbjAqMAUGAytlcAMhAO4aZbZjsIaNfK2mpC3cuRbx
F6v0u9ZvS49utfxyoIP1o3QwcjAdBgNVHSUEFjAUBggrBgEFBQcDAQYIKwYBBQUH
AwIwEQYDVR0RBAowCIIGbm9kZS0xMB0GA1UdDgQWBBT92mTGiuzJpF/Y4RafMk4r
VVtZ9DAfBgNVHSMEGDAWgBTayjhOSZClIAN9/VvCI/TnAZKMzDAFBgMrZXADQQD2
XnlGeApbLE+x0sZ0HzixyCKmaj08oVHzZ5CslbQcxfn0HI1CSxxTDMBkHFf1X0c7
ozSgAaRe81PBD6qFOykE
-----END CERTIFICATE-----
`;

export const node1Key = `-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIAvNqyCgjnkMe11CeI51fmksIPihFIYXzJPd10lUlEwl
-----END PRIVATE KEY-----
`;

export const node2Key = `-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIAdjZQpQ/pyE84zhXcLW3Jeg4iSatpJkih6HDLUdM8DO
-----END PRIVATE KEY-----
`;

export const betweenKey = `-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIFmBMiV/4sJ4wrV9vPuv0Y6/wlZ9Ae2a/T2ioaxrMg6U
-----END PRIVATE KEY-----
`;

export const adminKey = `-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIPUf7zVq4Llrd8FP3M01zBoI4kG+3E8R7iYcmyCDzP/H
-----END PRIVATE KEY-----
`;

/** A kubeconfig as kubectl makes it, with this client certificate embedded. */
export const kubeconfig = (
  certificate = node1,
  key = node1Key,
  changes: Record<string, unknown> = {},
): string =>
  JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [
      { name: "k8s", cluster: { server: "https://api:6443", "certificate-authority-data": base64(ca) } },
    ],
    users: [
      {
        name: "me",
        user: { "client-certificate-data": base64(certificate), "client-key-data": base64(key) },
      },
    ],
    contexts: [{ name: "default", context: { cluster: "k8s", user: "me" } }],
    "current-context": "default",
    ...changes,
  });

const base64 = (text: string): string => Buffer.from(text).toString("base64");

/** The operator's files of a cluster with node-1 and node-2. */
export const files: Readonly<Record<string, string>> = {
  "/ca.crt": ca,
  "/node-1.crt": node1,
  "/node-1.key": node1Key,
  "/node-1.kubeconfig": kubeconfig(),
  "/node-2.crt": node2,
  "/node-2.key": node2Key,
  "/node-2.kubeconfig": kubeconfig(node2, node2Key),
  "/kube-proxy.kubeconfig": kubeconfig(admin, adminKey),
};

/** `kubelet` with each node's own files. */
export const kubelet = {
  caFile: "/ca.crt",
  certificateFile: "/{node}.crt",
  privateKeyFile: "/{node}.key",
  kubeconfigFile: "/{node}.kubeconfig",
};
