/** Decisions of this moment: by the policy in force, what the stores say of the device, the clock and the host's addresses. */
import { isDeepStrictEqual } from 'node:util';
import { type LoadedPolicy, toCircumstances } from '../engine/index.js';
import { type Circumstances, type ConnectRecord, isTimestamp, type Kind } from '../model/index.js';
import type { LiveDecision } from './connect-answer.js';
import type { LoggedContext } from './decision-log-entry.js';
import type { IncomingConnect } from './incoming-connect.js';
import type { LimitKeeper } from './limit-keeper.js';
import type { LivePolicy } from './live-policy.js';
import { decideNoting } from './noting-book.js';
import { OwnAddressReader } from './own-addresses.js';
import type { OwnPairingStore, PairedDevice, PairingAsk } from './pairing-store.js';
import { type CoversScope, isPaired, workOutKind } from './work-out-kind.js';

/** A decision with all that it was taken with. */
export interface Verdict {
  readonly decision: LiveDecision;
  readonly policy: LoadedPolicy;
  readonly record: ConnectRecord;
  readonly context: LoggedContext;
  readonly circumstances: Circumstances;
  readonly kind: Kind | undefined;
  /** As the store had it. */
  readonly device: PairedDevice | undefined;
  /** What pairing it would grant; undefined where what it asks for is unknown. */
  readonly ask: PairingAsk | undefined;
}

export interface LiveDeciderOptions {
  readonly policy: LivePolicy | LoadedPolicy;
  readonly store: OwnPairingStore;
  readonly limits: LimitKeeper;
  readonly now: () => number;
  readonly ownAddresses: () => readonly string[] | undefined;
  readonly covers: CoversScope;
}

/** Takes decisions. Synchronous, so that nothing changes within one; throws where the store, the limits or the clock fail. */
export class LiveDecider {
  readonly #options: LiveDeciderOptions;
  readonly #addresses = new OwnAddressReader();

  constructor(options: LiveDeciderOptions) {
    this.#options = options;
  }

  /** The policy in force, and the how manieth it is. */
  get inForce(): { readonly policy: LoadedPolicy; readonly generation: number } {
    const { policy } = this.#options;
    if (!('current' in policy)) return { policy, generation: 1 };
    return { policy: policy.current, generation: policy.generation };
  }

  /** The time, in ms since the epoch. */
  now(): number {
    const now = this.#options.now();
    // Any other would be written down as something else than what was decided with.
    if (!isTimestamp(Math.trunc(now))) throw new TypeError('the clock gives no time');
    return now;
  }

  /** Whether the device is on the block list. */
  isBlocked({ deviceId, publicKey }: IncomingConnect): boolean {
    return this.#options.store.blocks.find({ deviceId, publicKey }) !== undefined;
  }

  /** Whether the policy, the device and the block list are still those that a verdict was taken with. */
  isAsBefore(connect: IncomingConnect, { policy, decision, device }: Verdict): boolean {
    const { inForce } = this;
    return (
      inForce.policy === policy &&
      inForce.generation === decision.generation &&
      isDeepStrictEqual(this.#options.store.paired(connect.deviceId), device) &&
      !this.isBlocked(connect)
    );
  }

  /** Whether an approval is still meant when it comes to be written, the device being `now`: nothing was waited for since. */
  isMeant(
    connect: IncomingConnect,
    { policy, decision, device }: Verdict,
    now: PairedDevice | undefined,
  ): boolean {
    const { inForce } = this;
    return (
      inForce.policy === policy &&
      inForce.generation === decision.generation &&
      isDeepStrictEqual(grantsOf(now), grantsOf(device)) &&
      !this.isBlocked(connect)
    );
  }

  /** Whether an approval still holds after all that was waited for: it was written, and nobody has taken it back. */
  stands(connect: IncomingConnect, { policy }: Verdict, told: PairedDevice): boolean {
    const device = this.#options.store.paired(connect.deviceId);
    const hasAll = (now: readonly string[] = [], said: readonly string[] = []) =>
      said.every((one) => now.includes(one));
    return (
      this.inForce.policy === policy &&
      device?.publicKey === connect.publicKey &&
      hasAll(device.roles, told.roles) &&
      hasAll(device.scopes, told.scopes) &&
      hasAll(device.commands, told.commands) &&
      !this.isBlocked(connect)
    );
  }

  /** Decides whether the device is let in. Its commands are no part of that. */
  decideDevice(connect: IncomingConnect): Verdict {
    const device = this.#options.store.paired(connect.deviceId);
    const kind = workOutKind(connect.facts, device, this.#options.covers);
    const record: ConnectRecord = {
      ...connect.record,
      ...(kind && { kind }),
      isRepair: isPaired(device),
      silent: false,
    };
    return this.#decide(connect, 'device', record, device);
  }

  /** Decides whether the node is let do what it declares. */
  decideCommands(connect: IncomingConnect, device: PairedDevice): Verdict {
    const { role: _role, roles: _roles, scopes: _scopes, ...rest } = connect.record;
    const record = {
      ...rest,
      kind: 'node-commands',
      role: 'node',
      commands: connect.commands,
      isRepair: true,
      silent: false,
    } as ConnectRecord;
    return this.#decide(connect, 'node', record, device);
  }

  #decide(
    connect: IncomingConnect,
    store: PairingAsk['store'],
    record: ConnectRecord,
    device: PairedDevice | undefined,
  ): Verdict {
    const { policy, generation } = this.inForce;
    const at = this.now();
    const host = this.#options.ownAddresses();
    const ownAddresses = host && [...host];
    const blocked = this.isBlocked(connect);
    const context = { now: at, ownAddresses, ...(blocked && { blocked }) };
    const circumstances = {
      ...toCircumstances(record, { ...context, ownAddresses: undefined }),
      ownAddresses: this.#addresses.read(ownAddresses),
    };
    const { decision, limits } = decideNoting(this.#options.limits, (book) =>
      policy.compiled.decide(circumstances, book),
    );
    return {
      decision: { ...decision, generation, at },
      policy,
      record,
      context: { ...context, limits },
      circumstances,
      kind: circumstances.facts.kind,
      device,
      ask: askFor(connect, store, record, circumstances),
    };
  }
}

function askFor(
  { deviceId, publicKey }: IncomingConnect,
  store: PairingAsk['store'],
  record: ConnectRecord,
  { facts: { roles, scopes, commands } }: Circumstances,
): PairingAsk | undefined {
  if (!roles || !scopes || !commands) return undefined;
  return { store, deviceId, publicKey, roles, scopes, commands, record };
}

/** What a device is and may: when it was seen, and what it says of itself, has no part in that. */
function grantsOf(device: PairedDevice | undefined) {
  return device && [device.publicKey, device.roles, device.scopes, device.commands];
}
