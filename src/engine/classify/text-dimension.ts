/** Facts with open values: literals are looked up, globs are tried once each. */
import { compileGlob } from '../../model/index.js';
import { foldText, type GlobKey } from '../../policy/index.js';
import { type DenseSet, denseSet, fullSet, type SparseSet, sparseSet, UnionSet } from './bits.js';
import { type Bound, type Dimension, unbound } from './dimension.js';

/** Above this many words in all rows, rows are kept sparse. */
const MAX_DENSE_WORDS = 1 << 16;

/** A fact that is compared as a text. */
export type TextFact = GlobKey | 'clientMode';

/** Makes the dimension of a text fact. */
export function textDimension(fact: TextFact, bounds: readonly Bound[], size: number): Dimension {
  const base = denseSet(size, unbound(bounds, size));
  const full = fullSet(size);
  const { literals, globs } = readPatterns(bounds, fact);
  const lookUp = rowFinder(literals, globs, base, size);
  return {
    look({ facts }, match) {
      const value = facts[fact];
      if (value === undefined) {
        match.add(full, base);
        return;
      }
      const row = lookUp.find(foldText(fact, value));
      match.add(row, row);
    },
    clear: lookUp.clear,
  };
}

type RulesByText = ReadonlyMap<string, readonly number[]>;

function readPatterns(
  bounds: readonly Bound[],
  fact: TextFact,
): { readonly literals: RulesByText; readonly globs: RulesByText } {
  const literals = new Map<string, number[]>();
  const globs = new Map<string, number[]>();
  for (const { rule, text, isGlob } of bounds.flatMap(patternsOf)) {
    const table = isGlob ? globs : literals;
    const key = foldText(fact, text);
    const rules = table.get(key) ?? [];
    table.set(key, rules);
    rules.push(rule);
  }
  return { literals, globs };
}

function patternsOf({ rule, conditions }: Bound) {
  return conditions.flatMap(({ condition }) => {
    if ('patterns' in condition) {
      return condition.patterns.map((text) => ({ rule, text, isGlob: text.includes('*') }));
    }
    return 'words' in condition
      ? condition.words.map((text) => ({ rule, text, isGlob: false }))
      : [];
  });
}

interface RowFinder {
  find(text: string): DenseSet;
  clear(): void;
}

function rowFinder(
  literals: RulesByText,
  globs: RulesByText,
  base: DenseSet,
  size: number,
): RowFinder {
  const isSmall = literals.size * base.words.length <= MAX_DENSE_WORDS;
  return globs.size === 0 && isSmall
    ? denseRows(literals, base, size)
    : sparseRows(literals, globs, base);
}

function denseRows(literals: RulesByText, base: DenseSet, size: number): RowFinder {
  const free = membersOf(base, size);
  const rows = new Map(
    [...literals].map(([text, rules]) => [text, denseSet(size, [...free, ...rules])]),
  );
  return { find: (text) => rows.get(text) ?? base, clear() {} };
}

function sparseRows(literals: RulesByText, globs: RulesByText, base: DenseSet): RowFinder {
  const rows = new Map([...literals].map(([text, rules]) => [text, sparseSet(rules)]));
  const tried: readonly { readonly matches: (text: string) => boolean; readonly set: SparseSet }[] =
    [...globs].map(([pattern, rules]) => ({
      matches: compileGlob(pattern),
      set: sparseSet(rules),
    }));
  const union = new UnionSet(base);
  return {
    find(text) {
      const row = rows.get(text);
      if (row) union.add(row);
      for (const { matches, set } of tried) if (matches(text)) union.add(set);
      return union;
    },
    clear: () => union.clear(),
  };
}

function membersOf(set: DenseSet, size: number): readonly number[] {
  return Array.from({ length: size }, (_, rule) => rule).filter(
    (rule) => (((set.words[rule >>> 5] ?? 0) >>> (rule & 31)) & 1) === 1,
  );
}
