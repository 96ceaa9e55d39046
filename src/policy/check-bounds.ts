/** What an approve rule must bound, so that no policy approves by accident. */
import {
  isMatchAll,
  type Network,
  networkLiteral,
  networkOf,
  parseAddress,
} from '../model/index.js';
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
  if (condition.key === 'authUser') return !condition.patterns.some(isMatchAll);
  if (condition.key !== 'from') return false;
  if (condition.sources.some((source) => source.kind === 'anywhere')) return true;
  const networks = condition.sources.flatMap((source) =>
    source.kind === 'networks' ? source.networks : [],
  );
  return !coversFamily(networks, 4) && !coversFamily(networks, 6);
}

function boundsRole(condition: Condition): boolean {
  const sets = condition.key === 'role' || condition.key === 'roles';
  return sets && condition.forms.within !== undefined;
}

function boundsScopes(condition: Condition): boolean {
  if (condition.key !== 'scopes') return false;
  return condition.forms === 'anything' || condition.forms.within !== undefined;
}

/** Whether networks together hold every address of a family: two halves are as much as a `/0`. */
export function coversFamily(networks: readonly Network[], family: 4 | 6): boolean {
  const byPrefix = new Map<number, Map<string, Network>>();
  const put = (network: Network) => {
    const level = byPrefix.get(network.prefix) ?? new Map<string, Network>();
    byPrefix.set(network.prefix, level.set(network.text, network));
  };
  for (const network of networks) if (network.family === family) put(network);
  for (let prefix = family === 4 ? 32 : 128; prefix > 0; prefix -= 1) {
    const halves = new Map<string, number>();
    for (const network of byPrefix.get(prefix)?.values() ?? []) {
      const parent = parentOf(network);
      halves.set(parent.text, (halves.get(parent.text) ?? 0) + 1);
      if (halves.get(parent.text) === 2) put(parent);
    }
  }
  return byPrefix.has(0);
}

function parentOf(network: Network): Network {
  const address = parseAddress(network.text.split('/')[0]);
  // The text of a network always holds an address; `::/0` covers what cannot be.
  return address?.family === network.family
    ? networkOf(address, network.prefix - 1)
    : networkLiteral('::/0');
}
