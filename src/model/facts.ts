import type { Address } from './address.js';
import type { AuthMethod, Kind, Role } from './words.js';

/** The attributes of a connect after normalising; `undefined` is the unknown fact. */
export interface Facts {
  /** When the connect was asked, in ms since the epoch. */
  readonly ts: number | undefined;
  readonly requestId: string | undefined;
  /** 64 lower-case hex digits. */
  readonly deviceId: string | undefined;
  /** Canonical base64url of the raw 32-byte ed25519 key, 43 characters. */
  readonly publicKey: string | undefined;
  readonly remoteIp: Address | undefined;
  readonly forwarded: boolean | undefined;
  readonly clientId: string | undefined;
  readonly clientMode: string | undefined;
  readonly clientVersion: string | undefined;
  readonly platform: string | undefined;
  readonly deviceFamily: string | undefined;
  readonly displayName: string | undefined;
  readonly browserOrigin: string | undefined;
  /** The union of `role` and `roles`, without repeats; never empty. */
  readonly roles: readonly Role[] | undefined;
  /** Trimmed, without repeats. */
  readonly scopes: readonly string[] | undefined;
  readonly commands: readonly string[] | undefined;
  readonly authMethod: AuthMethod | undefined;
  readonly authUser: string | undefined;
  readonly kind: Kind | undefined;
  readonly gateway: string | undefined;
  readonly gatewayVersion: string | undefined;
  readonly isRepair: boolean | undefined;
  readonly silent: boolean | undefined;
}

/** What a decision reads: the facts of the connect, and what the caller says of time and host. */
export type FactName = keyof Facts | 'now' | 'ownAddresses';

/** What a decision is taken with: the facts, the time of the decision and the host's addresses. */
export interface Circumstances {
  readonly facts: Facts;
  /** The time of the decision in ms since the epoch. */
  readonly now: number | undefined;
  /** The gateway host's own addresses: `undefined` is unknown, empty is none. */
  readonly ownAddresses: readonly Address[] | undefined;
  /** Whether the device is on the block list; absent is not. */
  readonly blocked?: boolean | undefined;
}

/** Whether the named fact has no value in these circumstances. */
export function isUnknown(name: FactName, circumstances: Circumstances): boolean {
  if (name === 'now') return circumstances.now === undefined;
  if (name === 'ownAddresses') return circumstances.ownAddresses === undefined;
  return circumstances.facts[name] === undefined;
}
