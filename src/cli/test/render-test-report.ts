import type { Coverage } from '../../engine/index.js';
import { visible } from '../../model/index.js';
import { type Column, renderColumns } from '../render/render-columns.js';
import { renderProblems } from '../render/render-problems.js';
import { plural } from '../render/show-value.js';
import { type Paint, painter, type Terminal } from '../terminal.js';
import { describeMissing, formatPercent, type TestReport } from './test-report.js';

const DEFAULT_WIDTH = 100;

const COLUMNS: readonly Column[] = [
  { head: 'rule' },
  { head: 'action' },
  { head: 'decided', align: 'right' },
  { head: 'true', align: 'right' },
  { head: 'false', align: 'right' },
  { head: 'unknown', align: 'right' },
];

/** The report for a person: what failed first, the coverage if asked for, and one line that sums up. */
export function renderTestReport(
  report: TestReport,
  withCoverage: boolean,
  terminal: Terminal,
): string {
  const paint = painter(terminal.stdout, terminal.env);
  const { ok, outcomes, problems, coverage, texts } = report;
  const failed = outcomes.filter(({ problem }) => problem).length;
  const tests = plural(outcomes.length, 'test');
  const summary = `${tests}: ${outcomes.length - failed} passed, ${failed} failed; coverage ${formatPercent(coverage)}`;
  const parts = [
    renderProblems(problems, texts, paint),
    withCoverage ? renderCoverage(coverage, terminal.stdout.columns ?? DEFAULT_WIDTH, paint) : '',
    `${paint(ok ? 'green' : 'red', summary)}\n`,
  ];
  return parts.filter((part) => part !== '').join('\n');
}

function renderCoverage(coverage: Coverage, width: number, paint: Paint): string {
  const rows = coverage.rules.map(({ rule, decided, ...values }) => {
    const counts = [decided, values.true, values.false, values.unknown];
    return [visible(rule.id), rule.action, ...counts.map(String)];
  });
  const table = renderColumns(COLUMNS, rows, width, (line, cell, isHead) =>
    isHead ? paint('dim', line) : cell === '0' ? paint('yellow', line) : line,
  );
  const missing = coverage.missing.map((one) => {
    const { file, line, column } = one.place;
    return `  ${visible(`${file}:${line}:${column}: ${describeMissing(one)}`)}\n`;
  });
  const list =
    missing.length > 0 ? `\n${paint('bold', 'No test has seen')}\n${missing.join('')}` : '';
  return `${paint('bold', 'Coverage')}\n${table}${list}`;
}
