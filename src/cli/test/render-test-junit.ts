import type { TestOutcome } from '../../engine/index.js';
import { type Problem, visible } from '../../model/index.js';
import { type JunitCase, renderJunit } from '../render/render-junit.js';
import type { TestReport } from './test-report.js';

/** The policy's tests as JUnit: a suite for each file, and one for what all of them together lack. */
export function renderTestJunit({ outcomes, problems }: TestReport): string {
  const files = new Set(outcomes.map(({ test }) => test.place.file));
  const suites = [...files].map((file) => ({
    name: file,
    cases: outcomes.filter(({ test }) => test.place.file === file).map(toCase),
  }));
  const lacking = problems.filter(({ code }) => code === 'NO_TESTS' || code === 'COVERAGE_LOW');
  const cases = lacking.map((problem) => ({ name: problem.code, ...failureOf(problem) }));
  return renderJunit(cases.length > 0 ? [...suites, { name: 'all tests', cases }] : suites);
}

function toCase({ test, problem }: TestOutcome): JunitCase {
  const { file, line } = test.place;
  return { name: test.name, file, line, ...(problem && failureOf(problem)) };
}

function failureOf({ message, hint }: Problem): Pick<JunitCase, 'failure'> {
  return { failure: { message: visible(message), text: visible(hint) } };
}
