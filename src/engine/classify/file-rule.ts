/** Which section finds a rule, and what answers its other conditions. */
import type { Condition, GlobKey } from '../../policy/index.js';
import type { CompiledCondition } from '../compile-condition.js';
import type { CompiledRule } from '../compile-rule.js';
import type { WordFact } from './word-dimension.js';

/**
 * The texts by which a rule is found that is bound to neither device nor address, the rarest first;
 * the rows of all facts are looked at in this order, too, so that few of them are.
 */
const TEXTS: readonly GlobKey[] = [
  'authUser',
  'displayName',
  'clientId',
  'browserOrigin',
  'gateway',
  'deviceFamily',
  'platform',
];

/** Every fact that is looked up as a word, in the order in which rows are looked at. */
export const WORD_FACTS: readonly WordFact[] = [
  ...TEXTS,
  'authMethod',
  'clientMode',
  'kind',
  'roles',
  'forwarded',
  'commands',
];

/** The keys by which a rule can be found, the rarest first, and `any` for a rule that has none of them. */
export const SECTIONS = ['device', 'from', ...TEXTS, 'any'] as const;

/** One of them. */
export type SectionName = (typeof SECTIONS)[number];

const RANKS: ReadonlyMap<string, number> = new Map(SECTIONS.map((name, rank) => [name, rank]));
const FACTS: ReadonlyMap<string, WordFact> = new Map(WORD_FACTS.map((fact) => [fact, fact]));

/** A rule, with each of its conditions under what can answer it. */
export interface FiledRule {
  readonly compiled: CompiledRule;
  readonly section: SectionName;
  /** The condition that it is found by. */
  readonly anchor: Condition | undefined;
  /** The conditions on each fact that rows can answer. */
  readonly asked: ReadonlyMap<WordFact, readonly CompiledCondition[]>;
  readonly scopes: CompiledCondition | undefined;
  /** What has to be evaluated; what has no rows after all comes to it. */
  readonly rest: CompiledCondition[];
}

/** Files a rule. INVARIANT: each condition is filed once: one that is not would count as true. */
export function fileRule(compiled: CompiledRule): FiledRule {
  const anchor = anchorOf(compiled);
  const asked = new Map<WordFact, readonly CompiledCondition[]>();
  const rest: CompiledCondition[] = [];
  let scopes: CompiledCondition | undefined;
  for (const one of compiled.when) {
    const { key } = one.condition;
    const fact = key === 'role' ? 'roles' : FACTS.get(key);
    if (one === anchor || isAlwaysTrue(one.condition)) continue;
    if (fact) asked.set(fact, [...(asked.get(fact) ?? []), one]);
    else if (key === 'scopes') scopes = one;
    else rest.push(one);
  }
  const section = SECTIONS.find((name) => name === anchor?.condition.key) ?? 'any';
  return { compiled, section, anchor: anchor?.condition, asked, scopes, rest };
}

function anchorOf({ when }: CompiledRule): CompiledCondition | undefined {
  let anchor: CompiledCondition | undefined;
  let best = Number.POSITIVE_INFINITY;
  for (const one of when) {
    const rank = isAlwaysTrue(one.condition) ? undefined : RANKS.get(one.condition.key);
    if (rank === undefined || rank >= best) continue;
    best = rank;
    anchor = one;
  }
  return anchor;
}

/** `anywhere` holds even for an unknown address. */
function isAlwaysTrue(condition: Condition): boolean {
  return condition.key === 'from' && condition.sources.some(({ kind }) => kind === 'anywhere');
}
