/**
 * Packet classification for rules: each fact is looked up once and answers with the set of rules
 * that it satisfies and the set that it may satisfy; the sets of all facts, taken together word by
 * word, leave the few rules that are not false.
 */
import type { Circumstances } from '../../model/index.js';
import type { ConditionKey, Policy } from '../../policy/index.js';
import { type CompiledRule, evaluateRule, type RuleTruth } from '../compile-rule.js';
import { addressDimension } from './address-dimension.js';
import { type DenseSet, denseSet, wordAt } from './bits.js';
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

const CLOSED: readonly ClosedFact[] = ['kind', 'authMethod', 'forwarded', 'roles'];
const TEXTS: readonly TextFact[] = [
  'clientMode',
  'clientId',
  'platform',
  'deviceFamily',
  'displayName',
  'browserOrigin',
  'authUser',
  'gateway',
];

/** Builds the classifier of rules; their order is the order of the visit. */
export function createClassifier(rules: readonly CompiledRule[], policy: Policy): Classifier {
  const dimensions = createDimensions(rules, policy);
  const size = rules.length;
  const guards = denseSet(
    size,
    numbersOf(rules, (rule) => rule.guardsPaired),
  );
  const residual = denseSet(size, numbersOf(rules, isResidual));
  const match = new MatchSets();
  return {
    mayFail: rules.some(canFail),
    visit(circumstances, pairedOnly, visitor) {
      match.begin(residual);
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

function createDimensions(rules: readonly CompiledRule[], policy: Policy): readonly Dimension[] {
  const size = rules.length;
  const create = (keys: readonly ConditionKey[], make: (bounds: readonly Bound[]) => Dimension) => {
    const bounds = boundsOf(rules, keys);
    return bounds.length > 0 ? [make(bounds)] : [];
  };
  return [
    ...create(['from'], (bounds) => addressDimension(bounds, size, policy)),
    ...create(['device'], (bounds) => deviceDimension(bounds, size)),
    ...CLOSED.flatMap((fact) =>
      create(fact === 'roles' ? ['role', 'roles'] : [fact], (bounds) =>
        closedDimension(fact, bounds, size),
      ),
    ),
    ...TEXTS.flatMap((fact) => create([fact], (bounds) => textDimension(fact, bounds, size))),
    ...create(['scopes'], (bounds) => scopeDimension(bounds, size)),
    ...create(['commands'], (bounds) => commandDimension(bounds, size)),
  ];
}

function boundsOf(rules: readonly CompiledRule[], keys: readonly ConditionKey[]): readonly Bound[] {
  return rules.flatMap(({ when }, rule) => {
    const conditions = when.filter(({ condition }) => keys.includes(condition.key));
    return conditions.length > 0 ? [{ rule, conditions }] : [];
  });
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
  return when.some(({ condition }) => condition.key === 'logic' || condition.key === 'time');
}

/** Everything but these is checked when the policy is read. */
function canFail({ rule: { when, unless = [] } }: CompiledRule): boolean {
  return [...when, ...unless].some(({ key }) => key === 'logic' || key === 'time');
}

/** The sets of one decision. The arrays are used again, so that nothing is allocated. */
class MatchSets implements Match {
  readonly mays: DenseSet[] = [];
  readonly iss: DenseSet[] = [];
  readonly needed: DenseSet[] = [];

  begin(residual: DenseSet): void {
    this.mays.length = 0;
    this.iss.length = 0;
    this.needed.length = 0;
    this.needed.push(residual);
  }

  add(may: DenseSet, is: DenseSet): void {
    this.mays.push(may);
    this.iss.push(is);
  }

  evaluate(rules: DenseSet): void {
    this.needed.push(rules);
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
    let summary = lastBits(rules.length - stretch * 1024, 32);
    summary = andAll(match.mays, 'summary', stretch, summary);
    while (summary !== 0) {
      const place = stretch * 32 + lowestBit(summary);
      summary &= summary - 1;
      if (visitWord(match, place, rules, circumstances, visitor)) return;
    }
  }
}

function visitWord(
  match: MatchSets,
  place: number,
  rules: readonly CompiledRule[],
  circumstances: Circumstances,
  visitor: Visitor,
): boolean {
  let may = lastBits(rules.length - place * 32, 1);
  may = andAll(match.mays, 'words', place, may);
  if (may === 0) return false;
  const is = andAll(match.iss, 'words', place, may);
  let needed = 0;
  for (const { words } of match.needed) needed |= wordAt(words, place);
  while (may !== 0) {
    const bit = lowestBit(may);
    may &= may - 1;
    const rule = rules[place * 32 + bit] as CompiledRule;
    const isTrue = ((is >>> bit) & 1) === 1;
    const exact = ((needed >>> bit) & 1) === 0;
    const truth = exact ? (isTrue ? true : 'unknown') : evaluateRule(rule, circumstances);
    if (truth !== false && visitor.take(rule, truth)) return true;
  }
  return false;
}

function andAll(
  sets: readonly DenseSet[],
  part: 'words' | 'summary',
  place: number,
  start: number,
): number {
  let word = start;
  for (let i = 0; i < sets.length; i += 1) word &= wordAt((sets[i] as DenseSet)[part], place);
  return word;
}

function lowestBit(word: number): number {
  return 31 - Math.clz32(word & -word);
}

/** A word with a bit for each of `left` things that come in groups of `unit`, at most 32 groups. */
function lastBits(left: number, unit: 1 | 32): number {
  const groups = Math.ceil(left / unit);
  return groups >= 32 ? 0xffffffff : 2 ** groups - 1;
}
