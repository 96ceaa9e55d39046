import type { Action, Circumstances, FactName } from '../model/index.js';
import type { Policy } from '../policy/index.js';
import { classifierInSteps } from './classify/index.js';
import { compileRule, missingFacts } from './compile-rule.js';
import type { CompiledPolicy } from './compiled-policy.js';
import { createDecider, decide } from './decide.js';
import { explainDecision } from './explain.js';
import type { LimitBook } from './limits.js';
import { finishSteps, mapInSteps, type Steps } from './steps.js';

const BY_RESTRICTION: Readonly<Record<Action, number>> = { deny: 0, hold: 1, approve: 2 };

const NONE_MISSING: readonly FactName[] = [];

/** Makes a checked policy ready to decide. */
export function compilePolicy(policy: Policy): CompiledPolicy {
  return finishSteps(compileInSteps(policy));
}

/** The same in short steps, for a caller that has other work to do between them. */
export function* compileInSteps(policy: Policy): Steps<CompiledPolicy> {
  // The sort is stable: within an action, document order names the rule.
  const sorted = [...policy.rules].sort(
    (a, b) => BY_RESTRICTION[a.action] - BY_RESTRICTION[b.action],
  );
  const rules = yield* mapInSteps(sorted, (rule, order) => compileRule(rule, policy, order));
  const decider = createDecider(yield* classifierInSteps(rules, policy), policy);
  const decideOn = (circumstances: Circumstances, book: LimitBook) =>
    decide(decider, circumstances, book);
  return {
    policy,
    decide: decideOn,
    explain: (circumstances, book, only) => {
      const explained = only ? rules.filter(({ rule }) => only.has(rule)) : rules;
      return explainDecision(explained, decideOn(circumstances, book), circumstances, book);
    },
    survey: (circumstances, book, see) =>
      decide(decider, circumstances, book, (compiled, truth) => {
        if (truth === true) see(compiled.rule, truth, NONE_MISSING);
        else if (truth === 'unknown')
          see(compiled.rule, truth, missingFacts(compiled, circumstances));
      }),
  };
}
