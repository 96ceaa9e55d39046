/** What a run of the policy's tests gives, whatever it is printed as. */
import type { Coverage, MissingCoverage, TestOutcome } from '../../engine/index.js';
import { type Place, type Problem, startOf } from '../../model/index.js';
import type { TestOutput } from '../schemas/test-output.js';

export interface TestReport {
  readonly ok: boolean;
  readonly outcomes: readonly TestOutcome[];
  /** The tests that failed, what the run as a whole lacks, and warnings. */
  readonly problems: readonly Problem[];
  readonly coverage: Coverage;
  /** The texts of the policy by file. */
  readonly texts: ReadonlyMap<string, string>;
}

/** How many of the unseen pairs a hint names. */
const NAMED_PAIRS = 3;

/** What is wrong with the tests as a whole: none at all, or too little coverage. */
export function findShortcomings(
  files: readonly string[],
  outcomes: readonly TestOutcome[],
  coverage: Coverage,
  minCoverage: number | undefined,
): readonly Problem[] {
  const place = startOf(files[0] ?? '.');
  if (outcomes.length === 0) {
    const message = 'there is no test at all, so nothing says that the policy decides as meant';
    const hint = 'write `tests:` into the policy, or a `*.test.yaml` beside it';
    return [{ ...place, severity: 'error', code: 'NO_TESTS', message, hint }];
  }
  if (minCoverage === undefined || coverage.seen * 100 >= minCoverage * coverage.possible) {
    return [];
  }
  const message = `coverage is ${formatPercent(coverage)}, less than ${minCoverage} %`;
  const named = coverage.missing.slice(0, NAMED_PAIRS).map(describeMissing).join('; ');
  const more = coverage.missing.length - NAMED_PAIRS;
  const hint = `no test has seen: ${named}${more > 0 ? `; and ${more} more, see --coverage` : ''}`;
  return [{ ...place, severity: 'error', code: 'COVERAGE_LOW', message, hint }];
}

/** One unseen pair in words. */
export function describeMissing({ rule, condition, value }: MissingCoverage): string {
  return condition
    ? `\`${condition.key}\` in \`${condition.part}\` of \`${rule}\` ${value}`
    : `\`${rule}\` decide`;
}

/** The coverage in percent, rounded down, so that 100 is said only of all. */
export function formatPercent(coverage: Coverage): string {
  return `${toPercent(coverage)} %`;
}

/** The coverage in percent with one decimal, rounded down. */
export function toPercent({ seen, possible }: Coverage): number {
  return possible === 0 ? 100 : Math.floor((seen * 1000) / possible) / 10;
}

/** The report as `--format json` prints it. */
export function toTestOutput({ ok, outcomes, problems, coverage }: TestReport): TestOutput {
  const failed = outcomes.filter(({ problem }) => problem).length;
  return {
    ok,
    total: outcomes.length,
    passed: outcomes.length - failed,
    failed,
    tests: outcomes.map(toTest),
    problems,
    coverage: {
      percent: toPercent(coverage),
      seen: coverage.seen,
      possible: coverage.possible,
      rules: coverage.rules.map(({ rule, ...counts }) => ({
        id: rule.id,
        action: rule.action,
        ...startOnly(rule.idPlace),
        ...counts,
      })),
      missing: coverage.missing.map(({ rule, condition, value, place }) => ({
        rule,
        ...(condition && { part: condition.part, condition: condition.key }),
        value,
        ...startOnly(place),
      })),
    },
  };
}

function toTest({ test, decision, problem }: TestOutcome): TestOutput['tests'][number] {
  const { action, rule, cause, reason, missing } = decision;
  return {
    name: test.name,
    ...startOnly(test.place),
    ok: problem === undefined,
    expect: test.expect,
    decision: { action, rule, cause, reason, missing },
  };
}

function startOnly({ file, line, column }: Place): Pick<Place, 'file' | 'line' | 'column'> {
  return { file, line, column };
}
