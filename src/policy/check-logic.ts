/**
 * The allow-list of JSON Logic. What passes can neither reach a prototype, nor take more than a
 * bounded number of steps, nor fail: everything is checked when the policy is read.
 */
import type { FactName } from '../model/index.js';
import { listWords, suggestWord } from './did-you-mean.js';
import { type ProblemList, quote } from './problem-list.js';
import type { SourceNode } from './source-node.js';

/** The facts that `{"var": …}` can read. */
export const LOGIC_FACTS: readonly FactName[] = [
  'ts',
  'requestId',
  'deviceId',
  'publicKey',
  'remoteIp',
  'forwarded',
  'clientId',
  'clientMode',
  'clientVersion',
  'platform',
  'deviceFamily',
  'displayName',
  'browserOrigin',
  'roles',
  'scopes',
  'commands',
  'authMethod',
  'authUser',
  'kind',
  'gateway',
  'gatewayVersion',
  'isRepair',
  'silent',
  'now',
];

/** Operators with the number of arguments that each takes. */
const LOGIC_OPERATORS: ReadonlyMap<string, readonly [min: number, max: number]> = new Map([
  ['===', [2, 2]],
  ['!==', [2, 2]],
  ['<', [2, 3]],
  ['<=', [2, 3]],
  ['>', [2, 2]],
  ['>=', [2, 2]],
  ['and', [1, Number.POSITIVE_INFINITY]],
  ['or', [1, Number.POSITIVE_INFINITY]],
  ['!', [1, 1]],
  ['!!', [1, 1]],
  ['if', [1, Number.POSITIVE_INFINITY]],
  ['in', [2, 2]],
  ['+', [1, Number.POSITIVE_INFINITY]],
  ['*', [1, Number.POSITIVE_INFINITY]],
  ['-', [1, 2]],
  ['/', [2, 2]],
  ['%', [2, 2]],
  ['min', [1, Number.POSITIVE_INFINITY]],
  ['max', [1, Number.POSITIVE_INFINITY]],
  ['cat', [1, Number.POSITIVE_INFINITY]],
  ['substr', [2, 3]],
  ['all', [2, 2]],
  ['some', [2, 2]],
  ['none', [2, 2]],
]);

const LIST_FACTS = ['roles', 'scopes', 'commands'];
const ITERATORS = ['all', 'some', 'none'];
const COMPARING = ['===', '!==', '<', '<=', '>', '>='];
const MAX_DEPTH = 16;
const MAX_NODES = 512;
/** Each fact in a `cat` may be a megabyte. */
const MAX_JOINED = 32;

/** Adds a problem for each part of an expression that is outside the allow-list. */
export function checkLogic(node: SourceNode, problems: ProblemList): void {
  const check = new LogicCheck(problems);
  check.requireOperation(node);
  check.visit(node, 0, false);
}

/** The facts that an expression mentions. */
export function factsOfLogic(expression: unknown): readonly FactName[] {
  const names = new Set<unknown>();
  const visit = (part: unknown): void => {
    if (typeof part !== 'object' || part === null) return;
    for (const [key, inner] of Object.entries(part)) {
      if (key === 'var') names.add([inner].flat()[0]);
      visit(inner);
    }
  };
  visit(expression);
  return LOGIC_FACTS.filter((fact) => names.has(fact));
}

class LogicCheck {
  readonly #problems: ProblemList;
  #nodes = 0;
  #joined = 0;

  constructor(problems: ProblemList) {
    this.#problems = problems;
  }

