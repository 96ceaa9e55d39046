/** What the parts of the classifier share: one dimension for each fact that rules ask about. */
import type { Circumstances } from '../../model/index.js';
import type { CompiledCondition } from '../compile-condition.js';
import type { DenseSet } from './bits.js';

/** Collects, for one connect, the sets that a rule must be in. */
export interface Match {
  /** Adds a dimension's answer: the rules that are not false in it, and those that are true. */
  add(may: DenseSet, is: DenseSet): void;
  /** Says that these rules must be evaluated one by one: this dimension cannot tell exactly. */
  evaluate(rules: DenseSet): void;
}

/** Looks up which rules one fact of a connect satisfies, and which it may satisfy. */
export interface Dimension {
  look(circumstances: Circumstances, match: Match): void;
  /** Puts back what `look` changed. */
  clear(): void;
}

/** A rule's conditions on one fact, with the rule's number. */
export interface Bound {
  readonly rule: number;
  readonly conditions: readonly CompiledCondition[];
}

/** The numbers of the rules below `size` that are not bound. */
export function unbound(bounds: readonly Bound[], size: number): readonly number[] {
  const bound = new Set(bounds.map(({ rule }) => rule));
  return Array.from({ length: size }, (_, rule) => rule).filter((rule) => !bound.has(rule));
}
