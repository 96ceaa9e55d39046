/** Rules that are bound to addresses: found by prefix, and by the words of `from` that are no ranges. */
import type { Circumstances, Truth } from '../../model/index.js';
import type { Policy } from '../../policy/index.js';
import { evaluateSource } from '../compile-condition.js';
import { addRule, type SparseSet, sparseSet } from './bits.js';
import type { Anchored, Finder } from './finder.js';
import { PrefixTable } from './prefix-table.js';

/** Words such as `loopback`. `anywhere` is none of them: it bounds nothing. */
const WORDS = ['loopback', 'own-address', 'own-tailnet'] as const;

/** A word with the rules that name it. */
interface NamedWord {
  readonly set: SparseSet;
  evaluate(circumstances: Circumstances): Truth;
}

/** Makes the finder of the rules with a `from`. */
export function findByAddress(rules: readonly Anchored[], policy: Policy): Finder {
  const table = new PrefixTable();
  const withNetworks = sparseSet();
  for (const { number, condition } of rules) {
    const sources = condition.key === 'from' ? condition.sources : [];
    const ranges = sources.flatMap((one) => (one.kind === 'networks' ? [one.networks] : []));
    if (ranges.length > 0) addRule(withNetworks, number);
    for (const networks of ranges) for (const network of networks) table.add(network, number);
  }
  const words = namedWords(rules, policy);
  return {
    find(circumstances, candidates) {
      const { remoteIp } = circumstances.facts;
      if (remoteIp) table.find(remoteIp, candidates);
      else candidates.add(withNetworks, false);
      for (let i = 0; i < words.length; i += 1) {
        const { set, evaluate } = words[i] as NamedWord;
        const truth = evaluate(circumstances);
        if (truth !== false) candidates.add(set, truth === true);
      }
    },
  };
}

function namedWords(rules: readonly Anchored[], policy: Policy): readonly NamedWord[] {
  return WORDS.flatMap((kind) => {
    const set = sparseSet();
    for (const { number, condition } of rules) {
      const isNamed =
        condition.key === 'from' && condition.sources.some((source) => source.kind === kind);
      if (isNamed) addRule(set, number);
    }
    const evaluate = evaluateSource({ kind, text: kind }, policy);
    return set.places.length > 0 ? [{ set, evaluate }] : [];
  });
}
