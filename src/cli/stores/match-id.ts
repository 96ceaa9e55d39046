/** What an id on the command line names: whole, or by a beginning that only one has. */
import type { Block, PairedDevice, PairingStore, PendingRequest } from '../../live/index.js';
import {
  isDeviceId,
  isPublicKey,
  PairPolicyError,
  type ProblemCode,
  startOf,
  visible,
} from '../../model/index.js';
import { quote } from '../../policy/index.js';
import { adaptRecord } from '../../simulate/index.js';
import { boundText } from '../render/show-value.js';

/** Something that can be named by any of its ids. */
interface Named<T> {
  readonly ids: readonly (string | undefined)[];
  /** What it is called among several that are meant. */
  readonly shown: () => string;
  readonly value: T;
}

/** Where an id stands, and what it should name. */
interface Sought {
  readonly command: string;
  /** As "pending request". */
  readonly what: string;
  readonly unknown: ProblemCode;
}

/** A shorter beginning is a slip of the hand sooner than an id. */
const LEAST = 4;
const MAX_LISTED = 8;

/** The requests that several ids name, each once. */
export function eachOnce(requests: readonly PendingRequest[]): readonly PendingRequest[] {
  return [...new Map(requests.map((one) => [`${one.store} ${one.requestId}`, one])).values()];
}

/** The one pending request of either store that a request id, device id, public key or beginning names. */
export function findRequest(store: PairingStore, text: string, command: string): PendingRequest {
  const sought = { command, what: 'pending request', unknown: 'UNKNOWN_REQUEST' } as const;
  return onlyOne(text, matching(text, requestsOf(store), sought), sought);
}

/** All pending requests that are named: one, or all that a single device has. */
export function findRequests(
  store: PairingStore,
  text: string,
  command: string,
): readonly PendingRequest[] {
  const sought = { command, what: 'pending request', unknown: 'UNKNOWN_REQUEST' } as const;
  const found = matching(text, requestsOf(store), sought);
  const [first] = found;
  const isOneDevice = found.every(({ value }) => value.deviceId === first?.value.deviceId);
  if (first && isOneDevice && found.every(({ value }) => value.deviceId.startsWith(fold(text)))) {
    return found.map(({ value }) => value);
  }
  return [onlyOne(text, found, sought)];
}

/** The one paired device that an id, a public key, a beginning, or a request of it names. */
export function findPaired(store: PairingStore, text: string, command: string): PairedDevice {
  const sought = { command, what: 'paired device', unknown: 'UNKNOWN_DEVICE' } as const;
  return onlyOne(text, matching(text, pairedOf(store), sought), sought);
}

/** The id of the device that is named, whether paired, pending or neither: a whole id or key need not be known here. */
export function findDevice(store: PairingStore, text: string, command: string): string {
  const sought = { command, what: 'device', unknown: 'UNKNOWN_DEVICE' } as const;
  const known = [
    ...pairedOf(store).map(({ ids, shown, value }) => ({ ids, shown, value: value.deviceId })),
    ...requestsOf(store).map(({ ids, shown, value }) => ({ ids, shown, value: value.deviceId })),
  ];
  if (isDeviceId(text)) return fold(text);
  const idOfText = idOfKey(text);
  if (idOfText !== undefined) return idOfText;
  const found = new Map(matching(text, known, sought).map((one) => [one.value, one]));
  return onlyOne(text, [...found.values()], sought);
}

/** The entry of the block list that is named, by an id or a key, whichever of them it says itself. */
export function findBlock(store: PairingStore, text: string, command: string): Block {
  const sought = { command, what: 'blocked device', unknown: 'UNKNOWN_DEVICE' } as const;
  const blocks = store.blocks.all().map((block) => ({
    ids: [block.device, idOfKey(block.device)],
    shown: () => block.device.slice(0, 12),
    value: block,
  }));
  return onlyOne(text, matching(idOfKey(text) ?? text, blocks, sought), sought);
}

/** The id that a device with this public key has; undefined where it is no key. */
function idOfKey(publicKey: string): string | undefined {
  if (!isPublicKey(publicKey)) return undefined;
  const adapted = adaptRecord({ publicKey });
  const id = 'record' in adapted ? adapted.record['deviceId'] : undefined;
  return typeof id === 'string' ? id : undefined;
}

function requestsOf(store: PairingStore): readonly Named<PendingRequest>[] {
  return store.allPending().map((request) => {
    const { requestId, deviceId, record } = request;
    const name = record.displayName ? ` ${boundText(record.displayName, 24)}` : '';
    return {
      ids: [requestId, deviceId, record.publicKey],
      shown: () => `${requestId} (${request.store}, ${deviceId.slice(0, 12)}${name})`,
      value: request,
    };
  });
}

function pairedOf(store: PairingStore): readonly Named<PairedDevice>[] {
  return [...store.allPaired()].map((device) => {
    const { deviceId, publicKey, displayName } = device;
    const name = displayName ? ` (${boundText(displayName, 24)})` : '';
    return {
      ids: [deviceId, publicKey],
      shown: () => `${deviceId.slice(0, 16)}${name}`,
      value: device,
    };
  });
}

/** What has the text for an id; where nothing has, what has an id that begins so. */
function matching<T>(text: string, all: readonly Named<T>[], sought: Sought): readonly Named<T>[] {
  const start = fold(text);
  const whole = all.filter(({ ids }) => ids.some((id) => id === text || same(id, start)));
  if (whole.length > 0) return whole;
  if (text.length < LEAST) {
    const message = `${quote(text)} is too short for the beginning of an id`;
    throw refuse('ARGUMENT', message, `write at least ${LEAST} characters of it`, sought);
  }
  return all.filter(({ ids }) => ids.some((id) => id?.toLowerCase().startsWith(start)));
}

function onlyOne<T>(text: string, found: readonly Named<T>[], sought: Sought): T {
  const [first, ...others] = found;
  if (first && others.length === 0) return first.value;
  if (!first) {
    const hint = '`pair-policy devices` lists what there is';
    throw refuse(sought.unknown, `no ${sought.what} is ${quote(text)}`, hint, sought);
  }
  const listed = found.slice(0, MAX_LISTED).map(({ shown }) => shown());
  const more = found.length > MAX_LISTED ? ` and ${found.length - MAX_LISTED} more` : '';
  const message = `${quote(text)} is more than one ${sought.what}`;
  throw refuse('AMBIGUOUS_ID', message, `name one: ${listed.join(', ')}${more}`, sought);
}

/** Ids are hex or UUIDs: their case says nothing. A public key's does. */
function same(id: string | undefined, start: string): boolean {
  return id !== undefined && !/[A-Z]/.test(id) && id === start;
}

function fold(text: string): string {
  return text.toLowerCase();
}

function refuse(
  code: ProblemCode,
  message: string,
  hint: string,
  { command }: Sought,
): PairPolicyError {
  const place = startOf(command);
  return new PairPolicyError([
    { ...place, severity: 'error', code, message: visible(message), hint },
  ]);
}
