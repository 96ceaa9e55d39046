/**
 * Packet classification for rules: each fact is looked up once and answers with the set of rules
 * that it satisfies and the set that it may satisfy; the sets of all facts, taken together word by
 * word, leave the few rules that are not false.
 */
import type { Circumstances } from '../../model/index.js';
import type { ConditionKey, Policy } from '../../policy/index.js';
import { type CompiledRule, evaluateRule, type RuleTruth } from '../compile-rule.js';
import { finishSteps, type Steps } from '../steps.js';
import { addressDimension } from './address-dimension.js';
import { type DenseSet, denseSet, fullSet, wordAt } from './bits.js';
import { type ClosedFact, closedDimension } from './closed-dimension.js';
import { commandDimension } from './command-dimension.js';
import { deviceDimension } from './device-dimension.js';
import type { Bound, Dimension, Match } from './dimension.js';
import { scopeDimension } from './scope-dimension.js';
import { type TextFact, textDimension } from './text-dimension.js';

/** Gets the rules that are not false. */
export interface Visitor {
  /** Takes the next rule, in order; true ends the visit. */
  take(rule: CompiledRule, truth: Exclude<RuleTruth, false>): boolean;
}

/** Finds the rules that are not false for a connect. */
export interface Classifier {
  /** `pairedOnly` leaves out the rules that do not take part for a paired device. */
  visit(circumstances: Circumstances, pairedOnly: boolean, visitor: Visitor): void;
  /** Whether any rule can fail to evaluate. */
  readonly mayFail: boolean;
}

/** Makes the dimension of a fact from the rules that ask about it. */
type MakeDimension = (bounds: readonly Bound[], size: number, policy: Policy) => Dimension;

const closed =
  (fact: ClosedFact): MakeDimension =>
  (bounds, size) =>
    closedDimension(fact, bounds, size);
const text =
  (fact: TextFact): MakeDimension =>
  (bounds, size) =>
    textDimension(fact, bounds, size);

/** Conditions that no set can answer: a rule that has one is evaluated where its other sets leave it. */
const EVALUATED = 'evaluated';

/**
 * What answers for each condition key. `role` and `roles` ask about one fact.
 * INVARIANT: a key with neither would count as true.
 */
const DIMENSIONS: Readonly<Record<ConditionKey, MakeDimension | typeof EVALUATED | 'roles'>> = {
  from: addressDimension,
  device: deviceDimension,
  kind: closed('kind'),
  authMethod: closed('authMethod'),
  forwarded: closed('forwarded'),
  role: 'roles',
  roles: closed('roles'),
  clientMode: text('clientMode'),
  clientId: text('clientId'),
  platform: text('platform'),
  deviceFamily: text('deviceFamily'),
  displayName: text('displayName'),
  browserOrigin: text('browserOrigin'),
  authUser: text('authUser'),
  gateway: text('gateway'),
  scopes: scopeDimension,
  commands: commandDimension,
  time: EVALUATED,
  logic: EVALUATED,
};

/** Builds the classifier of rules; their order is the order of the visit. */
export function createClassifier(rules: readonly CompiledRule[], policy: Policy): Classifier {
  return finishSteps(classifierInSteps(rules, policy));
}

/** The same, a step for each dimension. */
export function* classifierInSteps(
  rules: readonly CompiledRule[],
  policy: Policy,
): Steps<Classifier> {
  const dimensions = yield* createDimensions(rules, policy);
  const size = rules.length;
  const guards = denseSet(
    size,
    numbersOf(rules, (rule) => rule.guardsPaired),
  );
  const residual = denseSet(size, numbersOf(rules, isResidual));
  const match = new MatchSets(fullSet(size), residual);
  return {
    mayFail: rules.some(canFail),
    visit(circumstances, pairedOnly, visitor) {
      match.begin();
      if (pairedOnly) match.add(guards, guards);
      try {
        for (let i = 0; i < dimensions.length; i += 1) {
          (dimensions[i] as Dimension).look(circumstances, match);
        }
        visitMatches(match, rules, circumstances, visitor);
      } finally {
        for (let i = 0; i < dimensions.length; i += 1) (dimensions[i] as Dimension).clear();
      }
    },
  };
}

function* createDimensions(
  rules: readonly CompiledRule[],
  policy: Policy,
): Steps<readonly Dimension[]> {
  const dimensions: Dimension[] = [];
  for (const key of Object.keys(DIMENSIONS) as ConditionKey[]) {
    const make = DIMENSIONS[key];
    if (typeof make !== 'function') continue;
    const bounds = boundsOf(rules, key);
    yield;
    if (bounds.length > 0) dimensions.push(make(bounds, rules.length, policy));
    yield;
  }
  return dimensions;
}

