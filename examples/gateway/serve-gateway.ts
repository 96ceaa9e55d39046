/** A WebSocket server whose clients are let in by the policy. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import { Connection, type GatewayParts } from './connection.js';
import { MAX_PAYLOAD_BYTES, TICK_INTERVAL_MS } from './hello.js';
import { isStillPaired } from './session.js';

export interface RunningGateway {
  readonly port: number;
  /** Answers whoever waits, says goodbye to whoever is connected, then stops listening. */
  close(): Promise<void>;
}

/** How long a client may take to close its end. */
const GOODBYE_MS = 2000;

/** Listens, and resolves when clients can connect. */
export async function serveGateway(
  parts: GatewayParts,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<RunningGateway> {
  const server = new WebSocketServer({ host, port, maxPayload: MAX_PAYLOAD_BYTES });
  const connections = new Set<Connection>();
  server.on('connection', (socket: WebSocket, request) => {
    const connection = new Connection(socket, request, parts);
    connections.add(connection);
    socket.on('close', () => connections.delete(connection));
    // A frame that is too large or broken: ws closes the socket, and there is nobody left to tell.
    socket.on('error', () => {});
  });
  const tick = setInterval(() => {
    for (const connection of connections) {
      if (connection.session) connection.sendEvent('tick', { ts: Date.now() });
    }
  }, TICK_INTERVAL_MS);
  const stopWatching = parts.store.on('changed', ({ deviceIds }) => {
    for (const connection of connections) {
      const { session } = connection;
      if (!session || (deviceIds !== 'all' && !deviceIds.has(session.deviceId))) continue;
      if (!isStillPaired(session, parts.store)) connection.close(4001, 'device removed');
    }
  });
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      clearInterval(tick);
      stopWatching();
      const closed = once(server, 'close');
      server.close();
      // The hook answers those that wait, and they are told before their sockets are closed.
      await parts.hook.close();
      await Promise.all([...connections].map((connection) => connection.stop()));
      const impatient = setTimeout(() => {
        for (const socket of server.clients) socket.terminate();
      }, GOODBYE_MS);
      await closed;
      clearTimeout(impatient);
    },
  };
}
