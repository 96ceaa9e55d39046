/** `json-rules-engine`: events of rules by priority; deciding is asynchronous. */
import { RangeTable, withAddress } from './address-loop.js';
import { peerOf } from './contender.js';
import { loadPeer } from './load-peer.js';
import type { PlainTest } from './plain-tests.js';

interface Library {
  Engine: new (
    rules: unknown[],
    options: object,
  ) => {
    addOperator(name: string, run: (fact: never, value: never) => boolean): void;
    addRule(rule: unknown): void;
    on(event: 'success', listener: () => void): void;
    stop(): void;
    run(facts: unknown): Promise<{ events: { params: { number: number } }[] }>;
  };
}

export const jsonRulesEngine = peerOf(
  { name: 'json-rules-engine', sort: 'library', compiles: false },
  async (rules) => {
    const { Engine } = await loadPeer<Library>('json-rules-engine');
    const engine = new Engine([], { allowUndefinedFacts: true });
    const table = new RangeTable();
    engine.addOperator('inNetworks', (ip: unknown, key: string) => table.holds(ip, key));
    engine.addOperator('subsetOf', (asked: string[], words: string[]) =>
      asked.every((word) => words.includes(word)),
    );
    engine.addOperator('meets', (asked: string[], words: string[]) =>
      asked.some((word) => words.includes(word)),
    );
    engine.addOperator('startsWith', (text: string, prefixes: string[]) =>
      prefixes.some((prefix) => text.startsWith(prefix)),
    );
    for (const [number, tests] of rules.entries()) {
      const all = tests.map((test) => toCondition(test, table));
      // One priority for all: each further one is another turn of the event loop, and slower.
      engine.addRule({ conditions: { all }, event: { type: 'rule', params: { number } } });
    }
    return {
      prepare: withAddress,
      async decide(facts) {
        const { events } = await engine.run(facts);
        return events.reduce(
          (first, { params: { number } }) => (first < 0 || number < first ? number : first),
          -1,
        );
      },
    };
  },
  ({ decide }, records) => ({ decide: (i) => decide(records[i] as (typeof records)[number]) }),
);

function toCondition(test: PlainTest, table: RangeTable): unknown {
  const { fact } = test;
  switch (test.op) {
    case 'inNetworks':
      return { fact: 'ip', operator: 'inNetworks', value: table.add(test) };
    case 'oneOf':
      return { fact, operator: 'in', value: test.words };
    case 'startsWith':
      return { fact, operator: 'startsWith', value: test.prefixes };
    case 'is':
      return { fact, operator: 'equal', value: test.value };
    default:
      return { fact, operator: test.op, value: test.words };
  }
}