/** The rules with conditions that are answered by the dimension of a key. */
function boundsOf(rules: readonly CompiledRule[], key: ConditionKey): readonly Bound[] {
  return rules.flatMap(({ when }, rule) => {
    const conditions = when.filter(({ condition }) => answeredBy(condition.key) === key);
    return conditions.length > 0 ? [{ rule, conditions }] : [];
  });
}

function answeredBy(key: ConditionKey): ConditionKey {
  return DIMENSIONS[key] === 'roles' ? 'roles' : key;
}

function numbersOf(
  rules: readonly CompiledRule[],
  has: (rule: CompiledRule) => boolean,
): readonly number[] {
  return rules.flatMap((rule, number) => (has(rule) ? [number] : []));
}

/** Whether the sets do not say all about a rule. */
function isResidual({ rule, unless, when }: CompiledRule): boolean {
  if (unless || rule.expires !== undefined) return true;
  return when.some(({ condition }) => DIMENSIONS[condition.key] === EVALUATED);
}

/** Everything but these is checked when the policy is read. */
function canFail({ rule: { when, unless = [] } }: CompiledRule): boolean {
  return [...when, ...unless].some(({ key }) => key === 'logic' || key === 'time');
}

/** The sets of one decision. The arrays are used again, so that nothing is allocated. */
class MatchSets implements Match {
  /** How many of `mays` and `iss` count; they begin with all rules. */
  count = 1;
  readonly mays: DenseSet[];
  readonly iss: DenseSet[];
  /** How many of `needed` count; they begin with the rules that are always evaluated. */
  neededCount = 1;
  readonly needed: DenseSet[];

  constructor(all: DenseSet, residual: DenseSet) {
    this.mays = [all];
    this.iss = [all];
    this.needed = [residual];
  }

  begin(): void {
    this.count = 1;
    this.neededCount = 1;
  }

  add(may: DenseSet, is: DenseSet): void {
    this.mays[this.count] = may;
    this.iss[this.count] = is;
    this.count += 1;
  }

  evaluate(rules: DenseSet): void {
    this.needed[this.neededCount] = rules;
    this.neededCount += 1;
  }
}

function visitMatches(
  match: MatchSets,
  rules: readonly CompiledRule[],
  circumstances: Circumstances,
  visitor: Visitor,
): void {
  const stretches = Math.ceil(rules.length / 1024);
  for (let stretch = 0; stretch < stretches; stretch += 1) {
    let summary = andSummaries(match, stretch);
    while (summary !== 0) {
      const place = stretch * 32 + lowestBit(summary);
      summary &= summary - 1;
      const may = andWords(match.mays, match.count, place);
      if (may !== 0 && visitWord(match, may, place, rules, circumstances, visitor)) return;
    }
  }
}

function visitWord(
  match: MatchSets,
  word: number,
  place: number,
  rules: readonly CompiledRule[],
  circumstances: Circumstances,
  visitor: Visitor,
): boolean {
  const is = andWords(match.iss, match.count, place);
  const needed = orWords(match.needed, match.neededCount, place);
  let may = word;
  while (may !== 0) {
    const bit = lowestBit(may);
    may &= may - 1;
    const rule = rules[place * 32 + bit] as CompiledRule;
    const exact = ((needed >>> bit) & 1) === 0;
    const known = ((is >>> bit) & 1) === 1 ? true : 'unknown';
    const truth = exact ? known : evaluateRule(rule, circumstances);
    if (truth !== false && visitor.take(rule, truth)) return true;
  }
  return false;
}

function andSummaries({ mays, count }: MatchSets, place: number): number {
  let summary = -1;
  for (let i = 0; i < count; i += 1) summary &= wordAt((mays[i] as DenseSet).summary, place);
  return summary;
}

function andWords(sets: readonly DenseSet[], count: number, place: number): number {
  let word = -1;
  for (let i = 0; i < count; i += 1) word &= wordAt((sets[i] as DenseSet).words, place);
  return word;
}

function orWords(sets: readonly DenseSet[], count: number, place: number): number {
  let word = 0;
  for (let i = 0; i < count; i += 1) word |= wordAt((sets[i] as DenseSet).words, place);
  return word;
}

function lowestBit(word: number): number {
  return 31 - Math.clz32(word & -word);
}
