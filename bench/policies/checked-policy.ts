/**
 * The checked policy of a plain one, made directly: reading 100,000 rules from YAML takes a minute,
 * which is measured on its own.
 */
import type { Network, Place } from '../../src/model/index.js';
import type { Condition, Policy, Rule } from '../../src/policy/index.js';
import { loadModel } from '../product.js';
import type { PlainConditions, PlainPolicy, PlainRule } from './plain-policy.js';

const { parseNetwork, startOf } = await loadModel();
const PLACE: Place = startOf('bench.yaml');

/** Makes the policy that the engine compiles. */
export function toCheckedPolicy({ rules, networks }: PlainPolicy): Policy {
  const named = new Map(
    Object.entries(networks).map(([name, list]) => [name, list.map(toNetwork)]),
  );
  return {
    default: 'hold',
    rules: rules.map((rule) => toRule(rule, named)),
    tests: [],
    lists: [],
    tailnet: ['100.64.0.0/10', 'fd7a:115c:a1e0::/48'].map(toNetwork),
    revision: '0123456789abcdef',
    files: ['bench.yaml'],
  };
}

/** The rules in the order in which they decide: deny, hold, approve, each as written. */
export function inOrder(policy: Policy): readonly Rule[] {
  return (['deny', 'hold', 'approve'] as const).flatMap((action) =>
    policy.rules.filter((rule) => rule.action === action),
  );
}

type Named = ReadonlyMap<string, readonly Network[]>;

function toRule({ id, action, when }: PlainRule, named: Named): Rule {
  const conditions = Object.keys(when).map((key) =>
    toCondition(key as keyof PlainConditions, when, named),
  );
  const noCommands = { key: 'commands', forms: { within: [] }, implied: true } as const;
  const implied = { ...noCommands, place: PLACE, written: undefined };
  return {
    id,
    action,
    when: action === 'approve' ? [...conditions, implied] : conditions,
    description: undefined,
    reason: undefined,
    unless: undefined,
    limit: undefined,
    expires: undefined,
    place: PLACE,
    idPlace: PLACE,
    expiresPlace: undefined,
  };
}

function toCondition(key: keyof PlainConditions, when: PlainConditions, named: Named): Condition {
  const about = { place: PLACE, written: when[key] };
  switch (key) {
    case 'from': {
      const sources = (when.from ?? []).map((text) => {
        const networks = named.get(text.slice(1)) ?? [toNetwork(text)];
        return { kind: 'networks' as const, text, networks };
      });
      return { key, sources, ...about };
    }
    case 'role':
      return { key, forms: { within: when.role ?? [] }, ...about };
    case 'scopes':
      return { key, forms: when.scopes ?? {}, ...about };
    case 'device':
      return { key, ids: when.device ?? [], keys: [], ...about };
    case 'forwarded':
      return { key, value: when.forwarded ?? false, ...about };
    case 'clientMode':
    case 'kind':
    case 'authMethod':
      return { key, words: when[key] ?? [], ...about };
    default:
      return { key, patterns: when[key] ?? [], ...about };
  }
}

function toNetwork(text: string): Network {
  const network = parseNetwork(text);
  if ('fault' in network) throw new Error(`${text} is no network: ${network.fault}`);
  return network;
}
