/** Approved connects, grouped by what one rule can say of all of them. */
import { type Address, type Facts, networkContains } from '../../model/index.js';
import { builtInRange, compareTexts } from '../../policy/index.js';
import type { Sample } from './init-samples.js';

/** An approved connect of which all is known that an approve rule must bound. */
export interface Bound {
  readonly sample: Sample;
  readonly roles: readonly string[];
  readonly scopes: readonly string[];
  readonly commands: readonly string[];
  /** The alternative of `from` that it comes by; undefined where only the device tells it. */
  readonly from: string | undefined;
}

/** Connects that one rule approves. */
export interface Group {
  readonly id: string;
  readonly members: readonly Bound[];
  /** Whether the rule also demands the very devices and all of the scopes and commands. */
  readonly isStrict: boolean;
}

const TAILNET = builtInRange('tailnet');
const LOOPBACK = builtInRange('loopback');

/** What bounds a connect, or why no rule can. */
export function boundSample(sample: Sample): Bound | string {
  const { facts } = sample.circumstances;
  const { roles, scopes, commands } = facts;
  const unknown = Object.entries({ role: roles, scopes, commands }).filter(([, value]) => !value);
  if (!roles || !scopes || !commands) {
    const names = unknown.map(([name]) => `\`${name}\``).join(', ');
    return `not known: ${names}, which an approve rule must bound`;
  }
  const words = [...scopes, ...commands, facts.clientMode ?? ''];
  if (![...scopes, ...commands].every(isListable) || words.some((word) => word.length > 200)) {
    return 'it asks for a scope or command, or names a client mode, that no rule should list';
  }
  const from = sourceOf(sample);
  if (typeof from !== 'object') return from;
  const sorted = (list: readonly string[]) => [...list].sort(compareTexts);
  return {
    sample,
    roles: sorted(roles),
    scopes: sorted(scopes),
    commands: sorted(commands),
    from: from.from,
  };
}

/** A member of a set that means only itself in a policy: no wildcard, nothing invisible. */
function isListable(word: string): boolean {
  return /^[\x21-\x7e]+$/.test(word) && !word.includes('*');
}

/** By what `from` a rule can tell it, or why it cannot. */
function sourceOf({ circumstances }: Sample): { readonly from: string | undefined } | string {
  const { facts, ownAddresses = [] } = circumstances;
  const { remoteIp, forwarded, deviceId } = facts;
  if (!remoteIp) {
    if (deviceId) return { from: undefined };
    return 'not known: `remoteIp`, `deviceId`, one of which an approve rule must bound';
  }
  const word = ownWordOf(remoteIp, ownAddresses);
  if (!word) return { from: `${remoteIp.text}/${remoteIp.family === 4 ? 32 : 128}` };
  if (forwarded === false) return { from: word };
  return forwarded
    ? 'it came through a proxy on the own host, where everybody has the same address'
    : "not known: `forwarded`, and by an address of the gateway's own host anybody may come through a proxy; `--given forwarded=false` says that there is none";
}

function ownWordOf(address: Address, own: readonly Address[]): string | undefined {
  const isIn = (ranges: typeof TAILNET) => ranges.some((range) => networkContains(range, address));
  if (isIn(LOOPBACK)) return 'loopback';
  if (!own.some(({ text }) => text === address.text)) return undefined;
  return isIn(TAILNET) ? 'own-tailnet' : 'own-address';
}

/** Groups connects that ask for the same as the same kind of client, each under an id of its own. */
export function groupBounds(bounds: readonly Bound[]): readonly Group[] {
  const members = new Map<string, Bound[]>();
  for (const bound of bounds) {
    const { clientMode, kind } = bound.sample.circumstances.facts;
    // A paired device that asks for nothing new needs no rule.
    if (kind === 'reconnect') continue;
    const { roles, scopes, commands, from } = bound;
    const alike = [roles, clientMode, kind, scopes, commands, from === undefined];
    const key = JSON.stringify(alike);
    const list = members.get(key) ?? [];
    list.push(bound);
    members.set(key, list);
  }
  const taken = new Set<string>();
  return [...members.values()].map((list) => {
    const id = freeId(list, taken);
    taken.add(id);
    return { id, members: list, isStrict: false };
  });
}

function freeId([first]: readonly Bound[], taken: ReadonlySet<string>): string {
  const facts: Partial<Facts> = first?.sample.circumstances.facts ?? {};
  const mode = facts.clientMode?.toLowerCase().replace(/[^a-z0-9]+/g, '-');
  const parts = [...(first?.roles ?? []), mode?.slice(0, 20), facts.kind];
  const words = parts.filter((part) => part !== undefined && !/^-?$/.test(part));
  const id = [...new Set(words)].join('-').replace(/-+/g, '-');
  if (!taken.has(id)) return id;
  let number = 2;
  while (taken.has(`${id}-${number}`)) number += 1;
  return `${id}-${number}`;
}
