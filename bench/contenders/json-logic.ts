/** JSON Logic twice: interpreted by `json-logic-js`, compiled to JavaScript by `json-logic-engine`. */

import { RangeTable, withAddress } from './address-loop.js';
import { peerOf } from './contender.js';
import { loadPeer } from './load-peer.js';
import type { PlainTest } from './plain-tests.js';

interface Interpreter {
  default: {
    apply(logic: unknown, data: unknown): unknown;
    add_operation(name: string, run: (address: unknown, key: unknown) => boolean): void;
  };
}

interface Compiler {
  LogicEngine: new () => {
    addMethod(name: string, run: (args: [unknown, unknown]) => boolean, options: object): void;
    build(logic: unknown): (data: unknown) => unknown;
  };
}

export const jsonLogicJs = peerOf(
  { name: 'json-logic-js', sort: 'library', compiles: false },
  async (rules) => {
    const { default: jsonLogic } = await loadPeer<Interpreter>('json-logic-js');
    const table = new RangeTable();
    jsonLogic.add_operation('in_networks', (address, key) => table.holds(address, key));
    const logic = rules.map((tests) => toLogic(tests, table));
    return {
      prepare: withAddress,
      decide(record) {
        for (let i = 0; i < logic.length; i += 1) {
          if (jsonLogic.apply(logic[i], record)) return i;
        }
        return -1;
      },
    };
  },
  ({ decide }, records) => ({ decide: (i) => decide(records[i] as (typeof records)[number]) }),
);

export const jsonLogicEngine = peerOf(
  { name: 'json-logic-engine, compiled', sort: 'library', compiles: true },
  async (rules) => {
    const { LogicEngine } = await loadPeer<Compiler>('json-logic-engine');
    const engine = new LogicEngine();
    const table = new RangeTable();
    const options = { sync: true };
    engine.addMethod('in_networks', ([address, key]) => table.holds(address, key), options);
    const compiled = rules.map((tests) => engine.build(toLogic(tests, table)));
    return {
      prepare: withAddress,
      decide(record) {
        for (let i = 0; i < compiled.length; i += 1) {
          if (compiled[i]?.(record)) return i;
        }
        return -1;
      },
    };
  },
  ({ decide }, records) => ({ decide: (i) => decide(records[i] as (typeof records)[number]) }),
);

function toLogic(tests: readonly PlainTest[], table: RangeTable): unknown {
  return { and: tests.map((test) => toOperation(test, table)) };
}

function toOperation(test: PlainTest, table: RangeTable): unknown {
  const fact = { var: test.fact };
  switch (test.op) {
    case 'inNetworks':
      return { in_networks: [{ var: 'ip' }, table.add(test)] };
    case 'oneOf':
      return test.words.length === 1
        ? { '===': [fact, test.words[0]] }
        : { in: [fact, test.words] };
    case 'startsWith':
      return {
        or: test.prefixes.map((prefix) => ({
          '===': [{ substr: [fact, 0, prefix.length] }, prefix],
        })),
      };
    case 'is':
      return { '===': [fact, test.value] };
    case 'subsetOf':
      // `all` is false for an empty list in JSON Logic.
      return { none: [fact, { '!': [{ in: [{ var: '' }, test.words] }] }] };
    case 'meets':
      return { some: [fact, { in: [{ var: '' }, test.words] }] };
  }
}
