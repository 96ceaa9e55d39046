/** Rules that are bound to a name: literals are looked up, of globs those that begin as the text does are tried. */
import { foldText, type GlobKey } from '../../policy/index.js';
import { addRule, addRuleTo, type SparseSet, sparseSet } from './bits.js';
import type { Anchored, Finder } from './finder.js';
import { GlobTable } from './glob-table.js';

/** Makes the finder of the rules with a text condition on the fact. */
export function findByText(fact: GlobKey, rules: readonly Anchored[]): Finder {
  const literals = new Map<string, SparseSet>();
  const globs = new GlobTable();
  const all = sparseSet();
  for (const { number, condition } of rules) {
    addRule(all, number);
    const patterns = 'patterns' in condition ? condition.patterns : [];
    for (const pattern of new Set(patterns.map((text) => foldText(fact, text)))) {
      if (pattern.includes('*')) globs.add(pattern, number);
      else addRuleTo(literals, pattern, number);
    }
  }
  return {
    find({ facts }, candidates) {
      const value = facts[fact];
      if (value === undefined) {
        candidates.add(all, false);
        return;
      }
      const text = foldText(fact, value);
      const set = literals.get(text);
      if (set) candidates.add(set, true);
      globs.find(text, candidates);
    },
  };
}
