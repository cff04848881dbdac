import { connect, createServer, type AddressInfo, type Socket } from "node:net";

/** What a network does to the bytes that go through it, each way. */
export interface Shape {
  /** Milliseconds that every piece is late. */
  readonly latency?: number;
  /** Milliseconds by which that varies, either way. The order of the pieces stays: it is a TCP connection. */
  readonly jitter?: number;
  /** After so many bytes from the server nothing goes either way for `stallFor` milliseconds. */
  readonly stallAfter?: number;
  readonly stallFor?: number;
  /** After so many bytes from the server the connection is reset. */
  readonly dieAfter?: number;
}

/** A bad network between whoever dials its port and a port of this machine. */
export interface Shaper {
  readonly port: number;
  /** Connections so far. */
  readonly connections: () => number;
  readonly stop: () => Promise<void>;
}

export async function startShaper(target: number, shape: Shape): Promise<Shaper> {
  const sockets = new Set<Socket>();
  let connections = 0;
  const keep = (socket: Socket): Socket => {
    sockets.add(socket);
    socket.on("error", () => undefined).on("close", () => sockets.delete(socket));
    return socket;
  };
  const server = createServer({ noDelay: true }, (client) => {
    connections++;
    join(keep(client), keep(connect({ port: target, host: "127.0.0.1", noDelay: true })), shape);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    connections: () => connections,
    stop: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

function join(client: Socket, target: Socket, shape: Shape): void {
  let fromTarget = 0;
  let stalledUntil = 0;
  const count = (bytes: Buffer): void => {
    const before = fromTarget;
    fromTarget += bytes.length;
    const passed = (mark = Infinity): boolean => before < mark && fromTarget >= mark;
    if (passed(shape.stallAfter)) stalledUntil = Date.now() + (shape.stallFor ?? 0);
    if (passed(shape.dieAfter)) [client, target].forEach((socket) => socket.resetAndDestroy());
  };
  const way = (from: Socket, to: Socket, seen: (bytes: Buffer) => void): void => {
    // One queue: timers of nearly the same time may go off in another order.
    const queue: { due: number; act: () => void }[] = [];
    const pump = (): void => {
      while (queue[0] && Math.max(queue[0].due, stalledUntil) <= Date.now()) queue.shift()?.act();
      if (queue[0]) setTimeout(pump, Math.max(1, Math.max(queue[0].due, stalledUntil) - Date.now()));
    };
    const later = (act: () => void): void => {
      const { latency = 0, jitter = 0 } = shape;
      queue.push({ due: Date.now() + latency + jitter * (2 * Math.random() - 1), act });
      if (queue.length === 1) pump();
    };
    from.on("data", (bytes: Buffer) => {
      seen(bytes);
      later(() => to.write(bytes));
    });
    from.on("end", () => later(() => to.end()));
    from.on("close", () => later(() => to.destroy()));
  };
  way(client, target, () => undefined);
  way(target, client, count);
}
