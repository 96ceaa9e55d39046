/** How many approvals a rule has given in its window, and what one more would use up. */
import {
  type Circumstances,
  type LimitCharge,
  type LimitedApproval,
  type LimitState,
  networkOf,
} from '../model/index.js';
import { compareTexts, type Limit, type Rule } from '../policy/index.js';

/** Where a decision looks up the approvals that were acted on; undefined is not to be told. */
export interface LimitBook {
  approvals(rule: string, key: string): readonly LimitedApproval[] | undefined;
}

/** Makes a book of a state that a caller or a file gives: one that is malformed tells nothing. */
export function readLimits(state: unknown = {}): LimitBook {
  try {
    if (state instanceof LimitLedger) return state;
    if (isLimitState(state)) return new LimitLedger(state);
  } catch {
    // A proxy that was revoked, a getter that throws: told below.
  }
  return { approvals: () => undefined };
}

function isLimitState(state: unknown): state is LimitState {
  return isTable(state, (keys) => isTable(keys, isApprovals));
}

function isTable(value: unknown, holds: (item: unknown) => boolean): boolean {
  if (typeof value !== 'object' || value === null) return false;
  // The entries of a `Map`, of an instance or of a prototype would not be seen.
  const prototype: unknown = Object.getPrototypeOf(value);
  const isPlain = prototype === null || Object.getPrototypeOf(prototype) === null;
  return isPlain && Object.values(value).every(holds);
}

function isApprovals(value: unknown): boolean {
  if (!Array.isArray(value)) return false;
  // A copy by index sees the holes of a sparse list.
  return Array.from(value).every((one: Partial<LimitedApproval> | null | undefined) => {
    return Number.isFinite(one?.at) && (one?.ask === null || typeof one?.ask === 'string');
  });
}

/** What approving under the rule would use up, or undefined where there is no room or no telling. */
export function findRoom(
  rule: Rule,
  limit: Limit,
  circumstances: Circumstances,
  book: LimitBook,
): LimitCharge | undefined {
  const { now } = circumstances;
  const key = keyOf(limit.by, circumstances);
  if (key === undefined || (limit.perMs !== undefined && now === undefined)) return undefined;
  const approvals = book.approvals(rule.id, key);
  if (!approvals) return undefined;
  const counted = stillCounted(approvals, limit, now);
  const ask = askOf(circumstances);
  // An approval counts once for each device and ask: a retry takes no further room.
  const isCounted = ask !== null && counted.some((approval) => approval.ask === ask);
  if (!isCounted && counted.length >= limit.max) return undefined;
  // Without a window the time is never compared.
  return { rule: rule.id, key, at: now ?? 0, ask };
}

/** When a spent limit has room again, in ms since the epoch; undefined where it never has, or that cannot be told. */
export function findNextRoom(
  rule: Rule,
  limit: Limit,
  circumstances: Circumstances,
  book: LimitBook,
): number | undefined {
  const key = keyOf(limit.by, circumstances);
  if (key === undefined || limit.perMs === undefined) return undefined;
  const counted = stillCounted(book.approvals(rule.id, key) ?? [], limit, circumstances.now);
  const times = counted.map(({ at }) => at).sort((a, b) => a - b);
  const last = times[times.length - limit.max];
  return last === undefined ? undefined : last + limit.perMs;
}

/** The approvals that were acted on, as they come in; bounded by each rule's `max` for a key. */
export class LimitLedger implements LimitBook {
  readonly #rules = new Map<string, Map<string, readonly LimitedApproval[]>>();

  constructor(state: LimitState = {}) {
    for (const [rule, keys] of Object.entries(state)) {
      this.#rules.set(rule, new Map(Object.entries(keys)));
    }
  }

  approvals(rule: string, key: string): readonly LimitedApproval[] {
    return this.#rules.get(rule)?.get(key) ?? [];
  }

  /** Adds an approval that was acted on; what no longer counts is dropped. */
  charge(charge: LimitCharge, limit: Limit): void {
    const { rule, key, at, ask } = charge;
    const counted = stillCounted(this.approvals(rule, key), limit, at);
    const others = counted.filter((approval) => ask === null || approval.ask !== ask);
    const keys = this.#rules.get(rule) ?? new Map<string, readonly LimitedApproval[]>();
    this.#rules.set(rule, keys.set(key, [...others, { at, ask }]));
  }

  /** The approvals as plain data, for a file or a decision log. */
  toState(): LimitState {
    return Object.fromEntries(
      [...this.#rules].map(([rule, keys]) => [rule, Object.fromEntries(keys)]),
    );
  }
}

function stillCounted(
  approvals: readonly LimitedApproval[],
  { perMs }: Limit,
  now: number | undefined,
): readonly LimitedApproval[] {
  if (perMs === undefined || now === undefined) return approvals;
  return approvals.filter((approval) => approval.at > now - perMs);
}

function keyOf(by: Limit['by'], { facts }: Circumstances): string | undefined {
  if (by === 'rule') return '';
  if (by !== 'remoteIp') return facts[by];
  const address = facts.remoteIp;
  return address?.family === 6 ? networkOf(address, 64).text : address?.text;
}

/** Which device asks for what; null where that cannot be told. */
function askOf({ facts: { deviceId, roles, scopes, commands } }: Circumstances): string | null {
  if (!deviceId || !roles || !scopes || !commands) return null;
  const sorted = (list: readonly string[]) => [...list].sort(compareTexts);
  return JSON.stringify([deviceId, sorted(roles), sorted(scopes), sorted(commands)]);
}
