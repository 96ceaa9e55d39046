/** JSON Logic over facts: an expression that passed the allow-list, evaluated by json-logic-js. */
import jsonLogic from 'json-logic-js';
import type { Circumstances, FactName, Truth } from '../model/index.js';
import { LOGIC_FACTS } from '../policy/index.js';

/** Thrown through the interpreter when an expression reads a fact that has no value. */
class UnknownFact extends Error {
  readonly fact: FactName;

  constructor(fact: FactName) {
    super(fact);
    this.fact = fact;
  }
}

/** What an expression comes out as, and the unknown fact that it read first. */
export interface LogicValue {
  readonly truth: Truth;
  readonly missing: readonly FactName[];
}

/** Evaluates an expression; what the interpreter throws of its own goes to the caller. */
export function evaluateLogic(expression: unknown, circumstances: Circumstances): LogicValue {
  const data = new LogicData(circumstances);
  try {
    const outcome: unknown = jsonLogic.apply(expression as jsonLogic.RulesLogic, data);
    return { truth: jsonLogic.truthy(outcome), missing: [] };
  } catch (error) {
    if (error instanceof UnknownFact) return { truth: 'unknown', missing: [error.fact] };
    throw error;
  }
}

/** The facts as the interpreter's data: reading one that is unknown ends the evaluation. */
class LogicData {
  readonly circumstances: Circumstances;

  constructor(circumstances: Circumstances) {
    this.circumstances = circumstances;
  }
}

for (const fact of LOGIC_FACTS) {
  Object.defineProperty(LogicData.prototype, fact, {
    get(this: LogicData): unknown {
      const value = readFact(fact, this.circumstances);
      if (value === undefined) throw new UnknownFact(fact);
      return value;
    },
  });
}

function readFact(fact: FactName, { facts, now }: Circumstances): unknown {
  if (fact === 'now') return now;
  if (fact === 'remoteIp') return facts.remoteIp?.text;
  return fact === 'ownAddresses' ? undefined : facts[fact];
}
