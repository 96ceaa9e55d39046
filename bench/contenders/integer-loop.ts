/**
 * The best loop that a person would write by hand for the bench's policies, and for nothing else: records and
 * rules are integers beforehand, words are bits of a mask, addresses are a word and a mask. It knows
 * no unknown facts, no `unless`, no time and gives no reasons.
 */
import type { PlainRecord } from '../policies/plain-policy.js';
import type { Contender, Maker, Task } from './contender.js';
import type { PlainTest } from './plain-tests.js';

const WORD_FACTS = [
  'role',
  'clientMode',
  'kind',
  'authMethod',
  'clientId',
  'platform',
  'deviceFamily',
  'gateway',
] as const;

/** What a text must begin with: one of these. */
interface Start {
  readonly fact: 'clientId' | 'displayName';
  readonly prefixes: readonly string[];
}

interface IntegerRule {
  /** Words of IPv4 networks, base and mask by turns; undefined where any address will do. */
  readonly v4: Int32Array | undefined;
  readonly v6: Int32Array | undefined;
  readonly role: number;
  readonly clientMode: number;
  readonly kind: number;
  readonly authMethod: number;
  readonly clientId: number;
  readonly platform: number;
  readonly deviceFamily: number;
  readonly gateway: number;
  readonly forwarded: number;
  /** The scopes that may not be asked for. */
  readonly refused: number;
  /** The scopes of which one must be asked for; 0 where none must. */
  readonly wanted: number;
  readonly devices: ReadonlySet<number> | undefined;
  readonly starts: readonly Start[];
}

type IntegerRecord = Record<
  (typeof WORD_FACTS)[number] | 'forwarded' | 'scopes' | 'device',
  number
> & {
  readonly v4: number;
  readonly v6: readonly number[] | undefined;
  readonly record: PlainRecord;
};

/** Numbers for the words of each fact. */
class Dictionary {
  readonly #facts = new Map<string, Map<string, number>>();

  number(fact: string, word: string): number {
    const words = this.#facts.get(fact) ?? new Map<string, number>();
    this.#facts.set(fact, words);
    const known = words.get(word) ?? words.size;
    words.set(word, known);
    return known;
  }

  mask(fact: string, words: readonly string[]): number {
    return words.reduce((mask, word) => mask | this.bit(fact, word), 0);
  }

  bit(fact: string, word: string): number {
    const number = this.number(fact, word);
    if (number > 31) throw new Error(`more words for \`${fact}\` than a mask has bits`);
    return 1 << number;
  }
}

/** Makes the loop over integers; `parse` reads an address into words. */
export function integerLoop(parse: (text: string) => readonly number[]): Maker {
  return {
    name: 'hand loop over integers',
    sort: 'hand',
    compiles: false,
    make: (task) => createLoop(task, parse),
  };
}

function createLoop(task: Task, parse: (text: string) => readonly number[]): Contender {
  const words = new Dictionary();
  const rules = task.rules.map((tests) => toRule(tests, words));
  const records = task.records.map((record) => toRecord(record, words, parse));
  return {
    decide(number) {
      const record = records[number] as IntegerRecord;
      for (let i = 0; i < rules.length; i += 1) {
        if (holds(rules[i] as IntegerRule, record)) return i;
      }
      return -1;
    },
  };
}

function holds(rule: IntegerRule, record: IntegerRecord): boolean {
  return (
    isInside(rule, record) &&
    (rule.role & record.role) !== 0 &&
    (rule.clientMode & record.clientMode) !== 0 &&
    (rule.kind & record.kind) !== 0 &&
    (rule.refused & record.scopes) === 0 &&
    (rule.wanted === 0 || (rule.wanted & record.scopes) !== 0) &&
    (rule.platform & record.platform) !== 0 &&
    (rule.authMethod & record.authMethod) !== 0 &&
    (rule.forwarded & record.forwarded) !== 0 &&
    (rule.clientId & record.clientId) !== 0 &&
    (rule.deviceFamily & record.deviceFamily) !== 0 &&
    (rule.gateway & record.gateway) !== 0 &&
    (rule.devices === undefined || rule.devices.has(record.device)) &&
    (rule.starts.length === 0 || startsAsAsked(rule, record))
  );
}

