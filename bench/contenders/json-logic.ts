/** JSON Logic twice: interpreted by `json-logic-js`, compiled to JavaScript by `json-logic-engine`. */

import { RangeTable, toAddresses } from './address-loop.js';
import type { Contender, Maker, Task } from './contender.js';
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

export const jsonLogicJs: Maker = {
  name: 'json-logic-js',
  sort: 'library',
  compiles: false,
  async make(task) {
    const { default: jsonLogic } = await loadPeer<Interpreter>('json-logic-js');
    const table = new RangeTable();
    jsonLogic.add_operation('in_networks', (address, key) => table.holds(address, key));
    const rules = task.rules.map((tests) => toLogic(tests, table));
    return firstTrue(task, rules, (rule, data) => jsonLogic.apply(rule, data));
  },
};

export const jsonLogicEngine: Maker = {
  name: 'json-logic-engine, compiled',
  sort: 'library',
  compiles: true,
  async make(task) {
    const rules = await compileLogic(task.rules);
    return firstTrue(task, rules, (rule, data) => rule(data));
  },
};

/** Compiles rules with `json-logic-engine`; the data's `ip` is an address of `ipaddr.js`. */
export async function compileLogic(rules: Task['rules']): Promise<((data: unknown) => unknown)[]> {
  const { LogicEngine } = await loadPeer<Compiler>('json-logic-engine');
  const engine = new LogicEngine();
  const table = new RangeTable();
  const options = { sync: true };
  engine.addMethod('in_networks', ([address, key]) => table.holds(address, key), options);
  return rules.map((tests) => engine.build(toLogic(tests, table)));
}

function firstTrue<T>(
  { records }: Task,
  rules: readonly T[],
  holds: (rule: T, data: unknown) => unknown,
): Contender {
  const addresses = toAddresses(records);
  const data = records.map((record, i) => ({ ...record, ip: addresses[i] }));
  return { decide: (i) => rules.findIndex((rule) => holds(rule, data[i])) };
}

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
