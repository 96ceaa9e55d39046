/** Whether we stand on the gateway's own host, so that our addresses are its own. */
import { hostname } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import { fieldsOf } from './gateway-hello.js';
import type { GatewayLink } from './gateway-link.js';
import { isLoopbackUrl } from './loopback-url.js';

/** How often it is asked, and after how long again, in ms. */
const LOOKS = 4;
const LOOK_AGAIN_MS = 300;

/**
 * Only where the link goes over loopback, and the gateway says of itself our host name and one of our addresses:
 * behind a published port, a tunnel or a port forward the gateway has others.
 */
export async function isOwnHost(
  link: GatewayLink,
  ownAddresses: readonly string[],
): Promise<boolean> {
  if (!isLoopbackUrl(link.url)) return false;
  for (let look = 0; look < LOOKS; look += 1) {
    // A gateway that has just started may not have looked at itself yet.
    if (look > 0) await wait(LOOK_AGAIN_MS);
    if (await saysItIsHere(link, ownAddresses)) return true;
  }
  return false;
}

async function saysItIsHere(link: GatewayLink, ownAddresses: readonly string[]): Promise<boolean> {
  try {
    const presence = await link.request('system-presence', {});
    const list = Array.isArray(presence) ? presence.map(fieldsOf) : [];
    const self = list.find(({ mode, reason }) => mode === 'gateway' && reason === 'self');
    return (
      self?.['host'] === hostname() &&
      typeof self['ip'] === 'string' &&
      !self['ip'].startsWith('127.') &&
      ownAddresses.includes(self['ip'])
    );
  } catch {
    return false;
  }
}
