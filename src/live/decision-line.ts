/** A decision as a line of the log, which is a line of a recording, too. */
import type { LimitCharge, LimitState } from '../model/index.js';
import type { DecisionLogEntry, LoggedContext } from './decision-log-entry.js';
import { toLoggable } from './loggable-record.js';

/** The approvals that a line can hold. */
const MAX_APPROVALS = 8192;

/**
 * The line as data. What was too large is `null` and named in `cut`; then there is no `outcome`, because a replay
 * could not come to it.
 */
export function toLine(entry: DecisionLogEntry): Record<string, unknown> {
  const { facts, other, cut } = toLoggable(entry.record);
  const { charge } = entry.decision;
  const limits = limitsFor(entry.context.limits, charge);
  const missing = limits === undefined ? [...cut, 'limits'] : cut;
  const { outcome } = entry;
  return {
    ...facts,
    context: contextOf(entry.context, limits),
    ...(outcome !== undefined && missing.length === 0 && { outcome }),
    ...oursOf(entry),
    ...(missing.length > 0 && { cut: missing }),
    ...(Object.keys(other).length > 0 && { other }),
  };
}

/** The same without the record, for one that still was too long. */
export function toShortLine(entry: DecisionLogEntry): Record<string, unknown> {
  const { deviceId } = toLoggable(entry.record).facts;
  const { charge: _, ...decision } = entry.decision;
  return {
    ...(typeof deviceId === 'string' && deviceId.length <= 64 && { deviceId }),
    context: contextOf(entry.context, undefined),
    ...oursOf({ ...entry, decision }),
    cut: ['record', 'limits'],
  };
}

/** `requestId` is a fact of the record already; the request that is pending has a name of its own. */
function oursOf({ decision, answered, requestId }: DecisionLogEntry): Record<string, unknown> {
  const { action, rule, cause, reason, missing, revision, charge, generation, at } = decision;
  return {
    decision: {
      ...{ action, rule, cause, reason, missing, revision },
      ...(charge && { charge }),
      ...{ generation, at },
    },
    answered,
    ...(requestId !== undefined && { pending: requestId }),
  };
}

function contextOf(
  { now, ownAddresses, blocked }: LoggedContext,
  limits: LimitState | null | undefined,
): Record<string, unknown> {
  return {
    now,
    ...(ownAddresses && { ownAddresses }),
    ...(limits !== undefined && { limits }),
    ...(blocked !== undefined && { blocked }),
  };
}

/**
 * The approvals that were looked up, without what others asked for: of the asks only this connect's own counts, and
 * only where it took room. Undefined where there are too many for a line.
 */
function limitsFor(
  limits: LimitState | null,
  charge: LimitCharge | undefined,
): LimitState | null | undefined {
  if (limits === null) return null;
  let count = 0;
  const rules = Object.entries(limits).map(([rule, keys]) => {
    const kept = Object.entries(keys).map(([key, approvals]) => {
      count += approvals.length;
      if (count > MAX_APPROVALS) return [key, []] as const;
      const own = charge?.ask ?? null;
      return [
        key,
        approvals.map(({ at, ask }) => ({ at, ask: ask === own ? ask : null })),
      ] as const;
    });
    return [rule, Object.fromEntries(kept)] as const;
  });
  return count > MAX_APPROVALS ? undefined : Object.fromEntries(rules);
}
