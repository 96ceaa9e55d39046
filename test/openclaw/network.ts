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

/** Why there can be no such network here; undefined where there can. */
export function whyNoNetwork(): string | undefined {
  if (process.platform !== 'linux') return 'network namespaces are a thing of Linux';
  if (process.getuid?.() !== 0) return 'network namespaces take root';
  const name = `pp-try-${process.pid}`;
  const tried = spawnSync('ip', ['netns', 'add', name], { encoding: 'utf8' });
  if (tried.status !== 0) return `ip netns add: ${tried.stderr || tried.error?.message}`;
  spawnSync('ip', ['netns', 'del', name]);
  return undefined;
}

/** Makes the two hosts. */
export function createNetwork(): Network {
  const gateway = `ppg-${process.pid}`;
  const client = `ppc-${process.pid}`;
  const ip = (...args: string[]) => execFileSync('ip', args, { stdio: 'pipe' });
  ip('netns', 'add', gateway);
  ip('netns', 'add', client);
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
  return {
    gateway,
    client,
    remove() {
      spawnSync('ip', ['netns', 'del', gateway]);
      spawnSync('ip', ['netns', 'del', client]);
    },
  };
}

/** A command line that runs in one of the hosts. */
export function within(host: string, command: readonly string[]): readonly string[] {
  return ['ip', 'netns', 'exec', host, ...command];
}
