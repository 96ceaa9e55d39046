/** What a simulation found, as problems at lines of recordings, the errors first. */
import type { Problem, ProblemCode, Severity } from '../../model/index.js';
import { plural } from '../render/show-value.js';
import type { SimulateOutput } from '../schemas/simulate-output.js';
import type { SimulateCheck } from './simulate-options.js';

/** All findings that are listed in the output. */
export function toProblems(output: SimulateOutput): readonly Problem[] {
  const failed = new Set(output.failed.map(({ check }) => check));
  const problems = [
    ...output.expectations.failed.map(toFailedExpectation),
    ...(output.changes ?? output.outcomes).connects.map((change) => toChange(change, failed)),
    ...output.unmatched.groups.map((group) => toUnmatched(group, failed)),
    ...output.bad,
  ];
  const errors = problems.filter(({ severity }) => severity === 'error');
  return [...errors, ...problems.filter(({ severity }) => severity !== 'error')];
}

function toFailedExpectation(one: SimulateOutput['expectations']['failed'][number]): Problem {
  const message = `expected ${one.expect}, but it is ${one.action}: ${one.reason}`;
  const hint = 'mend the policy, or the `expect` of this line';
  return problemOf('EXPECTATION_FAILED', 'error', one, message, hint);
}

function toChange(
  one: SimulateOutput['outcomes']['connects'][number],
  failed: ReadonlySet<SimulateCheck>,
): Problem {
  const isRefused =
    failed.has('changed') || (one.change !== 'newly-held' && failed.has(one.change));
  const message = `${one.change.replace('-', ' ')}, was ${one.was}: ${one.reason}`;
  const hint = 'make sure that this is meant';
  return problemOf('DECISION_CHANGED', isRefused ? 'error' : 'warning', one, message, hint);
}

function toUnmatched(
  { sample, connects }: SimulateOutput['unmatched']['groups'][number],
  failed: ReadonlySet<SimulateCheck>,
): Problem {
  const message = `${plural(connects, 'connect')} like this one met no rule`;
  const hint = 'write a rule for it, or leave it to the default';
  const severity = failed.has('unmatched') ? 'error' : 'note';
  return problemOf('NO_RULE_MATCHED', severity, sample, message, hint);
}

function problemOf(
  code: ProblemCode,
  severity: Severity,
  { file, line }: { readonly file: string; readonly line: number },
  message: string,
  hint: string,
): Problem {
  return { file, line, column: 1, endLine: line, endColumn: 1, code, severity, message, hint };
}
