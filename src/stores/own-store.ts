/** The store that callers see, over whatever keeps its rows. */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { BlockList, OwnPairingStore } from '../live/index.js';
import { usableRoles, usableToken } from './grants.js';
import type { StoreListeners } from './listeners.js';
import { approveChange, pairChange } from './pair-change.js';
import { allPairedViews, pairedView } from './paired-view.js';
import type { PendingBounds } from './pending-room.js';
import { allPendingViews, findPending, pendingViewsOf } from './pending-view.js';
import { rejectChange, requestChange, waitingRequest } from './request-change.js';
import { revokeChange } from './revoke-change.js';
import { textOf } from './row-fields.js';
import { type Change, canonicalId, type RequestRow, type Tables } from './tables.js';

/** What keeps the rows: on a disk or not. */
export interface Keeper {
  /** The last good state. */
  readonly tables: Tables;
  /** Makes a change on the rows as they are now; resolves when it is durable. */
  commit<T>(change: Change<T>): Promise<T>;
  noteSeen(deviceId: string, at: number): void;
  /** Notes that a request was asked again; false where the rows may not be those of now, and it must be a change. */
  noteAsked(request: Pick<RequestRow, 'table' | 'requestId'>, at: number): boolean;
  refresh(): Promise<void>;
  close(): Promise<void>;
}

export interface OwnStoreOptions extends PendingBounds {
  /** The clock, in ms since the epoch. */
  readonly now: () => number;
}

/** Makes the store of a keeper, a block list and listeners. */
export function createOwnStore(
  keeper: Keeper,
  blocks: BlockList,
  listeners: StoreListeners,
  { now, ...bounds }: OwnStoreOptions,
): OwnPairingStore {
  const { tables } = keeper;
  const tokenNow = (deviceId: string, role: string) => {
    const row = tables.row('devices/paired', canonicalId(deviceId));
    if (!row || !usableRoles(row).includes(role)) return undefined;
    return textOf(usableToken(row, role), 'token');
  };
  return {
    blocks,
    paired: (deviceId) => pairedView(tables, canonicalId(deviceId)),
    allPaired: () => allPairedViews(tables),
    pending: (requestId) => findPending(tables, requestId, now()),
    pendingOf: (deviceId) => pendingViewsOf(tables, canonicalId(deviceId), now()),
    allPending: () => allPendingViews(tables, now()),
    approve: (request) => keeper.commit(approveChange(request)),
    reject: (request) => keeper.commit(rejectChange(request)),
    revoke: (deviceId, role) => keeper.commit(revokeChange(deviceId, role)),
    request: async (ask) => {
      const at = now();
      const waiting = waitingRequest(tables, ask, at);
      if (waiting && keeper.noteAsked(waiting.request, at)) return waiting.view;
      return await keeper.commit(requestChange(ask, bounds));
    },
    pair: (ask, isMeant) => keeper.commit(pairChange(ask, isMeant)),
    tokenOf: async (deviceId, role) => tokenNow(deviceId, role),
    acceptsToken: async (deviceId, role, token) => {
      const expected = tokenNow(deviceId, role);
      return expected !== undefined && isSameSecret(expected, token);
    },
    noteSeen: (deviceId, at) => keeper.noteSeen(canonicalId(deviceId), at),
    refresh: () => keeper.refresh(),
    on: (event, listener) => listeners.on(event, listener),
    close: () => keeper.close(),
  };
}

/** Over hashes, so that not even the length can be told from the time. */
function isSameSecret(one: string, other: string): boolean {
  const hash = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(hash(one), hash(other));
}
