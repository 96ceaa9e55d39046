/** A client whose device id changes on every start, such as a container without its data folder. */
import { visible } from '../model/index.js';

/** A device as it showed itself, with what does not change where only its id does. */
export interface SeenDevice {
  readonly deviceId: string;
  readonly remoteIp: string | undefined;
  readonly clientId: string | undefined;
  readonly clientMode: string | undefined;
  readonly displayName: string | undefined;
  readonly platform: string | undefined;
  /** When it was new, in ms since the epoch. */
  readonly at: number | undefined;
}

/** Devices that seem to be one client. */
export interface ChangingIdentity {
  /** The oldest first. */
  readonly deviceIds: readonly string[];
  /** For a person. */
  readonly description: string;
}

/** So many ids in so much time are no coincidence. */
const MIN_IDS = 3;
const WITHIN_MS = 24 * 60 * 60 * 1_000;
/** What is remembered: so many clients, and so many ids of each. */
const MAX_CLIENTS = 4_096;
const MAX_IDS = 16;

/** Watches devices that are new as they come. Its memory is bounded: the client that was new longest ago is forgotten. */
export class IdentityWatch {
  readonly #clients = new Map<string, Map<string, number>>();

  /** Notes a device that is new, and says whether it seems to be one that was new before under other ids. */
  note(device: SeenDevice): ChangingIdentity | undefined {
    const { deviceId, at } = device;
    const client = clientOf(device);
    if (client === undefined || at === undefined) return undefined;
    const ids = this.#clients.get(client) ?? new Map<string, number>();
    // Set anew, so that the order is that of the last time.
    this.#clients.delete(client);
    this.#clients.set(client, ids);
    if (!ids.has(deviceId)) ids.set(deviceId, at);
    forgetOld(ids, at);
    dropFirst(ids, MAX_IDS);
    dropFirst(this.#clients, MAX_CLIENTS);
    return ids.size < MIN_IDS ? undefined : describe(device, [...ids.keys()]);
  }
}

/** The clients among these devices whose id seems to change, in whatever order they are given. */
export function findChangingIdentities(devices: Iterable<SeenDevice>): readonly ChangingIdentity[] {
  const byAge = [...devices].sort((a, b) => (a.at ?? 0) - (b.at ?? 0));
  const watch = new IdentityWatch();
  const found = new Map<string, ChangingIdentity>();
  for (const device of byAge) {
    const identity = watch.note(device);
    if (identity) found.set(clientOf(device) ?? '', identity);
  }
  return [...found.values()];
}

/** A container's host name is its id unless it is named, and changes with it. */
const CONTAINER_NAME = /^[0-9a-f]{12}$/;

/** What stays the same where only the id changes; undefined where too little is known to tell clients apart. */
function clientOf(device: SeenDevice): string | undefined {
  const { remoteIp, clientId, clientMode, displayName = '', platform } = device;
  if (!remoteIp || !clientId) return undefined;
  const name = CONTAINER_NAME.test(displayName) ? 'a container' : displayName;
  return JSON.stringify([remoteIp, clientId, clientMode, name, platform]);
}

function forgetOld(ids: Map<string, number>, now: number): void {
  for (const [id, at] of ids) if (at <= now - WITHIN_MS) ids.delete(id);
}

function dropFirst(map: Map<string, unknown>, max: number): void {
  for (const key of map.keys()) {
    if (map.size <= max) break;
    map.delete(key);
  }
}

function describe(device: SeenDevice, deviceIds: readonly string[]): ChangingIdentity {
  const { remoteIp, clientId, displayName, platform } = device;
  const named = displayName ? ` named \`${visible(displayName.slice(0, 64))}\`` : '';
  const on = platform ? ` on ${visible(platform.slice(0, 64))}` : '';
  const client = `\`${visible((clientId ?? '').slice(0, 64))}\`${named}${on} from ${remoteIp}`;
  return {
    deviceIds,
    description:
      `${deviceIds.length} devices within a day look like one client, ${client}: its device id seems to change at ` +
      'every start, so it must be paired each time; keep its data folder (`~/.openclaw`), in a container on a volume',
  };
}
