/**
 * Scopes as sets: each asked scope is a class of its own, and a rule must accept every one of them.
 * Scopes that no rule names fall into two classes, so that a hostile variety changes nothing.
 */
import { KNOWN_SCOPES, scopeGrants } from '../../model/index.js';
import type { SetForms } from '../../policy/index.js';
import { type DenseSet, denseSet, fullSet, type SparseSet, sparseSet, UnionSet } from './bits.js';
import { type Bound, type Dimension, unbound } from './dimension.js';

/** More names than this, and the rules are evaluated one by one. */
const MAX_NAMES = 512;
/** Stand for every scope that no rule names. */
const OTHER_OPERATOR = 'operator.\u0000';
const OTHER = '\u0000';

interface ScopeClass {
  /** The number of the decision that last met this class. */
  seen: number;
  /** The rules whose `within` and `none` accept this scope. */
  readonly accepts: DenseSet;
  /** The rules with an `any` of which this scope grants a member. */
  readonly grants: SparseSet;
}

/** Makes the dimension of the scopes. */
export function scopeDimension(bounds: readonly Bound[], size: number): Dimension {
  const free = unbound(bounds, size);
  const base = denseSet(size, free);
  const full = fullSet(size);
  const forms = bounds.map(({ rule, conditions }) => ({ rule, forms: formsOf(conditions) }));
  const names = new Set([...KNOWN_SCOPES, OTHER_OPERATOR, OTHER, ...forms.flatMap(namesOf)]);
  const complex = names.size > MAX_NAMES ? forms : forms.filter((one) => isComplex(one.forms));
  const needed = denseSet(
    size,
    complex.map(({ rule }) => rule),
  );
  const simple = forms.filter((one) => !complex.includes(one));
  const classes = new Map(
    [...names].map((name) => [
      name,
      classOf(name, simple, [...free, ...complex.map(({ rule }) => rule)], size),
    ]),
  );
  const withAny = new Set(simple.filter((one) => anyOf(one.forms)).map(({ rule }) => rule));
  const any = new UnionSet(
    denseSet(
      size,
      Array.from({ length: size }, (_, rule) => rule).filter((rule) => !withAny.has(rule)),
    ),
  );
  let decision = 0;
  return {
    look({ facts }, match) {
      if (!facts.scopes) {
        match.add(full, base);
        return;
      }
      decision += 1;
      for (const scope of facts.scopes) {
        const found =
          classes.get(scope) ?? classes.get(scope.startsWith('operator.') ? OTHER_OPERATOR : OTHER);
        if (!found || found.seen === decision) continue;
        found.seen = decision;
        match.add(found.accepts, found.accepts);
        any.add(found.grants);
      }
      match.add(any, any);
      if (complex.length > 0) match.evaluate(needed);
    },
    clear() {
      any.clear();
    },
  };
}

interface RuleForms {
  readonly rule: number;
  readonly forms: SetForms | 'anything';
}

function formsOf(conditions: Bound['conditions']): SetForms | 'anything' {
  const condition = conditions[0]?.condition;
  return condition?.key === 'scopes' ? condition.forms : 'anything';
}

function namesOf({ forms }: RuleForms): readonly string[] {
  return forms === 'anything' ? [] : Object.values(forms).flat();
}

/** Several demands of the kind "one of what is asked for grants …": one row cannot hold them. */
function isComplex(forms: SetForms | 'anything'): boolean {
  if (forms === 'anything' || !forms.all) return false;
  return forms.all.length > 1 || forms.any !== undefined;
}

/** The one demand of a rule that something asked for must grant. */
function anyOf(forms: SetForms | 'anything'): readonly string[] | undefined {
  return forms === 'anything' ? undefined : (forms.any ?? forms.all);
}

function classOf(
  name: string,
  bound: readonly RuleForms[],
  free: readonly number[],
  size: number,
): ScopeClass {
  const accepting = bound.filter(({ forms }) => forms === 'anything' || isAccepted(name, forms));
  const granting = bound.filter(({ forms }) =>
    anyOf(forms)?.some((listed) => scopeGrants(name, listed)),
  );
  return {
    seen: 0,
    accepts: denseSet(size, [...free, ...accepting.map(({ rule }) => rule)]),
    grants: sparseSet(granting.map(({ rule }) => rule)),
  };
}

function isAccepted(name: string, { within, none }: SetForms): boolean {
  if (within && !within.some((listed) => scopeGrants(listed, name))) return false;
  return !none?.some((listed) => scopeGrants(name, listed));
}
