/** A port on our own loopback that leads to one on the loopback of another host. */
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Child, startChild } from './child.js';
import { within } from './network.js';
import { waitFor } from './wait-for.js';

export interface Relay {
  readonly url: string;
  end(): Promise<void>;
}

/**
 * Opens a port on the loopback of a host that leads to an address which that host sees: older clients refuse to speak
 * unencrypted to any other, and to the gateway a connect through it still comes from the address of the host.
 */
export async function forwardLoopback(
  host: string,
  from: number,
  address: string,
  port: number,
): Promise<Child> {
  return startRelay(host, [String(from), address, String(port)]);
}

async function startRelay(host: string, args: readonly string[]): Promise<Child> {
  const script = 'test/openclaw/relay-main.ts';
  const command = [process.execPath, '--import', 'tsx', script, ...args];
  const child = startChild(within(host, command), process.env);
  await waitFor(
    () => `the relay: ${child.told()}`,
    () => child.told().includes('ready'),
  );
  return child;
}

/** Opens it; to the gateway there, a connect through it comes from loopback. */
export async function openRelay(host: string, port: number): Promise<Relay> {
  const folder = mkdtempSync(join(tmpdir(), 'pair-policy-relay-'));
  const path = join(folder, 'relay.sock');
  const child = await startRelay(host, [path, '127.0.0.1', String(port)]);
  const server = createServer((from) => {
    const to = connect(path);
    from.pipe(to).pipe(from);
    from.on('error', () => to.destroy());
    to.on('error', () => from.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async end() {
      server.close();
      await child.end();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
