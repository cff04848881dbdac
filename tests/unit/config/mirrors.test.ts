import { cluster, config, mistakes, warnings, type Mapping } from "./fixtures";

const url = "https://mirror.example.org";
const account = { username: "nodes", password: "hunter2" };
const mirrors = (of: readonly unknown[], runtime: Mapping = {}): Mapping =>
  config({ runtime: { registryMirrors: { "docker.io": of }, ...runtime } });

test("a mirror is an address, or a mapping that may have an account", () => {
  const { registryMirrors } = cluster(mirrors([url, { url }, { url: `${url}/hub`, ...account }])).runtime;
  const [first, second, third] = registryMirrors["docker.io"] ?? [];
  expect([first, second]).toEqual([{ url }, { url }]);
  expect([third?.credentials?.username, third?.credentials?.password.reveal()]).toEqual(["nodes", "hunter2"]);
  expect(JSON.stringify(registryMirrors)).not.toContain("hunter2");
});

test.each<[title: string, value: Mapping, mistake: string]>([
  ["no URL", mirrors([account]), 'runtime.registryMirrors["docker.io"][0].url: is missing'],
  [
    "a URL without scheme",
    mirrors([url, { ...account, url: "mirror.example.org" }]),
    'runtime.registryMirrors["docker.io"][1].url: mirror.example.org must be an http or https URL',
  ],
  [
    "a password in the URL",
    mirrors(["https://nodes:hunter2@mirror.example.org"]),
    'runtime.registryMirrors["docker.io"][0]: "https://***@mirror.example.org" must be an http or https URL without a password or query, or a mapping with url, username and password; write `{ url, username }` instead, and set its password as a secret',
  ],
  [
    "a password alone",
    mirrors([{ url, password: "hunter2" }]),
    `runtime.registryMirrors["docker.io"][0]: has password alone, must have username and password, or none of them`,
  ],
  [
    "a user's name alone",
    mirrors([{ url, username: "nodes" }]),
    `set --secret --path 'nodeprep:cluster.runtime.registryMirrors["docker.io"][0].password'`,
  ],
  [
    "a user's name with a colon",
    mirrors([{ url, ...account, username: "a:b" }]),
    "username: a:b must be a text without colon",
  ],
  [
    "a password of two lines",
    mirrors([{ url, ...account, password: "hunter2\nX: y" }]),
    'runtime.registryMirrors["docker.io"][0].password: [secret] must be a text of one line',
  ],
  [
    "a number as password",
    mirrors([{ url, ...account, password: 1234 }]),
    "password: [secret] is a number, must be a text of one line",
  ],
  [
    "a key that is none",
    mirrors([{ url, ...account, passwort: "hunter2" }]),
    'runtime.registryMirrors["docker.io"][0].passwort: is not a known key; did you mean password?',
  ],
  [
    "two accounts of one mirror",
    mirrors([{ url, ...account }], {
      registryMirrors: {
        "docker.io": [{ url, ...account }],
        "quay.io": [{ url, ...account, password: "other" }],
      },
    }),
    'runtime.registryMirrors["quay.io"][0]: has other credentials than nodeprep:cluster.runtime.registryMirrors["docker.io"][0], the same mirror; give it the same ones',
  ],
  [
    "Docker, which tells mirrors nothing",
    mirrors([{ url, ...account }], { type: "docker" }),
    'runtime.registryMirrors["docker.io"][0].username: cannot be had with runtime.type docker: dockerd tells its mirrors nothing but the credentials of a person who logged in to the registry itself; use containerd or cri-o, or a mirror that asks nothing',
  ],
])("is refused with %s", (_title, value, mistake) => {
  const found = mistakes(value);
  expect(found).toEqual([expect.stringContaining(mistake)]);
  expect(found.join()).not.toMatch(/hunter2|1234/);
});

test("a password over http is warned of", () => {
  expect(warnings(mirrors([{ url: "http://m.example", ...account }]))).toEqual([
    expect.stringContaining(
      "its password travels in the clear, as http://m.example is not encrypted. Use https.",
    ),
  ]);
  expect(warnings(mirrors(["http://m.example", { url, ...account }]))).toEqual([]);
});
