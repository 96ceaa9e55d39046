/**
 * CEL by `@marcbachmann/cel-js`: an expression for each rule, parsed beforehand. Addresses go by a
 * function; as CEL takes no foreign objects, it gets the text and remembers what it has parsed.
 */
import ipaddr from 'ipaddr.js';
import type { PlainRecord } from '../policies/plain-policy.js';
import { RangeTable } from './address-loop.js';
import { peerOf, type Task } from './contender.js';
import { loadPeer } from './load-peer.js';
import type { PlainTest } from './plain-tests.js';

interface Library {
  Environment: new (
    options: object,
  ) => {
    registerFunction(signature: string, run: (ip: string, key: string) => boolean): unknown;
    parse(expression: string): (context: unknown) => unknown;
  };
}

export const cel = peerOf(
  { name: 'CEL (@marcbachmann/cel-js)', sort: 'library', compiles: true },
  async (rules) => {
    const expressions = await parse(rules);
    return {
      prepare: (record: PlainRecord) => record,
      decide(record) {
        for (let i = 0; i < expressions.length; i += 1) {
          if (expressions[i]?.(record) === true) return i;
        }
        return -1;
      },
    };
  },
  ({ decide }, records) => ({ decide: (i) => decide(records[i] as (typeof records)[number]) }),
);

async function parse(rules: Task['rules']): Promise<((context: unknown) => unknown)[]> {
  const { Environment } = await loadPeer<Library>('@marcbachmann/cel-js');
  const environment = new Environment({ unlistedVariablesAreDyn: true });
  const table = new RangeTable();
  let last = '';
  let address = ipaddr.process('::');
  environment.registerFunction('inNetworks(string, string): bool', (ip, key) => {
    if (ip !== last) {
      address = ipaddr.process(ip);
      last = ip;
    }
    return table.holds(address, key);
  });
  return rules.map((tests) =>
    environment.parse(tests.map((test) => toExpression(test, table)).join(' && ')),
  );
}

function toExpression(test: PlainTest, table: RangeTable): string {
  const { fact } = test;
  switch (test.op) {
    case 'inNetworks':
      return `inNetworks(remoteIp, ${JSON.stringify(table.add(test))})`;
    case 'oneOf':
      return test.words.length === 1
        ? `${fact} == ${JSON.stringify(test.words[0])}`
        : `${fact} in ${JSON.stringify(test.words)}`;
    case 'startsWith':
      return `(${test.prefixes.map((prefix) => `${fact}.startsWith(${JSON.stringify(prefix)})`).join(' || ')})`;
    case 'is':
      return `${fact} == ${test.value}`;
    case 'subsetOf':
      return test.words.length === 0
        ? `size(${fact}) == 0`
        : `${fact}.all(word, word in ${JSON.stringify(test.words)})`;
    case 'meets':
      return `${fact}.exists(word, word in ${JSON.stringify(test.words)})`;
  }
}
