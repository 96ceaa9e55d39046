/** What became of devices between two looks at them. */
import { listSome, showText } from '../render/show-value.js';
import { showDecision, showName } from '../stores/show-device.js';
import type { DeviceRow } from './device-rows.js';

/** One row that came, went, or is another now. */
export interface DeviceChange {
  readonly change: 'came' | 'went' | 'changed';
  readonly device: DeviceRow;
}

/** The changes from one list to the next: what went first, then what came or is another. */
export function findChanges(
  before: readonly DeviceRow[],
  after: readonly DeviceRow[],
): readonly DeviceChange[] {
  const old = new Map(before.map((row) => [keyOf(row), row]));
  const now = new Set(after.map(keyOf));
  const went = before.filter((row) => !now.has(keyOf(row)));
  return [
    ...went.map((device) => ({ change: 'went' as const, device })),
    ...after.flatMap((device): DeviceChange[] => {
      const was = old.get(keyOf(device));
      if (!was) return [{ change: 'came', device }];
      return isSame(was, device) ? [] : [{ change: 'changed', device }];
    }),
  ];
}

const SIGNS = { came: '+', went: '-', changed: '~' } as const;

/** A change as one line. */
export function renderChange({ change, device }: DeviceChange): string {
  const { state, requestId, deviceId, publicKey, name, roles, scopes, commands } = device;
  const { remoteIp, decision, blocked } = device;
  const asks = [
    ...(roles ?? ['role unknown']),
    ...(scopes ?? ['scopes unknown']),
    ...(commands ?? []),
  ];
  const parts = [
    `${SIGNS[change]} ${state}`,
    showText(requestId ?? deviceId ?? publicKey ?? '-'),
    showName(name),
    listSome(asks, 8),
    ...(remoteIp === null ? [] : [`from ${showText(remoteIp, 45)}`]),
    ...(blocked ? ['blocked'] : []),
    ...(decision && change !== 'went' ? [showDecision(decision, 160)] : []),
  ];
  return `${parts.filter((part) => part !== '').join('  ')}\n`;
}

function keyOf({ state, requestId, deviceId, publicKey }: DeviceRow): string {
  return JSON.stringify([state, requestId, requestId === null ? (deviceId ?? publicKey) : null]);
}

/** That a device was seen again is no news, nor that its short id grew. */
function isSame(a: DeviceRow, b: DeviceRow): boolean {
  const news = (row: DeviceRow) => JSON.stringify({ ...row, lastSeen: null, id: null });
  return news(a) === news(b);
}
