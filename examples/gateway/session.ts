/** A device that is connected: what it may do here. */
import type { OwnPairingStore } from 'pair-policy';

/** What a device connects as. */
export type Role = 'operator' | 'node';

export interface Session {
  readonly deviceId: string;
  readonly role: Role;
  /** What it asked for, all of which is approved. */
  readonly scopes: readonly string[];
  /** Of a node's commands, those that it may be sent. */
  readonly commands: readonly string[];
}

/** Whether the store still lets the session in: what is revoked or blocked ends at once, not at the next connect. */
export function isStillPaired({ deviceId, role }: Session, store: OwnPairingStore): boolean {
  const device = store.paired(deviceId);
  if (!device?.roles.includes(role)) return false;
  return !store.blocks.find(device);
}