  visit(node: SourceNode, depth: number, inItem: boolean): void {
    this.#nodes += 1;
    if (depth > MAX_DEPTH) {
      this.#refuse(node, `nested deeper than ${MAX_DEPTH} levels`, 'write it flatter');
      return;
    }
    if (this.#nodes === MAX_NODES + 1) {
      this.#refuse(node, `more than ${MAX_NODES} parts`, 'split the rule in several');
    }
    if (this.#nodes > MAX_NODES) return;
    if (node.items) {
      for (const item of node.items) this.visit(item, depth + 1, inItem);
    } else if (node.entries) {
      this.#visitOperation(node, depth, inItem);
    }
  }

  #visitOperation(node: SourceNode, depth: number, inItem: boolean): void {
    const [entry, ...others] = node.entries ?? [];
    if (!entry || others.length > 0) {
      this.#refuse(node, 'an operation has exactly one key', 'write `{ "===": [ … ] }`');
      return;
    }
    const [operator, { node: argument }] = entry;
    const args = argument.items ?? [argument];
    if (operator === 'var') this.#checkVar(node, argument, inItem);
    else if (this.#checkOperator(node, operator, args.length, inItem)) {
      this.#checkArguments(operator, args);
      if (operator === 'cat') this.#checkJoined(node, args.length);
      const iterates = ITERATORS.includes(operator);
      args.forEach((arg, i) => {
        this.visit(arg, depth + 1, inItem || (iterates && i === 1));
      });
    }
  }

  #checkOperator(node: SourceNode, operator: string, count: number, inItem: boolean): boolean {
    const arity = LOGIC_OPERATORS.get(operator);
    if (!arity) {
      this.#refuseOperator(node, operator);
      return false;
    }
    const [min, max] = arity;
    if (count < min || count > max) {
      const most = max === Number.POSITIVE_INFINITY ? ' or more' : ` to ${max}`;
      const takes = min === max ? `${min}` : `${min}${most}`;
      this.#refuse(node, `${quote(operator)} has ${count} arguments`, `it takes ${takes}`);
      return false;
    }
    if (!inItem || !ITERATORS.includes(operator)) return true;
    this.#refuse(node, `${quote(operator)} inside another`, 'iterations do not nest');
    return false;
  }

  #checkVar(node: SourceNode, argument: SourceNode, inItem: boolean): void {
    const [name, ...rest] = argument.items ?? [argument];
    if (!name) {
      this.#refuse(node, '`var` names no fact', 'write `{ "var": "kind" }`');
    } else if (rest.length > 0) {
      const hint = 'an unknown fact makes the condition unknown';
      this.#refuse(node, '`var` has no default here', hint);
    } else if (inItem) {
      if (name.value === '') return;
      const message = 'inside `all`, `some` and `none` only the item can be read';
      this.#refuse(node, message, 'write `{ "var": "" }`');
    } else if (
      typeof name.value !== 'string' ||
      !(LOGIC_FACTS as readonly string[]).includes(name.value)
    ) {
      const word = typeof name.value === 'string' ? name.value : '';
      const hint = word === 'role' ? 'did you mean `roles`?' : suggestWord(word, LOGIC_FACTS);
      this.#refuse(node, `there is no fact ${quote(name.value)}`, hint);
    }
  }

  #checkJoined(node: SourceNode, count: number): void {
    this.#joined += count;
    if (this.#joined <= MAX_JOINED) return;
    this.#refuse(node, `\`cat\` joins more than ${MAX_JOINED} texts`, 'join fewer');
  }

  /** A constant in place of an expression is always true or always false: nobody means that. */
  requireOperation(node: SourceNode): void {
    if (node.entries) return;
    const what = node.items ? 'a list' : quote(node.written ?? node.value);
    this.#refuse(node, `${what} stands where an operation must`, 'write `{ "===": [ … ] }`');
  }

  #checkArguments(operator: string, args: readonly SourceNode[]): void {
    const [first] = args;
    if (operator === 'in') this.#checkIn(args);
    if (COMPARING.includes(operator)) this.#checkTypes(args);
    if (first && ITERATORS.includes(operator)) this.#checkIterated(first);
    for (const arg of truthArguments(operator, args)) {
      if (typeof arg.value !== 'boolean') this.requireOperation(arg);
    }
  }

  #checkIterated(node: SourceNode): void {
    if (node.items || LIST_FACTS.includes(String(readFact(node)))) return;
    const hint = `use a list or ${listWords(LIST_FACTS)}`;
    this.#refuse(node, '`all`, `some` and `none` go over a list', hint);
  }

  /** What can never be equal, or in no order, makes a comparison a constant. */
  #checkTypes(args: readonly SourceNode[]): void {
    const types = args.map(typeOf);
    const list = args.find((_arg, i) => types[i] === 'list' || types[i] === 'null');
    if (list) {
      const message = 'a list or `null` is never equal to anything';
      this.#refuse(list, message, 'use `in`, `all`, `some` or `none`');
      return;
    }
    const fact = args.find((arg) => readFact(arg) !== undefined);
    const type = fact && typeOf(fact);
    const other = type && args.find((arg) => typeOf(arg) !== undefined && typeOf(arg) !== type);
    if (!fact || !other) return;
    const message = `${quote(readFact(fact))} is a ${type}, and this is a ${typeOf(other)}`;
    this.#refuse(other, message, `compare it with a ${type}`);
  }

  /** `in` on a text would look for a part of it; only membership in a list is meant. */
  #checkIn(args: readonly SourceNode[]): void {
    const [member, list] = args;
    if (member && typeOf(member) === 'list') {
      this.#refuse(member, 'a list is never a member of a list', 'use `all`, `some` or `none`');
    }
    if (list?.items && member) this.#checkTypes([member, ...list.items]);
    if (!list || list.items) return;
    const fact = readFact(list);
    if (!LIST_FACTS.includes(String(fact))) {
      this.#refuse(
        list,
        'the second argument of `in` must be a list',
        `use a list or ${listWords(LIST_FACTS)}`,
      );
    }
  }

  #refuseOperator(node: SourceNode, operator: string): void {
    const hint =
      operator === '==' || operator === '!='
        ? `use \`${operator}=\``
        : suggestWord(operator, [...LOGIC_OPERATORS.keys()]);
    this.#refuse(node, `the operator ${quote(operator)} is not allowed`, hint);
  }

  #refuse(node: SourceNode, message: string, hint: string): void {
    this.#problems.error('INVALID_LOGIC', node.place, message, hint);
  }
}

