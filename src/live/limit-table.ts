/** The approvals under limits as they are kept in a file: rule, then the value that is limited by, then each approval. */
import * as z from 'zod';
import type { LimitCharge, LimitedApproval } from '../model/index.js';
import type { Limit } from '../policy/index.js';

const approvalSchema = z.strictObject({
  at: z.number(),
  ask: z.union([z.string(), z.null()]),
});

/** Lists and no objects by name: a login may be `__proto__`. */
const ruleSchema = z.strictObject({
  rule: z.string(),
  /** The window of the rule when it was charged last; null is for ever. */
  perMs: z.union([z.number().positive(), z.null()]),
  by: z.array(z.strictObject({ key: z.string(), approvals: z.array(approvalSchema) })),
});

const fileSchema = z.strictObject({ version: z.literal(1), rules: z.array(ruleSchema) });

interface RuleApprovals {
  perMs: number | undefined;
  readonly keys: Map<string, KeyApprovals>;
}

interface KeyApprovals {
  readonly approvals: readonly LimitedApproval[];
  /** As it stands in the file: of 100,000 only the one that changes is written anew, so that decisions do not wait. */
  readonly text: string;
}

/** A clock may be wrong and be set right: what has expired is kept for so long in case it has not. */
const KEPT_MS = 24 * 60 * 60 * 1000;
/** A longer ask is not told apart from others: each of its approvals then counts. */
const MAX_ASK = 4096;
/** How many approvals are kept at most; beyond that none can be given under a limit. */
const MAX_APPROVALS = 100_000;

/** To look for what has expired takes as long as there are approvals; below this it takes nothing. */
const PRUNED_ALWAYS = 1000;
const PRUNED_AGAIN = 1.25;

/** The approvals that count, or may count again. */
export class LimitTable {
  readonly #rules = new Map<string, RuleApprovals>();
  #size = 0;
  #prunedAt = PRUNED_ALWAYS;

  /** Reads what `toText` gives. Throws where it is anything else. */
  static parse(text: string): LimitTable {
    const table = new LimitTable();
    const { rules } = fileSchema.parse(JSON.parse(text));
    for (const { rule, perMs, by } of rules) {
      const keys = new Map(by.map(({ key, approvals }) => [key, keyApprovals(key, approvals)]));
      const isTwice = table.#rules.has(rule) || keys.size < by.length;
      if (isTwice) throw new Error('a rule or a value stands twice');
      table.#rules.set(rule, { perMs: perMs ?? undefined, keys });
      for (const { approvals } of by) table.#size += approvals.length;
    }
    return table;
  }

  /** All approvals under this rule for this value, also such as no longer count. */
  approvals(rule: string, key: string): readonly LimitedApproval[] {
    return this.#rules.get(rule)?.keys.get(key)?.approvals ?? NONE;
  }

  /** Whether no more approvals can be kept, of whatever rule. */
  get isFull(): boolean {
    return this.#size >= MAX_APPROVALS;
  }

  /** Adds an approval. The answer takes it back, if nothing was added since that was not taken back. */
  add({ rule, key, at, ask }: LimitCharge, { perMs }: Limit): () => void {
    const kept = this.#rules.get(rule) ?? { perMs, keys: new Map<string, KeyApprovals>() };
    const before = { perMs: kept.perMs, of: kept.keys.get(key), size: this.#size };
    const others = this.approvals(rule, key).filter((one) => ask === null || one.ask !== ask);
    const told = ask !== null && ask.length > MAX_ASK ? null : ask;
    this.#size += others.length + 1 - (before.of?.approvals.length ?? 0);
    kept.perMs = perMs;
    kept.keys.set(key, keyApprovals(key, [...others, { at, ask: told }]));
    this.#rules.set(rule, kept);
    return () => {
      kept.perMs = before.perMs;
      if (before.of) kept.keys.set(key, before.of);
      else kept.keys.delete(key);
      this.#size = before.size;
    };
  }

  /** Drops what has expired for good, where it is time to look for that. */
  prune(now: number): void {
    if (this.#size >= PRUNED_ALWAYS && this.#size < this.#prunedAt) return;
    for (const [rule, { perMs, keys }] of this.#rules) {
      if (perMs !== undefined) this.#pruneKeys(keys, now - perMs - KEPT_MS);
      if (keys.size === 0) this.#rules.delete(rule);
    }
    this.#prunedAt = this.#size * PRUNED_AGAIN;
  }

  #pruneKeys(keys: Map<string, KeyApprovals>, expired: number): void {
    for (const [key, { approvals }] of keys) {
      const kept = approvals.filter(({ at }) => at > expired);
      this.#size += kept.length - approvals.length;
      if (kept.length === 0) keys.delete(key);
      else if (kept.length < approvals.length) keys.set(key, keyApprovals(key, kept));
    }
  }

  /** The file's text. */
  toText(): string {
    const rules = [...this.#rules].map(([rule, { perMs, keys }]) => {
      const by = Array.from(keys.values(), ({ text }) => text).join(',');
      return `{"rule":${JSON.stringify(rule)},"perMs":${perMs ?? null},"by":[${by}]}`;
    });
    return `{"version":1,"rules":[${rules.join(',')}]}\n`;
  }
}

function keyApprovals(key: string, approvals: readonly LimitedApproval[]): KeyApprovals {
  return { approvals, text: JSON.stringify({ key, approvals }) };
}

/** Whether one more may be added to these approvals; the same ask takes no further room. */
export function hasRoom(
  approvals: readonly LimitedApproval[],
  { at, ask }: LimitCharge,
  { max, perMs }: Limit,
): boolean {
  // An approval from the future counts: the clock was set back.
  const counted = perMs === undefined ? approvals : approvals.filter((one) => one.at > at - perMs);
  return counted.length < max || (ask !== null && counted.some((one) => one.ask === ask));
}

const NONE: readonly LimitedApproval[] = Object.freeze([]);
