/** A port on our own loopback that leads to one on the loopback of another host. */
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startChild } from './child.js';
import { within } from './network.js';
import { waitFor } from './wait-for.js';

export interface Relay {
  readonly url: string;
  end(): Promise<void>;
}

/** Opens it; to the gateway there, a connect through it comes from loopback. */
export async function openRelay(host: string, port: number): Promise<Relay> {
  const folder = mkdtempSync(join(tmpdir(), 'pair-policy-relay-'));
  const path = join(folder, 'relay.sock');
  const script = 'test/openclaw/relay-main.ts';
  const child = startChild(
    within(host, [process.execPath, '--import', 'tsx', script, path, String(port)]),
    process.env,
  );
  await waitFor(`the relay: ${child.told()}`, () => child.told().includes('ready'));
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
