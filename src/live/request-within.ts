import { PairPolicyError } from '../model/index.js';
import type { OwnPairingStore, PairingAsk, PendingRequest } from './pairing-store.js';

/** Leaves a request for a person; undefined where so many wait that there is no room for it. */
export async function requestWithin(
  store: OwnPairingStore,
  ask: PairingAsk,
): Promise<PendingRequest | undefined> {
  try {
    return await store.request(ask);
  } catch (error) {
    if (error instanceof PairPolicyError && error.problems[0]?.code === 'PENDING_FULL') {
      return undefined;
    }
    throw error;
  }
}
