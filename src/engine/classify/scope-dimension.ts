/**
 * Scopes as sets: each asked scope is a class of its own, and a rule must accept every one of them.
 * Scopes that no rule names fall into two classes, so that a hostile variety changes nothing.
 */
import { type Facts, KNOWN_SCOPES, scopeGrants } from '../../model/index.js';
import type { Condition, SetForms } from '../../policy/index.js';
import { clearBit, type RowTable, setBit, wordAt } from './bits.js';

/** More names than this, and the rules are evaluated one by one. */
const MAX_NAMES = 512;
/** Stand for every scope that no rule names. */
const OTHER_OPERATOR = 'operator.\u0000';
const OTHER = '\u0000';

interface ScopeClass {
  /** The number of the decision that last met this class. */
  seen: number;
  /** The row of the rules whose `within` and `none` accept this scope. */
  readonly accepts: number;
  /** The row of the rules with an `any` of which this scope grants a member. */
  readonly grants: number;
}

/** The rules that ask about scopes, by number. */
export type AskingForScopes = ReadonlyMap<number, SetForms>;

/** The scopes that a connect asks for, as the rows of their classes. */
export class ScopeDimension {
  /** The row of the rules that do not ask about scopes. */
  readonly free: number;
  /** The row of the rules that do not demand that something is asked for. */
  readonly #undemanding: number;
  readonly #classes: ReadonlyMap<string, ScopeClass>;
  readonly #met: ScopeClass[] = [];
  #count = 0;
  #decision = 0;

  constructor(rules: AskingForScopes, table: RowTable) {
    const free = new Int32Array(table.width).fill(-1);
    for (const rule of rules.keys()) clearBit(free, rule);
    const undemanding = new Int32Array(table.width).fill(-1);
    for (const [rule, forms] of rules) if (demandOf(forms)) clearBit(undemanding, rule);
    this.free = table.add(free);
    this.#undemanding = table.add(undemanding);
    this.#classes = classesOf(rules, free, table);
  }

  /** Looks up the scopes of a connect; false where they are unknown. */
  look({ scopes }: Facts): boolean {
    if (!scopes) return false;
    this.#decision += 1;
    this.#count = 0;
    for (let i = 0; i < scopes.length; i += 1) this.#meet(scopes[i] as string);
    return true;
  }

  /** The rules of a word that the scopes satisfy. */
  word(rows: Int32Array, place: number): number {
    let accepted = -1;
    let granted = wordAt(rows, this.#undemanding + place);
    for (let i = 0; i < this.#count; i += 1) {
      const { accepts, grants } = this.#met[i] as ScopeClass;
      accepted &= wordAt(rows, accepts + place);
      granted |= wordAt(rows, grants + place);
    }
    return accepted & granted;
  }

  #meet(scope: string): void {
    const other = scope.startsWith('operator.') ? OTHER_OPERATOR : OTHER;
    const met = this.#classes.get(scope) ?? this.#classes.get(other);
    if (!met || met.seen === this.#decision) return;
    met.seen = this.#decision;
    this.#met[this.#count] = met;
    this.#count += 1;
  }
}

/**
 * Which of the scope conditions, by number of the rule, rows can answer. Left out are several demands of the kind "one
 * of what is asked for grants …", which one row cannot hold, and all where too many scopes are named.
 */
export function scopesInRows(conditions: readonly (Condition | undefined)[]): AskingForScopes {
  const rules = new Map<number, SetForms>();
  for (const [rule, condition] of conditions.entries()) {
    if (condition?.key !== 'scopes') continue;
    const forms = condition.forms === 'anything' ? {} : condition.forms;
    if (!isComplex(forms)) rules.set(rule, forms);
  }
  return namesOf(rules).size > MAX_NAMES ? new Map() : rules;
}

function namesOf(rules: AskingForScopes): ReadonlySet<string> {
  const names = new Set([...KNOWN_SCOPES, OTHER_OPERATOR, OTHER]);
  for (const forms of rules.values()) {
    for (const name of Object.values(forms).flat()) names.add(name);
  }
  return names;
}

function isComplex({ all, any }: SetForms): boolean {
  return all !== undefined && (all.length > 1 || any !== undefined);
}

/** The one demand of a rule that something asked for must grant. */
function demandOf({ any, all }: SetForms): readonly string[] | undefined {
  return any ?? all;
}

function classesOf(
  rules: AskingForScopes,
  free: Int32Array,
  table: RowTable,
): ReadonlyMap<string, ScopeClass> {
  const groups = [...groupByForms(rules)];
  return new Map(
    [...namesOf(rules)].map((name) => {
      const accepts = free.slice();
      const grants = new Int32Array(table.width);
      for (const [forms, numbers] of groups) {
        if (isAccepted(name, forms)) for (const rule of numbers) setBit(accepts, rule);
        const isGranted = demandOf(forms)?.some((listed) => scopeGrants(name, listed));
        if (isGranted) for (const rule of numbers) setBit(grants, rule);
      }
      return [name, { seen: 0, accepts: table.add(accepts), grants: table.add(grants) }];
    }),
  );
}

/** Many rules ask the same of scopes: each way of asking is looked at once. */
function groupByForms(rules: AskingForScopes): ReadonlyMap<SetForms, readonly number[]> {
  const first = new Map<string, SetForms>();
  const groups = new Map<SetForms, number[]>();
  for (const [rule, forms] of rules) {
    const key = JSON.stringify(forms);
    const known = first.get(key) ?? forms;
    first.set(key, known);
    const numbers = groups.get(known);
    if (numbers) numbers.push(rule);
    else groups.set(known, [rule]);
  }
  return groups;
}

function isAccepted(name: string, { within, none }: SetForms): boolean {
  if (within && !within.some((listed) => scopeGrants(listed, name))) return false;
  return !none?.some((listed) => scopeGrants(name, listed));
}
