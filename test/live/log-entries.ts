import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { type LimitBook, type LoadedPolicy, toCircumstances } from '../../src/engine/index.js';
import type { DecisionLogEntry } from '../../src/live/index.js';
import type { ConnectRecord, DecisionContext, LimitState } from '../../src/model/index.js';

/** A folder that is gone when the test has finished. */
export function freshFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'pair-policy-live-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Decides as a gateway would, and notes which approvals were looked up. */
export function decideLive(
  policy: LoadedPolicy,
  record: unknown,
  moment: Omit<DecisionContext, 'limits' | 'now'> & { readonly now: number },
  book: LimitBook,
): DecisionLogEntry {
  const seen = new Map<string, Map<string, LimitState[string][string]>>();
  let isTold = true;
  // A book of its own class: what a caller gives as `limits` is plain data.
  const noting: LimitBook = {
    approvals(rule, key) {
      const approvals = book.approvals(rule, key);
      if (approvals) seen.set(rule, (seen.get(rule) ?? new Map()).set(key, approvals));
      else isTold = false;
      return approvals;
    },
  };
  const circumstances = toCircumstances(record, moment);
  const decision = policy.compiled.decide(circumstances, noting);
  const looked = [...seen].map(([rule, keys]) => [rule, Object.fromEntries(keys)] as const);
  return {
    record: record as ConnectRecord,
    context: { ...moment, limits: isTold ? Object.fromEntries(looked) : null },
    decision: { ...decision, generation: 1, at: moment.now },
    outcome: decision.action,
    answered: decision.action === 'approve' ? 'admitted' : 'refused',
  };
}

/** A connect that was held, for tests to which it does not matter what was decided. */
export function heldEntry(record: Record<string, unknown>): DecisionLogEntry {
  return {
    record,
    context: { now: 1_000, ownAddresses: ['127.0.0.1'], limits: {} },
    decision: {
      action: 'hold',
      rule: null,
      cause: 'default',
      reason: 'no rule matches',
      missing: [],
      revision: 'r1',
      generation: 1,
      at: 1_000,
    },
    outcome: 'hold',
    answered: 'refused',
  };
}

/** The lines of all files of a log, in the order in which a shell would glob them; blank lines are none. */
export function loggedLines(folder: string): Record<string, unknown>[] {
  return readdirSync(folder)
    .filter((name) => /^decisions.*\.jsonl$/.test(name))
    .sort()
    .flatMap((name) => readFileSync(join(folder, name), 'utf8').split('\n').slice(0, -1))
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}
