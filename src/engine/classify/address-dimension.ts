/** Where a connect comes from: networks by prefix, and the words of `from` that are no ranges. */
import type { Circumstances } from '../../model/index.js';
import type { AddressSource, Policy } from '../../policy/index.js';
import { evaluateSource } from '../compile-condition.js';
import { denseSet, type SparseSet, sparseSet, UnionSet } from './bits.js';
import { type Bound, type Dimension, unbound } from './dimension.js';
import { PrefixTable } from './prefix-table.js';

/** A word such as `loopback`, with the rules that name it. */
interface SpecialSource {
  readonly set: SparseSet;
  readonly evaluate: ReturnType<typeof evaluateSource>;
}

/** Makes the dimension of `from`. */
export function addressDimension(
  bounds: readonly Bound[],
  size: number,
  policy: Policy,
): Dimension {
  const sources = bounds.flatMap(({ rule, conditions }) =>
    conditions.flatMap(({ condition }) =>
      condition.key === 'from' ? condition.sources.map((source) => ({ rule, source })) : [],
    ),
  );
  const anywhere = rulesOf(sources, 'anywhere');
  const base = denseSet(size, [...unbound(bounds, size), ...anywhere]);
  const table = new PrefixTable(sources.flatMap(networksOf));
  const withNetworks = sparseSet(rulesOf(sources, 'networks'));
  const specials = specialsOf(sources, policy);
  const is = new UnionSet(base);
  const may = new UnionSet(base);
  const addTrue = (union: UnionSet, circumstances: Circumstances): boolean => {
    const { remoteIp } = circumstances.facts;
    let open = remoteIp === undefined;
    if (remoteIp) table.addMatches(remoteIp, union);
    for (let i = 0; i < specials.length; i += 1) {
      const { set, evaluate } = specials[i] as SpecialSource;
      const truth = evaluate(circumstances);
      if (truth === true) union.add(set);
      else if (truth === 'unknown') open = true;
    }
    return open;
  };
  return {
    look(circumstances, match) {
      if (!addTrue(is, circumstances)) {
        match.add(is, is);
        return;
      }
      addTrue(may, circumstances);
      if (!circumstances.facts.remoteIp) may.add(withNetworks);
      for (const { set, evaluate } of specials) {
        if (evaluate(circumstances) === 'unknown') may.add(set);
      }
      match.add(may, is);
    },
    clear() {
      is.clear();
      may.clear();
    },
  };
}

interface RuleSource {
  readonly rule: number;
  readonly source: AddressSource;
}

function rulesOf(sources: readonly RuleSource[], kind: AddressSource['kind']): readonly number[] {
  return sources.filter(({ source }) => source.kind === kind).map(({ rule }) => rule);
}

function networksOf({ rule, source }: RuleSource) {
  return source.kind === 'networks' ? source.networks.map((network) => ({ network, rule })) : [];
}

function specialsOf(sources: readonly RuleSource[], policy: Policy): readonly SpecialSource[] {
  return (['loopback', 'own-address', 'own-tailnet'] as const).flatMap((kind) => {
    const rules = rulesOf(sources, kind);
    const evaluate = evaluateSource({ kind, text: kind }, policy);
    return rules.length > 0 ? [{ set: sparseSet(rules), evaluate }] : [];
  });
}
