/** The settings of a gateway that decide what ever reaches the policy. */
import { networkLiteral, networksOverlap, PairPolicyError, parseNetwork } from '../model/index.js';
import { fieldsOf, type GatewayHello, isAtLeast, textOf, textsOf } from './gateway-hello.js';
import type { GatewayLink } from './gateway-link.js';

/** What of `gateway.*` matters here; undefined is not known. */
export interface GatewaySettings {
  /** The release, by its hello or by the operator's word. */
  readonly version: string | undefined;
  readonly trustedProxies: readonly string[] | undefined;
  readonly authMode: string | undefined;
  readonly tailscaleMode: string | undefined;
  readonly autoApproveLocal: boolean | undefined;
  readonly autoApproveCidrs: readonly string[] | undefined;
  readonly sshVerify: boolean | undefined;
  /** Where its log goes, if it is told. */
  readonly logFile: string | undefined;
}

/** Asks the gateway for its settings; where it does not answer, they are unknown. */
export async function readSettings(
  link: GatewayLink,
  hello: GatewayHello,
  saidVersion: string | undefined,
): Promise<GatewaySettings> {
  const version = saidVersion ?? hello.version;
  // 2026.2.19 takes seconds for its first answer; without one nothing would be approved by address until a reconnect.
  for (let ask = 0; ask < ASKS && link.hello === hello; ask += 1) {
    try {
      return settingsOf(await link.request('config.get', {}), version);
    } catch (error) {
      if (!hasTimedOut(error)) break;
    }
  }
  return settingsOf(undefined, version);
}

/** How often the settings are asked for where no answer comes in time. */
const ASKS = 6;

function hasTimedOut(error: unknown): boolean {
  return error instanceof PairPolicyError && error.problems[0]?.code === 'GATEWAY_UNREACHABLE';
}

/** Makes settings of what `config.get` answers. */
export function settingsOf(answer: unknown, version: string | undefined): GatewaySettings {
  const { resolved, config, parsed } = fieldsOf(answer);
  const found = [resolved, config, parsed].find((one) => typeof one === 'object' && one !== null);
  const isKnown = found !== undefined;
  const { gateway, logging } = fieldsOf(found);
  const { trustedProxies, auth, tailscale, nodes } = fieldsOf(gateway);
  const { mode } = fieldsOf(tailscale);
  const { autoApproveLocal, autoApproveCidrs, sshVerify } = fieldsOf(fieldsOf(nodes)['pairing']);
  const orElse = <T>(value: T | undefined, fallback: T) =>
    isKnown ? (value ?? fallback) : undefined;
  return {
    version,
    // A list of the wrong form is not known, and must not pass for an empty one.
    trustedProxies: trustedProxies === undefined ? orElse(undefined, []) : textsOf(trustedProxies),
    authMode: textOf(fieldsOf(auth)['mode']),
    tailscaleMode: mode === undefined ? orElse(undefined, 'off') : textOf(mode),
    autoApproveLocal: orElse(flagOf(autoApproveLocal), true),
    autoApproveCidrs: orElse(textsOf(autoApproveCidrs), []),
    sshVerify: orElse(sshVerify === undefined ? undefined : flagOf(sshVerify) !== false, true),
    logFile: textOf(fieldsOf(logging)['file']),
  };
}

function flagOf(value: unknown): boolean | undefined {
  if (typeof value === 'boolean') return value;
  const { enabled } = fieldsOf(value);
  return typeof enabled === 'boolean' ? enabled : undefined;
}

/** What of an address that this gateway reports can be believed. */
export type AddressTrust =
  /** It is the peer's own: the gateway trusts no proxy. */
  | 'direct'
  /** It may have come out of a proxy's header. */
  | 'maybe-forwarded'
  /** A process on the gateway's host, or the client itself, may have made it up. */
  | 'forgeable';

/**
 * How far an address of a pending request can be believed under these settings, given the addresses of the gateway's
 * host: of a trusted proxy that is the host itself, any local process can write the header.
 */
export function trustInAddresses(
  settings: GatewaySettings,
  ownAddresses: readonly string[] | undefined,
): AddressTrust {
  const { trustedProxies, tailscaleMode, authMode, version } = settings;
  // A list that is not known may name loopback, or be of a release that believes what the client writes.
  if (!trustedProxies) return 'forgeable';
  if (trustedProxies.some((proxy) => coversHost(proxy, ownAddresses))) return 'forgeable';
  // The leftmost entry of the header, which the client writes, counted until this release.
  if (trustedProxies.length > 0) {
    return isAtLeast(version, '2026.3.22') === true ? 'maybe-forwarded' : 'forgeable';
  }
  const isServed = tailscaleMode !== 'off' || authMode === 'trusted-proxy';
  return isServed ? 'maybe-forwarded' : 'direct';
}

const LOOPBACK = [networkLiteral('127.0.0.0/8'), networkLiteral('::1/128')];

function coversHost(proxy: string, ownAddresses: readonly string[] | undefined): boolean {
  const network = parseNetwork(proxy);
  // What cannot be read may cover anything, and a host that is not known may be any.
  if ('fault' in network || !ownAddresses) return true;
  const own = ownAddresses.map(parseNetwork).filter((one) => !('fault' in one));
  return [...LOOPBACK, ...own].some((one) => !('fault' in one) && networksOverlap(one, network));
}
