/** A paired device against today's policy. */
import type { Block, PairedDevice } from '../../live/index.js';
import type { Decision } from '../../model/index.js';
import type { AuditOutput } from '../schemas/audit-output.js';
import type { Judge } from '../stores/judge.js';
import { showDecision } from '../stores/show-device.js';
import { type PairedKind, pairedRecord } from '../stores/store-records.js';

type Audited = AuditOutput['devices'][number];

/** What today's policy says of a device that is paired. */
export interface PairedVerdict {
  readonly verdict: Audited['verdict'];
  readonly why: string;
  readonly missing: readonly string[];
  readonly asks: Audited['asks'];
}

/** What the store cannot say, and not what the policy wants, decided. */
const UNKNOWABLE: readonly Decision['cause'][] = ['unknown-fact', 'error'];

/**
 * Judges a device as if it came today as a new one, with its commands where it is a node, and as the paired one
 * that it is. What stops it now is worse than what it would not get again, and that worse than what cannot be told.
 */
export function judgePaired(
  device: PairedDevice,
  block: Block | undefined,
  judge: Judge,
): PairedVerdict {
  const kinds: readonly PairedKind[] = [
    ...(device.roles.length > 0 ? ['new-device' as const] : []),
    ...(device.commands?.length ? ['node-commands' as const] : []),
    'reconnect',
  ];
  const asks = kinds.map((kind) => ({ kind, decision: judge.decide(pairedRecord(device, kind)) }));
  const found = (verdict: Audited['verdict'], why: string, of: readonly Decision[] = []) => ({
    verdict,
    why,
    missing: [...new Set(of.flatMap(({ missing }) => missing))],
    asks,
  });
  if (block) {
    return found('refused', `it is blocked${block.reason ? `: ${block.reason}` : ''}`);
  }
  const failing = asks.filter(({ decision }) => decision.action !== 'approve');
  const sure = failing.filter(({ decision }) => !UNKNOWABLE.includes(decision.cause));
  const stopped = sure.find(({ kind }) => kind === 'reconnect');
  if (stopped) return found('refused', describe(stopped));
  const [first] = sure;
  if (first) return found('not-approved', describe(first));
  const [doubt] = failing;
  if (!doubt && asks.length === 1) {
    return found('unknown', 'it has no token that is valid: what it would ask for is not known');
  }
  if (!doubt) return found('approved', asks[0] ? describe(asks[0]) : '');
  const decisions = failing.map(({ decision }) => decision);
  return found('unknown', describe(doubt), decisions);
}

function describe({ kind, decision }: Audited['asks'][number]): string {
  const what = kind === 'node-commands' ? 'its commands: ' : '';
  return `${what}${showDecision(decision)}`;
}
