/**
 * What conditions say of each other for every connect there can be. Each answer is "certainly" or
 * "cannot be told": the lints that build on this raise no false alarm.
 */
import { AUTH_METHODS, isMatchAll, KINDS } from '../../model/index.js';
import { type Condition, foldText, type Hours, type SetForms } from '../policy.js';
import { globCovers, globsOverlap } from './compare-globs.js';
import { isOnRoles, possibleRoles, satisfiesRoles } from './compare-roles.js';
import { COMMANDS, formsImply, isImpossible, SCOPES, type SetAlgebra } from './compare-sets.js';
import {
  holdsAnywhere,
  holdsEverywhere,
  needsDirect,
  sourcesExclude,
  sourcesImply,
} from './compare-sources.js';
import type { Comparing } from './comparing.js';

type Keyed<K extends Condition['key']> = Extract<Condition, { key: K }>;
type GlobCondition = Extract<Condition, { patterns: unknown }>;

/** Whether `wanted` is true for every connect for which all of `when` is true. */
export function impliesCondition(
  when: readonly Condition[],
  wanted: Condition,
  comparing: Comparing,
): boolean {
  if (wanted.key === 'from' && holdsAnywhere(wanted.sources)) return true;
  if (wanted.key === 'forwarded' && forwardedBy(when) !== undefined)
    return forwardedBy(when) === wanted.value;
  if (isOnRoles(wanted)) {
    const isKnown = when.some(isOnRoles);
    return isKnown && possibleRoles(when).every((asked) => satisfiesRoles(asked, wanted.forms));
  }
  return when.some((given) => given.key === wanted.key && sameKeyImplies(given, wanted, comparing));
}

/** Whether `other` is false for every connect for which all of `when` is true. */
export function excludesCondition(
  when: readonly Condition[],
  other: Condition,
  comparing: Comparing,
): boolean {
  const forwarded = forwardedBy(when);
  if (other.key === 'forwarded') return forwarded !== undefined && forwarded !== other.value;
  if (other.key === 'from' && forwarded === true && needsDirect(other.sources)) return true;
  if (isOnRoles(other)) {
    const isKnown = when.some(isOnRoles);
    return isKnown && !possibleRoles(when).some((asked) => satisfiesRoles(asked, other.forms));
  }
  return when.some((given) => given.key === other.key && sameKeyExcludes(given, other, comparing));
}

/** Whether the condition, for connects for which all of `when` is true, is never false: true or unknown. */
export function isNeverFalse(
  condition: Condition,
  when: readonly Condition[],
  comparing: Comparing,
): boolean {
  return (
    isTrueOrUnknown(condition, comparing) ||
    (condition.key === 'authUser' && lacksVerifiedLogin(when)) ||
    impliesCondition(when, condition, comparing)
  );
}

/** Whether the conditions leave no connect whose login the gateway has verified: `authUser` is unknown then. */
export function lacksVerifiedLogin(when: readonly Condition[]): boolean {
  return when.some(
    (condition) =>
      condition.key === 'authMethod' &&
      !condition.words.includes('tailscale') &&
      !condition.words.includes('trusted-proxy'),
  );
}

/** The algebra and the forms of a condition on scopes or commands; none where it takes anything. */
export function setOf(
  condition: Condition,
): { readonly algebra: SetAlgebra; readonly forms: SetForms } | undefined {
  if (condition.key !== 'scopes' && condition.key !== 'commands') return undefined;
  const algebra = condition.key === 'scopes' ? SCOPES : COMMANDS;
  return condition.forms === 'anything' ? undefined : { algebra, forms: condition.forms };
}

/** What the conditions say of `forwarded`, if they say anything. */
function forwardedBy(when: readonly Condition[]): boolean | undefined {
  for (const condition of when) {
    if (condition.key === 'forwarded') return condition.value;
    if (condition.key === 'from' && needsDirect(condition.sources)) return false;
  }
  return undefined;
}

function isTrueOrUnknown(condition: Condition, comparing: Comparing): boolean {
  switch (condition.key) {
    case 'from':
      return holdsEverywhere(condition.sources, comparing);
    case 'scopes':
    case 'commands':
      return condition.forms === 'anything';
    case 'role':
    case 'roles':
      return possibleRoles([condition]).length === possibleRoles([]).length;
    case 'kind':
      return KINDS.every((kind) => condition.words.includes(kind));
    case 'authMethod':
      return AUTH_METHODS.every((method) => condition.words.includes(method));
    default:
      return 'patterns' in condition && condition.patterns.some(isMatchAll);
  }
}

