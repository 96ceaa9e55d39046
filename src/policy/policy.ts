/** The checked policy: what the merged files mean, every name resolved, every value parsed. */
import type { Action, Address, Day, Network, Place } from '../model/index.js';

/** One alternative of `from`. */
export type AddressSource =
  | { readonly kind: 'networks'; readonly text: string; readonly networks: readonly Network[] }
  | {
      readonly kind: 'loopback' | 'own-tailnet' | 'own-address' | 'anywhere';
      readonly text: string;
    };

/** What a set must be like; a missing form asks for nothing. */
export interface SetForms {
  readonly within?: readonly string[];
  readonly all?: readonly string[];
  readonly any?: readonly string[];
  readonly none?: readonly string[];
}

export type GlobKey =
  | 'clientId'
  | 'platform'
  | 'deviceFamily'
  | 'displayName'
  | 'browserOrigin'
  | 'authUser'
  | 'gateway';
/** A text as it is compared: `platform` and `deviceFamily` ignore case. */
export function foldText(key: GlobKey | 'clientMode', text: string): string {
  return key === 'platform' || key === 'deviceFamily' ? text.toLowerCase() : text;
}

export type WordKey = 'clientMode' | 'kind' | 'authMethod';

/** What a condition asks; by key. */
export type ConditionTest =
  | { readonly key: 'from'; readonly sources: readonly AddressSource[] }
  | { readonly key: GlobKey; readonly patterns: readonly string[] }
  | { readonly key: WordKey; readonly words: readonly string[] }
  | { readonly key: 'role' | 'roles'; readonly forms: SetForms }
  | { readonly key: 'scopes' | 'commands'; readonly forms: SetForms | 'anything' }
  | { readonly key: 'device'; readonly ids: readonly string[]; readonly keys: readonly string[] }
  | { readonly key: 'forwarded'; readonly value: boolean }
  | { readonly key: 'time'; readonly hours: Hours }
  | { readonly key: 'logic'; readonly expression: unknown };

/** One test of one fact inside `when` or `unless`, with where it stands. */
export type Condition = ConditionTest & {
  readonly place: Place;
  /** The value as a person wrote it, as plain data. */
  readonly written: unknown;
  /** True for the `commands: { within: [] }` that an approve rule has without saying it. */
  readonly implied?: true;
};

/** Local days and minutes of the day; `from` > `to` goes over midnight. */
export interface Hours {
  readonly days: readonly Day[] | undefined;
  /** Minutes since local midnight; `to` is excluded and may be 1440. */
  readonly between: { readonly from: number; readonly to: number } | undefined;
  readonly zone: string;
}

export interface Limit {
  readonly max: number;
  /** The window in ms; absent means for ever. */
  readonly perMs: number | undefined;
  readonly by: 'rule' | 'remoteIp' | 'deviceId' | 'authUser';
}

export interface Rule {
  readonly id: string;
  readonly action: Action;
  readonly description: string | undefined;
  readonly reason: string | undefined;
  readonly when: readonly Condition[];
  /** Absent where the rule has none. */
  readonly unless: readonly Condition[] | undefined;
  readonly limit: Limit | undefined;
  /** ms since the epoch. */
  readonly expires: number | undefined;
  readonly place: Place;
  readonly idPlace: Place;
  readonly expiresPlace: Place | undefined;
}

/** What a test is decided with: absent is not said, null is said to be unknown. */
export interface Given {
  readonly now?: number | null;
  readonly ownAddresses?: readonly Address[] | null;
}

export interface PolicyTest {
  readonly name: string;
  readonly given: Given;
  readonly connect: Readonly<Record<string, unknown>>;
  readonly expect: {
    readonly action: Action;
    readonly rule?: string | null;
    readonly cause?: string;
  };
  readonly place: Place;
}

/** A named list of addresses or devices. */
export interface NamedList {
  readonly name: string;
  readonly kind: 'network' | 'device';
  readonly used: boolean;
  readonly place: Place;
}

/** The merged, checked policy. Rules are in document order: files by name, then as written. */
export interface Policy {
  readonly default: 'hold' | 'deny';
  readonly rules: readonly Rule[];
  readonly tests: readonly PolicyTest[];
  readonly lists: readonly NamedList[];
  /** The ranges that `tailnet` and `own-tailnet` mean. */
  readonly tailnet: readonly Network[];
  /** A content hash: the same for policies that mean the same text. */
  readonly revision: string;
  readonly files: readonly string[];
}
