/** A denial drops what the device has pending for the same, so that nobody approves it by mistake. */
import { type Facts, normaliseRecord } from '../model/index.js';
import type { OwnPairingStore, PairingAsk, PendingRequest } from './pairing-store.js';

/** Rejects the pending requests for this ask; one that is gone meanwhile is as good as rejected. */
export async function dropRequests(store: OwnPairingStore, ask: PairingAsk): Promise<void> {
  const requests = store.pendingOf(ask.deviceId).filter((request) => isFor(request, ask));
  const rejected = await Promise.allSettled(requests.map((request) => store.reject(request)));
  for (const [i, outcome] of rejected.entries()) {
    const request = requests[i];
    const isGone = request && !store.pending(request.requestId);
    if (outcome.status === 'rejected' && !isGone) throw outcome.reason;
  }
}

function isFor(request: PendingRequest, ask: PairingAsk): boolean {
  if (request.store !== ask.store) return false;
  const asked = normaliseRecord(request.record);
  if (ask.store === 'node') return isSame(asked.commands, ask.commands);
  return (
    asked.publicKey === ask.publicKey &&
    isSame(asked.roles, ask.roles) &&
    isSame(asked.scopes, ask.scopes)
  );
}

function isSame(one: Facts['scopes'], other: readonly string[]): boolean {
  const [members, others] = [new Set(one), new Set(other)];
  return members.size === others.size && other.every((member) => members.has(member));
}