function sameKeyImplies(given: Condition, wanted: Condition, comparing: Comparing): boolean {
  if ('words' in given && 'words' in wanted) return isSubset(given.words, wanted.words, comparing);
  if ('patterns' in given && 'patterns' in wanted) return globsImply(given, wanted, comparing);
  if (given.key === 'from' && wanted.key === 'from')
    return sourcesImply(given.sources, wanted.sources, comparing);
  if (given.key === 'device' && wanted.key === 'device')
    return (
      isSubset(given.ids, wanted.ids, comparing) && isSubset(given.keys, wanted.keys, comparing)
    );
  if (given.key === 'time' && wanted.key === 'time') return hoursImply(given.hours, wanted.hours);
  if (given.key === 'logic') return isSameCondition(given, wanted);
  return 'forms' in wanted && setImplies(given, wanted, comparing);
}

function setImplies(given: Condition, wanted: Condition, { effort }: Comparing): boolean {
  const [one, two] = [setOf(given), setOf(wanted)];
  // A condition that takes anything is true as soon as the fact is known, and here it is.
  if (!two) return true;
  return one !== undefined && formsImply(two.algebra, one.forms, two.forms, effort);
}

function sameKeyExcludes(given: Condition, other: Condition, comparing: Comparing): boolean {
  const { effort } = comparing;
  if ('words' in given && 'words' in other) return isDisjoint(given.words, other.words, comparing);
  if ('patterns' in given && 'patterns' in other) {
    const folded = foldedPatterns(other);
    return (
      effort.spend(costOf(given.patterns, other.patterns)) &&
      foldedPatterns(given).every((one) => folded.every((two) => !globsOverlap(one, two)))
    );
  }
  if (given.key === 'from' && other.key === 'from')
    return sourcesExclude(given.sources, other.sources, comparing);
  if (given.key === 'device' && other.key === 'device')
    return devicesExclude(given, other, comparing);
  const [one, two] = [setOf(given), setOf(other)];
  return one && two ? isImpossible(one.algebra, [one.forms, two.forms], effort) : false;
}

/** A device is known by its id, or by its key, and both lists name devices by that alone. */
function devicesExclude(
  given: Keyed<'device'>,
  other: Keyed<'device'>,
  comparing: Comparing,
): boolean {
  const byId = given.keys.length === 0 && other.keys.length === 0;
  const byKey = given.ids.length === 0 && other.ids.length === 0;
  return (
    (byId || byKey) &&
    isDisjoint(given.ids, other.ids, comparing) &&
    isDisjoint(given.keys, other.keys, comparing)
  );
}

function globsImply(given: GlobCondition, wanted: GlobCondition, { effort }: Comparing): boolean {
  if (!effort.spend(costOf(given.patterns, wanted.patterns))) return false;
  const outer = foldedPatterns(wanted);
  return foldedPatterns(given).every((inner) => outer.some((one) => globCovers(one, inner)));
}

function foldedPatterns({ key, patterns }: GlobCondition): readonly string[] {
  return patterns.map((pattern) => foldText(key, pattern));
}

function hoursImply(given: Hours, wanted: Hours): boolean {
  if (given.zone !== wanted.zone) return false;
  const { days } = wanted;
  if (days && !given.days?.every((day) => days.includes(day))) return false;
  if (isSameSpan(given.between, wanted.between)) return true;
  // Hours over midnight belong to the day before, so that only the same ones are compared.
  const span = given.between;
  if (!span || span.from >= span.to) return !wanted.between && !days;
  if (!wanted.between) return true;
  return (
    wanted.between.from < wanted.between.to &&
    wanted.between.from <= span.from &&
    span.to <= wanted.between.to
  );
}

function isSameSpan(a: Hours['between'], b: Hours['between']): boolean {
  return a?.from === b?.from && a?.to === b?.to;
}

/** Whether two conditions were written the same. */
export function isSameCondition(a: Condition, b: Condition): boolean {
  return a.key === b.key && JSON.stringify(a.written) === JSON.stringify(b.written);
}

function isSubset(
  inner: readonly string[],
  outer: readonly string[],
  { effort }: Comparing,
): boolean {
  if (!effort.spend(inner.length + outer.length)) return false;
  const set = new Set(outer);
  return inner.every((one) => set.has(one));
}

function isDisjoint(a: readonly string[], b: readonly string[], { effort }: Comparing): boolean {
  if (!effort.spend(a.length + b.length)) return false;
  const set = new Set(a);
  return !b.some((one) => set.has(one));
}

function costOf(a: readonly string[], b: readonly string[]): number {
  return a.length * b.reduce((sum, pattern) => sum + pattern.length, 1);
}
