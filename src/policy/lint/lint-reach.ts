import type { Network } from '../../model/index.js';
import type { AddressSource, Policy, Rule } from '../policy.js';
import { type ProblemList, quote } from '../problem-list.js';
import { builtInRange } from '../resolve-lists.js';
import { oncePerList, rangesCover, rangesOf, uniteRanges } from './address-ranges.js';
import { holdsAnywhere } from './compare-sources.js';
import { addressBounds } from './rule-bounds.js';

/** Where no stranger on the internet can be; a tailnet that the policy redefines comes on top. */
const NOT_PUBLIC = uniteRanges(
  (['loopback', 'private', 'tailnet'] as const).map((name) => rangesOf(builtInRange(name))),
);

const HINT = 'narrow `from`, or add `device` or `authUser`, which no client can choose';

/**
 * APPROVE_FROM_ANYWHERE. A warning: the language lets it be said, but what is said openly is not yet meant. A note for
 * public addresses as narrow as one host or one IPv6 link, such as an office's own. Nothing where the rule also names
 * devices or verified logins: then the address is not what bounds it.
 */
export function lintReach(policy: Policy, problems: ProblemList): void {
  const local = uniteRanges([NOT_PUBLIC, rangesOf(policy.tailnet)]);
  const publicOnes = oncePerList((networks) =>
    networks.filter((network) => !rangesCover(local, rangesOf([network]))),
  );
  for (const [rule, { sources, place }] of addressBounds(policy)) {
    if (holdsAnywhere(sources)) {
      const message = `\`${rule.id}\` approves whoever connects, from wherever`;
      problems.add('warning', 'APPROVE_FROM_ANYWHERE', place, message, HINT);
      continue;
    }
    for (const source of sources) {
      const found = source.kind === 'networks' ? publicOnes(source.networks) : [];
      if (found.length > 0) reportPublic(rule, place, source, found, problems);
    }
  }
}

function reportPublic(
  rule: Rule,
  place: Rule['place'],
  { text }: AddressSource,
  networks: readonly Network[],
  problems: ProblemList,
): void {
  const severity = networks.every(isNarrow) ? 'note' : 'warning';
  const widest = networks.reduce((a, b) => (b.prefix < a.prefix ? b : a));
  const named = text.startsWith('@') ? `${quote(text)} (${widest.text})` : quote(text);
  const message = `\`${rule.id}\` approves from ${named}, which the public internet can reach`;
  problems.add(severity, 'APPROVE_FROM_ANYWHERE', place, message, HINT);
}

function isNarrow({ family, prefix }: Network): boolean {
  return prefix >= (family === 4 ? 32 : 64);
}