type LogicType = 'text' | 'number' | 'boolean' | 'list' | 'null';

const TYPES: Readonly<Record<string, LogicType>> = {
  ts: 'number',
  now: 'number',
  forwarded: 'boolean',
  isRepair: 'boolean',
  silent: 'boolean',
  roles: 'list',
  scopes: 'list',
  commands: 'list',
};

/** The type of a literal or of the fact that a `var` reads; undefined for other operations. */
function typeOf(node: SourceNode): LogicType | undefined {
  if (node.items) return 'list';
  const fact = readFact(node);
  if (fact === '') return undefined;
  if (fact !== undefined) return TYPES[fact] ?? 'text';
  if (node.entries) return undefined;
  if (node.value === null) return 'null';
  return typeof node.value === 'string' ? 'text' : (typeof node.value as 'number' | 'boolean');
}

/** The fact that a `var` reads; the empty text is the item of an iteration. */
function readFact(node: SourceNode): string | undefined {
  const name = node.entries?.get('var')?.node;
  const fact = (name?.items?.[0] ?? name)?.value;
  return typeof fact === 'string' ? fact : undefined;
}

/** The arguments of which only the truth counts. */
function truthArguments(operator: string, args: readonly SourceNode[]): readonly SourceNode[] {
  if (['and', 'or', '!', '!!'].includes(operator)) return args;
  if (ITERATORS.includes(operator)) return args.slice(1);
  // In `if` every second one is a condition, but not the last one: that is the `else`.
  return operator === 'if' ? args.filter((_arg, i) => i % 2 === 0 && i < args.length - 1) : [];
}
