/** Where each fact of a connect was taken from. */
import { factValue } from '../../engine/index.js';
import type { Circumstances, FactName } from '../../model/index.js';
import type { RawRecord } from '../../simulate/index.js';
import type { ExplainOutput } from '../schemas/explain-output.js';
import type { FlagOfFact } from './record-flags.js';

/** A connect in the states in which it was read. */
export interface ReadConnect {
  /** As it was found, before anything was added. */
  readonly found: RawRecord;
  /** With what flags say, and with an id derived from the key. */
  readonly adapted: RawRecord;
  /** The facts of `adapted`, before `--given`. */
  readonly before: Circumstances;
  /** What is decided on. */
  readonly circumstances: Circumstances;
  readonly said: FlagOfFact;
}

type FactReport = ExplainOutput['facts'][number];

/** Every fact with its value and where that is from. */
export function reportFacts(connect: ReadConnect): readonly FactReport[] {
  const { circumstances } = connect;
  const names: readonly FactName[] = [
    ...(Object.keys(circumstances.facts) as FactName[]),
    'now',
    'ownAddresses',
  ];
  return names.map((fact) => {
    const value = factValue(fact, circumstances) as FactReport['value'];
    return { fact, value, from: value === null ? null : sourceOf(fact, connect) };
  });
}

function sourceOf(fact: FactName, { found, adapted, before, said }: ReadConnect): string {
  const flag = said.get(fact);
  if (flag !== undefined) return flag;
  const { context } = found;
  if (fact === 'now') return hasField(context, 'now') ? 'context.now' : 'ts';
  if (fact === 'ownAddresses') return 'context.ownAddresses';
  if (factValue(fact, before) === null) return '--given';
  if (fact === 'deviceId' && adapted['deviceId'] !== found['deviceId']) return 'publicKey';
  const isRead = fact === 'roles' ? ['role', 'roles'] : [fact];
  return isRead.some((field) => adapted[field] !== undefined) ? 'record' : 'implied';
}

function hasField(value: unknown, field: string): boolean {
  return typeof value === 'object' && value !== null && field in value;
}
