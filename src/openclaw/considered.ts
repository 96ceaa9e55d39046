/** What is told of the decisions on a gateway's requests. */
import type { PairedDevice, PendingRequest } from '../live/index.js';
import type { ConnectRecord, PairPolicyError } from '../model/index.js';
import { isSameRequest } from './compare-grant.js';
import type { TakenDecision } from './take-decision.js';

/** One decision, with the request that it is on, and all that it was taken with. */
export interface Considered extends TakenDecision {
  readonly request: PendingRequest;
  readonly record: ConnectRecord;
}

export interface PairingAgentEvents {
  /** A request was decided for the first time, or otherwise or for something else than before. */
  readonly decided: Considered & {
    /** What the policy would approve if it were asked for instead; undefined where it would approve nothing. */
    readonly grantable: readonly string[] | undefined;
  };
  readonly approved: Considered & {
    readonly device: PairedDevice;
    /** From the gateway's word of the request to the approval on the wire, in ms; only for fresh ones. */
    readonly tookMs: number | undefined;
  };
  readonly rejected: Considered;
  /** What was decided could not be done. */
  readonly failed: Considered & { readonly error: PairPolicyError };
}

/** Whether the same was decided on the same: what was written down of it says what there is to say. */
export function isSameConsidered(a: Considered, b: Considered): boolean {
  const { decision: x } = a;
  const { decision: y } = b;
  return (
    x.action === y.action &&
    x.rule === y.rule &&
    x.cause === y.cause &&
    x.revision === y.revision &&
    isSameRequest(a.request, b.request)
  );
}
