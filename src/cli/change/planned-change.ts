/** A change of one device or request, as it is shown before it is done. */
import type { PairedDevice, PairingStore, PendingRequest } from '../../live/index.js';
import type { Decision, Problem } from '../../model/index.js';
import type { ChangeOutput } from '../schemas/change-output.js';
import { requestFields } from '../stores/store-records.js';

type Reported = ChangeOutput['changes'][number];

/** What is to be done, to what, and how. */
export interface PlannedChange {
  readonly action: Reported['action'];
  readonly requestId: string | null;
  readonly store: Reported['store'];
  readonly deviceId: string | null;
  readonly publicKey: string | null;
  readonly name: string | null;
  /** What it asks for, or has and loses. */
  readonly roles: readonly string[] | null;
  readonly scopes: readonly string[] | null;
  readonly commands: readonly string[] | null;
  /** Further lines for a person: a label and a text. */
  readonly about: readonly (readonly [label: string, text: string])[];
  readonly warnings: readonly string[];
  readonly decision: Decision | null;
  run(): Promise<unknown>;
}

/** What became of a planned change. */
export interface CarriedOut {
  readonly change: PlannedChange;
  readonly problem: Problem | undefined;
}

/** A change of a pending request. */
export function planRequest(
  action: 'approve' | 'reject',
  request: PendingRequest,
  run: () => Promise<unknown>,
): PlannedChange {
  const { requestId, store, deviceId } = request;
  const { publicKey, name, roles, scopes, commands } = requestFields(request);
  const about = { about: [], warnings: [], decision: null, run };
  return {
    ...{ action, requestId, store, deviceId, publicKey, name, roles, scopes, commands },
    ...about,
  };
}

/** Taking back the pairing of a device, or one role of it. */
export function planRevoke(
  store: PairingStore,
  device: PairedDevice,
  role?: string,
): PlannedChange {
  const { deviceId, publicKey, displayName, roles, scopes, commands } = device;
  const isNodeGone = role === undefined || role === 'node';
  return {
    action: 'revoke',
    requestId: null,
    store: null,
    deviceId,
    publicKey: publicKey ?? null,
    name: displayName ?? null,
    roles: role === undefined ? roles : [role],
    scopes: role === 'node' ? [] : scopes,
    commands: isNodeGone ? (commands ?? null) : null,
    about: [],
    warnings: [],
    decision: null,
    run: () => store.revoke(deviceId, role),
  };
}
