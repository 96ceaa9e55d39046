/** What a recorded connect is decided with: the record's own word, unless the replay is told otherwise. */
import { type LimitBook, readLimits, toCircumstances } from '../engine/index.js';
import { type Circumstances, parseTimestamp } from '../model/index.js';
import type { RawRecord } from './adapt-record.js';
import { fillIn, type GivenFact } from './given.js';

/** What a replay is told; what is absent is as each record has it. */
export interface ReplaySetup {
  /** ms since the epoch. */
  readonly now?: number | undefined;
  /** As text; empty says that there are none. */
  readonly ownAddresses?: readonly string[] | undefined;
  readonly given?: readonly GivenFact[] | undefined;
}

/** The circumstances of one connect, and the approvals that count, where the record has them. */
export interface Moment {
  readonly circumstances: Circumstances;
  readonly limits: LimitBook | undefined;
}

/** The moment at which a record is replayed: the setup first, then the record's `context`, then its `ts`. */
export function momentOf(record: RawRecord, setup: ReplaySetup): Moment {
  const context = isObject(record['context']) ? record['context'] : {};
  const filled = setup.given?.length ? fillIn(record, setup.given) : record;
  return {
    circumstances: toCircumstances(filled, {
      now: setup.now ?? readMoment(context['now']),
      // What is no list of addresses is unknown, by the engine's own check.
      ownAddresses:
        setup.ownAddresses ?? (context['ownAddresses'] as readonly string[] | undefined),
      blocked: (context['blocked'] ?? undefined) as boolean | undefined,
    }),
    // One that is malformed tells nothing, so that a rule with a limit has no room.
    limits: context['limits'] === undefined ? undefined : readLimits(context['limits']),
  };
}

/** A recorded time; one that is malformed is no reason to believe the record's `ts` instead. */
function readMoment(now: unknown): number | undefined {
  if (now === undefined || now === null) return undefined;
  return typeof now === 'number' ? now : (parseTimestamp(now) ?? Number.NaN);
}

function isObject(value: unknown): value is RawRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
