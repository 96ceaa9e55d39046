/** The decision where none could be taken: hold. */
import { PairPolicyError } from '../model/index.js';
import type { LiveDecision } from './connect-answer.js';
import { ConnectError } from './incoming-connect.js';
import type { LiveDecider } from './live-decider.js';

/** Holds because of an error. The reason names its code and not its message, which may tell a client of our disk. */
export function decideOnFailure(error: unknown, decider: LiveDecider): LiveDecision {
  const inForce = attempt(() => decider.inForce);
  return {
    action: 'hold',
    rule: null,
    cause: 'error',
    reason: reasonFor(error),
    missing: [],
    revision: attempt(() => inForce?.policy.revision) ?? '',
    generation: inForce?.generation ?? 0,
    at: attempt(() => decider.now()) ?? Date.now(),
  };
}

function reasonFor(error: unknown): string {
  if (error instanceof ConnectError) return error.message;
  const code = error instanceof PairPolicyError ? error.problems[0]?.code : undefined;
  return `the gateway could not decide${code ? ` [${code}]` : ''}, so a person must`;
}

function attempt<T>(get: () => T): T | undefined {
  try {
    return get();
  } catch {
    return undefined;
  }
}
