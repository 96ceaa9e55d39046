/** Rules that are bound to addresses: found by prefix, and by the words of `from` that are no ranges. */
import type { Circumstances, Truth } from '../../model/index.js';
import type { Policy } from '../../policy/index.js';
import { evaluateSource } from '../compile-condition.js';
import type { Steps } from '../steps.js';
import { addRule, type SparseSet, sparseSet } from './bits.js';
import type { Anchored, Finder } from './finder.js';
import { PrefixTable } from './prefix-table.js';

/** Words such as `loopback`. `anywhere` is none of them: it bounds nothing. */
const WORDS = ['loopback', 'own-address', 'own-tailnet'] as const;

const RULES_IN_A_STEP = 32;

/** A word with the rules that name it. */
interface NamedWord {
  readonly set: SparseSet;
  evaluate(circumstances: Circumstances): Truth;
}

/** Makes the finder of the rules with a `from`, a step for a few of them. */
export function* findByAddress(rules: readonly Anchored[], policy: Policy): Steps<Finder> {
  const table = new PrefixTable();
  const withNetworks = sparseSet();
  for (const [i, { number, condition }] of rules.entries()) {
    if (i % RULES_IN_A_STEP === 0) yield;
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
      else if (withNetworks.places.length > 0) candidates.add(withNetworks, false);
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
