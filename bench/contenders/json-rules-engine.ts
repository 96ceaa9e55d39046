/** `json-rules-engine`: events of rules by priority; deciding is asynchronous. */
import { RangeTable, toAddresses } from './address-loop.js';
import type { Maker } from './contender.js';
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

export const jsonRulesEngine: Maker = {
  name: 'json-rules-engine',
  sort: 'library',
  compiles: false,
  async make({ rules, records }) {
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
    const addresses = toAddresses(records);
    const facts = records.map((record, i) => ({ ...record, ip: addresses[i] }));
    return {
      async decide(i) {
        const { events } = await engine.run(facts[i]);
        return events.reduce(
          (first, { params: { number } }) => (first < 0 || number < first ? number : first),
          -1,
        );
      },
    };
  },
};

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
