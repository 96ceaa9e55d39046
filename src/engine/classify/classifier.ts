/**
 * Packet classification for rules. Each rule is found by the rarest of its conditions, in the section
 * of that condition; of the rules that were found, 32 at a time, rows of bits say whether their other
 * conditions hold, and what no row can say is evaluated for those that are left.
 */
import type { Circumstances } from '../../model/index.js';
import type { CompiledCondition } from '../compile-condition.js';
import { type CompiledRule, evaluateRest, type RuleTruth } from '../compile-rule.js';
import { lowestBit, wordAt } from './bits.js';
import { Candidates, type WordVisitor } from './candidates.js';
import type { Finder } from './finder.js';
import type { ScopeDimension } from './scope-dimension.js';
import type { WordDimension } from './word-dimension.js';

/** Gets the rules that are not false. */
export interface Visitor {
  /** Takes the next rule, in order within its section; true ends the visit of the section. */
  take(rule: CompiledRule, truth: Exclude<RuleTruth, false>): boolean;
}

/** A rule with those of its conditions that neither its section nor a row answers. */
export interface ClassifiedRule {
  readonly compiled: CompiledRule;
  /** Undefined where nothing is left to evaluate. */
  readonly rest: readonly CompiledCondition[] | undefined;
}

/** What a classifier is built of. Rules are numbered section by section, in order; a section begins a word. */
export interface ClassifierParts {
  readonly sections: readonly Finder[];
  readonly rules: ReadonlyArray<ClassifiedRule | undefined>;
  readonly words: readonly WordDimension[];
  readonly scopes: ScopeDimension | undefined;
  /** All rows; a row is known by where it begins. */
  readonly rows: Int32Array;
  readonly width: number;
  /** A row with every rule. */
  readonly full: number;
  /** The row of the rules that take part for a paired device. */
  readonly guards: number;
  /** For each rule, and for each word of rules, a bit for each dimension that is asked. The last one is the scopes. */
  readonly asksOfRule: Int32Array;
  readonly asksOfWord: Int32Array;
  /** Whether any rule can fail to evaluate. */
  readonly mayFail: boolean;
}

/** Finds the rules that are not false for a connect. Used for one connect at a time. */
export class Classifier implements WordVisitor {
  readonly mayFail: boolean;
  readonly #parts: ClassifierParts;
  readonly #candidates: Candidates;
  /** For each dimension that was looked at, the row of the rules that are not false in it. */
  readonly #may: Int32Array;
  /** The dimensions that were looked at, and those whose fact turned out to be unknown. */
  #looked = 0;
  #unknown = 0;
  /** The row of the rules that take part. */
  #parting = 0;
  #circumstances: Circumstances | undefined;
  #visitor: Visitor | undefined;

  constructor(parts: ClassifierParts) {
    this.mayFail = parts.mayFail;
    this.#parts = parts;
    this.#candidates = new Candidates(parts.width);
    this.#may = new Int32Array(parts.words.length);
  }

  /** Visits section by section; `pairedOnly` leaves out the rules that do not take part for a paired device. */
  visit(circumstances: Circumstances, pairedOnly: boolean, visitor: Visitor): void {
    const { sections, guards, full } = this.#parts;
    this.#looked = 0;
    this.#unknown = 0;
    this.#parting = pairedOnly ? guards : full;
    this.#circumstances = circumstances;
    this.#visitor = visitor;
    for (let i = 0; i < sections.length; i += 1) {
      // First, because a visit that ended by an exception left its candidates.
      this.#candidates.clear();
      (sections[i] as Finder).find(circumstances, this.#candidates);
      this.#candidates.visit(this);
    }
  }

  /** Visits those of 32 rules that are not false; `may` and `is` are what the section knows of them. */
  visitWord(place: number, may: number, is: number): boolean {
    const { rules } = this.#parts;
    let left = this.#narrow(place, may);
    if (left === 0) return false;
    const certain = this.#certain(place, is);
    while (left !== 0) {
      const bit = lowestBit(left);
      left &= left - 1;
      const { compiled, rest } = rules[place * 32 + bit] as ClassifiedRule;
      const known = ((certain >>> bit) & 1) === 1 ? true : 'unknown';
      const truth = rest ? this.#evaluate(compiled, rest, known) : known;
      if (truth !== false && this.#visitor?.take(compiled, truth)) return true;
    }
    return false;
  }

  /** Leaves of the rules of a word those that are false in no dimension. */
  #narrow(place: number, may: number): number {
    const { rows, words } = this.#parts;
    let left = may & wordAt(rows, this.#parting + place);
    if (left === 0) return 0;
    let asked = this.#askedBy(place, left);
    while (asked !== 0) {
      const bit = asked & -asked;
      asked ^= bit;
      const dimension = lowestBit(bit);
      if ((this.#looked & bit) === 0) this.#look(dimension, bit);
      left &=
        dimension < words.length
          ? wordAt(rows, wordAt(this.#may, dimension) + place)
          : this.#scopesWord(place, bit);
      if (left === 0) return 0;
    }
    return left;
  }

  /** Most often one rule was found, and what the other rules of its word ask is of no interest. */
  #askedBy(place: number, found: number): number {
    const { asksOfRule, asksOfWord } = this.#parts;
    const isOne = (found & (found - 1)) === 0;
    return isOne ? wordAt(asksOfRule, place * 32 + lowestBit(found)) : wordAt(asksOfWord, place);
  }

  #scopesWord(place: number, bit: number): number {
    const { rows, scopes } = this.#parts;
    return scopes && (this.#unknown & bit) === 0 ? scopes.word(rows, place) : -1;
  }

  /** Of the rules of a word those that no unknown fact leaves open. */
  #certain(place: number, is: number): number {
    const { rows, scopes, words, asksOfWord } = this.#parts;
    let certain = is;
    let open = this.#unknown & wordAt(asksOfWord, place);
    while (open !== 0) {
      const dimension = lowestBit(open);
      open &= open - 1;
      const free = words[dimension]?.free ?? scopes?.free ?? 0;
      certain &= wordAt(rows, free + place);
    }
    return certain;
  }

  #look(dimension: number, bit: number): void {
    const { words, scopes, full } = this.#parts;
    const { facts } = this.#circumstances as Circumstances;
    this.#looked |= bit;
    if (dimension < words.length) {
      const row = (words[dimension] as WordDimension).look(facts);
      this.#may[dimension] = row ?? full;
      if (row === undefined) this.#unknown |= bit;
    } else if (!scopes?.look(facts)) {
      this.#unknown |= bit;
    }
  }

  #evaluate(
    compiled: CompiledRule,
    rest: readonly CompiledCondition[],
    known: true | 'unknown',
  ): RuleTruth {
    return evaluateRest(compiled, rest, known, this.#circumstances as Circumstances);
  }
}
