import type { OwnPairingStore, PendingRequest } from 'pair-policy';

/** A shorter prefix is a slip of the finger, not a name. */
const SHORTEST_PREFIX = 4;

/** The pending requests of both stores that a person may mean: by request id, device id, or the beginning of either. */
export function findRequests(store: OwnPairingStore, name: string): readonly PendingRequest[] {
  const exact = store.pending(name);
  if (exact) return [exact];
  const ofDevice = store.pendingOf(name);
  if (ofDevice.length > 0 || name.length < SHORTEST_PREFIX) return ofDevice;
  return store
    .allPending()
    .filter(({ requestId, deviceId }) => requestId.startsWith(name) || deviceId.startsWith(name));
}
