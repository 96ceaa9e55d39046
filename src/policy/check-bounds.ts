/** What an approve rule must bound, so that no policy approves by accident. */
import type { Network } from '../model/index.js';
import type { Condition, Rule } from './policy.js';
import type { ProblemList } from './problem-list.js';

/** Adds a problem for each bound that an approve rule lacks in its `when`. */
export function checkBounds(rule: Rule, problems: ProblemList): void {
  const has = (bounds: (condition: Condition) => boolean) => rule.when.some(bounds);
  if (!has(boundsDevice)) {
    problems.error(
      'APPROVE_ANY_DEVICE',
      rule.idPlace,
      `\`${rule.id}\` approves whoever connects from wherever`,
      'add `from`, `device` or `authUser` to `when`; `from: anywhere` says it openly',
    );
  }
  if (!has(boundsRole)) {
    const hint = 'add `role: node` or `role: operator` to `when`';
    problems.error('APPROVE_ANY_ROLE', rule.idPlace, `\`${rule.id}\` approves any role`, hint);
  }
  if (!has(boundsScopes)) {
    const hint = 'add `scopes: { within: [ … ] }` to `when`; `scopes: any-scopes` says it openly';
    problems.error('APPROVE_ANY_SCOPE', rule.idPlace, `\`${rule.id}\` approves any scopes`, hint);
  }
}

function boundsDevice(condition: Condition): boolean {
  if (condition.key === 'device') return true;
  if (condition.key === 'authUser') return condition.patterns.every(namesSomebody);
  if (condition.key !== 'from') return false;
  if (condition.sources.some((source) => source.kind === 'anywhere')) return true;
  const networks = condition.sources.flatMap((source) =>
    source.kind === 'networks' ? source.networks : [],
  );
  return !coversFamily(networks, 4) && !coversFamily(networks, 6);
}

/** A login pattern without a letter or digit, such as `*` or `*@*`, is everybody's. */
function namesSomebody(pattern: string): boolean {
  return /[\p{L}\p{N}]/u.test(pattern);
}

function boundsRole(condition: Condition): boolean {
  const sets = condition.key === 'role' || condition.key === 'roles';
  return sets && condition.forms.within !== undefined;
}

function boundsScopes(condition: Condition): boolean {
  if (condition.key !== 'scopes') return false;
  return condition.forms === 'anything' || condition.forms.within !== undefined;
}

/** IPv4-mapped addresses are IPv4: no IPv6 network need hold them to hold all of IPv6. */
const MAPPED: Span = [0xffff_0000_0000n, 0x1_0000_0000_0000n];

/** Whether networks together hold every address of a family: two halves are as much as a `/0`. */
export function coversFamily(networks: readonly Network[], family: 4 | 6): boolean {
  const own = networks.filter((network) => network.family === family);
  if (!couldCover(own)) return false;
  const spans = own.map(spanOf);
  let covered = 0n;
  const held = family === 6 ? [...spans, MAPPED] : spans;
  for (const [first, end] of held.sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (first > covered) return false;
    if (end > covered) covered = end;
  }
  return covered === 1n << BigInt(family === 4 ? 32 : 128);
}

/** Whether the networks are large enough together; spares the exact answer where it is clear. */
function couldCover(networks: readonly Network[]): boolean {
  const share = networks.reduce((sum, { prefix }) => sum + 2 ** -prefix, 0);
  // The mapped addresses, which IPv6 networks need not hold, are far less than this.
  return share > 0.999;
}

type Span = readonly [first: bigint, end: bigint];

/** The first address of a network as a number, and the one behind its last. */
function spanOf({ family, words, prefix }: Network): Span {
  const first = words.reduce((sum, word) => (sum << 32n) | BigInt(word), 0n);
  return [first, first + (1n << BigInt((family === 4 ? 32 : 128) - prefix))];
}