function isInside(rule: IntegerRule, record: IntegerRecord): boolean {
  const { v4 } = rule;
  if (v4 === undefined) return true;
  if (record.v6) return isInsideV6(rule.v6, record.v6);
  for (let i = 0; i < v4.length; i += 2) {
    if ((record.v4 & (v4[i + 1] as number)) === v4[i]) return true;
  }
  return false;
}

function isInsideV6(networks: Int32Array | undefined, address: readonly number[]): boolean {
  if (!networks) return false;
  for (let i = 0; i < networks.length; i += 8) {
    let word = 0;
    while (word < 4 && masked(address, networks, i, word)) word += 1;
    if (word === 4) return true;
  }
  return false;
}

function masked(
  address: readonly number[],
  networks: Int32Array,
  at: number,
  word: number,
): boolean {
  const mask = networks[at + 4 + word] as number;
  return ((address[word] as number) & mask) === networks[at + word];
}

function startsAsAsked({ starts }: IntegerRule, { record }: IntegerRecord): boolean {
  for (const { fact, prefixes } of starts) {
    if (!prefixes.some((prefix) => record[fact].startsWith(prefix))) return false;
  }
  return true;
}

function toRule(tests: readonly PlainTest[], words: Dictionary): IntegerRule {
  const rule = {
    v4: undefined as Int32Array | undefined,
    v6: undefined as Int32Array | undefined,
    ...(Object.fromEntries(WORD_FACTS.map((fact) => [fact, -1])) as Record<
      (typeof WORD_FACTS)[number],
      number
    >),
    forwarded: -1,
    refused: 0,
    wanted: 0,
    devices: undefined as ReadonlySet<number> | undefined,
    starts: [] as Start[],
  };
  for (const test of tests) addTest(rule, test, words);
  return rule;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

function addTest(
  rule: Mutable<IntegerRule> & { starts: Start[] },
  test: PlainTest,
  words: Dictionary,
): void {
  switch (test.op) {
    case 'inNetworks':
      rule.v4 = Int32Array.from(
        test.networks.filter(({ family }) => family === 4).flatMap(baseAndMask),
      );
      rule.v6 = Int32Array.from(
        test.networks.filter(({ family }) => family === 6).flatMap(baseAndMask),
      );
      break;
    case 'oneOf':
      if (test.fact === 'deviceId') {
        rule.devices = new Set(test.words.map((word) => words.number('deviceId', word)));
      } else if (test.fact !== 'displayName') {
        rule[test.fact] = words.mask(test.fact, test.words);
      }
      break;
    case 'is':
      rule.forwarded = test.value ? 2 : 1;
      break;
    case 'subsetOf':
      // No record of the bench declares commands, so that an empty list of them asks nothing.
      if (test.fact === 'scopes') rule.refused = ~words.mask('scopes', test.words);
      break;
    case 'meets':
      rule.wanted = words.mask('scopes', test.words);
      break;
    case 'startsWith':
      rule.starts.push({
        fact: test.fact === 'clientId' ? 'clientId' : 'displayName',
        prefixes: test.prefixes,
      });
  }
}

function baseAndMask({
  words,
  prefix,
}: {
  readonly words: readonly number[];
  readonly prefix: number;
}) {
  const masks = words.map((_, i) => {
    const bits = Math.min(32, Math.max(0, prefix - i * 32));
    return bits === 0 ? 0 : -1 << (32 - bits);
  });
  return [...words, ...masks];
}

function toRecord(
  record: PlainRecord,
  words: Dictionary,
  parse: (text: string) => readonly number[],
): IntegerRecord {
  const address = parse(record.remoteIp).map((word) => word | 0);
  return {
    v4: address[0] ?? 0,
    v6: address.length === 4 ? address : undefined,
    role: words.bit('role', record.role),
    clientMode: words.bit('clientMode', record.clientMode),
    kind: words.bit('kind', record.kind),
    authMethod: words.bit('authMethod', record.authMethod),
    // A name that a glob catches is looked at as a text; its bit means nothing.
    clientId: bitOrAny(words, 'clientId', record.clientId),
    platform: words.bit('platform', record.platform),
    deviceFamily: words.bit('deviceFamily', record.deviceFamily),
    gateway: words.bit('gateway', record.gateway),
    forwarded: record.forwarded ? 2 : 1,
    scopes: words.mask('scopes', record.scopes),
    device: words.number('deviceId', record.deviceId),
    record,
  };
}

function bitOrAny(words: Dictionary, fact: string, word: string): number {
  return word.startsWith('retired-') ? 1 << 31 : words.bit(fact, word);
}
