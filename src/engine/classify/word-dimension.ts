/** Facts that are one word out of few, in a policy: a row of rules for each word that a rule accepts. */
import type { Circumstances, Facts } from '../../model/index.js';
import { foldText, type GlobKey, type SetForms } from '../../policy/index.js';
import type { CompiledCondition } from '../compile-condition.js';
import { clearBit, type RowTable, setBit } from './bits.js';

/** A fact that is looked up as a word. */
export type WordFact =
  | GlobKey
  | 'clientMode'
  | 'authMethod'
  | 'kind'
  | 'roles'
  | 'forwarded'
  | 'commands';

/** The fact as a word; undefined where it is unknown. A `switch`, because its calls are put in line. */
function readWord(fact: WordFact, facts: Facts): string | undefined {
  switch (fact) {
    case 'roles':
      return facts.roles && (facts.roles.length > 1 ? BOTH : facts.roles[0]);
    case 'commands':
      return facts.commands && (facts.commands.length > 0 ? SOME : NONE);
    case 'forwarded':
      return facts.forwarded === undefined ? undefined : facts.forwarded ? YES : NO;
    case 'kind':
      return facts.kind;
    case 'clientMode':
      return facts.clientMode;
    case 'authMethod':
      return facts.authMethod;
    case 'platform':
      return facts.platform;
    case 'deviceFamily':
      return facts.deviceFamily;
    case 'gateway':
      return facts.gateway;
    case 'clientId':
      return facts.clientId;
    case 'displayName':
      return facts.displayName;
    case 'browserOrigin':
      return facts.browserOrigin;
    case 'authUser':
      return facts.authUser;
  }
}

const BOTH = 'both';
const YES = 'yes';
const NO = 'no';
const SOME = 'some';
const NONE = 'none';

/** One fact that rules ask about, with the rows of its words. */
export class WordDimension {
  readonly #fact: WordFact;
  readonly #folds: GlobKey | undefined;
  readonly #rows: Map<string, number>;
  /** The row of the rules that do not ask: all that a word satisfies which no rule accepts. */
  readonly free: number;

  constructor(fact: WordFact, rows: Map<string, number>, free: number) {
    this.#fact = fact;
    this.#folds = fact === 'platform' || fact === 'deviceFamily' ? fact : undefined;
    this.#rows = rows;
    this.free = free;
  }

  /** Where the row of the rules that the fact satisfies begins; undefined where it is unknown. */
  look(facts: Facts): number | undefined {
    const word = readWord(this.#fact, facts);
    if (word === undefined) return undefined;
    const row = this.#rows.get(word);
    if (row !== undefined || this.#folds === undefined) return row ?? this.free;
    return this.#rows.get(foldText(this.#folds, word)) ?? this.free;
  }
}

/** The rules that ask about a fact, by number, each with the words that it accepts. */
export type Accepting = ReadonlyMap<number, readonly string[]>;

/** Makes the rows of a fact. */
export function wordDimension(fact: WordFact, rules: Accepting, table: RowTable): WordDimension {
  const free = new Int32Array(table.width).fill(-1);
  for (const rule of rules.keys()) clearBit(free, rule);
  const rows = new Map<string, Int32Array>();
  for (const [rule, words] of rules) {
    for (const word of words) {
      let row = rows.get(word);
      if (!row) {
        row = free.slice();
        rows.set(word, row);
      }
      setBit(row, rule);
    }
  }
  const places = new Map([...rows].map(([word, row]) => [word, table.add(row)]));
  return new WordDimension(fact, places, table.add(free));
}

/** The words that satisfy all the conditions on one fact; undefined where no list of words says that. */
export function acceptedWords(
  fact: WordFact,
  conditions: readonly CompiledCondition[],
): readonly string[] | undefined {
  if (fact === 'roles') return ROLES.filter(([, asked]) => holds(conditions, asked)).map(nameOf);
  const [{ condition } = { condition: undefined }, ...others] = conditions;
  if (others.length > 0) return undefined;
  switch (condition?.key) {
    case 'forwarded':
      return [condition.value ? YES : NO];
    case 'commands':
      if (condition.forms === 'anything') return [NONE, SOME];
      return allowsJustNone(condition.forms) ? [NONE] : undefined;
    case 'kind':
    case 'authMethod':
    case 'clientMode':
      return condition.words;
    default:
      if (!condition || !('patterns' in condition)) return undefined;
      return condition.patterns.some((pattern) => pattern.includes('*'))
        ? undefined
        : condition.patterns.map((pattern) => foldText(condition.key, pattern));
  }
}

function allowsJustNone({ within, all, any, none }: SetForms): boolean {
  return within?.length === 0 && (all ?? any ?? none) === undefined;
}

const ROLES = [
  ['operator', askingFor(['operator'])],
  ['node', askingFor(['node'])],
  [BOTH, askingFor(['operator', 'node'])],
] as const;

function askingFor(roles: NonNullable<Facts['roles']>): Circumstances {
  return { facts: { roles } } as unknown as Circumstances;
}

function holds(conditions: readonly CompiledCondition[], asked: Circumstances): boolean {
  return conditions.every((condition) => condition.evaluate(asked) === true);
}

function nameOf([name]: (typeof ROLES)[number]): string {
  return name;
}
