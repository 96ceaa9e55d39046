/** The conditions of a rule as the few tests that every peer can express; every fact is known. */
import type { Network } from '../../src/model/index.js';
import type { Condition, Rule, SetForms } from '../../src/policy/index.js';
import type { PlainRecord } from '../policies/plain-policy.js';
import { loadModel } from '../product.js';

const { scopeGrants } = await loadModel();

type TextFact = Exclude<keyof PlainRecord, 'scopes' | 'commands' | 'forwarded' | 'remoteIp'>;

/** One test of one fact. */
export type PlainTest =
  | { readonly op: 'inNetworks'; readonly fact: 'remoteIp'; readonly networks: readonly Network[] }
  | { readonly op: 'oneOf'; readonly fact: TextFact; readonly words: readonly string[] }
  | { readonly op: 'startsWith'; readonly fact: TextFact; readonly prefixes: readonly string[] }
  | { readonly op: 'is'; readonly fact: 'forwarded'; readonly value: boolean }
  /** Every member is one of these. */
  | {
      readonly op: 'subsetOf';
      readonly fact: 'scopes' | 'commands';
      readonly words: readonly string[];
    }
  /** Some member is one of these. */
  | { readonly op: 'meets'; readonly fact: 'scopes'; readonly words: readonly string[] };

/** Spells out rules; what one scope grants is written out over the scopes that occur. */
export function toTests(rules: readonly Rule[], scopes: Iterable<string>): readonly PlainTest[][] {
  const vocabulary = [...new Set(scopes)];
  return rules.map(({ when }) => when.flatMap((condition) => testsOf(condition, vocabulary)));
}

function testsOf(condition: Condition, vocabulary: readonly string[]): PlainTest[] {
  switch (condition.key) {
    case 'from': {
      const networks = condition.sources.flatMap((one) =>
        one.kind === 'networks' ? one.networks : [],
      );
      return [{ op: 'inNetworks', fact: 'remoteIp', networks }];
    }
    case 'role':
      return [{ op: 'oneOf', fact: 'role', words: condition.forms.within ?? [] }];
    case 'clientMode':
    case 'kind':
    case 'authMethod':
      return [{ op: 'oneOf', fact: condition.key, words: condition.words }];
    case 'device':
      return [{ op: 'oneOf', fact: 'deviceId', words: condition.ids }];
    case 'forwarded':
      return [{ op: 'is', fact: 'forwarded', value: condition.value }];
    case 'commands':
      return [{ op: 'subsetOf', fact: 'commands', words: [] }];
    case 'scopes':
      return scopeTests(condition.forms, vocabulary);
    case 'clientId':
    case 'platform':
    case 'deviceFamily':
    case 'displayName':
    case 'gateway':
      return [textTest(condition.key, condition.patterns)];
    default:
      throw new Error(`the bench has no \`${condition.key}\``);
  }
}

function textTest(fact: TextFact, patterns: readonly string[]): PlainTest {
  if (!patterns.some((pattern) => pattern.includes('*')))
    return { op: 'oneOf', fact, words: patterns };
  return { op: 'startsWith', fact, prefixes: patterns.map((pattern) => pattern.replace('*', '')) };
}

function scopeTests(forms: SetForms | 'anything', vocabulary: readonly string[]): PlainTest[] {
  if (forms === 'anything') return [];
  const { within, any } = forms;
  const granted = (scope: string) => within?.some((listed) => scopeGrants(listed, scope));
  const granting = (scope: string) => any?.some((listed) => scopeGrants(scope, listed));
  return [
    ...(within
      ? [{ op: 'subsetOf', fact: 'scopes', words: vocabulary.filter(granted) } as const]
      : []),
    ...(any ? [{ op: 'meets', fact: 'scopes', words: vocabulary.filter(granting) } as const] : []),
  ];
}
