/** Whether we stand on the gateway's own host, so that our addresses are its own. */
import { hostname } from 'node:os';
import { fieldsOf } from './gateway-hello.js';
import type { GatewayLink } from './gateway-link.js';

/**
 * Only where the link goes over loopback, and the gateway says of itself our host name and one of our addresses:
 * behind a published port, a tunnel or a port forward the gateway has others.
 */
export async function isOwnHost(
  link: GatewayLink,
  ownAddresses: readonly string[],
): Promise<boolean> {
  if (!isLoopbackUrl(link.url)) return false;
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

/** Whether a URL names loopback. */
function isLoopbackUrl(url: string): boolean {
  const { hostname: host } = new URL(url);
  return host === 'localhost' || host === '[::1]' || /^127[.]\d+[.]\d+[.]\d+$/.test(host);
}
