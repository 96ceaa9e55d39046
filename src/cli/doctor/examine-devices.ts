/** The devices of a store: which are twice there, cannot connect, wait, or are paired against the block list. */
import {
  findChangingIdentities,
  type PairedDevice,
  type PairingStore,
  type SeenDevice,
} from '../../live/index.js';
import type { Place } from '../../model/index.js';
import type { ProblemList } from '../../policy/index.js';
import { adaptRecord } from '../../simulate/index.js';
import { plural, showText } from '../render/show-value.js';
import { shortIds } from '../stores/short-ids.js';
import { showName, showSpan } from '../stores/show-device.js';
import { requestFields } from '../stores/store-records.js';

/** A gateway lets a request expire after five minutes, unless the client asks again and again. */
const LONG_WAIT_MS = 15 * 60_000;
const MAX_TOLD = 5;

/** Adds what is wrong with what the store holds; `place` is where it holds it. */
export function examineDevices(
  store: PairingStore,
  place: Place,
  now: number,
  problems: ProblemList,
): void {
  const devices = [...store.allPaired()];
  const short = shortIds(devices.map(({ deviceId }) => deviceId));
  for (const device of devices)
    examineDevice(device, short(device.deviceId), store, place, problems);
  examineDuplicates(devices, short, place, problems);
  examinePending(store, place, now, problems);
  examineIdentities(store, place, problems);
}

function examineDevice(
  device: PairedDevice,
  id: string,
  store: PairingStore,
  place: Place,
  problems: ProblemList,
): void {
  const { deviceId, publicKey, displayName, roles, commands } = device;
  const name = `${id} ${showName(displayName)}`;
  if (store.blocks.find(device)) {
    const message = `the device ${name} is blocked, and still paired`;
    problems.add('warning', 'DEVICE_BLOCKED', place, message, `\`pair-policy revoke ${id}\``);
  }
  const adapted = adaptRecord({ deviceId, publicKey });
  if ('fault' in adapted) {
    const message = `the id of the device ${name} is not the hash of its key: the row is made up`;
    const hint = `find out who wrote it, and \`pair-policy revoke ${id}\``;
    problems.error('RECORD_DEVICE_MISMATCH', place, message, hint);
  }
  if (publicKey === undefined && commands !== undefined) {
    const message = `the node ${name} has approved commands, and is not paired as a device`;
    const hint = `it cannot connect; \`pair-policy revoke ${id}\`, and pair it anew if it is needed`;
    problems.add('warning', 'NODE_UNMATCHED', place, message, hint);
  } else if (roles.length === 0) {
    const message = `the device ${name} is paired, and has no token that is valid: it is refused`;
    const hint = `\`pair-policy revoke ${id}\`, and let it ask anew`;
    problems.add('warning', 'DEVICE_WITHOUT_TOKEN', place, message, hint);
  } else if (roles.includes('node') && commands === undefined) {
    const message = `the node ${name} is paired as a device, and has no commands approved`;
    const hint =
      'gateways from 2026.3.31 on send it none before its second request, in `nodes`, is approved';
    problems.add('note', 'NODE_UNMATCHED', place, message, hint);
  }
}

function examineDuplicates(
  devices: readonly PairedDevice[],
  short: (id: string) => string,
  place: Place,
  problems: ProblemList,
): void {
  const byKey = groupBy(devices, ({ publicKey }) => publicKey);
  for (const [, same] of byKey) {
    const message = `${plural(same.length, 'paired device')} have one key: ${listed(same, short)}`;
    const hint = 'an id is the hash of the key: revoke those that are not';
    problems.error('DEVICE_DUPLICATE', place, message, hint);
  }
  const byName = groupBy(devices, ({ displayName, clientId, clientMode, platform }) =>
    displayName ? JSON.stringify([displayName, clientId, clientMode, platform]) : undefined,
  );
  for (const [, same] of byName) {
    const [first] = same;
    const name = showName(first?.displayName);
    const message = `${plural(same.length, 'paired device')} call themselves ${name}, with one client: ${listed(same, short)}`;
    const hint =
      'where it is one machine, a new id was made for it: revoke the old ones, or `pair-policy prune --idle 30d`';
    problems.add('warning', 'DEVICE_DUPLICATE', place, message, hint);
  }
}

/** The groups that have more than one member. */
function groupBy(
  devices: readonly PairedDevice[],
  keyOf: (device: PairedDevice) => string | undefined,
): readonly (readonly [string, readonly PairedDevice[]])[] {
  const groups = new Map<string, PairedDevice[]>();
  for (const device of devices) {
    const key = keyOf(device);
    if (key === undefined) continue;
    groups.set(key, [...(groups.get(key) ?? []), device]);
  }
  return [...groups].filter(([, members]) => members.length > 1);
}

function listed(devices: readonly PairedDevice[], short: (id: string) => string): string {
  const shown = devices.slice(0, MAX_TOLD).map(({ deviceId }) => showText(short(deviceId)));
  const more = devices.length - shown.length;
  return `${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

function examinePending(
  store: PairingStore,
  place: Place,
  now: number,
  problems: ProblemList,
): void {
  const waiting = store.allPending().filter(({ ts }) => now - ts > LONG_WAIT_MS);
  for (const { requestId, ts, record } of waiting) {
    const name = typeof record.displayName === 'string' ? record.displayName : undefined;
    const message = `the request ${showText(requestId)} of ${showName(name)} has waited for ${showSpan(now - ts)}`;
    const id = showText(requestId);
    const hint = `\`pair-policy approve ${id}\` or \`pair-policy reject ${id}\`; a rule would decide at once`;
    problems.add('warning', 'REQUEST_WAITS', place, message, hint);
  }
}

/** Paired and waiting ones together: what changes its id on every start may be paired once or not at all. */
function examineIdentities(store: PairingStore, place: Place, problems: ProblemList): void {
  const paired = [...store.allPaired()].map(
    (device): SeenDevice => ({ ...device, at: device.createdAtMs ?? device.approvedAtMs }),
  );
  const pending = store.allPending().map((request): SeenDevice => {
    const { name, remoteIp, clientId, clientMode, platform } = requestFields(request);
    return {
      deviceId: request.deviceId,
      remoteIp: remoteIp ?? undefined,
      clientId: clientId ?? undefined,
      clientMode: clientMode ?? undefined,
      displayName: name ?? undefined,
      platform: platform ?? undefined,
      at: request.ts,
    };
  });
  for (const { description } of findChangingIdentities([...paired, ...pending])) {
    const [message = description, ...hint] = description.split('; ');
    problems.add('warning', 'DEVICE_MULTIPLIES', place, message, hint.join('; '));
  }
}
