/** Acting on approvals: what a limit counts and who is paired is durable before anybody is told. */
import type { LoadedPolicy } from '../engine/index.js';
import type { Limit } from '../policy/index.js';
import type { LimitKeeper } from './limit-keeper.js';
import type { Verdict } from './live-decider.js';
import type { IsMeant, OwnPairingStore, PairedDevice } from './pairing-store.js';

/** Acts on one approval of a device at a time: a second connect of the same device is decided after the first is paired. */
export class Approvals {
  readonly #store: OwnPairingStore;
  readonly #limits: LimitKeeper;
  readonly #acting = new Map<string, Promise<void>>();

  constructor(store: OwnPairingStore, limits: LimitKeeper) {
    this.#store = store;
    this.#limits = limits;
  }

  /** Resolves when nothing is written for the device any more; undefined where nothing is. */
  busyWith(deviceId: string): Promise<void> | undefined {
    return this.#acting.get(deviceId);
  }

  /**
   * Charges the limit, then pairs if that is still meant. Must follow the decision at once, so that no other one takes
   * the same room.
   */
  act(verdict: Verdict, deviceId: string, isMeant: IsMeant): Promise<PairedDevice> {
    const acted = this.#pair(verdict, isMeant);
    const done = () => {
      this.#acting.delete(deviceId);
    };
    this.#acting.set(deviceId, acted.then(done, done));
    return acted;
  }

  async #pair(
    { decision: { charge }, policy, ask }: Verdict,
    isMeant: IsMeant,
  ): Promise<PairedDevice> {
    // INVARIANT: no pairing without a known ask; else a device would get what nobody has looked at.
    if (!ask) throw new TypeError('what the connect asks for is not known');
    if (charge) await this.#limits.charge(charge, limitOf(policy, charge.rule));
    return this.#store.pair(ask, isMeant);
  }
}

const limits = new WeakMap<LoadedPolicy, ReadonlyMap<string, Limit>>();

function limitOf(policy: LoadedPolicy, rule: string): Limit {
  const ofPolicy =
    limits.get(policy) ??
    new Map(policy.document.rules.flatMap(({ id, limit }) => (limit ? [[id, limit]] : [])));
  limits.set(policy, ofPolicy);
  const limit = ofPolicy.get(rule);
  if (!limit) throw new TypeError(`the rule \`${rule}\` has no limit to charge`);
  return limit;
}
