/** The requests that wait at a gateway, by its events and its lists, of which either may come late. */
import type { PendingRequest } from '../live/index.js';
import { isSameRequest } from './compare-grant.js';

/** How long what a gateway has told counts as read just now, in ms. A request that is older is read again. */
const FRESH_MS = 50;

/** So many requests that are gone are remembered. */
const MAX_GONE = 1000;

/** What is known of them, and since when. */
export class WaitingRequests {
  readonly #now: () => number;
  readonly #known = new Map<
    string,
    { readonly request: PendingRequest; readonly readAt: number }
  >();
  /** When requests were decided or gone, the latest of them. */
  readonly #gone = new Map<string, number>();

  constructor(now: () => number) {
    this.#now = now;
  }

  /** What is known of a request, also when its time is over. */
  find(requestId: string): PendingRequest | undefined {
    return this.#known.get(requestId)?.request;
  }

  /** Those whose time is not over, the newest first. */
  current(): readonly PendingRequest[] {
    return [...this.#known.values()]
      .map(({ request }) => request)
      .filter((request) => this.isCurrent(request))
      .sort((a, b) => b.ts - a.ts);
  }

  isCurrent({ expiresAt }: PendingRequest): boolean {
    return expiresAt === undefined || expiresAt > this.#now();
  }

  /** Whether the gateway has told just now that a request is so. */
  isFresh(request: PendingRequest): boolean {
    const known = this.#known.get(request.requestId);
    return (
      known !== undefined &&
      isWithin(this.#now() - known.readAt, FRESH_MS) &&
      isSameRequest(known.request, request)
    );
  }

  /** Takes one as it was read now; tells whether that is news. */
  put(request: PendingRequest): boolean {
    const known = this.find(request.requestId);
    this.#known.set(request.requestId, { request, readAt: this.#now() });
    return !known || !isSameRequest(known, request);
  }

  /** Notes that one is decided or gone; gives what was known of it. */
  drop(requestId: string): PendingRequest | undefined {
    this.#gone.delete(requestId);
    this.#gone.set(requestId, this.#now());
    const [oldest] = this.#gone.keys();
    if (this.#gone.size > MAX_GONE && oldest !== undefined) this.#gone.delete(oldest);
    const known = this.find(requestId);
    this.#known.delete(requestId);
    return known;
  }

  /** Those that a list, asked for at this time, no longer has. An event may overtake the answer that was made before it. */
  missingIn(requests: readonly PendingRequest[], askedAt: number): readonly string[] {
    const ids = new Set(requests.map(({ requestId }) => requestId));
    return [...this.#known]
      .filter(([requestId, { readAt }]) => !ids.has(requestId) && readAt < askedAt)
      .map(([requestId]) => requestId);
  }

  /** Whether one was gone since then: a list that was made before it was decided must not bring it back. */
  isGoneSince({ requestId }: PendingRequest, askedAt: number): boolean {
    return (this.#gone.get(requestId) ?? Number.NEGATIVE_INFINITY) >= askedAt;
  }
}

/** A clock that was set back makes nothing fresh. */
function isWithin(age: number, most: number): boolean {
  return age >= 0 && age <= most;
}
