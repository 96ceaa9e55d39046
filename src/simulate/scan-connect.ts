/** The moment of a connect straight from the bytes of its line: what `parseLine` and `momentOf` give, sooner. */
import { toCircumstances } from '../engine/index.js';
import { type Action, assembleFacts, type Circumstances } from '../model/index.js';
import type { Policy } from '../policy/index.js';
import { deviceIdOf } from './adapt-record.js';
import { fillFacts } from './given.js';
import { UNSURE } from './json-bytes.js';
import type { Moment, ReplaySetup } from './moment.js';
import { LineScanner, type ScannedFields } from './scan-line.js';

/** A connect as it was scanned. */
export interface ScannedConnect {
  readonly moment: Moment;
  readonly expect: Action | undefined;
  readonly outcome: Action | undefined;
}

/** Facts that only `logic` can read, and nobody is told. */
const SELDOM_READ = ['requestId', 'clientVersion', 'gatewayVersion', 'silent'] as const;
/** How many keys are kept with the id that was derived from them. */
const MAX_KEYS = 16_384;

/** Scans connects; where it is not sure of a line, the full parser must look. */
export class ConnectScanner {
  readonly #scanner: LineScanner;
  readonly #setup: ReplaySetup;
  /** What does not depend on the connect. */
  readonly #fixed: Circumstances;
  readonly #ids = new Map<string, string>();
  /** The line feed that ends the line that was scanned. */
  end = UNSURE;

  constructor(setup: ReplaySetup, policies: readonly Policy[]) {
    this.#scanner = new LineScanner(new Set(policies.some(hasLogic) ? [] : SELDOM_READ));
    this.#setup = setup;
    const { now, ownAddresses } = setup;
    this.#fixed = toCircumstances({}, { now, ownAddresses });
  }

  /** Where the `ts` of the line that was scanned stands, if it is plain digits; else -1. */
  get timeAt(): number {
    return this.#scanner.timeAt;
  }

  /** Lines of this block are scanned next; it ends with a line feed. */
  begin(block: Buffer): void {
    this.#scanner.begin(block);
  }

  /** The connect of the line at `start`, and its `end`; undefined where that is not sure. */
  scan(start: number): ScannedConnect | undefined {
    this.end = this.#scanner.scan(start);
    if (this.end < 0) return undefined;
    const fields = this.#scanner.fields();
    if (!this.#adapt(fields)) return undefined;
    const { given } = this.#setup;
    const facts = given?.length ? fillFacts(fields, given) : assembleFacts(fields);
    const { now, ownAddresses } = this.#fixed;
    const circumstances = {
      facts,
      now: this.#setup.now === undefined ? facts.ts : now,
      ownAddresses,
    };
    const { expect, outcome } = fields;
    return {
      moment: { circumstances, limits: undefined },
      expect: expect ?? undefined,
      outcome: outcome ?? undefined,
    };
  }

  /** As `adaptRecord` does: false where the id is not that of the key. */
  #adapt(fields: ScannedFields): boolean {
    const { publicKey, deviceId } = fields;
    if (typeof publicKey !== 'string' || deviceId === null) return true;
    const derived = this.#derive(publicKey);
    fields.deviceId = derived;
    return deviceId === undefined || deviceId === derived;
  }

  #derive(publicKey: string): string {
    const known = this.#ids.get(publicKey);
    if (known !== undefined) return known;
    const derived = deviceIdOf(publicKey);
    if (this.#ids.size >= MAX_KEYS) this.#ids.clear();
    this.#ids.set(publicKey, derived);
    return derived;
  }
}

function hasLogic({ rules }: Policy): boolean {
  return rules.some(({ when, unless = [] }) =>
    [...when, ...unless].some(({ key }) => key === 'logic'),
  );
}
