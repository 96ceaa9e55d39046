/** Where a connect would have to come from, so that a source of `from` holds. */
import {
  type Address,
  type Circumstances,
  type Network,
  networkContains,
} from '../../model/index.js';
import type { AddressSource, Policy } from '../../policy/index.js';
import { type Change, factValue } from './change-connect.js';

/** How many addresses of one source are tried. */
const MAX_TRIED = 6;

/** Changes after which the connect may come from one of the sources, those within its own address family first. */
export function changesToComeFrom(
  sources: readonly AddressSource[],
  circumstances: Circumstances,
  policy: Policy,
): readonly Change[] {
  const changes = sources.flatMap((source) => changesForSource(source, circumstances, policy));
  const isOfSix = circumstances.facts.remoteIp?.family === 6;
  const isNear = ({ remoteIp }: Change) =>
    typeof remoteIp !== 'string' || remoteIp.includes(':') === isOfSix;
  return [...changes.filter(isNear), ...changes.filter((change) => !isNear(change))];
}

function changesForSource(
  source: AddressSource,
  circumstances: Circumstances,
  policy: Policy,
): readonly Change[] {
  if (source.kind === 'anywhere') return [];
  if (source.kind === 'networks') {
    // Some of each family, so that there is one of the connect's own.
    const some = ([4, 6] as const).flatMap((family) =>
      source.networks.filter((network) => network.family === family).slice(0, MAX_TRIED),
    );
    return some.flatMap((network) => hostsOf(network).map((remoteIp) => ({ remoteIp })));
  }
  const direct = { forwarded: false };
  if (source.kind === 'loopback') {
    return [direct, ...['127.0.0.1', '::1'].map((remoteIp) => ({ ...direct, remoteIp }))];
  }
  const isOwn = (address: Address) =>
    source.kind === 'own-address' ||
    policy.tailnet.some((network) => networkContains(network, address));
  const own = circumstances.ownAddresses
    ?.filter(isOwn)
    .map(({ text }) => ({ ...direct, remoteIp: text }));
  return [direct, ...(own?.slice(0, MAX_TRIED) ?? hostsThatMayBeOwn(circumstances, policy))];
}

/** Where the host's own addresses are not known: that the client's is one of them. */
function hostsThatMayBeOwn(circumstances: Circumstances, policy: Policy): readonly Change[] {
  const asked = factValue('remoteIp', circumstances);
  const hosts = [asked, ...policy.tailnet.slice(0, MAX_TRIED).flatMap((one) => hostsOf(one)[0])];
  return hosts
    .filter((host) => typeof host === 'string')
    .map((host) => ({ remoteIp: host, ownAddresses: [host], forwarded: false }));
}

/** Two addresses of a network: the first that a host can have, and its base. */
function hostsOf({ text, family, prefix }: Network): readonly string[] {
  const base = text.slice(0, text.indexOf('/'));
  if (prefix >= (family === 4 ? 31 : 127)) return [base];
  return [
    family === 4 ? base.replace(/\d+$/, (last) => String(Number(last) + 1)) : next(base),
    base,
  ];
}

/** The address after one that ends in at least two zero bits. */
function next(base: string): string {
  return base.endsWith('::') ? `${base}1` : base.replace(/[0-9a-f]+$/, addOne);
}

function addOne(group: string): string {
  return (Number.parseInt(group, 16) + 1).toString(16);
}
