import { renderAddress } from './address.js';
import type { Truth } from './kleene.js';
import type { Facts } from './normalise.js';

/** What `{ "var": NAME }` gives: the value of a fact or of the element in hand. */
type ReadVariable = (name: string) => unknown;

/** Stops an evaluation that reads an unknown fact. */
class UnknownFactRead extends Error {}

/** Whether a JSON Logic expression over the facts is truthy; unknown if evaluating it reads an unknown fact. */
export function evaluateLogic(expression: unknown, facts: Facts): Truth {
  const values: Record<string, unknown> = {
    ...facts,
    remoteIp: facts.remoteIp === undefined ? undefined : renderAddress(facts.remoteIp),
    ownAddresses: undefined,
  };
  const readFact: ReadVariable = (name) => {
    const value = Object.hasOwn(values, name) ? values[name] : undefined;
    if (value === undefined) throw new UnknownFactRead();
    return value;
  };
  try {
    return isTruthy(evaluate(expression, readFact));
  } catch (error) {
    if (error instanceof UnknownFactRead) return 'unknown';
    throw error;
  }
}

/** JavaScript's truthiness, but an empty list is false. */
function isTruthy(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0 ? false : Boolean(value);
}

function evaluate(expression: unknown, read: ReadVariable): unknown {
  if (Array.isArray(expression)) return expression.map((member) => evaluate(member, read));
  if (typeof expression !== 'object' || expression === null) return expression;
  const entries: [string, unknown][] = Object.entries(expression);
  const [entry] = entries;
  if (entry === undefined || entries.length !== 1) return expression;
  const [operator, given] = entry;
  const args: unknown[] = Array.isArray(given) ? given : [given];
  switch (operator) {
    case 'and':
      return evaluateUntil(args, read, false);
    case 'or':
      return evaluateUntil(args, read, true);
    case 'if':
      return evaluateIf(args, read);
    case 'all':
    case 'some':
    case 'none':
      return evaluateOverList(operator, args, read);
    default:
      return apply(
        operator,
        args.map((argument) => evaluate(argument, read)),
        read,
      );
  }
}

/** The first argument that is truthy (or falsy), else the last; the ones after it are not evaluated. */
function evaluateUntil(args: unknown[], read: ReadVariable, wanted: boolean): unknown {
  let value: unknown;
  for (const argument of args) {
    value = evaluate(argument, read);
    if (isTruthy(value) === wanted) return value;
  }
  return value;
}

/** Condition, value, condition, value, …, and what else; null without an else. */
function evaluateIf(args: unknown[], read: ReadVariable): unknown {
  for (let i = 0; i + 1 < args.length; i += 2) {
    if (isTruthy(evaluate(args[i], read))) return evaluate(args[i + 1], read);
  }
  return args.length % 2 === 1 ? evaluate(args.at(-1), read) : null;
}

function evaluateOverList(
  operator: 'all' | 'some' | 'none',
  args: unknown[],
  read: ReadVariable,
): boolean {
  const list = evaluate(args[0], read);
  // All of an empty list is false: JSON Logic differs here from mathematics.
  if (!Array.isArray(list) || list.length === 0) return operator === 'none';
  const holds = (element: unknown): boolean => isTruthy(evaluate(args[1], () => element));
  if (operator === 'all') return list.every(holds);
  return list.some(holds) === (operator === 'some');
}

/** An operator that evaluates all its arguments before it is applied. */
function apply(operator: string, args: unknown[], read: ReadVariable): unknown {
  // They may be of any type: JavaScript's own conversions are what is meant. `number` only lets the operators be written.
  const [a, b, c] = args as [number, number, number?];
  switch (operator) {
    case 'var':
      return read(String(a));
    case '===':
      return a === b;
    case '!==':
      return a !== b;
    case '<':
      return c === undefined ? a < b : a < b && b < c;
    case '<=':
      return c === undefined ? a <= b : a <= b && b <= c;
    case '>':
      return a > b;
    case '>=':
      return a >= b;
    case '!':
      return !isTruthy(a);
    case '!!':
      return isTruthy(a);
    case 'in':
      // Strict equality, so that NaN is in no list.
      return Array.isArray(args[1]) && args[1].indexOf(a) !== -1;
    case '+':
      return args.reduce(
        (sum: number, value) => parseFloat(String(sum)) + parseFloat(String(value)),
        0,
      );
    case '*':
      // A single factor is given back as it is.
      return args.reduce(
        (product, value) => parseFloat(String(product)) * parseFloat(String(value)),
      );
    case '-':
      return b === undefined ? -a : a - b;
    case '/':
      return a / b;
    case '%':
      return a % b;
    case 'min':
      return Math.min(...(args as number[]));
    case 'max':
      return Math.max(...(args as number[]));
    case 'cat':
      return args.join('');
    case 'substr':
      return substr(String(a), b, c);
    default:
      throw new Error(`not a valid policy: ${operator} is no allowed operator`);
  }
}

/** A negative end leaves out that many characters, as in PHP; else it is a length. */
function substr(text: string, start: number, end: number | undefined): string {
  if (end === undefined || !(end < 0)) return text.substr(start, end);
  const rest = text.substr(start);
  return rest.substr(0, rest.length + end);
}
