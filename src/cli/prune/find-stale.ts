/** Which devices and requests are stale, and why. */
import type { PairedDevice, PairingStore, PendingRequest } from '../../live/index.js';
import { showSpan } from '../stores/show-device.js';

/** From when on something is stale, in ms; what is absent is no bound. */
export interface StaleBounds {
  /** Since a device was last seen. */
  readonly idle?: number | undefined;
  /** Since a device was paired. */
  readonly age?: number | undefined;
  /** Since a request was asked. */
  readonly pending?: number | undefined;
}

/** What is stale: a device or a request, and why. */
export type Stale = { readonly why: string } & (
  | { readonly device: PairedDevice }
  | { readonly request: PendingRequest }
);

/** Finds what meets any of the bounds: devices, then requests. What is not known is within every bound. */
export function findStale(store: PairingStore, bounds: StaleBounds, now: number): readonly Stale[] {
  const devices = [...store.allPaired()].flatMap((device): Stale[] => {
    const why = [
      isOver(device.lastSeenAtMs, bounds.idle, now) &&
        `not seen for ${since(device.lastSeenAtMs, now)}`,
      isOver(device.approvedAtMs ?? device.createdAtMs, bounds.age, now) &&
        `paired ${since(device.approvedAtMs ?? device.createdAtMs, now)} ago`,
    ].filter((reason) => reason !== false);
    return why.length > 0 ? [{ why: why.join(', '), device }] : [];
  });
  const requests = store
    .allPending()
    .filter(({ ts }) => isOver(ts, bounds.pending, now))
    .map((request): Stale => ({ why: `waits for ${since(request.ts, now)}`, request }));
  return [...devices, ...requests];
}

function isOver(at: number | undefined, bound: number | undefined, now: number): boolean {
  return at !== undefined && bound !== undefined && now - at >= bound;
}

function since(at: number | undefined, now: number): string {
  return showSpan(now - (at ?? now));
}
