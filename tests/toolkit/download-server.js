// A file server with faults: node download-server.js FOLDER PORT. GET /FAULT/FILE gives FILE of FOLDER, and FAULT is
//   ok       none: ranges are served
//   dies     the connection is reset after a third of the file; ranges are served
//   first    the first answer is cut like that, and later ones ignore ranges
//   short    the connection always ends half-way, and nothing is served but the first half
//   cut      as short, and no length is said: it looks whole
//   wrong    another file of the same length
//   stalls   half of it, and then nothing more
//   busy     503 twice, then none
// Everything else is 404. Each request is a line on stdout, with the range that was asked for.
const { createServer } = require("node:http");
const { existsSync, readFileSync } = require("node:fs");
const { basename, join } = require("node:path");

const [, , folder, port] = process.argv;
const counts = new Map();

createServer((request, response) => {
  const [, fault = "", name = ""] = request.url.split("/");
  const count = (counts.get(request.url) ?? 0) + 1;
  counts.set(request.url, count);
  process.stdout.write(`${request.url} ${request.headers.range ?? "-"}\n`);
  const path = join(folder, basename(name));
  if (name === "" || !existsSync(path) || !Object.hasOwn(faults, fault))
    return response.writeHead(404).end("no\n");
  faults[fault](request, response, readFileSync(path), count);
}).listen(Number(port), "127.0.0.1", () => process.stdout.write("ready\n"));

/** Answers with the part that was asked for; of that, no more than `limit` bytes, after which it hangs up. */
function send(request, response, content, { ranges = true, limit = content.length, said = true } = {}) {
  const start = ranges ? Number(/bytes=(\d+)-/.exec(request.headers.range ?? "")?.[1] ?? 0) : 0;
  if (start >= content.length)
    return response.writeHead(416, { "content-range": `bytes */${content.length}` }).end();
  const part = content.subarray(start);
  response.writeHead(start > 0 ? 206 : 200, {
    ...(said ? { "content-length": part.length } : {}),
    ...(start > 0 ? { "content-range": `bytes ${start}-${content.length - 1}/${content.length}` } : {}),
  });
  if (part.length <= limit) return response.end(part);
  if (!said) return response.end(part.subarray(0, limit));
  response.write(part.subarray(0, limit), () => setTimeout(() => response.destroy(), 200));
}

const half = (content) => Math.floor(content.length / 2);

const faults = {
  ok: send,
  dies: (q, r, content) => send(q, r, content, { limit: Math.ceil(content.length / 3) }),
  first: (q, r, content, count) =>
    send(q, r, content, { ranges: false, ...(count === 1 ? { limit: half(content) } : {}) }),
  short: (q, r, content) => {
    if (q.headers.range) return r.destroy();
    send(q, r, content, { limit: half(content) });
  },
  cut: (q, r, content) => send(q, r, content, { limit: half(content), ranges: false, said: false }),
  wrong: (q, r, content) => send(q, r, Buffer.alloc(content.length, "x")),
  stalls: (q, r, content) => {
    r.writeHead(200, { "content-length": content.length });
    r.write(content.subarray(0, half(content)));
  },
  busy: (q, r, content, count) => (count <= 2 ? r.writeHead(503).end("busy\n") : send(q, r, content)),
};
