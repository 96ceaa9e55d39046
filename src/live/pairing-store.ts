/** The contract of a pairing store: what the hook and the commands need of it, whatever keeps the devices. */
import type { ConnectRecord, Problem } from '../model/index.js';

/**
 * Who waits to be paired and who is, of both of a gateway's stores. What it answers is the last good state, at once
 * and from memory; what changes it resolves only when the change is durable, and is all or nothing. Rejections are
 * `PairPolicyError`s. No answer, event or error ever holds a token.
 */
export interface PairingStore {
  /** Which devices are refused whatever the policy says. */
  readonly blocks: BlockList;
  paired(deviceId: string): PairedDevice | undefined;
  allPaired(): Iterable<PairedDevice>;
  /** Expired requests are gone. */
  pending(requestId: string): PendingRequest | undefined;
  pendingOf(deviceId: string): readonly PendingRequest[];
  /** All that wait, the newest first. */
  allPending(): readonly PendingRequest[];
  /**
   * Pairs the device as the request asks, or takes the commands of a node that is paired. Fails with `UNKNOWN_REQUEST`
   * where the request is gone, and with `REQUEST_CHANGED` where it is no longer as it was given.
   */
  approve(request: PendingRequest): Promise<PairedDevice>;
  /** Drops the request. Fails with `UNKNOWN_REQUEST` where it is gone. */
  reject(request: PendingRequest): Promise<void>;
  /**
   * Takes back the pairing of a device, or of one of its roles, its node surface, its tokens and what it has pending.
   * Fails with `UNKNOWN_DEVICE` where there is no such device, or it does not have that role.
   */
  revoke(deviceId: string, role?: string): Promise<void>;
  /** Reads now what may have changed outside; resolves when it is in force. */
  refresh(): Promise<void>;
  /** Calls the listener from now on; the answer stops that. */
  on<E extends keyof StoreEvents>(event: E, listener: (event: StoreEvents[E]) => void): () => void;
  /** Finishes what was begun, then stops watching. */
  close(): Promise<void>;
}

/** Whether what was decided is still meant, now that the device is this. */
export type IsMeant = (device: PairedDevice | undefined) => boolean;

/** A store in which the gateway that embeds us keeps its devices itself: files, memory. */
export interface OwnPairingStore extends PairingStore {
  /** The pending request for this ask: the one there is, refreshed, or a new one. One for each device and ask. */
  request(ask: PairingAsk): Promise<PendingRequest>;
  /**
   * Pairs at once, and drops the request for this ask if there is one. `isMeant` is asked with the device as it is
   * when that is written, and nothing can come in between; where it says no, it fails with `REQUEST_CHANGED`.
   */
  pair(ask: PairingAsk, isMeant?: IsMeant): Promise<PairedDevice>;
  /** The device's token for a role that it is paired for, for its eyes only; undefined where there is none. */
  tokenOf(deviceId: string, role: string): Promise<string | undefined>;
  /** Whether this is the device's token for that role, compared in constant time; a revoked one never is. */
  acceptsToken(deviceId: string, role: string, token: string): Promise<boolean>;
  /** Notes that a device was seen, some time soon, and never at the cost of anything else. */
  noteSeen(deviceId: string, at: number): void;
}

export interface StoreEvents {
  /** What is in force has changed, by us or by anyone else. */
  readonly changed: StoreChange;
  /** A file of the store cannot be used; the last good state stays in force. */
  readonly problem: readonly Problem[];
}

/** Which devices a change concerns; all of them where that is not known. */
export interface StoreChange {
  readonly deviceIds: ReadonlySet<string> | 'all';
}

/** What is asked for, with what the client says of itself. What is pinned is `deviceId`, `publicKey`, `roles`, `scopes` and `commands`. */
export interface PairingAsk {
  /** `device` asks to be paired; `node` asks for the commands of a node that is. */
  readonly store: PendingRequest['store'];
  readonly deviceId: string;
  readonly publicKey: string;
  readonly roles: readonly string[];
  readonly scopes: readonly string[];
  /** Empty for `device`. */
  readonly commands: readonly string[];
  /** The rest of the connect: displayName, platform, deviceFamily, clientId, clientMode, browserOrigin, remoteIp. */
  readonly record: ConnectRecord;
}

/** A request that waits in one of the two stores. */
export interface PendingRequest {
  readonly requestId: string;
  /** Which of the gateway's stores it is in: `devices/` or `nodes/`. */
  readonly store: 'device' | 'node';
  readonly deviceId: string;
  /** When it was asked first, and when it will be gone, in ms since the epoch. */
  readonly ts: number;
  readonly expiresAt: number | undefined;
  /** The request as the gateway has it, which is a connect record; without secrets. */
  readonly record: ConnectRecord;
}

/** A device that is paired, without its secrets. */
export interface PairedDevice {
  readonly deviceId: string;
  readonly publicKey: string | undefined;
  readonly displayName: string | undefined;
  readonly platform: string | undefined;
  readonly deviceFamily: string | undefined;
  readonly clientId: string | undefined;
  readonly clientMode: string | undefined;
  readonly remoteIp: string | undefined;
  /** The roles that it can use now: approved, and with a token that is not revoked where there are tokens. */
  readonly roles: readonly string[];
  /** The scopes that were approved. */
  readonly scopes: readonly string[];
  /** The commands that were approved for the node, or undefined where it has no approved surface. */
  readonly commands: readonly string[] | undefined;
  readonly createdAtMs: number | undefined;
  readonly approvedAtMs: number | undefined;
  /** When it was last seen or last used a token, as far as the store knows. */
  readonly lastSeenAtMs: number | undefined;
}

/** The devices that are refused whatever the policy says: a file of ours, hot-reloaded. */
export interface BlockList {
  /** The entry that names this device, by its id or its key. */
  find(device: DeviceNames): Block | undefined;
  all(): readonly Block[];
  /** Adds or replaces; durable when it resolves. */
  add(block: Block): Promise<void>;
  /** Fails with `UNKNOWN_DEVICE` where the list does not have it. */
  remove(device: string): Promise<void>;
}

/** The two names of a device that a client cannot choose freely. */
export interface DeviceNames {
  readonly deviceId?: string | undefined;
  readonly publicKey?: string | undefined;
}

export interface Block {
  /** A deviceId or a publicKey. */
  readonly device: string;
  readonly reason: string | undefined;
  /** In ms since the epoch. */
  readonly since: number;
}
