/**
 * Cedar in WebAssembly, the policy set parsed beforehand. Cedar knows allow and deny; of three
 * actions each rule is a `permit` with its number, and of those that are satisfied the first one decides.
 */
import { peerOf } from './contender.js';
import { loadPeer } from './load-peer.js';
import type { PlainTest } from './plain-tests.js';

type Answer =
  | { readonly type: 'failure'; readonly errors: readonly { readonly message: string }[] }
  | {
      readonly type: 'success';
      readonly response: {
        readonly diagnostics: {
          readonly reason: readonly string[];
          readonly errors: readonly unknown[];
        };
      };
    };

interface Library {
  preparsePolicySet(
    id: string,
    policies: unknown,
  ): { type: 'success' } | { type: 'failure'; errors: readonly { readonly message: string }[] };
  statefulIsAuthorized(call: unknown): Answer;
}

export const cedar = peerOf(
  { name: 'cedar-wasm, preparsed', sort: 'library', compiles: false },
  async (rules) => {
    // The package's entry for Node is not in its `exports`' first place.
    const peer = await loadPeer<Library>('@cedar-policy/cedar-wasm/nodejs');
    const name = `rules-${rules.length}`;
    const staticPolicies = Object.fromEntries(rules.map((tests, i) => [`r${i}`, toCedar(tests)]));
    const parsed = peer.preparsePolicySet(name, { staticPolicies });
    if (parsed.type === 'failure') throw new Error(parsed.errors[0]?.message ?? 'cannot be parsed');
    return {
      prepare: ({ remoteIp, ...record }) => ({
        principal: { type: 'Device', id: 'd' },
        action: { type: 'Action', id: 'connect' },
        resource: { type: 'Gateway', id: 'g' },
        context: { ...record, remoteIp: { __extn: { fn: 'ip', arg: remoteIp } } },
        preparsedPolicySetId: name,
        entities: [],
      }),
      decide(call) {
        const answer = peer.statefulIsAuthorized(call);
        if (answer.type === 'failure') throw new Error(answer.errors[0]?.message ?? 'failed');
        const { reason } = answer.response.diagnostics;
        return reason.reduce((first, id) => lesser(first, Number(id.slice(1))), -1);
      },
    };
  },
  ({ decide }, records) => ({ decide: (i) => decide(records[i] as (typeof records)[number]) }),
);

function lesser(first: number, next: number): number {
  return first < 0 || next < first ? next : first;
}

function toCedar(tests: readonly PlainTest[]): string {
  return `permit(principal, action, resource) when { ${tests.map(toExpression).join(' && ')} };`;
}

function toExpression(test: PlainTest): string {
  const fact = `context.${test.fact}`;
  switch (test.op) {
    case 'inNetworks':
      return anyOf(test.networks.map(({ text }) => `${fact}.isInRange(ip("${text}"))`));
    case 'oneOf':
      return test.words.length === 1
        ? `${fact} == ${JSON.stringify(test.words[0])}`
        : `${JSON.stringify(test.words)}.contains(${fact})`;
    case 'startsWith':
      return anyOf(test.prefixes.map((prefix) => `${fact} like ${JSON.stringify(`${prefix}*`)}`));
    case 'is':
      return test.value ? fact : `!${fact}`;
    case 'subsetOf':
      return `${JSON.stringify(test.words)}.containsAll(${fact})`;
    case 'meets':
      return `${fact}.containsAny(${JSON.stringify(test.words)})`;
  }
}

function anyOf(alternatives: readonly string[]): string {
  return `(${alternatives.join(' || ')})`;
}
