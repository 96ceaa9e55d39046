/** Two hosts on one machine: network namespaces that see only each other, without any route elsewhere. */
import { execFileSync, spawnSync } from 'node:child_process';

/** The gateway's host and the host of its clients. */
export interface Network {
  readonly gateway: string;
  readonly client: string;
  remove(): void;
}

export const GATEWAY_LAN = '192.168.77.1';
export const GATEWAY_TAILNET = '100.101.102.103';
const CLIENT_LAN = '192.168.77.10';
const CLIENT_TAILNET = '100.88.1.2';

/** Why there can be no such network here; undefined where there can: the one that is tried is made whole. */
export function whyNoNetwork(): string | undefined {
  if (process.platform !== 'linux') return 'network namespaces are a thing of Linux';
  if (process.getuid?.() !== 0) return 'network namespaces take root';
  try {
    const network = createNetwork();
    const [program = '', ...args] = within(network.client, ['true']);
    const { status, stderr } = spawnSync(program, args, { encoding: 'utf8' });
    network.remove();
    return status === 0 ? undefined : `ip netns exec: ${stderr.trim()}`;
  } catch (error) {
    return error instanceof Error ? error.message.trim() : String(error);
  }
}

let made = 0;

/** Makes the two hosts; where that fails half-way, nothing of them is left. */
export function createNetwork(): Network {
  made += 1;
  const gateway = `ppg-${process.pid}-${made}`;
  const client = `ppc-${process.pid}-${made}`;
  const remove = () => {
    for (const host of [gateway, client]) spawnSync('ip', ['netns', 'del', host]);
  };
  try {
    for (const host of [gateway, client]) ip('netns', 'add', host);
    connectHosts(gateway, client);
  } catch (error) {
    remove();
    throw error;
  }
  return { gateway, client, remove };
}

function connectHosts(gateway: string, client: string): void {
  for (const link of ['lan0', 'tailscale0']) {
    const peer = ['type', 'veth', 'peer', 'name', link, 'netns', client];
    ip('link', 'add', link, 'netns', gateway, ...peer);
  }
  for (const host of [gateway, client]) {
    for (const link of ['lo', 'lan0', 'tailscale0']) ip('-n', host, 'link', 'set', link, 'up');
  }
  ip('-n', gateway, 'addr', 'add', `${GATEWAY_LAN}/24`, 'dev', 'lan0');
  ip('-n', client, 'addr', 'add', `${CLIENT_LAN}/24`, 'dev', 'lan0');
  ip('-n', gateway, 'addr', 'add', `${GATEWAY_TAILNET}/32`, 'dev', 'tailscale0');
  ip('-n', client, 'addr', 'add', `${CLIENT_TAILNET}/32`, 'dev', 'tailscale0');
  const route = ['route', 'add', '100.64.0.0/10', 'dev', 'tailscale0', 'src'];
  ip('-n', gateway, ...route, GATEWAY_TAILNET);
  ip('-n', client, ...route, CLIENT_TAILNET);
}

function ip(...args: readonly string[]): void {
  execFileSync('ip', args, { stdio: 'pipe' });
}

/** Gives the clients' host so many more LAN addresses, for clients that each stand on a host of their own. */
export function addClientAddresses({ client }: Network, count: number): readonly string[] {
  const first = 20;
  if (first + count > 255) throw new Error(`${count} addresses are too many for one network`);
  const addresses = Array.from({ length: count }, (_, i) => `192.168.77.${first + i}`);
  const input = addresses.map((address) => `addr add ${address}/24 dev lan0\n`).join('');
  execFileSync('ip', ['-n', client, '-batch', '-'], { input, stdio: 'pipe' });
  return addresses;
}

/** A command line that runs in one of the hosts. */
export function within(host: string, command: readonly string[]): readonly string[] {
  return ['ip', 'netns', 'exec', host, ...command];
}
