/** What of the time a decision can depend on: times of one class are decided alike. */
import type { CompiledPolicy } from '../engine/index.js';
import { factsOfLogic, type Policy } from '../policy/index.js';
import type { ReplaySetup } from './moment.js';

/** Facts that are others at each connect. */
const PASSING: readonly string[] = ['ts', 'now', 'requestId'];

/** The class of a time; an unknown one has a class of its own. */
export type ClassOfMoment = (now: number | undefined) => number;

/** Undefined where a policy asks for more of the time than whether a rule has expired. */
export function momentClasses(
  policies: readonly CompiledPolicy[],
  { now, given = [] }: ReplaySetup,
): ClassOfMoment | undefined {
  const documents = policies.map(({ policy }) => policy);
  if (given.some(({ fact }) => PASSING.includes(fact))) return undefined;
  if (documents.some(readsTheMoment)) return undefined;
  if (now !== undefined) return () => 0;
  const expiries = documents
    .flatMap(({ rules }) => rules.map(({ expires }) => expires))
    .filter((expires) => expires !== undefined)
    .sort((a, b) => a - b);
  return (moment) => (moment === undefined ? -1 : countUpTo(expiries, moment));
}

/** How many of the numbers, which are sorted, are no larger. */
function countUpTo(numbers: readonly number[], limit: number): number {
  let [low, high] = [0, numbers.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((numbers[middle] as number) <= limit) low = middle + 1;
    else high = middle;
  }
  return low;
}

function readsTheMoment({ rules }: Policy): boolean {
  return rules.some(({ when, unless = [] }) =>
    [...when, ...unless].some(
      (condition) =>
        condition.key === 'time' ||
        (condition.key === 'logic' &&
          factsOfLogic(condition.expression).some((fact) => PASSING.includes(fact))),
    ),
  );
}
