/** The rules of a first policy. */
import { isDeviceId, type Network, networkContains, parseAddress } from '../../model/index.js';
import type { DraftRule, Fields } from './init-draft.js';

/** The host's own tailnet address, in tests. */
export const OWN_TAILNET = '100.101.102.103';

/** What an operator asks for who wants nothing special, in tests. */
export const OPERATOR = { role: 'operator', scopes: ['operator.read', 'operator.write'] };

/** The id of no device: a sha256 of all zeros is nobody's. */
export const PLACEHOLDER_DEVICE = '0'.repeat(64);

/** A device like any other, and its key. */
const DEVICE = {
  deviceId: 'e033ffc79584887713651f2f5cdf9c7bd4d5ae290509e8832daeea149e9aa3cb',
  publicKey: '3gH6arQnXSiNTviC7Qtol0wAOWEnBmSBTk8cRf_STlo',
};

/** Denies what is on the block list; `device` is one of it. */
export function blockedDevices(device: string): DraftRule {
  const id = isDeviceId(device) ? { deviceId: device } : { publicKey: device };
  return {
    id: 'blocked-devices',
    comment: ['Beats every other rule, for paired devices as well.'],
    description: 'a device on the block list is refused, whatever it asks for',
    action: 'deny',
    when: { device: '@blocked' },
    example: {
      subject: 'a blocked device, though it is paired,',
      connect: { ...id, remoteIp: elsewhere([]), kind: 'reconnect' },
    },
  };
}

/** Approves operators on the gateway's own host, by these words of `from`. */
export function ownMachine(own: readonly string[]): DraftRule {
  const remoteIp = own.includes('loopback') ? '127.0.0.1' : OWN_TAILNET;
  return {
    id: 'own-machine',
    comment: [
      'Whoever has an account on this host can be one of these, so there is no full control here. `forwarded` must be',
      'false: behind a proxy on the same host, everybody seems to come by loopback.',
    ],
    description: `an operator on the gateway's own host, by ${own.map((word) => HOW[word]).join(' or ')}`,
    action: 'approve',
    when: {
      from: own.length === 1 ? own[0] : own,
      role: 'operator',
      scopes: { within: ['operator.read', 'operator.write', 'operator.approvals'] },
    },
    example: {
      subject: 'an operator on this machine',
      connect: device({ remoteIp, forwarded: false, ...OPERATOR, kind: 'new-device' }),
    },
  };
}

const HOW: Readonly<Record<string, string>> = {
  loopback: 'loopback',
  'own-tailnet': 'its own tailnet address',
};

/** Approves new headless nodes of the office; the network is one of its networks. */
export function officeNodes(office: Network): DraftRule {
  return {
    id: 'office-nodes',
    comment: [
      'Nodes only, without scopes and without commands; so many an hour from one address, then a person looks. Whoever',
      'can reach this network can say `clientMode: node`: the address is what bounds this.',
    ],
    description: 'a new node in the office that asks for no operator scopes',
    action: 'approve',
    when: {
      from: '@office',
      role: 'node',
      clientMode: 'node',
      kind: 'new-device',
      scopes: { within: [] },
    },
    limit: { max: 20, per: '1h', by: 'remoteIp' },
    example: {
      subject: 'a new node in the office',
      connect: device({
        remoteIp: addressIn(office),
        role: 'node',
        clientMode: 'node',
        kind: 'new-device',
        scopes: [],
      }),
    },
  };
}

/** Holds full control, except by these words of `from`. */
export function remoteAdmin(own: readonly string[], office: readonly Network[]): DraftRule {
  return {
    id: 'remote-admin',
    comment: ['No rule approves these anyway; this one keeps it so, whatever rules come later.'],
    description: `full control, or the right to pair others${elsewhereWords(own)}`,
    reason: 'full control needs a person',
    action: 'hold',
    when: { scopes: { any: ['operator.admin', 'operator.pairing'] } },
    ...unlessOwn(own),
    example: {
      subject: 'an operator from elsewhere who asks for full control',
      connect: device({
        remoteIp: elsewhere(office),
        forwarded: false,
        role: 'operator',
        scopes: ['operator.admin'],
        kind: 'new-device',
      }),
    },
  };
}

/** Holds upgrades, except by these words of `from`. */
export function remoteUpgrade(own: readonly string[], office: readonly Network[]): DraftRule {
  return {
    id: 'remote-upgrade',
    comment: ['A device that was let in once may not get more by itself.'],
    description: `a paired device that asks for more, or has another key or platform${elsewhereWords(own)}`,
    reason: 'an upgrade needs a person',
    action: 'hold',
    when: {
      kind: ['key-change', 'role-upgrade', 'scope-upgrade', 'metadata-upgrade', 'node-commands'],
    },
    ...unlessOwn(own),
    example: {
      subject: 'a paired node from elsewhere that wants to be an operator',
      connect: device({
        remoteIp: elsewhere(office),
        forwarded: false,
        ...OPERATOR,
        kind: 'role-upgrade',
      }),
    },
  };
}

function elsewhereWords(own: readonly string[]): string {
  return own.length === 0 ? '' : ', from elsewhere';
}

function unlessOwn(own: readonly string[]): Pick<DraftRule, 'unless'> {
  return own.length === 0 ? {} : { unless: { from: own.length === 1 ? own[0] : own } };
}

/** A connect of a device that is on no list. */
export function device(connect: Fields): Fields {
  return { ...DEVICE, ...connect };
}

/** An address outside the networks; one of those that documents use as examples. */
function elsewhere(networks: readonly Network[]): string {
  const candidates = ['203.0.113.9', '198.51.100.9', '192.0.2.9', '2001:db8::9'];
  const isOutside = (text: string) => {
    const address = parseAddress(text);
    return address && !networks.some((network) => networkContains(network, address));
  };
  return candidates.find(isOutside) ?? '203.0.113.9';
}

/** The first address of a network but its own, where it has more than one. */
function addressIn(network: Network): string {
  const [host = ''] = network.text.split('/');
  if (network.prefix >= (network.family === 4 ? 31 : 127)) return host;
  if (network.family === 4) return host.replace(/\d+$/, (last) => String(Number(last) + 1));
  return host.endsWith('::') ? `${host}1` : host;
}
