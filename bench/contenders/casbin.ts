/** `casbin`: a row for each rule, a column for each test, one matcher for all; the first row that fits decides. */
import { RangeTable, withAddress } from './address-loop.js';
import { peerOf } from './contender.js';
import { loadPeer } from './load-peer.js';
import type { PlainTest } from './plain-tests.js';

interface Enforcer {
  addFunction(name: string, run: (fact: never, cell: string) => boolean): Promise<void>;
  addPolicies(rows: string[][]): Promise<boolean>;
  enforceExSync(record: unknown): [boolean, string[]];
}

interface Library {
  newModel(text: string): unknown;
  newEnforcer(model: unknown): Promise<Enforcer>;
}

const FREE = '*';

export const casbin = peerOf(
  { name: 'casbin', sort: 'library', compiles: false },
  async (rules) => {
    const { newModel, newEnforcer } = await loadPeer<Library>('casbin');
    const table = new RangeTable();
    const columns = [...new Set(rules.flat().map(columnOf))];
    const enforcer = await newEnforcer(newModel(modelText(columns)));
    await addFunctions(enforcer, table);
    await enforcer.addPolicies(
      rules.map((tests, i) => [String(i), ...cellsOf(tests, columns, table)]),
    );
    return {
      prepare: withAddress,
      decide(record) {
        const [holds, row] = enforcer.enforceExSync(record);
        return holds ? Number(row[0]) : -1;
      },
    };
  },
  ({ decide }, records) => ({ decide: (i) => decide(records[i] as (typeof records)[number]) }),
);

function columnOf({ op, fact }: PlainTest): string {
  return `${op}_${fact}`;
}

function modelText(columns: readonly string[]): string {
  const calls = columns.map((column) => {
    const [op = '', fact = ''] = column.split('_');
    return `(p.${column} == "${FREE}" || ${op}(r.connect.${fact === 'remoteIp' ? 'ip' : fact}, p.${column}))`;
  });
  return [
    '[request_definition]',
    'r = connect',
    '[policy_definition]',
    `p = number, ${columns.join(', ')}`,
    '[policy_effect]',
    'e = priority(p.eft) || deny',
    '[matchers]',
    `m = ${calls.length > 0 ? calls.join(' && ') : 'true'}`,
  ].join('\n');
}

async function addFunctions(enforcer: Enforcer, table: RangeTable): Promise<void> {
  const lists = new Map<string, readonly string[]>();
  const read = (cell: string) => {
    const words = lists.get(cell) ?? (cell === '' ? [] : cell.split('|'));
    lists.set(cell, words);
    return words;
  };
  await enforcer.addFunction('inNetworks', (ip: unknown, cell) => table.holds(ip, cell));
  await enforcer.addFunction('oneOf', (word: string, cell) => read(cell).includes(word));
  await enforcer.addFunction('is', (value: boolean, cell) => String(value) === cell);
  await enforcer.addFunction('startsWith', (text: string, cell) =>
    read(cell).some((prefix) => text.startsWith(prefix)),
  );
  await enforcer.addFunction('subsetOf', (asked: string[], cell) =>
    asked.every((word) => read(cell).includes(word)),
  );
  await enforcer.addFunction('meets', (asked: string[], cell) =>
    asked.some((word) => read(cell).includes(word)),
  );
}

function cellsOf(
  tests: readonly PlainTest[],
  columns: readonly string[],
  table: RangeTable,
): string[] {
  const cells = new Map(tests.map((test) => [columnOf(test), cellOf(test, table)]));
  return columns.map((column) => cells.get(column) ?? FREE);
}

function cellOf(test: PlainTest, table: RangeTable): string {
  switch (test.op) {
    case 'inNetworks':
      return table.add(test);
    case 'is':
      return String(test.value);
    case 'startsWith':
      return test.prefixes.join('|');
    default:
      return test.words.join('|');
  }
}
