/** Builds the classifier of rules: numbers them section by section, and makes the rows of their facts. */
import type { Condition, Policy } from '../../policy/index.js';
import type { CompiledRule } from '../compile-rule.js';
import { finishSteps, mapInSteps, type Steps } from '../steps.js';
import { addRule, RowTable, setBit, sparseSet, wordAt } from './bits.js';
import { type ClassifiedRule, Classifier } from './classifier.js';
import { type FiledRule, fileRule, SECTIONS, type SectionName, WORD_FACTS } from './file-rule.js';
import { findByAddress } from './find-by-address.js';
import { findByDevice } from './find-by-device.js';
import { findByText } from './find-by-text.js';
import type { Anchored, Finder } from './finder.js';
import { type AskingForScopes, ScopeDimension, scopesInRows } from './scope-dimension.js';
import {
  type Accepting,
  acceptedWords,
  type WordDimension,
  type WordFact,
  wordDimension,
} from './word-dimension.js';

/** Above so many words of bits in the rows of one fact, its conditions are evaluated instead. */
const MAX_WORDS_OF_FACT = 1 << 20;

/** Few of them ask about any one fact. */
const RULES_IN_A_STEP = 128;

/** The filed rules by number; a section begins with a word of its own, so some numbers have no rule. */
type Numbered = ReadonlyArray<FiledRule | undefined>;

/** Builds the classifier of rules; their order is the order of the visit within a section. */
export function createClassifier(rules: readonly CompiledRule[], policy: Policy): Classifier {
  return finishSteps(classifierInSteps(rules, policy));
}

/** The same, a step for each part of the work. */
export function* classifierInSteps(
  rules: readonly CompiledRule[],
  policy: Policy,
): Steps<Classifier> {
  const filed = yield* mapInSteps(rules, fileRule);
  const { numbered, sections } = yield* numberRules(filed, policy);
  const table = new RowTable(numbered.length / 32);
  const kept: { readonly fact: WordFact; readonly rules: Accepting }[] = [];
  for (const fact of WORD_FACTS) {
    const asking = yield* askingFor(fact, numbered, table);
    if (asking.size > 0) kept.push({ fact, rules: asking });
  }
  const askingForScopes = scopesOf(numbered);
  yield;
  const bits = [...kept.map((one) => one.rules), askingForScopes];
  const asksOfRule = asksOf(bits, numbered.length);
  const words: WordDimension[] = [];
  for (const one of kept) {
    yield;
    words.push(wordDimension(one.fact, one.rules, table));
  }
  yield;
  const scopes = askingForScopes.size > 0 ? new ScopeDimension(askingForScopes, table) : undefined;
  yield;
  const guards = table.add(guardsOf(numbered, table.width));
  return new Classifier({
    sections,
    rules: yield* mapInSteps(numbered, (rule) => rule && toClassified(rule)),
    words,
    scopes,
    rows: table.finish(),
    width: table.width,
    full: table.full,
    guards,
    asksOfRule,
    asksOfWord: perWord(asksOfRule),
    mayFail: rules.some(canFail),
  });
}

interface Sections {
  readonly numbered: Numbered;
  readonly sections: readonly Finder[];
}

function* numberRules(filed: readonly FiledRule[], policy: Policy): Steps<Sections> {
  const numbered: (FiledRule | undefined)[] = [];
  const sections: Finder[] = [];
  for (const name of SECTIONS) {
    yield;
    const rules = filed.filter(({ section }) => section === name);
    const anchored = rules.map(({ anchor }, i) => ({ number: numbered.length + i, anchor }));
    numbered.push(...rules);
    while (numbered.length % 32 !== 0) numbered.push(undefined);
    if (rules.length > 0) sections.push(yield* finderOf(name, anchored, policy));
  }
  return { numbered, sections };
}

function* finderOf(
  name: SectionName,
  rules: readonly { readonly number: number; readonly anchor: FiledRule['anchor'] }[],
  policy: Policy,
): Steps<Finder> {
  const anchored = rules.flatMap(({ number, anchor }): readonly Anchored[] =>
    anchor ? [{ number, condition: anchor }] : [],
  );
  switch (name) {
    case 'device':
      return findByDevice(anchored);
    case 'from':
      return yield* findByAddress(anchored, policy);
    case 'any':
      return findAll(rules.map(({ number }) => number));
    default:
      return findByText(name, anchored);
  }
}

/** Rules that are bound by nothing rare: all of them are looked at. */
function findAll(rules: readonly number[]): Finder {
  const all = sparseSet();
  for (const rule of rules) addRule(all, rule);
  return { find: (_, candidates) => candidates.add(all, true) };
}

/** The rules that rows can answer on a fact; what rows cannot answer goes to what is evaluated. */
function* askingFor(fact: WordFact, numbered: Numbered, table: RowTable): Steps<Accepting> {
  const rules = new Map<number, readonly string[]>();
  const different = new Set<string>();
  for (const [number, rule] of numbered.entries()) {
    if (number % RULES_IN_A_STEP === 0) yield;
    const conditions = rule?.asked.get(fact);
    if (!rule || !conditions) continue;
    const accepted = acceptedWords(fact, conditions);
    const isRoom = different.size * table.width < MAX_WORDS_OF_FACT;
    if (!accepted || !isRoom) {
      rule.rest.push(...conditions);
      continue;
    }
    rules.set(number, accepted);
    for (const word of accepted) different.add(word);
  }
  return rules;
}

function scopesOf(numbered: Numbered): AskingForScopes {
  const conditions = numbered.map((rule) => rule?.scopes?.condition);
  const inRows = scopesInRows(conditions);
  for (const [number, rule] of numbered.entries()) {
    if (rule?.scopes && !inRows.has(number)) rule.rest.push(rule.scopes);
  }
  return inRows;
}

/** For each rule a bit for each of the facts that it asks about. */
function asksOf(facts: readonly ReadonlyMap<number, unknown>[], size: number): Int32Array {
  const asks = new Int32Array(size);
  for (const [bit, rules] of facts.entries()) {
    for (const rule of rules.keys()) asks[rule] = wordAt(asks, rule) | (1 << bit);
  }
  return asks;
}

function perWord(asksOfRule: Int32Array): Int32Array {
  const asks = new Int32Array(asksOfRule.length / 32);
  asksOfRule.forEach((bits, rule) => {
    asks[rule >>> 5] = wordAt(asks, rule >>> 5) | bits;
  });
  return asks;
}

function guardsOf(numbered: Numbered, width: number): Int32Array {
  const guards = new Int32Array(width);
  for (const [number, rule] of numbered.entries()) {
    if (rule?.compiled.guardsPaired) setBit(guards, number);
  }
  return guards;
}

function toClassified({ compiled, rest }: FiledRule): ClassifiedRule {
  const isExact = rest.length === 0 && !compiled.unless && compiled.rule.expires === undefined;
  return { compiled, rest: isExact ? undefined : rest };
}

/** Everything but these is checked when the policy is read. */
function canFail({ rule: { when, unless } }: CompiledRule): boolean {
  return when.some(mayThrow) || unless?.some(mayThrow) === true;
}

function mayThrow({ key }: Condition): boolean {
  return key === 'logic' || key === 'time';
}
