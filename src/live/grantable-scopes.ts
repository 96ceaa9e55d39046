/** What a client that asks for too much should ask for instead. */
import { grantScopes } from '../engine/index.js';
import type { LimitKeeper } from './limit-keeper.js';
import type { Verdict as WholeVerdict } from './live-decider.js';

/** What of a verdict the answer rests on. */
type Verdict = Pick<WholeVerdict, 'policy' | 'circumstances' | 'decision' | 'kind'>;

/** How much of the time may go into this: what is only advice must not keep others from being decided. */
const MAX_SHARE = 0.02;
const MAX_KEPT = 512;
/** Times and limits go by, so an answer is worked out anew after so many ms. */
const KEPT_MS = 10_000;

/**
 * Works out the scopes that would be granted. It takes many decisions, so the answer is kept for connects that differ
 * in nothing but their device and time, and it is left out where too much time has gone into it.
 */
export class GrantableScopes {
  readonly #limits: LimitKeeper;
  readonly #clock: () => number;
  readonly #kept = new Map<string, Kept>();
  #notBefore = Number.NEGATIVE_INFINITY;

  /** `clock` measures, in ms. */
  constructor(limits: LimitKeeper, clock: () => number = () => performance.now()) {
    this.#limits = limits;
    this.#clock = clock;
  }

  /** Undefined where the policy would grant nothing, or that was not worked out. */
  of(verdict: Verdict): readonly string[] | undefined {
    const { decision, kind, circumstances } = verdict;
    const asked = circumstances.facts.scopes ?? [];
    if (decision.action !== 'hold' || kind === 'reconnect' || asked.length === 0) return undefined;
    const key = keyOf(verdict);
    const start = this.#clock();
    const kept = this.#kept.get(key);
    if (kept && start < kept.until) return kept.granted;
    if (start < this.#notBefore) return undefined;
    const granted = workOut(verdict, this.#limits);
    const end = this.#clock();
    this.#notBefore = end + (end - start) / MAX_SHARE;
    this.#keep(key, { granted, until: end + KEPT_MS });
    return granted;
  }

  #keep(key: string, kept: Kept): void {
    this.#kept.delete(key);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size >= MAX_KEPT && oldest !== undefined) this.#kept.delete(oldest);
    this.#kept.set(key, kept);
  }
}

interface Kept {
  readonly granted: readonly string[] | undefined;
  readonly until: number;
}

function workOut(
  { policy: { compiled }, circumstances }: Verdict,
  limits: LimitKeeper,
): readonly string[] | undefined {
  const explanation = compiled.explain(circumstances, limits);
  return grantScopes(compiled, explanation, circumstances, limits) ?? undefined;
}

/** All that the decision may rest on but the time; the device counts only where the policy names devices. */
function keyOf({ policy, circumstances }: Verdict): string {
  const { deviceId, publicKey, ts: _ts, ...facts } = circumstances.facts;
  const device = namesDevices(policy.document.rules) ? deviceId : '';
  const { remoteIp, ...rest } = facts;
  return JSON.stringify([policy.revision, device, remoteIp?.text, circumstances.blocked, rest]);
}

type Rules = Verdict['policy']['document']['rules'];

const naming = new WeakMap<Rules, boolean>();

function namesDevices(rules: Rules): boolean {
  const known = naming.get(rules);
  if (known !== undefined) return known;
  const names = rules.some(({ when, unless = [], limit }) => {
    const conditions = [...when, ...unless];
    return (
      limit?.by === 'deviceId' || conditions.some(({ key }) => key === 'device' || key === 'logic')
    );
  });
  naming.set(rules, names);
  return names;
}
