/** `test`: the policy's own tests and what they cover. */
import { buildPolicy, measureCoverage, runTests } from '../../engine/index.js';
import type { Problem } from '../../model/index.js';
import { readPolicyFiles } from '../../policy/index.js';
import { EXIT, type ExitCode } from '../exit-code.js';
import { renderJson } from '../render/render-json.js';
import { type Terminal, write } from '../terminal.js';
import type { TestOptions } from './test-options.js';
import { findShortcomings, type TestReport } from './test-report.js';

/** Runs the tests of a policy. A policy that does not load is bad input; no test at all is a failure. */
export async function test(
  paths: readonly string[],
  options: TestOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const { sources, problems: found } = await readPolicyFiles(paths);
  const policy = buildPolicy(sources, found);
  const outcomes = runTests(policy.compiled);
  const coverage = measureCoverage(
    policy.compiled,
    outcomes.map(({ explain }) => explain()),
  );
  const failures = outcomes.flatMap(({ problem }) => problem ?? []);
  const shortcomings = findShortcomings(policy.files, outcomes, coverage, options.minCoverage);
  const problems: readonly Problem[] = [
    ...failures,
    ...shortcomings,
    ...policy.warnings.filter(({ code }) => code === 'TEST_FACT_UNKNOWN'),
  ];
  const ok = failures.length === 0 && shortcomings.length === 0;
  const texts = new Map(sources.map(({ path, text }) => [path, text]));
  await write(
    terminal.stdout,
    await render({ ok, outcomes, problems, coverage, texts }, options, terminal),
  );
  return ok ? EXIT.fine : EXIT.failed;
}

/** What only one format needs is loaded only for it. */
async function render(
  report: TestReport,
  options: TestOptions,
  terminal: Terminal,
): Promise<string> {
  switch (options.format) {
    case 'json': {
      const { toTestOutput } = await import('./test-report.js');
      return renderJson(toTestOutput(report));
    }
    case 'junit': {
      const { renderTestJunit } = await import('./render-test-junit.js');
      return renderTestJunit(report);
    }
    case 'github': {
      const { renderGithub } = await import('../render/render-github.js');
      return renderGithub(report.problems);
    }
    case 'human': {
      const { renderTestReport } = await import('./render-test-report.js');
      return renderTestReport(report, options.coverage === true, terminal);
    }
  }
}
